/**
 * Reading and writing at positions. They are public, but for `Gather`, which reads at secret ones through one-hot vectors.
 * @module
 */

import { contiguousStrides, sizeOf, type Shape } from '../../core/shape.ts';
import type { CrypTensor } from '../../tensor/index.ts';
import { counted, operandAt, type Call } from '../call.ts';
import { Fixed, type Value } from '../fixed.ts';
import { move, type Places } from '../move.ts';
import { ALL, since, type Inputs, type OnnxOp, type Step } from '../op.ts';
import { product } from './linear.ts';

/** Public positions along a dim of some size, from 0 up. */
function checked(call: Call, index: Fixed, size: number): Float64Array<ArrayBuffer> {
  const data = index.data.map((at) => (at < 0 ? at + size : at));
  if (!data.every((at) => Number.isInteger(at) && at >= 0 && at < size)) {
    call.fail(`a position outside ${size}`);
  }
  return data;
}

function planGather(call: Call): Step {
  const shape = call.shape();
  const axis = call.axis(call.int('axis', 0));
  if (shape.length === 0) call.fail('an input without dims');
  const size = shape[axis];
  const indexShape = call.shape(1);
  const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
  const out = call.sized([...before, ...indexShape, ...after]);
  const index = call.fact(1).value;
  if (index !== undefined) {
    const places = Array.from(checked(call, index, size));
    return call.moved(out, (x) => move.reshape(move.indexSelect(x, axis, places), out));
  }
  return gatherSecretly(call, axis, before, after, out);
}

/** Row k of the result is the one-hot vector of position k times the table. */
function gatherSecretly(call: Call, axis: number, before: Shape, after: Shape, out: Shape): Step {
  const size = call.shape()[axis];
  const indexShape = call.shape(1);
  const count = sizeOf(indexShape);
  call.sized([count, size]);
  const rank = before.length + 1 + after.length;
  const rows = [axis, ...counted(rank).filter((dim) => dim !== axis)];
  const rest = [...before, ...after];
  const back = [
    ...counted(before.length).map((i) => i + indexShape.length),
    ...counted(indexShape.length),
    ...counted(after.length).map((i) => i + indexShape.length + before.length),
  ];
  const run = ([table, index]: Inputs): readonly Value[] => {
    const positions = (index as CrypTensor).reshape([count, 1]);
    const oneHot = positions.eq({ shape: [size], data: Float64Array.from(counted(size)) });
    const matrix = move.reshape(move.permute(table as Value, rows), [size, sizeOf(rest)]);
    return [
      product(oneHot, matrix)
        .reshape([...indexShape, ...rest])
        .permute(back),
    ];
  };
  return { outputs: [{ shape: out, type: call.fact(0).type }], run };
}

/** Places of the whole tensor that an index along a dim names. */
function planGatherElements(call: Call): Step {
  const shape = call.shape();
  const axis = call.axis(call.int('axis', 0));
  const index = checkedAlong(call, axis);
  const strides = contiguousStrides(shape);
  const steps = contiguousStrides(index.shape);
  const data = index.data.map((position, at) =>
    index.shape.reduce((sum, size, dim) => {
      const coordinate = dim === axis ? position : Math.floor(at / steps[dim]) % size;
      return sum + coordinate * strides[dim];
    }, 0),
  );
  const places: Places = { shape: index.shape, data };
  return call.moved(index.shape, (x) => move.take(x, places));
}

/** The index input of an operator along a dim, its positions from 0 up. */
function checkedAlong(call: Call, axis: number): Fixed {
  const shape = call.shape();
  const index = call.fixed(1);
  const fits =
    index.shape.length === shape.length &&
    index.shape.every((size, dim) => dim === axis || size <= shape[dim]);
  if (!fits) call.fail('indices do not fit the input');
  return new Fixed(index.shape, checked(call, index, shape[axis]), 'int');
}

