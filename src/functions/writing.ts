/**
 * Writing to public positions: setIndex, scatter, scatterAdd, indexAdd. Out of place: x stays as it is.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import {
  broadcastShapes,
  contiguousStrides,
  sameShape,
  showShape,
  sizeOf,
  type Shape,
} from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { addRowsA, catA, overwriteA, pickA, placeA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { wholeView, type View } from '../ring/view.ts';
import { add } from './arithmetic.ts';
import { gather, indexSelect, putBack, selected, type IndexOptions } from './indexing.ts';
import { expand, index, reshape } from './movement.ts';
import { secret, type Forward, type Operand, type OpRecord } from './op.ts';
import { gridPositions, writtenOver } from './positions.ts';
import { constant } from './public.ts';
import { sum, sumTo } from './reduce.ts';
import { toSameScale, shareBeside } from './scales.ts';
import { indexView, type IndexEntry } from './views.ts';

/**
 * x with the values written where index entries point.
 *
 * Shape   values broadcast to the shape that `index` would give; result: x's.
 * Scale   the finer of the two; pending truncations stay pending.
 * Cost    0 rounds, 0 bytes.
 * Error   exact; public values are rounded to x's scale.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for bad entries or values that do not broadcast, ERR_MPC_RANGE for a public value that does
 * not fit.
 */
export function setIndex(
  ctx: Context,
  x: Share,
  values: Operand,
  entries: readonly IndexEntry[],
): Share {
  const view = indexView(wholeView(x.shape), entries);
  if (!sameShape(broadcastShapes('setIndex', view.shape, values.shape), view.shape)) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `setIndex: values of shape ${showShape(values.shape)} do not broadcast to ${showShape(view.shape)}`,
    );
  }
  return overwrite(ctx, 'setIndex', x, view, values);
}

/**
 * x with the words that `view`, a view of x's contiguous shape, points to replaced by values.
 *
 * Shape   values broadcast to the view's. Scale, Cost, Leaks   as `setIndex`.
 */
export function overwrite(ctx: Context, op: string, x: Share, view: View, values: Operand): Share {
  const [base, over] = toSameScale(ctx, [x, shareBeside(ctx, op, x, values)]);
  return overwriteA(ctx, base, view, over);
}

/**
 * x with src written where `gather` would read; where a position comes several times, the last one stays.
 *
 * Shape   index: as many dims as x and src, no larger than src, and than x but along `dim`; result: x's. A 0-d src fills.
 * Scale   as `setIndex`.
 * Cost    0 rounds, 0 bytes.
 * Error   exact; a public src is rounded to x's scale.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, index shape, position or src.
 */
export function scatter(ctx: Context, x: Share, src: Operand, opts: IndexOptions): Share {
  return scattering(ctx, x, src, opts).output;
}

/**
 * x with src added where `gather` would read; what comes several times is added several times.
 *
 * Shape   as `scatter`, without filling.
 * Scale   as `add`.
 * Cost    0 rounds, 0 bytes.
 * Error   exact; a public src is rounded to x's scale.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, index shape, position or src.
 */
export function scatterAdd(
  ctx: Context,
  x: Share,
  src: Operand,
  { dim, index }: IndexOptions,
): Share {
  const { shape, at } = gridPositions('scatterAdd', x.shape, dim, index);
  const part = corner('scatterAdd', shareBeside(ctx, 'scatterAdd', x, src), shape);
  return add(ctx, x, addRowsA(ctx, part, { rows: at, width: 1 }, x.shape));
}

/**
 * x with the slices of src along `dim` added at the positions an index lists; one that comes several times gets them all.
 *
 * Shape   index: [k] or 0-d; src: x's with size k at `dim`; result: x's.
 * Scale   as `add`.
 * Cost    0 rounds, 0 bytes.
 * Error   exact; a public src is rounded to x's scale.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a bad dim, index, position or src.
 */
export function indexAdd(
  ctx: Context,
  x: Share,
  src: Operand,
  { dim, index }: IndexOptions,
): Share {
  const picked = selected('indexAdd', x.shape, dim, index);
  const wanted = x.shape.map((size, i) => (i === picked.axis ? picked.index.at.length : size));
  if (!sameShape(src.shape, wanted)) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `indexAdd: expected a source of shape ${showShape(wanted)}, got ${showShape(src.shape)}`,
    );
  }
  return add(ctx, x, putBack(ctx, picked, shareBeside(ctx, 'indexAdd', x, src)));
}

interface SetSaved {
  readonly entries: readonly IndexEntry[];
  readonly view: View;
  readonly values: Shape;
}

