/**
 * Resident memory of long runs in which nobody disposes of anything.
 *
 * `node --import tsx bench/memory.bench.ts [filter…] [--operations N] [--json FILE]`
 *
 * Each scenario runs in a process of its own: 20,000 operations on tensors of 1 MB, without an await and with one for each, and
 * 2,000 steps of training. Reported: resident size after a tenth and at the end, and the peak the system saw.
 * @module
 */

import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nn, optim, simulate, type Party } from '../src/index.ts';

/** What a scenario measured; megabytes. */
interface MemoryRecord {
  readonly workload: string;
  readonly operations: number;
  readonly tenthMB: number;
  readonly endMB: number;
  readonly peakMB: number;
}

type Scenario = (party: Party, steps: number, note: (step: number) => void) => Promise<void>;

const MEGABYTE = 2 ** 20;
const WORDS = MEGABYTE / 8;

const SCENARIOS: Readonly<Record<string, { readonly steps: number; readonly run: Scenario }>> = {
  'add:no-await': {
    steps: 20_000,
    run: async (party, steps, note) => {
      const y = party.ones([WORDS]);
      let x = party.zeros([WORDS]).add(y);
      for (let step = 1; step <= steps; step++) {
        x = x.add(y);
        note(step);
      }
      await party.settle(x);
    },
  },
  'add:await-each': {
    steps: 20_000,
    run: async (party, steps, note) => {
      const y = party.ones([WORDS]);
      let x = party.zeros([WORDS]).add(y);
      for (let step = 1; step <= steps; step++) {
        x = x.add(y);
        await party.settle(x);
        note(step);
      }
    },
  },
  training: {
    steps: 2000,
    run: async (party, steps, note) => {
      const model = new nn.Sequential(new nn.Linear(64, 64), new nn.ReLU(), new nn.Linear(64, 1));
      model.encrypt(party, { src: 0 });
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.05 });
      const loss = new nn.BCEWithLogitsLoss({ skipForward: true });
      const x = party.cryptensor(table(64, 64), { src: 0 });
      const y = party.cryptensor(
        table(64, 1).map(([v]) => [v > 0 ? 1 : 0]),
        { src: 1 },
      );
      for (let step = 1; step <= steps; step++) {
        optimizer.zeroGrad();
        loss.forward(model.forward(x), y).backward();
        optimizer.step();
        await party.settle(...model.parameters());
        note(step);
      }
    },
  },
};

function table(rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => Math.sin(i * 7 + j * 3)),
  );
}

async function measure(name: string, steps: number): Promise<MemoryRecord> {
  let tenthMB = 0;
  let endMB = 0;
  await simulate(2, (party) =>
    SCENARIOS[name].run(party, steps, (step) => {
      if (party.rank !== 0) return;
      if (step === Math.floor(steps / 10)) tenthMB = process.memoryUsage().rss / MEGABYTE;
      if (step === steps) endMB = process.memoryUsage().rss / MEGABYTE;
    }),
  );
  const peakMB = process.resourceUsage().maxRSS / 1024;
  return { workload: name, operations: steps, tenthMB, endMB, peakMB };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    operations: { type: 'string' },
    json: { type: 'string' },
    child: { type: 'string' },
  },
});
const stepsOf = (name: string): number => Number(values.operations ?? SCENARIOS[name].steps);

if (values.child !== undefined) {
  process.send?.(await measure(values.child, stepsOf(values.child)));
  process.disconnect();
} else {
  const records: MemoryRecord[] = [];
  const chosen = Object.keys(SCENARIOS).filter(
    (name) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
  );
  process.stdout.write('scenario          operations   at 1/10    at end      peak (MB)\n');
  for (const name of chosen) {
    const record = await inChild(name);
    records.push(record);
    const cells = [record.operations, record.tenthMB, record.endMB, record.peakMB];
    process.stdout.write(
      `${name.padEnd(18)}${cells.map((cell) => cell.toFixed(0).padStart(10)).join('')}\n`,
    );
  }
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify(records, null, 1)}\n`);
}

function inChild(name: string): Promise<MemoryRecord> {
  return new Promise((resolve, reject) => {
    const args = ['--child', name, '--operations', String(stepsOf(name))];
    const child = fork(fileURLToPath(import.meta.url), args);
    child.on('message', (record: MemoryRecord) => resolve(record));
    child.on('exit', (code) => {
      if (code !== 0) reject(new Error(`${name} ended with code ${code}`));
    });
  });
}
