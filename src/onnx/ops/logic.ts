/**
 * Comparisons and logic; truth is 1, falsehood 0.
 * @module
 */

import { CrypTensor } from '../../tensor/index.ts';
import { operand } from '../call.ts';
import { Fixed, type Value } from '../fixed.ts';
import { ALL, since, unary, type OnnxOp } from '../op.ts';

type Pair = (x: CrypTensor, y: CrypTensor | Fixed) => CrypTensor;

/** A relation of two tensors: of a secret and another, of another and a secret, of two public ones. */
function relation(
  name: string,
  secret: Pair,
  swapped: Pair,
  plain: (a: number, b: number) => boolean,
  opsets: OnnxOp['opsets'] = ALL,
): OnnxOp {
  return {
    name,
    opsets,
    inputs: [2, 2],
    attributes: [],
    plan: (call) => {
      const shape = call.broadcast(call.shape(0), call.shape(1));
      return {
        outputs: [{ shape, type: 'bool' }],
        folds: true,
        run: (inputs) => {
          const [a, b] = inputs as readonly Value[];
          if (a instanceof CrypTensor) return [secret(a, operand(b))];
          if (b instanceof CrypTensor) return [swapped(b, operand(a))];
          return [a.zip(b, shape, (x, y) => Number(plain(x, y)), 'bool')];
        },
      };
    },
  };
}

const less: Pair = (x, y) => x.lt(y);
const lessOrEqual: Pair = (x, y) => x.le(y);
const greater: Pair = (x, y) => x.gt(y);
const greaterOrEqual: Pair = (x, y) => x.ge(y);
const equal: Pair = (x, y) => x.eq(y);
const and: Pair = (x, y) => x.logicalAnd(y);
const or: Pair = (x, y) => x.logicalOr(y);
const xor: Pair = (x, y) => x.logicalXor(y);

/** Operators of this area. */
export const logicOps: readonly OnnxOp[] = [
  relation('Less', less, greater, (a, b) => a < b),
  relation('LessOrEqual', lessOrEqual, greaterOrEqual, (a, b) => a <= b, since(12)),
  relation('Greater', greater, less, (a, b) => a > b),
  relation('GreaterOrEqual', greaterOrEqual, lessOrEqual, (a, b) => a >= b, since(12)),
  relation('Equal', equal, equal, (a, b) => a === b),
  relation('And', and, and, (a, b) => a !== 0 && b !== 0),
  relation('Or', or, or, (a, b) => a !== 0 || b !== 0),
  relation('Xor', xor, xor, (a, b) => (a !== 0) !== (b !== 0)),
  unary('Not', (x) => x.logicalNot(), { plain: (value) => Number(value === 0) }),
];