/** The record of `setIndex`. */
export const setIndexOp: OpRecord<Operand, readonly IndexEntry[], SetSaved> = {
  name: 'setIndex',
  forward: (ctx, [x, values], entries) => {
    const base = secret('setIndex', x);
    const view = indexView(wholeView(x.shape), entries);
    return {
      output: setIndex(ctx, base, values, entries),
      saved: { entries, view, values: values.shape },
    };
  },
  backward: (ctx, { entries, view, values }, dy, needs) => [
    needs[0] ? overwrite(ctx, 'setIndex', dy, view, constant(ctx, 'setIndex', [], 0)) : null,
    needs[1] ? sumTo(ctx, index(dy, entries), values) : null,
  ],
};

interface ScatterSaved {
  /** Where each word of the result comes from: x, or src behind it. */
  readonly from: Int32Array;
  /** The words of the result that the index names. */
  readonly at: Int32Array;
  readonly index: Shape;
  readonly src: Shape;
}

/** The record of `scatter`: an element of src that was written over gets no gradient. */
export const scatterOp: OpRecord<Operand, IndexOptions, ScatterSaved> = {
  name: 'scatter',
  forward: (ctx, [x, src], opts) => scattering(ctx, secret('scatter', x), src, opts),
  backward: (ctx, { from, at, index, src }, dy, needs) => {
    const size = sizeOf(dy.shape);
    // Word `size` of this is 0: what x and src lost gets it.
    const zero = constant(ctx, 'scatter', [1], 0);
    const all = catA(ctx, toSameScale(ctx, [reshape(ctx, dy, [size]), zero]), 0);
    const pick = (rows: Int32Array<ArrayBuffer>, shape: Shape): Share =>
      pickA(ctx, all, { rows, width: 1 }, shape);
    const kept = from.map((origin) => Math.min(origin, size));
    const stays = at.map((word, i) => (from[word] === size + i ? word : size));
    return [
      needs[0] ? pick(Int32Array.from(kept), dy.shape) : null,
      needs[1] ? fromCorner(ctx, pick(Int32Array.from(stays), index), src) : null,
    ];
  },
};

/** The record of `scatterAdd`. */
export const scatterAddOp: OpRecord<Operand, IndexOptions, IndexOptions & { readonly src: Shape }> =
  {
    name: 'scatterAdd',
    forward: (ctx, [x, src], opts) => ({
      output: scatterAdd(ctx, secret('scatterAdd', x), src, opts),
      saved: { ...opts, src: src.shape },
    }),
    backward: (ctx, { dim, index, src }, dy, needs) => [
      dy,
      needs[1] ? fromCorner(ctx, gather(ctx, dy, { dim, index }), src) : null,
    ],
  };

/** The record of `indexAdd`. */
export const indexAddOp: OpRecord<Operand, IndexOptions, IndexOptions> = {
  name: 'indexAdd',
  forward: (ctx, [x, src], opts) => ({
    output: indexAdd(ctx, secret('indexAdd', x), src, opts),
    saved: opts,
  }),
  backward: (ctx, opts, dy, needs) => [dy, needs[1] ? indexSelect(ctx, dy, opts) : null],
};

function scattering(
  ctx: Context,
  x: Share,
  src: Operand,
  { dim, index }: IndexOptions,
): Forward<ScatterSaved> {
  const { shape, at } = gridPositions('scatter', x.shape, dim, index);
  const [base, over] = toSameScale(ctx, [x, shareBeside(ctx, 'scatter', x, src)]);
  const part = over.shape.length === 0 ? expand(over, shape) : corner('scatter', over, shape);
  const both = [base, part].map((share) => reshape(ctx, share, [-1]));
  const from = writtenOver(x.shape, at);
  return {
    output: pickA(ctx, catA(ctx, both, 0), { rows: from, width: 1 }, x.shape),
    saved: { from, at, index: shape, src: src.shape },
  };
}

/** The part of src that an index of `shape` reaches. */
function corner(op: string, src: Share, shape: Shape): Share {
  if (sizeOf(shape) === 0 || (sizeOf(shape) === 1 && sizeOf(src.shape) === 1)) {
    return src.view({ shape, strides: shape.map(() => 0), offset: src.offset });
  }
  if (src.shape.length !== shape.length || shape.some((size, i) => size > src.shape[i])) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: an index of shape ${showShape(shape)} reaches beyond a source of shape ${showShape(src.shape)}`,
    );
  }
  return src.view({ shape, strides: src.strides, offset: src.offset });
}

/** The adjoint of `corner`: zeros of src's shape with y in the corner; of filling: the sum. */
function fromCorner(ctx: Context, y: Share, src: Shape): Share {
  if (sameShape(y.shape, src)) return y;
  if (sizeOf(y.shape) === 0) return constant(ctx, 'scatter', src, 0);
  if (sizeOf(src) === 1) return reshape(ctx, sum(ctx, y), src);
  return placeA(ctx, y, src, { shape: y.shape, strides: contiguousStrides(src), offset: 0 });
}
