/**
 * The three matrix products that convolutions are made of: result, image or kernel from the other two.
 *
 * The windows of an image are a strided view, which its mask follows: an image, a kernel and a result are opened once each for
 * all three, as large as they are, however many windows share a word. A public side is encoded once and read through the
 * same views.
 *
 * Scale   the sum of the scales until settled.
 * Cost    two secrets: 1 round, 8 B for each word that has no mask yet, dealer 8 B an element of the product; a public side: nothing.
 * Leaks   nothing.
 * @module
 */

import { sameShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import type { MatrixShape } from '../protocol/gates.ts';
import { foldA, matmulAP, placeA, type PublicWords } from '../protocol/local/index.ts';
import { settle } from '../protocol/settle.ts';
import { Share } from '../protocol/share.ts';
import { gatherView, scatterView, wholeView, type View } from '../ring/view.ts';
import { permute, reshape, squeeze, transpose } from './movement.ts';
import { isShare, type Operand, type Plain } from './op.ts';
import { checkScales, constant, encodeFactor, plainOf } from './public.ts';
import {
  columnsView,
  filtersLast,
  filtersView,
  insideView,
  resultView,
  sharedAxes,
  type Convolution,
  type Windows,
} from './windows.ts';

/** The result [N,F,…] of a padded image and a kernel. */
export function correlate(ctx: Context, c: Convolution, image: Operand, w: Operand): Share {
  const filters = seen(w, (view) => filtersView(view, c));
  const windows = seen(image, (view) => columnsView(view, c));
  const { batches, f, k, p } = sizesOf(c);
  const shape = [c.weight[0], c.image[0], ...c.out];
  const product = multiply(ctx, c.op, filters, windows, { batches, m: f, k, n: p, shape });
  return transpose(product, 0, 1);
}

/** The image [N,C,…] that a result and a kernel send back, padding cut off: the adjoint of `correlate` in the image. */
export function spread(ctx: Context, c: Convolution, result: Operand, w: Operand): Share {
  const filters = seen(w, (view) => filtersLast(filtersView(view, c)));
  const pixels = seen(result, (view) => resultView(view, c));
  const view = columnsView(wholeView(c.padded), c);
  const { batches, f, k, p } = sizesOf(c);
  const as = { batches, m: k, k: f, n: p, shape: view.shape };
  // The kernel's axes are where they are in [N,C,…kernel,…out].
  const places = { shape: c.padded, view, overlap: sharedAxes(c), kept: insideView(c) };
  return foldA(ctx, multiply(ctx, c.op, filters, pixels, as), places);
}

/** The kernel [F,C/G,…] that a padded image and a result send back: the adjoint of `correlate` in the kernel. */
export function kernelOf(ctx: Context, c: Convolution, image: Operand, result: Operand): Share {
  const windows = seen(image, (view) => columnsView(view, c));
  const pixels = seen(result, (view) => filtersLast(resultView(view, c)));
  const rest = c.weight.slice(1);
  const { batches, f, k, p } = sizesOf(c);
  // Windows first: they are read in long runs, and what is transposed afterwards is small.
  const as = { batches, m: k, k: p, n: f, shape: [batches, ...rest, f] };
  const product = multiply(ctx, c.op, windows, pixels, as);
  const last = c.weight.length;
  const view = permute(product, [0, last, ...rest.map((_, i) => i + 1)]);
  return c.groups === 1 ? squeeze(view, 0) : reshape(ctx, view, c.weight);
}

/**
 * The image with zeros around it, in a storage of its own; the image itself when there is nothing to add.
 *
 * Cost    0 rounds, 0 bytes; a pending truncation is done before, on the words without padding.
 * Leaks   nothing.
 */
export function padImage(ctx: Context, x: Operand, w: Windows): Operand {
  if (sameShape(w.image, w.padded)) return x;
  const inside = insideView(w);
  if (isShare(x)) return placeA(ctx, settle(ctx, x), w.padded, inside);
  const size = sizeOf(w.padded);
  const data = ctx.arena.scope((arena) => {
    const out = arena.zeros(size);
    scatterView(arena, out, inside, arena.put(x.data));
    return arena.takeDoubles(out, size);
  });
  return { shape: w.padded, data };
}

/** x, as public values where it is a constant and all that it meets is secret. */
export function openedBeside(x: Operand, ...others: readonly Operand[]): Operand {
  return isShare(x) && others.every(isShare) ? (plainOf(x) ?? x) : x;
}

/** Groups, filters of a group, words of a window in it, and windows. */
function sizesOf(c: Convolution): { batches: number; f: number; k: number; p: number } {
  const [filters, ...window] = c.weight;
  const p = c.image[0] * sizeOf(c.out);
  return { batches: c.groups, f: filters / c.groups, k: sizeOf(window), p };
}

/** Public values read through a view of them. */
interface PlainView {
  readonly plain: Plain;
  readonly view: View;
}

function seen(x: Operand, viewOf: (view: View) => View): Share | PlainView {
  if (isShare(x)) return x.view(viewOf(x));
  return { plain: x, view: viewOf(wholeView(x.shape)) };
}

/** [G,m,…k]·[G,…k,n]: G matrix products, each side read in row-major order. */
function multiply(
  ctx: Context,
  op: string,
  x: Share | PlainView,
  y: Share | PlainView,
  as: MatrixShape,
): Share {
  const { batches, m, k, n, shape } = as;
  if (batches * m * k * n === 0) return constant(ctx, op, shape, 0);
  // A constant is public only where it meets a secret.
  const a = y instanceof Share ? opened(x) : x;
  const b = a instanceof Share ? opened(y) : y;
  if (a instanceof Share && b instanceof Share) {
    checkScales(op, a, b);
    return ctx.gates.matmul(ctx, a, b, as);
  }
  const [left, right] = [
    [batches, m, k],
    [batches, k, n],
  ];
  if (a instanceof Share && !(b instanceof Share)) {
    const open = encoded(ctx, op, a, b, right);
    return reshape(ctx, matmulAP(ctx, matrices(ctx, a, left), open, 'right'), shape);
  }
  if (b instanceof Share && !(a instanceof Share)) {
    const open = encoded(ctx, op, b, a, left);
    return reshape(ctx, matmulAP(ctx, matrices(ctx, b, right), open, 'left'), shape);
  }
  throw new TypeError(`${op}: expected at least one secret operand, got two public ones`);
}

function opened(x: Share | PlainView): Share | PlainView {
  const plain = x instanceof Share ? plainOf(x) : undefined;
  return plain === undefined ? x : { plain, view: wholeView(plain.shape) };
}

/** Settled before it is copied: the copy would be truncated a second time (H5). */
function matrices(ctx: Context, x: Share, shape: Shape): Share {
  return reshape(ctx, settle(ctx, x), shape);
}

function encoded(
  ctx: Context,
  op: string,
  secret: Share,
  { plain, view }: PlainView,
  shape: Shape,
): PublicWords {
  const { words, fracBits } = encodeFactor(ctx, op, secret, plain);
  const read = ctx.arena.scope((arena) =>
    arena.take(gatherView(arena, arena.put(words), view), sizeOf(shape)),
  );
  return { shape, words: read, fracBits };
}
