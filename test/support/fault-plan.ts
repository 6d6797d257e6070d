/**
 * Which faults to inject: all of them, or a sample that has every kind on every carrier.
 * @module
 */

import { permutation, seededGenerator } from '../../src/net/shuffle.ts';
import type { PairMaker } from './fault-bytes.ts';
import { complaintsAbout, type Tally } from './fault-judge.ts';
import { type Fault, type FaultLevel, kindsOf } from './fault-kinds.ts';
import { type FaultRun, type Outcome, runWithFault } from './fault-run.ts';

/** `all`, or about how many faults over each carrier; never fewer than one of each kind. */
export const FAULTS: string = process.env['CRYPTENSOR_FAULTS'] ?? '24';
/** Everything is there, or a sample. */
export const everything: boolean = FAULTS === 'all';
/** Of the sample and of what is done to bytes; printed. */
export const SEED: number = Number(process.env['CRYPTENSOR_SEED'] ?? Date.now() % 2 ** 31);

/** A kind × link × position, by the units that a run without fault had; every `stride`-th of a kind. */
export function faultsOf(
  level: FaultLevel,
  units: ReadonlyMap<string, number>,
  stride = 1,
): Fault[] {
  const faults: Fault[] = [];
  Object.keys(kindsOf(level)).forEach((kind, row) => {
    let place = row;
    for (const [link, count] of units) {
      const [from, to] = link.split('>').map(Number);
      for (let at = 0; at < count; at++) {
        if (place++ % stride === 0)
          faults.push({ level, kind, from, to, at, seed: seedOf(place, row) });
      }
    }
  });
  return faults;
}

function seedOf(place: number, row: number): number {
  return (SEED + 7919 * place + 104729 * row) >>> 0;
}

/** A sample of about `count`, with at least one of each kind. */
export function sampled(faults: readonly Fault[], count: number): Fault[] {
  if (everything) return [...faults];
  const order = permutation(seededGenerator(SEED), faults.length).map((i) => faults[i]);
  const first = new Map<string, Fault>();
  for (const fault of order) if (!first.has(fault.kind)) first.set(fault.kind, fault);
  const more = order.filter((fault) => first.get(fault.kind) !== fault);
  return [...first.values(), ...more.slice(0, Math.max(count - first.size, 0))];
}

/** Units by link of a run without fault, the most of a few. */
export async function unitsOf(
  n: number,
  carrier: PairMaker,
  level: 'connect' | 'bytes' | 'frames',
): Promise<ReadonlyMap<string, number>> {
  const never: Fault = { level, kind: 'pause', from: 0, to: 1, at: Infinity, seed: 0 };
  const most = new Map<string, number>();
  for (let i = 0; i < 2; i++) {
    const { units } = await runWithFault({ n, carrier, fault: never });
    for (const [link, count] of units) most.set(link, Math.max(most.get(link) ?? 0, count));
  }
  return most;
}

/** Runs them, several at a time; gives every complaint. */
export async function runAll(runs: readonly FaultRun[], tally: Tally): Promise<string[]> {
  const complaints: string[] = [];
  const again: FaultRun[] = [];
  const judge = (run: FaultRun, outcome: Outcome): void => {
    tally.add(outcome);
    complaints.push(...complaintsAbout(outcome).map((why) => `n = ${run.n}, ${why}`));
  };
  const waiting = [...runs].reverse();
  const work = async (): Promise<void> => {
    for (let run = waiting.pop(); run !== undefined; run = waiting.pop()) {
      const outcome = await runWithFault(run);
      if (complaintsAbout(outcome).length > 0 && isLate(outcome)) again.push(run);
      else judge(run, outcome);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  for (const run of again) judge(run, await runWithFault({ ...run, timeoutMs: 3000 }));
  if (again.length > 0) process.stdout.write(`      ${again.length} again: the machine is busy\n`);
  return complaints;
}

/** Whether somebody ran out of time, which a busy machine may be the cause of: then once more, alone, with a longer time-out. */
function isLate({ endings, timeoutMs }: Outcome): boolean {
  return endings.some(({ code, ms }) => code === 'ERR_MPC_TIMEOUT' || ms > timeoutMs);
}
