/**
 * What is stated of every approximated function: where it holds, how exact it is there, what an element costs. Measured by
 * accuracy.test.ts; docs/functions.md and the doc comments say the same (test/tidy/functions.test.ts).
 * @module
 */

import * as ops from '../../src/functions/index.ts';
import type { Context } from '../../src/protocol/context.ts';
import { settle } from '../../src/protocol/settle.ts';
import type { Share } from '../../src/protocol/share.ts';
import { simulateSeats } from '../../src/seats.ts';
import { erf, normalCdf, sigmoid, softplus } from '../oracle/functions.ts';
import { backend, own, put, wordsOf } from '../support/seats.ts';

/** A function of one variable at 16 fractional bits: settled words in, settled words out. */
export interface FunctionFacts {
  readonly name: string;
  /** Where the error is stated, for people. */
  readonly interval: string;
  readonly call: (ctx: Context, x: Share) => Share;
  readonly truth: (x: number) => number;
  /** What is as right, where two values are. */
  readonly also?: (x: number) => number;
  /** |y − f(x)| ≤ absolute + relative·|f(x)|. */
  readonly absolute: number;
  readonly relative: number;
  /** What is tested: raw words below 2^bits, of either sign or above 0 alone. */
  readonly bits: number;
  readonly signed: boolean;
  /** Inputs that are tested closely, ends of intervals among them. */
  readonly ends: readonly number[];
  readonly cost: FunctionCost;
}

/** Cost of an element, from settled words to settled words and message headers left out: rounds, bytes from each party to each other, bytes from the dealer (two parties). */
export interface FunctionCost {
  readonly rounds: number;
  readonly bytes: number;
  readonly bytesOfThree: number;
  readonly dealt: number;
}

const ULP = 2 ** -16;
const EVERY = 'every x';
const POSITIVE = 'every x > 0';

/** The functions in the order of the table. */
export const FACTS: readonly FunctionFacts[] = [
  {
    name: 'exp',
    interval: '|x| < 2^29; 2^26 from 18.05 on, e^x or 2^26 from 18.02 to there',
    call: ops.exp,
    truth: (x) => Math.min(Math.exp(x), 2 ** 26),
    also: (x) => Math.min(Math.exp(x), 2 ** (26 + 1 / 32)),
    absolute: 1.2 * ULP,
    relative: 4e-5,
    bits: 45,
    signed: true,
    ends: [-17 * Math.LN2, 26 * Math.LN2, 26.02 * Math.LN2, 0, 9, 1, -1],
    cost: { rounds: 3, bytes: 18.5, bytesOfThree: 18.5, dealt: 258 },
  },
  {
    name: 'log',
    interval: POSITIVE,
    call: ops.log,
    truth: Math.log,
    absolute: 2 * ULP,
    relative: 0,
    bits: 62,
    signed: false,
    ends: [1],
    cost: { rounds: 9, bytes: 38.625, bytesOfThree: 46.5, dealt: 555 },
  },
  {
    name: 'reciprocal',
    interval: EVERY,
    call: ops.reciprocal,
    truth: (x) => (x === 0 ? 0 : 1 / x),
    absolute: 1.1 * ULP,
    relative: 3e-6,
    bits: 62,
    signed: true,
    ends: [0, 1, 3, 100],
    cost: { rounds: 11, bytes: 82.375, bytesOfThree: 106, dealt: 671 },
  },
  {
    name: 'sqrt',
    interval: 'every x ≥ 0',
    call: ops.sqrt,
    truth: Math.sqrt,
    absolute: 1.1 * ULP,
    relative: 1e-6,
    bits: 62,
    signed: false,
    ends: [0, 1, 2],
    cost: { rounds: 11, bytes: 70.75, bytesOfThree: 86.5, dealt: 572 },
  },
  {
    name: 'rsqrt',
    interval: POSITIVE,
    call: ops.rsqrt,
    truth: (x) => 1 / Math.sqrt(x),
    absolute: 1.1 * ULP,
    relative: 1e-6,
    bits: 62,
    signed: false,
    ends: [1, 2],
    cost: { rounds: 11, bytes: 70.75, bytesOfThree: 86.5, dealt: 574 },
  },
  {
    name: 'sin',
    interval: '|x| < 2^28',
    call: ops.sin,
    truth: Math.sin,
    absolute: 1.1 * ULP,
    relative: 0,
    bits: 44,
    signed: true,
    ends: [0, Math.PI, Math.PI / 2, -Math.PI / 2, 2 * Math.PI],
    cost: { rounds: 2, bytes: 4.125, bytesOfThree: 12, dealt: 22 },
  },
  {
    name: 'cos',
    interval: '|x| < 2^28',
    call: ops.cos,
    truth: Math.cos,
    absolute: 1.1 * ULP,
    relative: 0,
    bits: 44,
    signed: true,
    ends: [0, Math.PI, Math.PI / 2, -Math.PI / 2, 2 * Math.PI],
    cost: { rounds: 2, bytes: 4.125, bytesOfThree: 12, dealt: 22 },
  },
  curve('sigmoid', ops.sigmoid, sigmoid, 2.2e-5, 11, 19.5, 428),
  curve('tanh', ops.tanh, Math.tanh, 3.4e-5, 5.75, 19.5, 444),
  curve('erf', ops.erf, erf, 3.3e-5, 3, 20, 460),
  curve('gelu', ops.gelu, (x) => x * normalCdf(x), 2.1e-5, 4.5, 20, 404),
  curve('silu', ops.silu, (x) => x * sigmoid(x), 3.8e-5, 13, 19.5, 468),
  curve('softplus', ops.softplus, softplus, 2.8e-5, 10.75, 19.5, 404),
];

