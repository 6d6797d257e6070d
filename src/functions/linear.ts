/**
 * Matrix products of vectors, matrices and batches; either side may be public.
 *
 * Operands are promoted to matrices by views; a batch times one matrix is folded into a single taller product, which also
 * makes the gradient of the matrix one product. All views keep the masks of their storages: X·W and its two gradients open
 * each of X, W and dY once.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import {
  broadcastShapes,
  contiguousStrides,
  expandStrides,
  isContiguous,
  showShape,
  sizeOf,
  type Shape,
} from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { matmulAP } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { expandView } from '../ring/view.ts';
import { reshape, squeeze, transpose, unsqueeze } from './movement.ts';
import { isShare, type Operand, type OpRecord, type Plain } from './op.ts';
import { checkScales, constant, encodeFactor, plainOf } from './public.ts';
import { sumTo } from './reduce.ts';

/**
 * Matrix product by PyTorch's rules.
 *
 * Shape   [k]·[k] → []; [n,k]·[k] → [n]; [k]·[k,m] → [m]; [..,n,k]·[..,k,m] → [..,n,m] with broadcast batch dims.
 * Scale   the sum of the scales until settled.
 * Cost    two secrets: 1 round, 8 B for each word that has no mask yet; a public side: nothing.
 * Error   {0, +1} ulp once settled, whatever k: the sum is truncated, not its terms.
 * Leaks   nothing.
 * Paper   SecureML, S&P 2017, §4.1.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when sizes do not fit, ERR_MPC_RANGE for a public value that does not fit.
 */
export function matmul(ctx: Context, x: Operand, y: Operand): Share {
  checkShapes(x.shape, y.shape);
  const [a, b] = [promote(x, 0), promote(y, -1)];
  const product = matmulBatched(ctx, a, b);
  const left = x.shape.length === 1 ? squeeze(product, -2) : product;
  return y.shape.length === 1 ? squeeze(left, -1) : left;
}

interface MatmulSaved {
  readonly x: Operand;
  readonly y: Operand;
}

/** The record of `matmul`. */
export const matmulOp: OpRecord<Operand, void, MatmulSaved> = {
  name: 'matmul',
  forward: (ctx, [x, y]) => ({ output: matmul(ctx, x, y), saved: { x, y } }),
  backward: (ctx, { x, y }, dy, needs) => {
    const [a, b] = [promote(x, 0), promote(y, -1)];
    const wide =
      x.shape.length === 1 ? unsqueeze(dy, dy.shape.length - (y.shape.length === 1 ? 0 : 1)) : dy;
    const grad = y.shape.length === 1 ? unsqueeze(wide, -1) : wide;
    return [
      needs[0] ? restore(ctx, matmulBatched(ctx, grad, swap(b)), a.shape, x.shape) : null,
      needs[1] ? restore(ctx, gradientOfRight(ctx, a, grad, b.shape), b.shape, y.shape) : null,
    ];
  },
};

/** Products of matrices, batch dims broadcast. */
function matmulBatched(ctx: Context, x: Operand, y: Operand): Share {
  const [m, k] = x.shape.slice(-2);
  const n = y.shape[y.shape.length - 1];
  const batch = broadcastShapes('matmul', x.shape.slice(0, -2), y.shape.slice(0, -2));
  const shape = [...batch, m, n];
  if (k === 0 || sizeOf(shape) === 0) return constant(ctx, 'matmul', shape, 0);
  if (y.shape.length === 2 && batch.length > 0 && folds(x)) {
    const tall = matmulPair(ctx, flattenRows(ctx, x), y);
    return reshape(ctx, tall, shape);
  }
  return matmulPair(ctx, spread(x, [...batch, m, k]), spread(y, [...batch, k, n]));
}

/** xᵀ·dy, summed over the batch where the right operand was one matrix. */
function gradientOfRight(ctx: Context, x: Operand, dy: Share, shape: Shape): Share {
  if (shape.length === 2 && x.shape.length > 2 && folds(x) && folds(dy)) {
    return matmulPair(ctx, swap(flattenRows(ctx, x)), flattenRows(ctx, dy));
  }
  return matmulBatched(ctx, swap(x), dy);
}

