/**
 * The workloads of `ops`: names and inputs of the published CrypTen baseline, so that rows can be laid side by side. A row is its
 * name, its inputs, the operation as a user writes it, and what it should give. Those of `models` are in models.ts.
 * @module
 */

import type { CrypTensor, Party, Tensor } from '../../src/tensor/index.ts';
import { drawn, normal, quarters, signed, uniform, type Draw, type Input } from './inputs.ts';
import {
  byRow,
  convolution,
  each,
  erf,
  largest,
  logSoftmax,
  pooled,
  product,
  type Reference,
} from './references.ts';

/** What an operation ends with: a secret tensor, or one that was opened. */
export type Output = CrypTensor | Promise<Tensor>;

/** An operation on secret inputs. */
export type Operation = (...inputs: readonly CrypTensor[]) => Output;

/** What every row has. */
interface Named {
  readonly name: string;
  readonly inputs: () => readonly Input[];
  /** What the inputs, and the weights after them, should give. */
  readonly expected: Reference;
  /** Largest error that is not a bug. */
  readonly tolerance: number;
}

/** A row of an operation. */
export interface OperationWorkload extends Named {
  /** The operation; absent where sharing the first input is all there is. */
  readonly run: Operation | undefined;
}

/** A row of a model, whose weights stay while inputs come and go. */
export interface ModelWorkload extends Named {
  readonly weights: () => readonly Input[];
  /** Shares the weights as new secrets; the operation is the model with them. */
  readonly share: (party: Party, weights: readonly Input[]) => Operation;
}

/** One row of the table. */
export type Workload = OperationWorkload | ModelWorkload;

/** Whether a row is a model's. */
export function isModel(workload: Workload): workload is ModelWorkload {
  return 'weights' in workload;
}

/** Everything that a row is given: its inputs, and the weights of a model. */
export function allInputs(workload: Workload): readonly Input[] {
  return [...workload.inputs(), ...(isModel(workload) ? workload.weights() : [])];
}

/** What a row should give, in doubles. */
export function expectedOf(workload: Workload): Float64Array {
  return workload.expected(allInputs(workload));
}

/** The operation's name, without the size unless it is a model's: what `crypten-run.py` calls it. */
export function familyOf(name: string): string {
  return /^(e2e|train):/.test(name) ? name : name.slice(0, name.lastIndexOf(':'));
}

/**
 * An error that the row allows.
 *
 * @throws {Error} for a larger one, and for NaN.
 */
export function allowedError({ name, tolerance }: Workload, error: number): number {
  if (error <= tolerance) return error;
  throw new Error(`${name}: wrong by ${error}`);
}

/** A family of rows; a size is a shape as its name writes it: 1e5, 100x100. */
type Row = readonly [
  family: string,
  sizes: string,
  draws: readonly Draw[],
  run: Operation | undefined,
  expected: Reference,
  tolerance: number,
];

const std = normal();
const coarse = quarters(normal(3));

