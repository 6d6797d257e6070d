/**
 * Softmax and its kin. Before opset 13 all dims from the axis on are one, and the axis is 1 unless said.
 * @module
 */

import { sizeOf } from '../../core/shape.ts';
import type { CrypTensor } from '../../tensor/index.ts';
import { ALL, type OnnxOp } from '../op.ts';

function rowwise(name: string, run: (x: CrypTensor, dim: number) => CrypTensor): OnnxOp {
  return {
    name,
    opsets: ALL,
    inputs: [1, 1],
    attributes: ['axis'],
    plan: (call) => {
      const shape = call.shape();
      const merged = call.opset < 13;
      const given = call.int('axis', merged ? 1 : -1);
      const axis = merged && given === shape.length ? given : call.axis(given);
      if (sizeOf(shape) === 0) call.fail('an empty input');
      if (!merged) return call.secret(shape, (x) => run(x, axis));
      const rows = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))];
      return call.secret(shape, (x) => run(x.reshape(rows), 1).reshape(shape));
    },
  };
}

/** Operators of this area. */
export const softmaxOps: readonly OnnxOp[] = [
  rowwise('Softmax', (x, dim) => x.softmax(dim)),
  rowwise('LogSoftmax', (x, dim) => x.logSoftmax(dim)),
  rowwise('Hardmax', (x, dim) => x.argmax(dim)),
];