/** The product of two operands whose batch dims are equal. */
function matmulPair(ctx: Context, x: Operand, y: Operand): Share {
  // A constant counts as public where the other side is secret: one of them must stay a share.
  const a = isShare(x) && isShare(y) ? (plainOf(x) ?? x) : x;
  const b = isShare(y) && isShare(a) ? (plainOf(y) ?? y) : y;
  if (isShare(a)) {
    if (!isShare(b)) return matmulAP(ctx, a, encodeFactor(ctx, 'matmul', a, b), 'right');
    checkScales('matmul', a, b);
    return ctx.gates.matmul(ctx, a, b);
  }
  if (isShare(b)) return matmulAP(ctx, b, encodeFactor(ctx, 'matmul', b, a), 'left');
  throw new TypeError('matmul: expected at least one secret operand, got two public ones');
}

function checkShapes(x: Shape, y: Shape): void {
  const both = `${showShape(x)} and ${showShape(y)}`;
  if (x.length === 0 || y.length === 0) {
    throw new MpcError('ERR_MPC_SHAPE', `matmul: a 0-d tensor is no matrix, got ${both}; use mul`);
  }
  const [inner, rows] = [x[x.length - 1], y.length === 1 ? y[0] : y[y.length - 2]];
  if (inner !== rows) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `matmul: inner sizes differ, ${both}: the last dim of the first must equal ` +
        `${y.length === 1 ? 'the length' : 'the last dim but one'} of the second`,
    );
  }
  broadcastShapes('matmul', x.slice(0, -2), y.slice(0, -2));
}

/** A vector as a matrix of one row (dim 0) or one column (dim −1). */
function promote(x: Operand, dim: 0 | -1): Operand {
  if (x.shape.length > 1) return x;
  const shape = dim === 0 ? [1, x.shape[0]] : [x.shape[0], 1];
  return isShare(x) ? unsqueeze(x, dim) : { shape, data: x.data };
}

/** A gradient summed over broadcast batch dims and given the operand's own dims. */
function restore(ctx: Context, gradient: Share, promoted: Shape, shape: Shape): Share {
  return reshape(ctx, sumTo(ctx, gradient, promoted), shape);
}

function swap(x: Operand): Operand {
  if (isShare(x)) return transpose(x, -2, -1);
  const rank = x.shape.length;
  const order = [...x.shape.keys()];
  [order[rank - 2], order[rank - 1]] = [rank - 1, rank - 2];
  const strides = contiguousStrides(x.shape);
  return gathered(
    x,
    order.map((axis) => x.shape[axis]),
    order.map((axis) => strides[axis]),
  );
}

/** Whether the batch dims can become rows without a copy that would lose the mask. */
function folds(x: Operand): boolean {
  return !isShare(x) || isContiguous(x.shape, x.strides);
}

function flattenRows(ctx: Context, x: Operand): Operand {
  const shape = [sizeOf(x.shape.slice(0, -1)), x.shape[x.shape.length - 1]];
  return isShare(x) ? reshape(ctx, x, shape) : { shape, data: x.data };
}

function spread(x: Operand, shape: Shape): Operand {
  if (isShare(x)) return x.view(expandView(x, shape));
  if (sizeOf(x.shape) === sizeOf(shape)) return { shape, data: x.data };
  return gathered(x, shape, expandStrides(x.shape, contiguousStrides(x.shape), shape));
}

/** Public values read through strides. */
function gathered(x: Plain, shape: Shape, strides: readonly number[]): Plain {
  const data = new Float64Array(sizeOf(shape));
  const at = shape.map(() => 0);
  for (let i = 0, from = 0; i < data.length; i++) {
    data[i] = x.data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++at[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      at[axis] = 0;
    }
  }
  return { shape, data };
}
