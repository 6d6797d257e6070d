/**
 * Operations between two party processes and a dealer process, over encrypted loopback TCP.
 *
 * `node --import tsx bench/ops.bench.ts [filter…] [--reps N] [--backend wasm|ts] [--json FILE]`
 *
 * online: the slowest party from inputs to settled output, material already there. preprocess: from the call to material
 * resident at every party, dealer included. total: a separate streamed run with the dealer at work meanwhile.
 * @module
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runMembers, type MemberReply } from './support/launch.ts';
import { WORKLOADS } from './support/workloads.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    reps: { type: 'string', default: '7' },
    backend: { type: 'string', default: 'auto' },
    json: { type: 'string' },
  },
});
const backend = values.backend === 'ts' ? 'ts' : values.backend === 'wasm' ? 'wasm' : 'auto';
const names = WORKLOADS.map(({ name }) => name).filter(
  (name) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
const records: object[] = [];
const head = [
  'workload',
  'online',
  'min',
  'pending',
  'preproc',
  'total',
  'cpu',
  'rounds',
  'kB sent',
  'kB dealt',
  'error',
];
process.stdout.write(`${row(head)}\n`);
await runMembers(names, Number(values.reps), backend, (replies) => {
  const record = summarise(replies);
  records.push(record);
  const ms = (value: number): string => value.toFixed(2);
  process.stdout.write(
    `${row([
      record.workload,
      ms(record.medianMs),
      ms(record.minMs),
      ms(record.pendingMs),
      ms(record.preprocessMs),
      ms(record.totalMs),
      ms(record.cpuMs),
      String(record.rounds),
      (record.bytesSent / 1000).toFixed(1),
      (record.preprocessBytes / 1000).toFixed(1),
      record.maxAbsError.toExponential(1),
    ])}\n`,
  );
});
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(records, null, 1)}\n`);

function summarise(replies: readonly MemberReply[]): Record<string, number> & { workload: string } {
  const slowest = (pick: (reply: MemberReply) => readonly number[]): number[] =>
    pick(replies[0]).map((_, rep) => Math.max(...replies.map((reply) => pick(reply)[rep])));
  const online = slowest((reply) => reply.online);
  return Object.assign(
    {
      medianMs: median(online),
      minMs: Math.min(...online),
      pendingMs: median(slowest((reply) => reply.pending)),
      preprocessMs: median(slowest((reply) => reply.preprocess)),
      totalMs: median(slowest((reply) => reply.total)),
      cpuMs: median(slowest((reply) => reply.cpu)),
      rounds: replies[0].rounds,
      bytesSent: Math.max(...replies.map((reply) => reply.bytesSent)),
      preprocessBytes: Math.max(...replies.map((reply) => reply.preprocessBytes)),
      maxAbsError: replies[0].maxAbsError,
      parties: 2,
      reps: online.length,
    },
    { workload: replies[0].name, backend, mode: 'dealer' },
  ) as unknown as Record<string, number> & { workload: string };
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function row(cells: readonly string[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(20) : cell.padStart(9))).join('');
}
