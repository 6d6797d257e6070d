/**
 * Where the largest elements are.
 * @module
 */

import type { CrypTensor, ValuesAndIndices } from '../../tensor/index.ts';
import type { Call } from '../call.ts';
import { ALL, since, type OnnxOp, type Step } from '../op.ts';

type Search = (x: CrypTensor, dim: number, keepdim: boolean) => CrypTensor;

function position(name: string, search: Search): OnnxOp {
  return {
    name,
    opsets: ALL,
    inputs: [1, 1],
    attributes: ['axis', 'keepdims', 'select_last_index'],
    plan: (call) => {
      const shape = call.shape();
      const axis = call.axis(call.int('axis', 0));
      const keepdim = call.flag('keepdims', true);
      if (call.flag('select_last_index', false)) call.fail('select_last_index');
      if (shape.length === 0 || shape[axis] === 0) call.fail('nothing to search');
      const out = shape.flatMap((size, i) => (i === axis ? (keepdim ? [1] : []) : [size]));
      return call.secret(out, (x) => search(x, axis, keepdim).reshape(out), 'int');
    },
  };
}

function planTopK(call: Call): Step {
  const shape = call.shape();
  const axis = call.axis(call.int('axis', -1));
  const k = call.opset < 10 ? call.int('k') : call.number(1);
  const largest = call.flag('largest', true);
  if (!Number.isInteger(k) || k < 1 || shape.length === 0 || k > shape[axis]) {
    call.fail(`the ${k} largest of ${shape[axis] ?? 1}`);
  }
  const out = shape.map((size, i) => (i === axis ? k : size));
  const { type } = call.fact(0);
  return {
    outputs: [
      { shape: out, type },
      { shape: out, type: 'int' },
    ],
    run: ([x]) => {
      const found: ValuesAndIndices = (x as CrypTensor).topk(k, axis, { largest });
      return call.wants(1) ? [found.values, found.indices] : [found.values];
    },
  };
}

/** Operators of this area. */
export const orderOps: readonly OnnxOp[] = [
  position('ArgMax', (x, dim, keepdim) => x.argmax(dim, { keepdim, oneHot: false })),
  position('ArgMin', (x, dim, keepdim) => x.argmin(dim, { keepdim, oneHot: false })),
  {
    name: 'TopK',
    opsets: since(9),
    inputs: [1, 2],
    attributes: ['axis', 'k', 'largest', 'sorted'],
    open: [1],
    plan: planTopK,
  },
];