function planScatterElements(call: Call): Step {
  const shape = call.shape();
  const axis = call.axis(call.int('axis', 0));
  const index = checkedAlong(call, axis);
  if (call.shape(2).join() !== index.shape.join()) call.fail('updates do not fit the indices');
  const adds = call.choice('reduction', ['none', 'add'], 'none') === 'add';
  return call.secret(shape, (x, inputs) => {
    const updates = operandAt(inputs, 2);
    return adds ? x.scatterAdd(axis, index, updates) : x.scatter(axis, index, updates);
  });
}

/** Starts of the slices that tuples of positions name, counted in slices. */
function slices(call: Call): {
  readonly starts: Float64Array<ArrayBuffer>;
  rest: Shape;
  lead: Shape;
} {
  const shape = call.shape();
  const index = call.fixed(1);
  const depth = index.shape.at(-1) ?? call.fail('indices without dims');
  if (depth < 1 || depth > shape.length) call.fail(`tuples of ${depth} positions`);
  const lead = shape.slice(0, depth);
  const strides = contiguousStrides(lead);
  const count = sizeOf(index.shape) / depth;
  const starts = Float64Array.from({ length: count }, (_, k) =>
    lead.reduce((sum, size, dim) => {
      const at = new Fixed([1], index.data.slice(k * depth + dim, k * depth + dim + 1), 'int');
      return sum + checked(call, at, size)[0] * strides[dim];
    }, 0),
  );
  return { starts, rest: shape.slice(depth), lead };
}

function planGatherND(call: Call): Step {
  if (call.int('batch_dims', 0) !== 0) call.fail('batch_dims other than 0');
  const { starts, rest, lead } = slices(call);
  const out = call.sized([...call.shape(1).slice(0, -1), ...rest]);
  return call.moved(out, (x) => {
    const rows = move.reshape(x, [sizeOf(lead), ...rest]);
    return move.reshape(move.indexSelect(rows, 0, Array.from(starts)), out);
  });
}

function planScatterND(call: Call): Step {
  const shape = call.shape();
  const { starts, rest, lead } = slices(call);
  const width = sizeOf(rest);
  const adds = call.choice('reduction', ['none', 'add'], 'none') === 'add';
  const wanted = [...call.shape(1).slice(0, -1), ...rest];
  if (call.shape(2).join() !== wanted.join()) call.fail('updates do not fit the indices');
  call.sized([starts.length, width]);
  return call.secret(shape, (x, inputs) => {
    const index = new Fixed([starts.length, 1], starts, 'int').expand([starts.length, width]);
    const rows = x.reshape([sizeOf(lead), width]);
    const updates = operandAt([move.reshape(operandAt(inputs, 2), index.shape)], 0);
    const y = adds ? rows.scatterAdd(0, index, updates) : rows.scatter(0, index, updates);
    return y.reshape(shape);
  });
}

const scatterElements: OnnxOp = {
  name: 'ScatterElements',
  opsets: since(11),
  inputs: [3, 3],
  attributes: ['axis', 'reduction'],
  open: [1],
  plan: planScatterElements,
};

/** Operators of this area. */
export const indexingOps: readonly OnnxOp[] = [
  { name: 'Gather', opsets: ALL, inputs: [2, 2], attributes: ['axis'], plan: planGather },
  {
    name: 'GatherElements',
    opsets: since(11),
    inputs: [2, 2],
    attributes: ['axis'],
    open: [1],
    plan: planGatherElements,
  },
  {
    name: 'GatherND',
    opsets: since(11),
    inputs: [2, 2],
    attributes: ['batch_dims'],
    open: [1],
    plan: planGatherND,
  },
  scatterElements,
  { ...scatterElements, name: 'Scatter', opsets: [9, 10] },
  {
    name: 'ScatterND',
    opsets: since(11),
    inputs: [3, 3],
    attributes: ['reduction'],
    open: [1],
    plan: planScatterND,
  },
];
