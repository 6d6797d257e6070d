/**
 * What a workload measured: at one party, over all of them, over several orders.
 * @module
 */

import { median } from './measure.ts';

/** Milliseconds by phase, one entry a repetition. */
export type Times<Phase extends string> = Readonly<Record<Phase, readonly number[]>>;

/** Figures of one order. `online` is from the inputs to the settled output, `cpu` the process's CPU time meanwhile. */
export interface Figures<Phase extends string = 'online' | 'cpu'> {
  readonly times: Times<Phase>;
  readonly rounds: number;
  /** Payload that a party sends to the other one. */
  readonly bytesSent: number;
  /** Payload that comes from a dealer. */
  readonly preprocessBytes: number;
  /** What the first run with new weights sends more than the others: the weights' masks are opened once. */
  readonly oneOffBytes: number;
  /** The opened result, where it was asked for. */
  readonly output: Float64Array | null;
}

/**
 * Ours. `pending`: online, before the delayed truncation; `preprocess`: from the call to material resident; `total`: both at once, in
 * a run of its own; `first`: as `total`, in the first run of each order with new weights.
 */
export type OurPhase = 'first' | 'online' | 'pending' | 'preprocess' | 'total' | 'cpu';

/** Figures of ours. */
export type OurFigures = Figures<OurPhase>;

/** What is asked of the processes of one library. */
export interface Order {
  readonly workload: string;
  readonly reps: number;
  /** Whether the result is to be opened and handed over. */
  readonly output: boolean;
}

/** Processes that run workloads. */
export interface Runner<F> {
  run(order: Order): Promise<F>;
  close(): Promise<void>;
}

/** The slowest party in each repetition, and the most that one sends. */
export function slowest<P extends string>(parties: readonly Figures<P>[]): Figures<P> {
  return parties.reduce((a, b) => ({
    times: merged(a.times, b.times, (one, other) => one.map((ms, i) => Math.max(ms, other[i]))),
    rounds: Math.max(a.rounds, b.rounds),
    bytesSent: Math.max(a.bytesSent, b.bytesSent),
    preprocessBytes: Math.max(a.preprocessBytes, b.preprocessBytes),
    oneOffBytes: Math.max(a.oneOffBytes, b.oneOffBytes),
    output: a.output ?? b.output,
  }));
}

/** The repetitions of several orders as those of one; counts are the same in each. */
export function joined<P extends string>(orders: readonly Figures<P>[]): Figures<P> {
  return orders.reduce((a, b) => ({
    ...a,
    times: merged(a.times, b.times, (one, other) => [...one, ...other]),
  }));
}

function merged<P extends string>(
  a: Times<P>,
  b: Times<P>,
  body: (one: readonly number[], other: readonly number[]) => readonly number[],
): Times<P> {
  const phases = Object.keys(a) as P[];
  return Object.fromEntries(phases.map((phase) => [phase, body(a[phase], b[phase])])) as Times<P>;
}

/** Figures as a record of the JSON report: medians of the phases that were measured, the best online time, counts. */
export function recordOf<P extends string>({
  times,
  rounds,
  bytesSent,
  preprocessBytes,
  oneOffBytes,
}: Figures<P | 'online'>): Record<string, number> {
  const measured = Object.keys(times) as (P | 'online')[];
  const phases = measured.filter((phase) => times[phase].length > 0);
  return {
    ...Object.fromEntries(phases.map((phase) => [nameOf(phase), median(times[phase])])),
    minMs: Math.min(...times.online),
    rounds,
    bytesSent,
    preprocessBytes,
    oneOffBytes,
    reps: times.online.length,
  };
}

function nameOf(phase: string): string {
  return phase === 'online' ? 'medianMs' : `${phase}Ms`;
}
