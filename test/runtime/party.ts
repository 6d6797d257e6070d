/** A Node or Deno process of the runtime tests: node party.js party|dealer <file with session and identity>. */
import { readFileSync } from 'node:fs';
import { connect, serveAsDealer } from '../../src/connect.node.ts';
import type { JsonObject } from '../../src/connect-session.ts';
import { program } from './program.ts';

const [role, file] = process.argv.slice(2);
const { session, identity } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, JsonObject>;
const options = { session, identity, timeoutMs: 40_000 };

async function main(): Promise<unknown> {
  if (role === 'dealer') return (await serveAsDealer(options)).done;
  const party = await connect(options);
  const weights = await program(party);
  await party.close();
  return weights;
}

process.stdout.write(`${JSON.stringify(await main())}\n`);
