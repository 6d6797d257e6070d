/**
 * Reductions. Axes are an attribute up to opset 17 (12 for ReduceSum) and an input from then on.
 * @module
 */

import type { Shape } from '../../core/shape.ts';
import { CrypTensor } from '../../tensor/index.ts';
import { sizeAlong, type Call } from '../call.ts';
import { Fixed, type Value } from '../fixed.ts';
import { move } from '../move.ts';
import { ALL, since, type OnnxOp, type Step } from '../op.ts';

interface Reduction {
  readonly name: string;
  /** Reduces the last dim. */
  readonly rows: (x: CrypTensor) => CrypTensor;
  /** Reduces public elements, exactly. */
  readonly plain?: (row: Float64Array) => number;
  /** What is done to each element where nothing is reduced. */
  readonly each?: (x: CrypTensor) => CrypTensor;
}

const INPUT_FROM = 18;
const SUM_INPUT_FROM = 13;

/** x with the reduced dims merged into a last one. */
function asRows(x: Value, axes: readonly number[]): Value {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const shape = [...kept.map((axis) => x.shape[axis]), sizeAlong(x.shape, axes)];
  return move.reshape(move.permute(x, [...kept, ...axes]), shape);
}

function plainRows(x: Fixed, plain: (row: Float64Array) => number): Fixed {
  const n = x.shape.at(-1) as number;
  const shape = x.shape.slice(0, -1);
  const count = x.data.length / n;
  const data = Float64Array.from({ length: count }, (_, i) =>
    plain(x.data.subarray(i * n, (i + 1) * n)),
  );
  return new Fixed(shape, data, x.type);
}

function planReduce(call: Call, { name, rows, plain, each }: Reduction): Step {
  const shape = call.shape();
  const fromInput = call.opset >= (name === 'ReduceSum' ? SUM_INPUT_FROM : INPUT_FROM);
  const given = fromInput ? (call.has(1) ? call.list(1) : []) : call.ints('axes', []);
  const untouched = given.length === 0 && call.flag('noop_with_empty_axes', false);
  if (untouched) return each === undefined ? call.moved(shape, (x) => x) : call.same(each);
  const axes = given.length === 0 ? shape.map((_, axis) => axis) : call.axes(given);
  if (sizeAlong(shape, axes) === 0) call.fail('nothing to reduce');
  const keep = call.flag('keepdims', true);
  const out: Shape = shape.flatMap((size, axis) =>
    axes.includes(axis) ? (keep ? [1] : []) : [size],
  );
  const secret = call.secret(out, (x) => rows(asRows(x, axes) as CrypTensor).reshape(out));
  if (plain === undefined) return secret;
  return {
    ...secret,
    folds: true,
    run: (inputs) => {
      const [x] = inputs;
      if (!(x instanceof Fixed)) return secret.run(inputs);
      return [plainRows(asRows(x, axes) as Fixed, plain).reshape(out)];
    },
  };
}

const sum = (row: Float64Array): number => row.reduce((a, b) => a + b, 0);
const logSumExp = (x: CrypTensor): CrypTensor => {
  const top = x.max(-1).values;
  return x.sub(top.unsqueeze(-1)).exp().sum(-1).log().add(top);
};

const REDUCTIONS: readonly Reduction[] = [
  { name: 'ReduceSum', rows: (x) => x.sum(-1), plain: sum },
  { name: 'ReduceMean', rows: (x) => x.mean(-1), plain: (row) => sum(row) / row.length },
  {
    name: 'ReduceMax',
    rows: (x) => x.max(-1).values,
    plain: (row) => row.reduce((a, b) => Math.max(a, b)),
  },
  {
    name: 'ReduceMin',
    rows: (x) => x.min(-1).values,
    plain: (row) => row.reduce((a, b) => Math.min(a, b)),
  },
  { name: 'ReduceProd', rows: (x) => x.prod(-1), plain: (row) => row.reduce((a, b) => a * b) },
  { name: 'ReduceL1', rows: (x) => x.abs().sum(-1), each: (x) => x.abs() },
  { name: 'ReduceL2', rows: (x) => x.norm(2, -1), each: (x) => x.abs() },
  { name: 'ReduceSumSquare', rows: (x) => x.square().sum(-1), each: (x) => x.square() },
  { name: 'ReduceLogSum', rows: (x) => x.sum(-1).log(), each: (x) => x.log() },
  { name: 'ReduceLogSumExp', rows: logSumExp },
];

function planCumSum(call: Call): Step {
  const shape = call.shape();
  const axis = call.axis(call.number(1));
  const [reverse, exclusive] = [call.flag('reverse', false), call.flag('exclusive', false)];
  return call.secret(shape, (x) => {
    const from = reverse ? x.flip(axis) : x;
    const sums = from.cumsum(axis);
    const y = exclusive ? sums.sub(from) : sums;
    return reverse ? y.flip(axis) : y;
  });
}

/** Operators of this area. */
export const reduceOps: readonly OnnxOp[] = [
  ...REDUCTIONS.map((reduction): OnnxOp => ({
    name: reduction.name,
    opsets: ALL,
    inputs: [1, 2],
    attributes: ['axes', 'keepdims', 'noop_with_empty_axes'],
    open: [1],
    plan: (call) => planReduce(call, reduction),
  })),
  {
    name: 'CumSum',
    opsets: since(11),
    inputs: [2, 2],
    attributes: ['exclusive', 'reverse'],
    open: [1],
    plan: planCumSum,
  },
];