// prettier-ignore
const ROWS: readonly Row[] = [
  ['ew:mul', '1e3 1e5 1e6', [std, std], (x, y) => x.mul(y), each((x, y) => x * y), 1e-3],
  ['ew:add', '1e3 1e5 1e6', [std, std], (x, y) => x.add(y), each((x, y) => x + y), 1e-4],
  ['ew:mulpub', '1e3 1e5 1e6', [std], (x) => x.mul(1.2345), each((x) => x * 1.2345), 3e-4],
  ['ew:divpub', '1e3 1e5 1e6', [normal(10)], (x) => x.div(7), each((x) => x / 7), 3e-4],
  ['ew:square', '1e3 1e5 1e6', [std], (x) => x.square(), each((x) => x * x), 1e-3],
  ['io:encrypt', '1e6', [std], undefined, each((x) => x), 1e-5],
  ['io:decrypt', '1e6', [std], (x) => x.getPlainText(), each((x) => x), 1e-5],
  ['cmp:gt', '1e3 1e5', [coarse, coarse], (x, y) => x.gt(y), each((x, y) => Number(x > y)), 0],
  ['cmp:eq', '1e3 1e5', [coarse, coarse], (x, y) => x.eq(y), each((x, y) => Number(x === y)), 0],
  ['cmp:relu', '1e3 1e5', [std], (x) => x.relu(), each((x) => Math.max(x, 0)), 1e-4],
  ['cmp:abs', '1e3 1e5', [std], (x) => x.abs(), each(Math.abs), 1e-4],
  ['cmp:sign', '1e3 1e5', [std], (x) => x.sign(), each((x) => (x < 0 ? -1 : 1)), 0],
  ['max:max', '100x100 1000x10', [std], (x) => x.max(1).values, byRow((row) => [Math.max(...row)]), 1e-4],
  ['max:argmax', '100x100 1000x10', [std], (x) => x.argmax(1), byRow(largest), 0],
  ['max:maxpool2d', '1x16x32x32', [std], (x) => x.maxPool2d(2), pooled, 1e-4],
  ['fn:exp', '1e4 1e5', [uniform(-3, 3)], (x) => x.exp(), each(Math.exp), 1e-2],
  ['fn:log', '1e4 1e5', [uniform(0.1, 10)], (x) => x.log(), each(Math.log), 1e-3],
  ['fn:reciprocal', '1e4 1e5', [signed(0.2, 10)], (x) => x.reciprocal(), each((x) => 1 / x), 2e-3],
  ['fn:sqrt', '1e4 1e5', [uniform(0.1, 10)], (x) => x.sqrt(), each(Math.sqrt), 1e-3],
  ['fn:inv_sqrt', '1e4 1e5', [uniform(0.1, 10)], (x) => x.rsqrt(), each((x) => 1 / Math.sqrt(x)), 1e-3],
  ['fn:sigmoid', '1e4 1e5', [uniform(-6, 6)], (x) => x.sigmoid(), each((x) => 1 / (1 + Math.exp(-x))), 1.5e-4],
  ['fn:tanh', '1e4 1e5', [uniform(-6, 6)], (x) => x.tanh(), each(Math.tanh), 3e-4],
  ['fn:erf', '1e4 1e5', [uniform(-2, 2)], (x) => x.erf(), each(erf), 3e-4],
  ['fn:erf_small', '1e4 1e5', [uniform(-0.5, 0.5)], (x) => x.erf(), each(erf), 3e-4],
  ['fn:gelu_composed', '1e4 1e5', [uniform(-3, 3)], (x) => x.gelu(), each((x) => (x / 2) * (1 + erf(x / Math.SQRT2))), 5e-4],
  ['fn:cos', '1e4 1e5', [uniform(-3, 3)], (x) => x.cos(), each(Math.cos), 3e-4],
  ['fn:div', '1e4 1e5', [std, signed(0.2, 10)], (x, y) => x.div(y), each((x, y) => x / y), 5e-3],
  ['fn:softmax', '100x100 1000x10 1000x100', [std], (x) => x.softmax(1), byRow((row) => logSoftmax(row).map(Math.exp)), 1e-3],
  ['fn:log_softmax', '100x100', [std], (x) => x.logSoftmax(1), byRow(logSoftmax), 1e-3],
];

/** Operations, one by one. */
export const OPERATIONS: readonly OperationWorkload[] = [
  ...ROWS.flatMap(workloadsOf),
  matmul('mm:64', 64, 64, 64),
  matmul('mm:256', 256, 256, 256),
  matmul('mm:512', 512, 512, 512),
  matmul('mm:1024', 1024, 1024, 1024),
  matmul('mm:1x784x128', 1, 784, 128),
  matmul('mm:128x784x128', 128, 784, 128),
  conv(3, 16, 64),
  conv(16, 32, 32),
  conv(64, 64, 56),
];

/** Rows whose names contain one of the words; all without any. */
export function chosen<W extends Workload>(words: readonly string[], rows: readonly W[]): W[] {
  return rows.filter(({ name }) => words.length === 0 || words.some((w) => name.includes(w)));
}

/** Inputs come from the parties in turn. */
function workloadsOf(
  [family, sizes, draws, run, expected, tolerance]: Row,
  row: number,
): OperationWorkload[] {
  return sizes.split(' ').map((size) => ({
    name: `${family}:${size}`,
    inputs: () =>
      draws.map((draw, i) => drawn(10 * row + i, size.split('x').map(Number), i % 2, draw)),
    run,
    expected,
    tolerance,
  }));
}

function matmul(name: string, m: number, k: number, n: number): OperationWorkload {
  return {
    name,
    inputs: () => [drawn(1002, [m, k], 0, std), drawn(1003, [k, n], 1, std)],
    run: (x, y) => x.matmul(y),
    expected: product,
    tolerance: 0.02,
  };
}

/** Kernel 3×3, padding 1; the image comes from party 0, the kernel from party 1. */
function conv(channels: number, filters: number, size: number): OperationWorkload {
  const kernel = normal(1 / Math.sqrt(9 * channels));
  return {
    name: `conv:${channels}-${filters}k3-${size}x${size}`,
    inputs: () => [
      drawn(1004, [1, channels, size, size], 0, std),
      drawn(1005, [filters, channels, 3, 3], 1, kernel),
    ],
    run: (x, w) => x.conv2d(w, { padding: 1 }),
    expected: convolution,
    tolerance: 0.005,
  };
}
