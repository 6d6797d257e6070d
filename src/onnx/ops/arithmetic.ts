/**
 * Arithmetic of two tensors or several, broadcast.
 * @module
 */

import { broadcastShapes } from '../../core/shape.ts';
import { CrypTensor } from '../../tensor/index.ts';
import { operand, operandAt, secretOf, type Call } from '../call.ts';
import { Fixed, type Value } from '../fixed.ts';
import { ALL, since, type Inputs, type OnnxOp, type Step } from '../op.ts';

/** One secret and another operand. */
type Pair = (x: CrypTensor, y: CrypTensor | Fixed) => CrypTensor;

interface Arithmetic {
  readonly secret: Pair;
  /** As `secret`, with the operands swapped; absent: the order does not matter. */
  readonly swapped?: Pair;
  readonly plain: (a: number, b: number) => number;
}

/** Both orders of a pair of values, of which one at least is secret. */
function combine({ secret, swapped = secret }: Arithmetic, a: Value, b: Value): CrypTensor {
  return a instanceof CrypTensor ? secret(a, operand(b)) : swapped(b as CrypTensor, operand(a));
}

/** Several values one after the other; public ones stay public as long as they meet no secret. */
function accumulate(arithmetic: Arithmetic, values: readonly Value[]): Value {
  return values.reduce((a, b) => {
    if (!(a instanceof Fixed && b instanceof Fixed)) return combine(arithmetic, a, b);
    return a.zip(b, broadcastShapes('onnx', a.shape, b.shape), arithmetic.plain);
  });
}

function planned(call: Call, run: (values: readonly Value[]) => Value): Step {
  const shapes = Array.from({ length: call.inputs }, (_, i) => call.shape(i));
  const outputs = [{ shape: call.broadcast(...shapes), type: call.fact(0).type }];
  return { outputs, folds: true, run: (inputs) => [run(inputs as readonly Value[])] };
}

function binary(name: string, arithmetic: Arithmetic): OnnxOp {
  return {
    name,
    opsets: ALL,
    inputs: [2, 2],
    attributes: [],
    plan: (call) => planned(call, (values) => accumulate(arithmetic, values)),
  };
}

function variadic(name: string, arithmetic: Arithmetic, opsets: OnnxOp['opsets'] = ALL): OnnxOp {
  return { ...binary(name, arithmetic), opsets, inputs: [1, 2 ** 16] };
}

const ADD: Arithmetic = { secret: (x, y) => x.add(y), plain: (a, b) => a + b };
const SUB: Arithmetic = {
  secret: (x, y) => x.sub(y),
  swapped: (x, y) => x.rsub(y),
  plain: (a, b) => a - b,
};
const MUL: Arithmetic = { secret: (x, y) => x.mul(y), plain: (a, b) => a * b };
const DIV: Arithmetic = {
  secret: (x, y) => x.div(y),
  swapped: (x, y) => x.rdiv(y),
  plain: (a, b) => a / b,
};
const MIN: Arithmetic = { secret: (x, y) => x.minimum(y), plain: Math.min };
const MAX: Arithmetic = { secret: (x, y) => x.maximum(y), plain: Math.max };

function planDiv(call: Call): Step {
  const { type } = call.fact(0);
  if (type === 'float') return planned(call, (values) => accumulate(DIV, values));
  const arithmetic = { ...DIV, plain: (a: number, b: number) => Math.trunc(a / b) };
  if (call.fact(0).value === undefined || call.fact(1).value === undefined) {
    call.fail('dividing secret whole numbers');
  }
  return planned(call, (values) => accumulate(arithmetic, values));
}

function planMod(call: Call): Step {
  const fmod = call.flag('fmod', false);
  const plain = (a: number, b: number): number => (fmod ? a % b : a - b * Math.floor(a / b));
  return planned(call, (values) => accumulate({ ...DIV, plain }, values));
}

