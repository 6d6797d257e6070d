/** The page of the runtime tests: one party of a session, driven from outside. */
import { connect } from '../../src/connect.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import type { JsonObject } from '../../src/connect-session.ts';
import { program } from './program.ts';

async function run(session: JsonObject, identity: JsonObject): Promise<unknown> {
  const { backend, reason } = await selectKernels();
  const heard: string[] = [];
  const onProgress = (text: string): void => void heard.push(text);
  const beganMs = performance.now();
  const party = await connect({ session, identity, timeoutMs: 40_000, onProgress });
  const connectedMs = performance.now();
  const weights = await program(party);
  const endedMs = performance.now();
  const { rounds, total } = party.stats();
  await party.close();
  const times = { connectMs: connectedMs - beganMs, programMs: endedMs - connectedMs };
  return {
    backend,
    reason,
    weights,
    heard,
    rounds,
    total,
    isolated: crossOriginIsolated,
    ...times,
  };
}

/** What a page says where `connect` cannot work. */
async function fault(session: JsonObject, identity: JsonObject): Promise<string> {
  try {
    await connect({ session, identity, timeoutMs: 2000 });
    return '';
  } catch (error) {
    return error instanceof Error ? `${String(Reflect.get(error, 'code'))} ${error.message}` : '?';
  }
}

Object.assign(globalThis, { runtimeParty: { run, fault } });
