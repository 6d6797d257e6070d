/**
 * Values that a graph states or counts out.
 * @module
 */

import { sizeOf } from '../../core/shape.ts';
import { CrypTensor } from '../../tensor/index.ts';
import { counted, type Call } from '../call.ts';
import { Fixed, type Value } from '../fixed.ts';
import { MAX_FOLDED } from '../limits.ts';
import { move } from '../move.ts';
import { ALL, since, type OnnxOp, type Step } from '../op.ts';

function stated(value: Fixed): Step {
  return { outputs: [{ shape: value.shape, type: value.type, value }], run: () => [value] };
}

function planConstant(call: Call): Step {
  const list = (values: readonly number[], type: 'int' | 'float', scalar: boolean): Step =>
    stated(new Fixed(scalar ? [] : [values.length], Float64Array.from(values), type));
  if (call.says('value')) return stated(call.tensor('value'));
  if (call.says('value_float')) return list([call.float('value_float')], 'float', true);
  if (call.says('value_floats')) return list(call.floats('value_floats'), 'float', false);
  if (call.says('value_int')) return list([call.int('value_int')], 'int', true);
  if (call.says('value_ints')) return list(call.ints('value_ints'), 'int', false);
  return call.fail('the value is no number');
}

function planConstantOfShape(call: Call): Step {
  const shape = call.sized(call.list(0));
  const fill = call.says('value')
    ? call.tensor('value')
    : new Fixed([1], new Float64Array(1), 'float');
  if (fill.data.length !== 1) call.fail('the value must be one number');
  const run = (): readonly Fixed[] => [
    new Fixed(shape, new Float64Array(sizeOf(shape)).fill(fill.data[0]), fill.type),
  ];
  return { outputs: [{ shape, type: fill.type }], folds: true, run };
}

function planRange(call: Call): Step {
  const [start, limit, delta] = [0, 1, 2].map((i) => call.number(i));
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  const shape = call.sized([count]);
  const { type } = call.fact(0);
  const run = (): readonly Fixed[] => [
    new Fixed(
      shape,
      Float64Array.from({ length: count }, (_, i) => start + i * delta),
      type,
    ),
  ];
  return { outputs: [{ shape, type }], folds: true, run };
}

function planTrilu(call: Call): Step {
  const shape = call.shape();
  if (shape.length < 2) call.fail('an input that is no matrix');
  const [rows, columns] = shape.slice(-2);
  const k = call.has(1) ? call.number(1) : 0;
  const upper = call.flag('upper', true);
  const kept = (at: number): boolean => {
    const distance = (at % columns) - (Math.floor(at / columns) % rows);
    return upper ? distance >= k : distance <= k;
  };
  const { type } = call.fact(0);
  return {
    outputs: [{ shape, type }],
    folds: true,
    run: ([x]) => {
      if (x instanceof Fixed) {
        return [
          new Fixed(
            shape,
            x.data.map((value, at) => (kept(at) ? value : 0)),
            type,
          ),
        ];
      }
      const mask = Float64Array.from({ length: rows * columns }, (_, at) => Number(kept(at)));
      return [(x as CrypTensor).mul({ shape: [rows, columns], data: mask })];
    },
  };
}

/** 1 at the position, 0 elsewhere, along a new axis; secret positions are compared with every place. */
function planOneHot(call: Call): Step {
  const shape = call.shape();
  const depth = call.number(1);
  const values = call.fixed(2);
  if (values.data.length !== 2) call.fail('two values are expected');
  const [off, on] = values.data;
  const axis = call.axis(call.int('axis', -1), shape.length + 1);
  const out = call.sized([...shape.slice(0, axis), depth, ...shape.slice(axis)]);
  // Of an empty tensor the result is empty, whatever the depth.
  if (depth > MAX_FOLDED) call.fail(`a depth of ${MAX_FOLDED} at most is expected`);
  const line = shape.map(() => 1);
  line.splice(axis, 0, depth);
  const column = [...shape.slice(0, axis), 1, ...shape.slice(axis)];
  const plain = (index: number, place: number): number =>
    (index < 0 ? index + depth : index) === place ? on : off;
  return {
    outputs: [{ shape: out, type: values.type }],
    folds: true,
    run: ([x]) => {
      const index = move.reshape(x as Value, column);
      const places = new Fixed(line, Float64Array.from(counted(depth)), 'int');
      if (index instanceof Fixed) return [index.zip(places, out, plain, values.type)];
      const hot = index.eq(places);
      const scaled = on - off === 1 ? hot : hot.mul(on - off);
      return [off === 0 ? scaled : scaled.add(off)];
    },
  };
}

/** Operators of this area. */
export const constantOps: readonly OnnxOp[] = [
  {
    name: 'Constant',
    opsets: ALL,
    inputs: [0, 0],
    attributes: [
      'value',
      'value_float',
      'value_floats',
      'value_int',
      'value_ints',
      'value_string',
      'value_strings',
      'sparse_value',
    ],
    ofShape: true,
    plan: planConstant,
  },
  {
    name: 'ConstantOfShape',
    opsets: ALL,
    inputs: [1, 1],
    attributes: ['value'],
    open: [0],
    plan: planConstantOfShape,
  },
  {
    name: 'Range',
    opsets: since(11),
    inputs: [3, 3],
    attributes: [],
    open: [0, 1, 2],
    plan: planRange,
  },
  {
    name: 'Trilu',
    opsets: since(14),
    inputs: [1, 2],
    attributes: ['upper'],
    open: [1],
    plan: planTrilu,
  },
  {
    name: 'OneHot',
    opsets: ALL,
    inputs: [3, 3],
    attributes: ['axis'],
    open: [1, 2],
    plan: planOneHot,
  },
];
