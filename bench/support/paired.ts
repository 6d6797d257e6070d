/**
 * Two libraries on one workload, in turns: a slow spell of the machine meets both.
 * @module
 */

import { joined, type Figures, type Order, type OurFigures, type Runner } from './figures.ts';

/** How a paired run is paced. */
export interface Pace {
  /** Turns of each library. */
  readonly rounds: number;
  /** Milliseconds that a turn should take. */
  readonly budgetMs: number;
}

/** What both libraries measured, over all turns. */
export interface Pair {
  readonly ours: OurFigures;
  readonly theirs: Figures;
  /** The opened results of the run that came before the measured ones. */
  readonly results: { readonly ours: Float64Array | null; readonly theirs: Float64Array | null };
}

const WARM_UP = 2;
const FEWEST = 1;
const MOST = 25;

/** Runs both once for the results and to warm up, then A B, B A, A B, … */
export async function runPaired(
  workload: string,
  a: Runner<OurFigures>,
  b: Runner<Figures>,
  { rounds, budgetMs }: Pace,
): Promise<Pair> {
  const [first, second] = [
    await warmUp(workload, a, budgetMs),
    await warmUp(workload, b, budgetMs),
  ];
  const ours: OurFigures[] = [];
  const theirs: Figures[] = [];
  for (let round = 0; round < rounds; round++) {
    const turns = [
      async () => void ours.push(await a.run(first.order)),
      async () => void theirs.push(await b.run(second.order)),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  return {
    ours: joined(ours),
    theirs: joined(theirs),
    results: { ours: first.output, theirs: second.output },
  };
}

/** Runs for a turn, and finds how many repetitions fit into one. */
async function warmUp(
  workload: string,
  runner: Runner<Figures>,
  budgetMs: number,
): Promise<{ readonly order: Order; readonly output: Float64Array | null }> {
  const { output } = await runner.run({ workload, reps: WARM_UP, output: true });
  const order: Order = { workload, reps: FEWEST, output: false };
  const startMs = performance.now();
  await runner.run(order);
  const reps = repetitions((performance.now() - startMs) / FEWEST, budgetMs);
  return { order: { ...order, reps }, output };
}

/** Repetitions of so many milliseconds each that fit into a budget, within bounds. */
export function repetitions(onceMs: number, budgetMs: number): number {
  return Math.max(FEWEST, Math.min(MOST, Math.round(budgetMs / onceMs)));
}
