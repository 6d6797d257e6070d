/**
 * Other shapes of the same elements, and shapes as values.
 * @module
 */

import { sizeOf, type Shape } from '../../core/shape.ts';
import type { Call } from '../call.ts';
import { Fixed } from '../fixed.ts';
import { isReasonable, MAX_RANK } from '../limits.ts';
import { move } from '../move.ts';
import { ALL, type OnnxOp, type Step } from '../op.ts';

/** A result that is known once the input's shape is. */
function known(call: Call, value: Fixed): Step {
  call.sized(value.shape);
  return { outputs: [{ shape: value.shape, type: value.type, value }], run: () => [value] };
}

function planShape(call: Call): Step {
  const shape = call.shape();
  const clamp = (at: number): number =>
    Math.min(Math.max(at < 0 ? at + shape.length : at, 0), shape.length);
  const start = clamp(call.int('start', 0));
  const end = clamp(call.int('end', shape.length));
  return known(call, Fixed.ints(shape.slice(start, Math.max(start, end))));
}

function reshaped(call: Call, shape: Shape): Step {
  if (!isReasonable(shape) || sizeOf(shape) !== sizeOf(call.shape())) {
    call.fail(`[${call.shape().join()}] has no shape [${shape.join()}]`);
  }
  return call.moved(shape, (x) => move.reshape(x, shape));
}

function planReshape(call: Call): Step {
  const from = call.shape();
  const target = call.list(1);
  const keepZero = call.flag('allowzero', false);
  const copied = target.map((size, i) => (size === 0 && !keepZero ? (from[i] ?? 0) : size));
  const free = copied.indexOf(-1);
  if (free < 0) return reshaped(call, copied);
  const rest = sizeOf(copied.filter((_, i) => i !== free));
  const left = rest === 0 ? 0 : sizeOf(from) / rest;
  return reshaped(
    call,
    copied.map((size, i) => (i === free ? left : size)),
  );
}

function planFlatten(call: Call): Step {
  const shape = call.shape();
  const given = call.int('axis', 1);
  const axis = given === shape.length ? given : call.axis(given);
  return reshaped(call, [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
}

/** Axes from an attribute before opset 13, from an input since. */
function axesOf(call: Call): readonly number[] | null {
  if (call.opset >= 13) return call.has(1) ? call.list(1) : null;
  return call.says('axes') ? call.ints('axes') : null;
}

function planSqueeze(call: Call): Step {
  const shape = call.shape();
  const given = axesOf(call);
  const axes = given === null ? null : call.axes(given);
  if (axes?.some((axis) => shape[axis] !== 1)) call.fail('a dim to squeeze has not size 1');
  return reshaped(
    call,
    shape.filter((size, axis) => (axes === null ? size !== 1 : !axes.includes(axis))),
  );
}

function planUnsqueeze(call: Call): Step {
  const given = axesOf(call) ?? call.fail('no axes');
  const rank = call.shape().length + given.length;
  if (rank > MAX_RANK) call.fail(`${rank} dims`);
  const axes = call.axes(given, rank);
  const rest = [...call.shape()];
  const shape = Array.from({ length: rank }, (_, axis) =>
    axes.includes(axis) ? 1 : (rest.shift() as number),
  );
  return reshaped(call, shape);
}

function planTranspose(call: Call): Step {
  const shape = call.shape();
  const order = call.ints(
    'perm',
    shape.map((_, axis) => shape.length - 1 - axis),
  );
  const axes = call.axes(order);
  if (axes.length !== shape.length) call.fail('perm must name every dim once');
  const dims = order.map((axis) => call.axis(axis));
  return call.moved(
    dims.map((dim) => shape[dim]),
    (x) => move.permute(x, dims),
  );
}

function planExpand(call: Call): Step {
  const shape = call.broadcast(call.shape(), call.sized(call.list(1)));
  return call.moved(shape, (x) => move.expand(x, shape));
}

function planTile(call: Call): Step {
  const counts = call.list(1);
  if (counts.length !== call.shape().length) call.fail('one count for each dim is expected');
  const shape = call.shape().map((size, axis) => size * counts[axis]);
  return call.moved(shape, (x) => move.repeat(x, counts));
}

/** Operators of this area. */
export const shapeOps: readonly OnnxOp[] = [
  {
    name: 'Shape',
    opsets: ALL,
    inputs: [1, 1],
    attributes: ['start', 'end'],
    ofShape: true,
    plan: planShape,
  },
  {
    name: 'Size',
    opsets: ALL,
    inputs: [1, 1],
    attributes: [],
    ofShape: true,
    plan: (call) => known(call, new Fixed([], Float64Array.of(sizeOf(call.shape())), 'int')),
  },
  {
    name: 'Reshape',
    opsets: ALL,
    inputs: [2, 2],
    attributes: ['allowzero'],
    open: [1],
    plan: planReshape,
  },
  { name: 'Flatten', opsets: ALL, inputs: [1, 1], attributes: ['axis'], plan: planFlatten },
  {
    name: 'Squeeze',
    opsets: ALL,
    inputs: [1, 2],
    attributes: ['axes'],
    open: [1],
    plan: planSqueeze,
  },
  {
    name: 'Unsqueeze',
    opsets: ALL,
    inputs: [1, 2],
    attributes: ['axes'],
    open: [1],
    plan: planUnsqueeze,
  },
  { name: 'Transpose', opsets: ALL, inputs: [1, 1], attributes: ['perm'], plan: planTranspose },
  { name: 'Expand', opsets: ALL, inputs: [2, 2], attributes: [], open: [1], plan: planExpand },
  { name: 'Tile', opsets: ALL, inputs: [2, 2], attributes: [], open: [1], plan: planTile },
];
