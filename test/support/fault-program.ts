/**
 * The small program that faults are injected into, what it must give, and the same program gone astray at one step.
 * @module
 */

import type { CrypTensor, Party } from '../../src/tensor/index.ts';

/** One step of the program at one party is left out, done twice, or another one. */
export interface Detour {
  readonly step: number;
  readonly how: 'skip' | 'twice' | 'other';
}

/** Steps that a detour may concern. */
export const STEP_NAMES = ['matmul', 'relu', 'fork', 'gt', 'mul', 'sigmoid', 'reveal'] as const;

const X = [
  [1, -0.5],
  [0.25, 2],
];
const W = [
  [0.5, 1],
  [-1, 0.75],
];
const SIDE = [0.5, -1.5];

/** Input, matmul and truncation, ReLU, a product in a fork, comparison, mux by product, sigmoid, reveal to all. */
export async function smallProgram(party: Party, detour?: Detour): Promise<number[]> {
  let at = 0;
  const step = <T>(input: T, usual: (input: T) => T, other: (input: T) => T): T => {
    const here = detour?.step === at++ ? detour.how : 'usual';
    if (here === 'skip') return input;
    if (here === 'other') return other(input);
    return here === 'twice' ? usual(usual(input)) : usual(input);
  };
  const x = party.cryptensor(party.rank === 0 ? X : null, { src: 0, shape: [2, 2] });
  const w = party.cryptensor(party.rank === 1 ? W : null, { src: 1, shape: [2, 2] });
  const product = step<CrypTensor>(
    x,
    (a) => a.matmul(w),
    (a) => a.mul(w),
  );
  const rectified = step<CrypTensor>(
    product,
    (a) => a.relu(),
    (a) => a.abs(),
  );
  const fork = step(
    party,
    (p) => p.fork(1),
    (p) => p.fork(0),
  );
  const aside = fork.cryptensor(party.rank === 1 ? SIDE : null, { src: 1, shape: [2] });
  const square = await aside.mul(aside).getPlainText();
  const large = step<CrypTensor>(
    rectified,
    (a) => a.gt(0.7),
    (a) => a.lt(0.7),
  );
  const chosen = step<CrypTensor>(
    rectified,
    (a) => a.mul(large),
    (a) => a.mul(large.t()),
  );
  const smooth = step<CrypTensor>(
    chosen,
    (a) => a.sub(1).sigmoid(),
    (a) => a.sub(2).sigmoid(),
  );
  const how = detour?.step === at ? detour.how : 'usual';
  if (how === 'skip') return [];
  const plain = await smooth.getPlainText(how === 'other' ? { dst: 0 } : {});
  if (how === 'twice') await smooth.getPlainText();
  return [...(square?.data ?? []), ...(plain?.data ?? [])];
}

const EXPECTED: readonly number[] = [
  ...SIDE.map((value) => value * value),
  ...X.flatMap((row) =>
    W[0].map((_, column) => {
      const y = Math.max(row[0] * W[0][column] + row[1] * W[1][column], 0);
      return 1 / (1 + Math.exp(1 - (y > 0.7 ? y : 0)));
    }),
  ),
];

/** Whether this is what the program computes. */
export function isRight(result: readonly number[]): boolean {
  return (
    result.length === EXPECTED.length &&
    result.every((value, i) => Math.abs(value - EXPECTED[i]) < 2 ** -9)
  );
}
