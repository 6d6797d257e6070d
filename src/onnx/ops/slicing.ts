/**
 * Parts of a tensor and tensors made of parts.
 * @module
 */

import type { Shape } from '../../core/shape.ts';
import { counted, operand, type Call } from '../call.ts';
import { Fixed, type Value } from '../fixed.ts';
import { move } from '../move.ts';
import { ALL, type OnnxOp, type Step } from '../op.ts';

/** Positions `start`, `start + step`, … of one dim. */
interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

function cutOf(call: Call, axis: number, from: number, to: number, step: number): Cut {
  if (!Number.isInteger(step) || step === 0) call.fail(`a step of ${step}`);
  const size = call.shape()[axis];
  const clamp = (at: number, low: number, high: number): number =>
    Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const [start, end] =
    step > 0
      ? [clamp(from, 0, size), clamp(to, 0, size)]
      : [clamp(from, -1, size - 1), clamp(to, -1, size - 1)];
  return { axis, start, step, count: Math.max(0, Math.ceil((end - start) / step)) };
}

function cut(x: Value, { axis, start, step, count }: Cut): Value {
  if (step === 1) return move.narrow(x, axis, start, count);
  return move.indexSelect(
    x,
    axis,
    counted(count).map((i) => start + i * step),
  );
}

function planSlice(call: Call): Step {
  const old = call.opset < 10;
  const shape = call.shape();
  const starts = old ? call.ints('starts') : call.list(1);
  const ends = old ? call.ints('ends') : call.list(2);
  const axes = old
    ? call.ints('axes', counted(starts.length))
    : call.has(3)
      ? call.list(3)
      : counted(starts.length);
  const steps = !old && call.has(4) ? call.list(4) : starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length)) {
    call.fail('starts, ends, axes and steps differ in length');
  }
  call.axes(axes);
  const cuts = starts.map((start, i) => cutOf(call, call.axis(axes[i]), start, ends[i], steps[i]));
  const out = shape.map((size, axis) => cuts.find((one) => one.axis === axis)?.count ?? size);
  return call.moved(out, (x) => cuts.reduce(cut, x));
}

function planSplit(call: Call): Step {
  const shape = call.shape();
  const axis = call.axis(call.int('axis', 0));
  const parts = call.outputs;
  if (call.says('num_outputs') && call.int('num_outputs') !== parts) {
    call.fail('num_outputs differs from the outputs');
  }
  const each = Math.ceil((shape[axis] ?? 0) / parts);
  const equal = counted(parts).map((i) =>
    i === parts - 1 ? (shape[axis] ?? 0) - each * (parts - 1) : each,
  );
  const sizes = call.opset < 13 ? call.ints('split', equal) : call.has(1) ? call.list(1) : equal;
  if (
    sizes.length !== parts ||
    sizes.some((size) => size < 0) ||
    sizes.reduce((a, b) => a + b, 0) !== shape[axis]
  ) {
    call.fail(`${shape[axis]} positions do not split into ${sizes.join(' + ')}`);
  }
  const shapes = sizes.map((size) => shape.map((dim, i) => (i === axis ? size : dim)));
  const { type } = call.fact(0);
  let at = 0;
  const starts = sizes.map((size) => (at += size) - size);
  return {
    outputs: shapes.map((one) => ({ shape: one, type })),
    folds: true,
    run: ([x]) => sizes.map((size, i) => move.narrow(x as Value, axis, starts[i], size)),
  };
}

function planConcat(call: Call): Step {
  const shapes = counted(call.inputs).map((i) => call.shape(i));
  const axis = call.axis(call.int('axis'));
  const [first] = shapes;
  const fits = (shape: Shape): boolean =>
    shape.length === first.length && shape.every((size, i) => i === axis || size === first[i]);
  if (first.length === 0 || !shapes.every(fits)) call.fail('sizes differ beside the axis');
  const total = shapes.reduce((sum, shape) => sum + shape[axis], 0);
  const shape = call.sized(first.map((size, i) => (i === axis ? total : size)));
  return {
    outputs: [{ shape, type: call.fact(0).type }],
    folds: true,
    run: (inputs) => {
      const parts = inputs as readonly Value[];
      const open = parts.every((part) => part instanceof Fixed);
      return [move.cat(open ? parts : parts.map(operand), axis, shape)];
    },
  };
}

/** Blocks of channels as blocks of places, and back. */
function planBlocks(call: Call, toSpace: boolean): Step {
  const size = call.int('blocksize');
  const shape = call.shape();
  if (shape.length !== 4) call.fail('an input that is no batch of images');
  const [n, c, h, w] = shape;
  const fits = toSpace ? c % (size * size) === 0 : h % size === 0 && w % size === 0;
  if (!(size >= 1) || !fits) call.fail(`blocks of ${size} do not fit [${shape.join()}]`);
  if (!toSpace) {
    const out = [n, c * size * size, h / size, w / size];
    return call.moved(out, (x) => {
      const blocks = move.reshape(x, [n, c, h / size, size, w / size, size]);
      return move.reshape(move.permute(blocks, [0, 3, 5, 1, 2, 4]), out);
    });
  }
  const depthFirst = call.choice('mode', ['DCR', 'CRD'], 'DCR') === 'DCR';
  const inner = c / size / size;
  const out = [n, inner, h * size, w * size];
  return call.moved(out, (x) => {
    const split = depthFirst ? [n, size, size, inner, h, w] : [n, inner, size, size, h, w];
    const order = depthFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
    return move.reshape(move.permute(move.reshape(x, split), order), out);
  });
}

/** Operators of this area. */
export const slicingOps: readonly OnnxOp[] = [
  {
    name: 'Slice',
    opsets: ALL,
    inputs: [1, 5],
    attributes: ['starts', 'ends', 'axes'],
    open: [1, 2, 3, 4],
    plan: planSlice,
  },
  {
    name: 'Split',
    opsets: ALL,
    inputs: [1, 2],
    attributes: ['axis', 'split', 'num_outputs'],
    open: [1],
    plan: planSplit,
  },
  {
    name: 'Concat',
    opsets: ALL,
    inputs: [1, 2 ** 16],
    attributes: ['axis'],
    plan: planConcat,
  },
  {
    name: 'DepthToSpace',
    opsets: ALL,
    inputs: [1, 1],
    attributes: ['blocksize', 'mode'],
    plan: (call) => planBlocks(call, true),
  },
  {
    name: 'SpaceToDepth',
    opsets: ALL,
    inputs: [1, 1],
    attributes: ['blocksize'],
    plan: (call) => planBlocks(call, false),
  },
];