function curve(
  name: string,
  call: FunctionFacts['call'],
  truth: FunctionFacts['truth'],
  fit: number,
  end: number,
  bytes: number,
  dealt: number,
): FunctionFacts {
  return {
    name,
    interval: EVERY,
    call,
    truth,
    absolute: fit + 1.1 * ULP,
    relative: 0,
    bits: 62,
    signed: true,
    ends: [0, ...[end, end - 1 / 32, end - 1 / 8, end - 0.24].flatMap((x) => [-x, x])],
    cost: { rounds: 3, bytes, bytesOfThree: bytes, dealt },
  };
}

/** A function of several numbers at 16 fractional bits. */
export interface RowFacts extends Pick<
  FunctionFacts,
  'name' | 'interval' | 'absolute' | 'relative' | 'cost'
> {
  readonly call: (ctx: Context, x: readonly Share[]) => Share;
  /** Values of the inputs, and the shape they share. */
  readonly truth: (x: readonly (readonly number[])[], shape: readonly number[]) => number[];
  /** Inputs of equal shape in raw words; `random` gives so many signed words of so many bits. */
  readonly inputs: (random: (n: number, bits: number) => bigint[]) => readonly {
    readonly shape: readonly number[];
    readonly words: readonly (readonly bigint[])[];
  }[];
  /** What an element of this shape costs. */
  readonly costShape: readonly number[];
}

/** The functions of rows in the order of the table. */
export const ROWS: readonly RowFacts[] = [
  {
    name: 'div',
    interval: 'every x and y with |x/y| < 2^30',
    call: (ctx, [x, y]) => ops.div(ctx, x, y),
    truth: ([x, y]) => x.map((value, i) => (y[i] === 0 ? 0 : value / y[i])),
    absolute: 3 * ULP,
    relative: 2 ** -13,
    inputs: (random) => [pairs(random)],
    costShape: [64],
    cost: { rounds: 11, bytes: 130.625, bytesOfThree: 170, dealt: 701 },
  },
  {
    name: 'softmax',
    interval: 'rows of up to 1000, logits within ±1000',
    call: (ctx, [x]) => ops.softmax(ctx, x, -1),
    truth: ([x], shape) => rowsOf(x, shape).flatMap(softmaxOf),
    absolute: 3.5e-5,
    relative: 0,
    inputs: logits,
    costShape: [64, 10],
    cost: { rounds: 18, bytes: 93.7625, bytesOfThree: 102.425, dealt: 1356.8 },
  },
  {
    name: 'logSoftmax',
    interval: 'rows of up to 1000, logits within ±1000',
    call: (ctx, [x]) => ops.logSoftmax(ctx, x, -1),
    truth: ([x], shape) => rowsOf(x, shape).flatMap((row) => logSoftmaxOf(row)),
    absolute: 2.2 * ULP,
    relative: 0,
    inputs: logits,
    costShape: [64, 10],
    cost: { rounds: 15, bytes: 83.2375, bytesOfThree: 84.025, dealt: 1342.2 },
  },
  {
    name: 'layerNorm',
    interval: 'rows of up to 768, |x| < 32, standard deviation above 1/4',
    call: (ctx, [x]) => ops.layerNorm(ctx, x, { normalizedShape: x.shape.slice(-1) }),
    truth: ([x], shape) => rowsOf(x, shape).flatMap(layerNormOf),
    absolute: 4 * ULP,
    relative: 2 ** -16,
    inputs: (random) =>
      [10, 64, 768].map((size) => {
        const count = Math.ceil(600 / size) * size;
        const words = random(count, 22).map((word, i) => word >> BigInt(Math.floor(i / size) % 5));
        return { shape: [count / size, size], words: [words] };
      }),
    costShape: [64, 64],
    cost: { rounds: 15, bytes: 9.48046875, bytesOfThree: 25.4765625, dealt: 30.921875 },
  },
];

