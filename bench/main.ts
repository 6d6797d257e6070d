/**
 * Runs benchmark suites one after the other: `npm run bench -- [suite…] [options of the suites]`.
 *
 * A suite is a file `bench/<suite>.bench.ts`; without a name all of them run. What is no suite is passed on.
 * @module
 */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const suites = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''));
const asked = process.argv.slice(2);
const chosen = suites.filter((suite) => asked.includes(suite));
const rest = asked.filter((word) => !suites.includes(word));

for (const suite of chosen.length > 0 ? chosen : suites) {
  process.stdout.write(`\n== ${suite}\n`);
  const command = ['--import', 'tsx', `${folder}${suite}.bench.ts`, ...rest];
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