function planMean(call: Call): Step {
  const share = 1 / call.inputs;
  return planned(call, (values) => {
    const sum = accumulate(ADD, values);
    if (call.inputs === 1) return sum;
    return sum instanceof Fixed ? sum.map((value) => value * share) : sum.mul(share);
  });
}

/** x^p for a public p of one value: whole numbers, halves, and for positive x any other. */
function power(x: CrypTensor, p: number): CrypTensor {
  if (Number.isInteger(p)) return x.pow(p);
  if (p === 0.5) return x.sqrt();
  if (p === -0.5) return x.rsqrt();
  return x.posPow(p);
}

/** Exact powers of public values: whole numbers and halves. */
function plainPower(x: number, p: number): number {
  const whole = Math.floor(Math.abs(p));
  let result = p % 1 === 0 ? 1 : Math.sqrt(x);
  for (let i = 0; i < whole; i++) result *= x;
  return p < 0 ? 1 / result : result;
}

const MOST_POWER = 64;
/** Most different exponents of a secret: each is a power of its own. */
const MOST_EXPONENTS = 8;

function planPow(call: Call): Step {
  const exponents = call.fixed(1);
  const shape = call.broadcast(call.shape(), call.shape(1));
  const different = [...new Set(exponents.data)];
  const step = call.secret(shape, (x) => {
    const parts = different.map((p) =>
      different.length === 1
        ? power(x, p)
        : power(x, p).mul(exponents.map((value) => Number(value === p))),
    );
    return parts.reduce((sum, one) => sum.add(one)).expand(shape);
  });
  const exact = different.every((p) => p % 0.5 === 0 && Math.abs(p) <= MOST_POWER);
  if (call.fact(0).value === undefined || !exact) {
    if (different.length > MOST_EXPONENTS) call.fail(`${different.length} different exponents`);
    if (different.length === 0) call.fail('no exponent');
    return step;
  }
  return {
    ...step,
    folds: true,
    run: ([x]: Inputs) => [(x as Fixed).zip(exponents, shape, plainPower)],
  };
}

function planWhere(call: Call): Step {
  const shape = call.broadcast(call.shape(0), call.shape(1), call.shape(2));
  const { type } = call.fact(1);
  const choose = (condition: Fixed, a: Fixed, b: Fixed): Fixed => {
    const [x, y] = [a.expand(shape).data, b.expand(shape).data];
    const picked = condition.expand(shape).data.map((c, i) => (c !== 0 ? x[i] : y[i]));
    return new Fixed(shape, picked, type);
  };
  return {
    outputs: [{ shape, type }],
    folds: true,
    run: (inputs) => {
      const [condition, a, b] = inputs as readonly Value[];
      if (condition instanceof Fixed && a instanceof Fixed && b instanceof Fixed) {
        return [choose(condition, a, b)];
      }
      const { party } = secretOf(inputs);
      return [party.where(condition, operandAt(inputs, 1), operandAt(inputs, 2)).expand(shape)];
    },
  };
}

/** Operators of this area. */
export const arithmeticOps: readonly OnnxOp[] = [
  binary('Add', ADD),
  binary('Sub', SUB),
  binary('Mul', MUL),
  { name: 'Div', opsets: ALL, inputs: [2, 2], attributes: [], plan: planDiv },
  {
    name: 'Mod',
    opsets: since(10),
    inputs: [2, 2],
    attributes: ['fmod'],
    open: [0, 1],
    plan: planMod,
  },
  { name: 'Pow', opsets: ALL, inputs: [2, 2], attributes: [], open: [1], plan: planPow },
  variadic('Sum', ADD),
  variadic('Min', MIN),
  variadic('Max', MAX),
  { name: 'Mean', opsets: ALL, inputs: [1, 2 ** 16], attributes: [], plan: planMean },
  { name: 'Where', opsets: ALL, inputs: [3, 3], attributes: [], plan: planWhere },
];
