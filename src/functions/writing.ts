/**
 * Writing to public positions: setIndex, scatter, scatterAdd, indexAdd. Out of place: x stays as it is.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { broadcastShapes, sameShape, showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { addRowsA, overwriteA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { wholeView, type View } from '../ring/view.ts';
import { add } from './arithmetic.ts';
import { gather, indexSelect, putBack, selected, type IndexOptions } from './indexing.ts';
import { listedWords, slicesOf, type ListedEntry } from './index-lists.ts';
import { expand, index } from './movement.ts';
import { secret, type Forward, type Operand, type OpRecord } from './op.ts';
import { fromCorner, overwrittenGradients, writtenAt, type Overwritten } from './overwriting.ts';
import { gridPositions } from './positions.ts';
import { constant } from './public.ts';
import { sumTo } from './reduce.ts';
import { toSameScale, shareBeside } from './scales.ts';
import { indexView, type IndexEntry } from './views.ts';

/**
 * x with the values written where index entries point; where lists name a position several times, the last value stays.
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
  entries: readonly ListedEntry[],
): Share {
  return setting(ctx, x, values, entries).output;
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

/** Where values were written: through a view, or word by word; and their shape. */
type SetSaved = (
  { readonly entries: readonly IndexEntry[]; readonly view: View } | { readonly over: Overwritten }
) & { readonly values: Shape };

/** The record of `setIndex`; a value that another was written over gets no gradient. */
export const setIndexOp: OpRecord<Operand, readonly ListedEntry[], SetSaved> = {
  name: 'setIndex',
  forward: (ctx, [x, values], entries) => setting(ctx, secret('setIndex', x), values, entries),
  backward: (ctx, saved, dy, needs) => {
    const { values } = saved;
    if ('over' in saved) {
      const [base, part] = overwrittenGradients(ctx, saved.over, dy, needs);
      return [base, part && sumTo(ctx, part, values)];
    }
    const { entries, view } = saved;
    return [
      needs[0] ? overwrite(ctx, 'setIndex', dy, view, constant(ctx, 'setIndex', [], 0)) : null,
      needs[1] ? sumTo(ctx, index(dy, entries), values) : null,
    ];
  },
};

/** The record of `scatter`: an element of src that was written over gets no gradient. */
export const scatterOp: OpRecord<Operand, IndexOptions, Overwritten & { readonly src: Shape }> = {
  name: 'scatter',
  forward: (ctx, [x, src], opts) => scattering(ctx, secret('scatter', x), src, opts),
  backward: (ctx, saved, dy, needs) => {
    const [base, part] = overwrittenGradients(ctx, saved, dy, needs);
    return [base, part && fromCorner(ctx, part, saved.src)];
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

function setting(
  ctx: Context,
  x: Share,
  values: Operand,
  entries: readonly ListedEntry[],
): Forward<SetSaved> {
  const slices = slicesOf(entries);
  if (slices === undefined) {
    const { shape, at } = listedWords('setIndex', x.shape, entries);
    checkValues(values.shape, shape);
    const [base, part] = toSameScale(ctx, [x, shareBeside(ctx, 'setIndex', x, values)]);
    const { output, saved } = writtenAt(ctx, base, expand(part, shape), at);
    return { output, saved: { over: saved, values: values.shape } };
  }
  const view = indexView(wholeView(x.shape), slices);
  checkValues(values.shape, view.shape);
  const output = overwrite(ctx, 'setIndex', x, view, values);
  return { output, saved: { entries: slices, view, values: values.shape } };
}

function checkValues(values: Shape, place: Shape): void {
  if (sameShape(broadcastShapes('setIndex', place, values), place)) return;
  throw new MpcError(
    'ERR_MPC_SHAPE',
    `setIndex: values of shape ${showShape(values)} do not broadcast to ${showShape(place)}`,
  );
}

function scattering(
  ctx: Context,
  x: Share,
  src: Operand,
  { dim, index }: IndexOptions,
): Forward<Overwritten & { readonly src: Shape }> {
  const { shape, at } = gridPositions('scatter', x.shape, dim, index);
  const [base, over] = toSameScale(ctx, [x, shareBeside(ctx, 'scatter', x, src)]);
  const part = over.shape.length === 0 ? expand(over, shape) : corner('scatter', over, shape);
  const { output, saved } = writtenAt(ctx, base, part, at);
  return { output, saved: { ...saved, src: src.shape } };
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