function rowsOf(x: readonly number[], shape: readonly number[]): number[][] {
  const size = shape[shape.length - 1];
  return Array.from({ length: x.length / size }, (_, i) => x.slice(i * size, (i + 1) * size));
}

function softmaxOf(row: readonly number[]): number[] {
  return logSoftmaxOf(row).map(Math.exp);
}

function logSoftmaxOf(row: readonly number[]): number[] {
  const most = Math.max(...row);
  const total = row.reduce((sum, x) => sum + Math.exp(x - most), 0);
  return row.map((x) => x - most - Math.log(total));
}

function layerNormOf(row: readonly number[]): number[] {
  const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
  return row.map((x) => (x - mean) / Math.sqrt(variance + 1e-5));
}

/** Divisors around every power of two, of every size and 0; quotients from far below an ulp to 2^30. */
function pairs(random: (n: number, bits: number) => bigint[]): {
  shape: readonly number[];
  words: readonly (readonly bigint[])[];
} {
  const edges = [...Array(62).keys()].flatMap((k) =>
    [-2n, -1n, 0n, 1n, 2n].map((d) => (1n << BigInt(k)) + d),
  );
  const spread = random(700, 64).map((word, i) => word >> BigInt(2 + (i % 61)));
  const y = [...edges, ...edges.map((word) => -word), ...spread, 0n, 0n];
  const part = random(y.length, 32);
  const x = y.map((word, i) => {
    if (i % 5 === 0) return word;
    // |part| < 2^31, so that |x/y| is below 2^30, 2^20, 2^10 or 1.
    const wide = (word * part[i]) >> BigInt([1, 11, 21, 31][i % 4]);
    return wide > -(1n << 61n) && wide < 1n << 61n ? wide : (word * part[i]) >> 32n;
  });
  return { shape: [y.length], words: [x, y] };
}

/** Rows of 10, 100 and 1000: spread over ±1000, close together, all equal, and one above all others. */
function logits(random: (n: number, bits: number) => bigint[]): {
  shape: readonly number[];
  words: readonly (readonly bigint[])[];
}[] {
  return [10, 100, 1000].map((size) => {
    const of = (bits: number): bigint[] => random(size, bits).map((word) => (word * 61n) >> 6n);
    const lone = of(19).map((word, i) => (i === 3 ? 20n << 16n : word));
    const faint = of(17).map((word, i) => (i === 5 ? 12n << 16n : word));
    const rows = [of(27), of(24), of(21), of(18), lone, faint, of(1), of(1).map(() => 7n)];
    return { shape: [rows.length, size], words: [rows.flat()] };
  });
}

/** Measured cost of an element, from settled words to settled words: rounds, bytes to each peer, dealt bytes of two parties. */
export async function costOf(
  n: number,
  shape: readonly number[],
  call: (ctx: Context, x: readonly Share[]) => Share,
): Promise<{ rounds: number; bytes: number; dealt?: number }> {
  const count = shape.reduce((product, size) => product * size, 1);
  const { results, dealer } = await simulateSeats(
    n,
    async (seat) => {
      const { context: ctx } = seat;
      const words = Array.from({ length: count }, (_, i) => (i % 97) + 1);
      const x = [0, 1].map((src) => put(ctx, src, shape, wordsOf(words)));
      const y = settle(ctx, call(ctx, x));
      await own(y);
      await ctx.session.outstanding.idle();
      return { seat, rounds: y.depth };
    },
    { backend },
  );
  const sent = results.flatMap(({ seat }) => {
    const { peers } = seat.meter.snapshot();
    return seat.context.peers().map((to) => peers.get(to)?.sent.payloadBytes.online ?? 0);
  });
  if (sent.some((bytes) => bytes !== sent[0])) throw new Error(`parties sent ${sent.join()}`);
  const { rounds } = results[0];
  const cost = { rounds, bytes: sent[0] / count };
  return n === 2 ? { ...cost, dealt: (dealer?.totals.dealtBytes ?? 0) / count } : cost;
}
