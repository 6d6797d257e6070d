/**
 * Our operations and models beside CrypTen's, in the same go:
 *   node --import tsx bench/beside-crypten.bench.ts --crypten DIR [filter…] [--rounds N] [--budget MS] [--json FILE]
 *
 * Same inputs, two parties of one process each on this machine, one thread each. Ours with a dealer process and encrypted TCP;
 * CrypTen in its default configuration, whose first party deals, without encryption. The libraries take turns. Times are
 * of the slowest party: median and best. Ratios are CrypTen's median by ours: above 1, ours is faster. Our online time has material
 * there already; our total has the dealer working meanwhile, as CrypTen's time has its provider. Bytes are payload that a party sends to
 * the other; rounds are what each library counts. A model's weights stay from run to run: what we open of them once is the last
 * column, CrypTen opens them in every run.
 * @module
 */

import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { holdsCrypten, startCrypten } from './support/crypten.ts';
import { comparisonOf, HEAD, lineOf, type Comparison } from './support/comparison.ts';
import { startParties } from './support/launch.ts';
import { runPaired } from './support/paired.ts';
import { PYTHON } from './support/python.ts';
import { WORKLOADS } from './support/models.ts';
import { chosen } from './support/workloads.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    crypten: { type: 'string', default: process.env['CRYPTEN'] ?? '' },
    rounds: { type: 'string', default: '5' },
    budget: { type: 'string', default: '200' },
    json: { type: 'string' },
  },
});
if (!holdsCrypten(values.crypten)) {
  console.error(
    'SKIPPED: no CrypTen here. It is not part of this project: pass the folder of a checkout of facebookresearch/CrypTen by ' +
      '--crypten DIR or in CRYPTEN, and in PYTHON an interpreter with torch, omegaconf, onnx and torchvision',
  );
  process.exit(values.crypten === '' ? 0 : 1);
}

const pace = { rounds: Number(values.rounds), budgetMs: Number(values.budget) };
const load = loadavg()[0];
const [parties, crypten] = [await startParties('auto'), await startCrypten(values.crypten, PYTHON)];
const machine = {
  cpu: cpus()[0].model,
  cores: cpus().length,
  load,
  node: process.version,
  ...crypten.versions,
};
console.log(
  `${machine.cpu} ×${machine.cores}, Node ${machine.node}, CrypTen ${machine.crypten}, torch ${machine.torch}, ` +
    `${pace.rounds} turns each\n`,
);
if (load > 0.5) {
  console.log(`WARNING: the machine is busy (load ${load.toFixed(1)}): figures are noisy\n`);
}
console.log(HEAD);
const comparisons: Comparison[] = [];
for (const workload of chosen(positionals, WORKLOADS)) {
  const comparison = comparisonOf(workload, await runPaired(workload.name, parties, crypten, pace));
  comparisons.push(comparison);
  console.log(lineOf(comparison));
}
await Promise.all([parties.close(), crypten.close()]);
if (values.json !== undefined) {
  const report = { machine, pace, date: new Date().toISOString(), comparisons };
  writeFileSync(values.json, `${JSON.stringify(report, null, 1)}\n`);
}
