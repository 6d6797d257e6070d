/**
 * A case of the kernel benchmark, and how most of them are made.
 * @module
 */

import type { Kernels, Ptr } from '../../../src/kernels/contract.ts';

/** Every kernel; `matmulScratch` and `compareTablesBytes` only say how much memory one needs. */
export type KernelName = Exclude<
  keyof Kernels,
  | 'backend'
  | 'buffer'
  | 'reserve'
  | 'release'
  | 'matmulScratch'
  | 'compareTablesBytes'
  | 'groupMasksBytes'
>;

/** Rows of a family of kernels. */
export type Cases<Name extends KernelName = KernelName> = Readonly<
  Record<Name, readonly KernelCase[]>
>;

/** Uses the blocks of a case. */
export type Run = (k: Kernels, at: readonly Ptr[]) => void;

/** One case: its blocks hold the same random bytes on every backend. */
export interface KernelCase {
  /** What tells it from other cases of the kernel. */
  readonly label: string;
  readonly unit: string;
  readonly units: number;
  /** Bytes of each block; block 0 is the output. */
  readonly blocks: readonly number[];
  readonly run: Run;
  /** Before the first run, not timed: numbers that cannot be random. */
  readonly setUp?: Run | undefined;
}

/** Words of most cases. */
export const N = 1 << 16;
/** Bits of truncations and scales. */
export const M = 16;

/** N words: one output and `inputs` inputs of N words each. */
export function words(inputs: number, run: Run, label = '', setUp?: Run): KernelCase {
  return {
    label,
    unit: 'words',
    units: N,
    blocks: Array<number>(inputs + 1).fill(8 * N),
    run,
    setUp,
  };
}

/** Elements of a gate; `sizes` are words of each block for one element. */
export function elements(
  label: string,
  n: number,
  sizes: readonly number[],
  run: Run,
  setUp?: Run,
): KernelCase {
  const blocks = sizes.map((size) => Math.ceil(8 * n * size) + 8);
  return { label, unit: 'elements', units: n, blocks, run, setUp };
}

/** Writes i32 f(0), f(1), … to a block. */
export function integers(k: Kernels, at: Ptr, n: number, f: (i: number) => number): void {
  const list = new Int32Array(k.buffer(), at, n);
  for (let i = 0; i < n; i++) list[i] = f(i);
}

/** Writes doubles f(0), f(1), … to a block. */
export function doubles(k: Kernels, at: Ptr, n: number, f: (i: number) => number): void {
  const list = new Float64Array(k.buffer(), at, n);
  for (let i = 0; i < n; i++) list[i] = f(i);
}
