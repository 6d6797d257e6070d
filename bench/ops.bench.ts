/**
 * Operations between two party processes and a dealer process, over encrypted loopback TCP.
 *
 * `node --import tsx bench/ops.bench.ts [filter…] [--reps N] [--backend wasm|ts] [--json FILE]`
 *
 * online: the slowest party from inputs to settled output, material already there; pending: before the truncation that the
 * output owes. preprocess: from the call to material resident at every party, dealer included. total: a separate streamed run
 * with the dealer at work meanwhile. Results are compared with float64 before they are timed.
 * @module
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { recordOf } from './support/figures.ts';
import { startParties } from './support/launch.ts';
import { maxAbsError } from './support/references.ts';
import { allowedError, chosen, expectedOf, OPERATIONS } from './support/workloads.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    reps: { type: 'string', default: '7' },
    backend: { type: 'string', default: 'auto' },
    json: { type: 'string' },
  },
});
const HEAD = ['online', 'min', 'pending', 'preproc', 'total', 'cpu'];
const COUNTS = ['rounds', 'kB sent', 'kB dealt', 'error'];
const backend = values.backend === 'ts' ? 'ts' : values.backend === 'wasm' ? 'wasm' : 'auto';
const records: object[] = [];

const parties = await startParties(backend);
process.stdout.write(`${row(['workload', ...HEAD, ...COUNTS])}\n`);
for (const workload of chosen(positionals, OPERATIONS)) {
  const { name } = workload;
  const { output } = await parties.run({ workload: name, reps: 2, output: true });
  const error = allowedError(workload, maxAbsError(output, expectedOf(workload)));
  const record = recordOf(
    await parties.run({ workload: name, reps: Number(values.reps), output: false }),
  );
  records.push({
    workload: name,
    backend,
    mode: 'dealer',
    parties: 2,
    ...record,
    maxAbsError: error,
  });
  const times = ['medianMs', 'minMs', 'pendingMs', 'preprocessMs', 'totalMs', 'cpuMs'];
  const bytes = ['bytesSent', 'preprocessBytes'];
  process.stdout.write(
    `${row([
      name,
      ...times.map((key) => record[key].toFixed(2)),
      String(record['rounds']),
      ...bytes.map((key) => (record[key] / 1000).toFixed(1)),
      error.toExponential(1),
    ])}\n`,
  );
}
await parties.close();
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(records, null, 1)}\n`);

function row(cells: readonly string[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(20) : cell.padStart(9))).join('');
}
