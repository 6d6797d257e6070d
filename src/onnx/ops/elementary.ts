/**
 * Functions of one variable, and what passes a value on.
 * @module
 */

import type { CrypTensor } from '../../tensor/index.ts';
import type { Call } from '../call.ts';
import { Fixed, type ElementType } from '../fixed.ts';
import { ALL, since, unary, type OnnxOp, type Step } from '../op.ts';
import { elementType } from '../elements.ts';

/** Half to even, as IEEE rounds. */
function rounded(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
}

/** An operator that is defined for public values alone. */
function publicOnly(
  name: string,
  opsets: OnnxOp['opsets'],
  plain: (value: number) => number,
): OnnxOp {
  return {
    name,
    opsets,
    inputs: [1, 1],
    attributes: [],
    open: [0],
    plan: (call) => call.moved(call.shape(), (x) => (x as Fixed).map(plain)),
  };
}

function passing(name: string, inputs: OnnxOp['inputs'], attributes: readonly string[]): OnnxOp {
  return {
    name,
    opsets: ALL,
    inputs,
    attributes,
    plan: (call) => call.moved(call.shape(), (x) => x),
  };
}

function planCast(call: Call, to: ElementType | null): Step {
  if (to === null) return call.fail('the type to cast to is no number');
  const { shape, type: from } = call.fact(0);
  if (from === 'float' && to === 'int' && call.fact(0).value === undefined) {
    call.fail('rounding a secret to whole numbers');
  }
  const plain = (value: number): number =>
    to === 'bool' ? Number(value !== 0) : to === 'int' ? Math.trunc(value) : value;
  const run = (x: CrypTensor): CrypTensor => (to === 'bool' && from !== 'bool' ? x.ne(0) : x);
  return {
    outputs: [{ shape, type: to }],
    folds: true,
    run: ([x]) => [x instanceof Fixed ? x.map(plain, to) : run(x as CrypTensor)],
  };
}

/** Operators of this area. */
export const elementaryOps: readonly OnnxOp[] = [
  unary('Neg', (x) => x.neg(), { plain: (value) => -value }),
  unary('Abs', (x) => x.abs(), { plain: Math.abs }),
  // The tensor's own sign is +1 at 0, ONNX's is 0.
  unary('Sign', (x) => x.gt(0).sub(x.lt(0)), { plain: Math.sign }),
  unary('Sqrt', (x) => x.sqrt(), { plain: Math.sqrt }),
  unary('Reciprocal', (x) => x.reciprocal(), { plain: (value) => 1 / value }),
  unary('Exp', (x) => x.exp()),
  unary('Log', (x) => x.log()),
  unary('Erf', (x) => x.erf()),
  unary('Sin', (x) => x.sin()),
  unary('Cos', (x) => x.cos()),
  publicOnly('Floor', ALL, Math.floor),
  publicOnly('Ceil', ALL, Math.ceil),
  publicOnly('Round', since(11), rounded),
  passing('Identity', [1, 1], []),
  // Inference; a mask is not among the outputs.
  passing('Dropout', [1, 3], ['ratio', 'seed']),
  {
    name: 'Cast',
    opsets: ALL,
    inputs: [1, 1],
    attributes: ['to', 'saturate'],
    plan: (call) => planCast(call, elementType(call.int('to'))),
  },
  {
    name: 'CastLike',
    opsets: since(15),
    inputs: [2, 2],
    attributes: ['saturate'],
    plan: (call) => planCast(call, call.fact(1).type),
  },
];
