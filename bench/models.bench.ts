/**
 * Models between two party processes and a dealer process, over encrypted loopback TCP.
 *
 * `node --import tsx bench/models.bench.ts [filter…] [--reps N] [--backend wasm|ts] [--json FILE]`
 *
 * Times as in `ops`. The columns before the last are what the first run with new weights adds to the others, in kilobytes sent and in
 * milliseconds of the total, a difference of medians: the weights' masks are opened once. Results are compared with float64 before
 * they are timed.
 * @module
 */

import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { joined, recordOf, type OurFigures } from './support/figures.ts';
import { startParties } from './support/launch.ts';
import { MODELS } from './support/models.ts';
import { maxAbsError } from './support/references.ts';
import { allowedError, chosen, expectedOf, isModel } from './support/workloads.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    reps: { type: 'string', default: '6' },
    backend: { type: 'string', default: 'auto' },
    json: { type: 'string' },
  },
});
/** Each begins with new weights, if it is a model's. */
const ORDERS = 3;
const TIMES = ['medianMs', 'minMs', 'preprocessMs', 'totalMs', 'cpuMs'];
const HEAD = ['online', 'min', 'preproc', 'total', 'cpu', 'rounds', 'kB sent', 'kB dealt'];
const backend = values.backend === 'ts' ? 'ts' : values.backend === 'wasm' ? 'wasm' : 'auto';
const records: object[] = [];

const load = loadavg()[0];
process.stdout.write(
  `${cpus()[0].model} ×${cpus().length}, Node ${process.version}, load ${load.toFixed(1)}` +
    `${load > 0.5 ? ' (busy: times are noisy)' : ''}\n\n`,
);
const parties = await startParties(backend);
process.stdout.write(`${row(['workload', ...HEAD, '+kB', '+ms', 'error'])}\n`);
for (const workload of chosen(positionals, MODELS)) {
  const { name } = workload;
  const { output } = await parties.run({ workload: name, reps: 2, output: true });
  const error = allowedError(workload, maxAbsError(output, expectedOf(workload)));
  const orders: OurFigures[] = [];
  for (let order = 0; order < ORDERS; order++) {
    const reps = Math.ceil(Number(values.reps) / ORDERS);
    orders.push(await parties.run({ workload: name, reps, output: false }));
  }
  const record = recordOf(joined(orders));
  const oneOff = isModel(workload) ? { oneOffMs: record['firstMs'] - record['totalMs'] } : {};
  const whole = { workload: name, backend, mode: 'dealer', parties: 2, load, ...record, ...oneOff };
  records.push({ ...whole, maxAbsError: error });
  process.stdout.write(
    `${row([
      name,
      ...TIMES.map((key) => record[key].toFixed(1)),
      String(record['rounds']),
      ...['bytesSent', 'preprocessBytes', 'oneOffBytes'].map((key) =>
        (record[key] / 1000).toFixed(1),
      ),
      oneOff.oneOffMs?.toFixed(1) ?? '-',
      error.toExponential(1),
    ])}\n`,
  );
}
await parties.close();
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(records, null, 1)}\n`);

function row(cells: readonly string[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(26) : cell.padStart(9))).join('');
}
