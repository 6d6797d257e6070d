/**
 * Matrix products.
 * @module
 */

import type { Shape } from '../../core/shape.ts';
import { CrypTensor } from '../../tensor/index.ts';
import { operand, operandAt, type Call } from '../call.ts';
import { Fixed, type Value } from '../fixed.ts';
import { ALL, type Inputs, type OnnxOp, type Step } from '../op.ts';

/** The product of two values, of which one at least is secret. */
export function product(a: Value, b: Value): CrypTensor {
  if (a instanceof CrypTensor) return a.matmul(operand(b));
  return (b as CrypTensor).rmatmul(operand(a));
}

/** The transpose of a matrix, or of the last two dims. */
export function transposed(x: Value): Value {
  const rank = x.shape.length;
  const dims = x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  return x.permute(dims);
}

function productShape(call: Call, a: Shape, b: Shape): Shape {
  if (a.length === 0 || b.length === 0) call.fail('a product of numbers without dims');
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const [m, k] = left.slice(-2);
  const [inner, n] = right.slice(-2);
  if (k !== inner) call.fail(`inner sizes ${k} and ${inner} differ`);
  const batch = call.broadcast(left.slice(0, -2), right.slice(0, -2));
  return [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])];
}

/** A product runs on secrets; two public factors are lifted. */
function planMatMul(call: Call): Step {
  const shape = productShape(call, call.shape(0), call.shape(1));
  const outputs = [{ shape: call.sized(shape), type: call.fact(0).type }];
  return { outputs, run: ([a, b]) => [product(a as Value, b as Value)] };
}

function planGemm(call: Call): Step {
  const alpha = call.float('alpha', 1);
  const beta = call.float('beta', 1);
  const turned = [call.flag('transA', false), call.flag('transB', false)];
  const side = (i: number): Shape => {
    const shape = call.shape(i);
    if (shape.length !== 2) call.fail(`input ${i} is no matrix`);
    return turned[i] ? [shape[1], shape[0]] : shape;
  };
  const shape = productShape(call, side(0), side(1));
  if (call.has(2)) call.broadcast(call.shape(2), shape);
  const run = (inputs: Inputs): readonly Value[] => {
    const [a, b] = turned.map((turn, i) => {
      const x = inputs[i] as Value;
      return turn ? transposed(x) : x;
    });
    const plain = product(a, b);
    const scaled = alpha === 1 ? plain : plain.mul(alpha);
    if (!call.has(2) || beta === 0) return [scaled];
    const c = operandAt(inputs, 2);
    if (beta === 1) return [scaled.add(c)];
    return [scaled.add(c instanceof Fixed ? c.map((value) => value * beta) : c.mul(beta))];
  };
  return { outputs: [{ shape: call.sized(shape), type: 'float' }], run };
}

/** Operators of this area. */
export const linearOps: readonly OnnxOp[] = [
  { name: 'MatMul', opsets: ALL, inputs: [2, 2], attributes: [], plan: planMatMul },
  {
    name: 'Gemm',
    opsets: ALL,
    inputs: [2, 3],
    attributes: ['alpha', 'beta', 'transA', 'transB'],
    plan: planGemm,
  },
];
