/**
 * Products of two secrets: Beaver's trick over masks that are opened once.
 *
 * With x = a + dx, y = b + dy and shares of c = f(a, b):  f(x, y) = c + f(a, dy) + f(dx, y), so a party needs two products, of its
 * share of a with dy and of dx with its share of y, and no party is special. Squaring is mul(x, x): one mask, one opening.
 * @module
 */

import { both, then } from '../../core/later.ts';
import { broadcastShapes, showShape, sizeOf, type Shape } from '../../core/shape.ts';
import type { Arena, BlockWords, Words } from '../../kernels/memory.ts';
import { mapWords } from '../../kernels/tiles.ts';
import { expandView, flatWords, gatherView, type View } from '../../ring/view.ts';
import type { Context } from '../context.ts';
import type { Cost } from '../cost.ts';
import type { MatrixShape } from '../gates.ts';
import { matmulInto, matrixDims, type MatrixDims } from '../local/index.ts';
import { productRequest } from '../provider/kinds/product.ts';
import { segment } from '../provider/provider.ts';
import { settle } from '../settle.ts';
import { Share, Storage } from '../share.ts';
import { maskOf, maskRef, maskView } from './mask.ts';

/** Cost of a product with `result` elements, beyond the masks of its operands. */
export function productCost(result: number): Cost {
  return { rounds: 0, bytes: 0, dealt: 8 * result };
}

/**
 * x·y elementwise with broadcasting.
 *
 * Cost    masks of the operands that have none (1 round together, 8 B a word), dealer 8 B an element of the result.
 * Leaks   nothing.
 * Paper   Beaver 1991.
 */
export function mul(ctx: Context, x: Share, y: Share): Share {
  const left = settle(ctx, x);
  const right = settle(ctx, y);
  const shape = broadcastShapes('mul', left.shape, right.shape);
  const spread = [left, right].map((share) => share.view(expandView(share, shape)));
  return product(ctx, spread[0], spread[1], shape, undefined);
}

/**
 * [..,m,k]·[..,k,n] with equal batch dims; or, with `as`, the operands' elements read as matrices of those dims (a
 * convolution's windows are a strided view, and its mask is that of the image).
 *
 * Cost    as `mul`: 8 B for each word of an operand without a mask, dealer 8 B an element of the result.
 * Leaks   nothing.
 * Paper   SecureML, S&P 2017, §4.1.
 */
export function matmul(ctx: Context, x: Share, y: Share, as?: MatrixShape): Share {
  const left = settle(ctx, x);
  const right = settle(ctx, y);
  if (as !== undefined) return product(ctx, left, right, as.shape, as);
  const shape = [...left.shape.slice(0, -1), right.shape[right.shape.length - 1]];
  return product(ctx, left, right, shape, matrixDims(left.shape, right.shape));
}

function product(
  ctx: Context,
  x: Share,
  y: Share,
  shape: Shape,
  dims: MatrixDims | undefined,
): Share {
  const n = sizeOf(shape);
  const scale = {
    fracBits: x.fracBits + y.fracBits,
    nominal: Math.max(x.nominal, y.nominal),
  };
  const mx = maskOf(ctx, x);
  const my = maskOf(ctx, y);
  const text = `${dims === undefined ? 'mul' : 'matmul'} ${showShape(x.shape)}·${showShape(y.shape)}`;
  const step = ctx.step(text, [x, y, mx, my]);
  const facts = { ...scale, depth: step.depth, digest: step.digest };
  if (n === 0) return Share.fresh(shape, facts, new BigUint64Array(0));
  const material = ctx.session.provider.request(
    step,
    productRequest(maskRef(mx, x), maskRef(my, y), dims),
  );
  const opened = both(mx.words, my.words);
  const words = then(both(opened, Storage.words(y.storage)), ([[ox, oy], yWords]) =>
    then(material.take(), (dealt) => {
      const read = [
        [ox.a, maskView(mx, x)],
        [oy.delta, maskView(my, y)],
        [ox.delta, maskView(mx, x)],
        [yWords, y],
      ] as const;
      const c = segment(dealt, 'c');
      const result =
        dims === undefined ? elementwise(ctx.arena, c, read) : matrices(ctx.arena, c, read, dims);
      dealt.done();
      return result;
    }),
  );
  return Share.fresh(shape, facts, words);
}

/** What the party's two products are made of: its share of a, dy, dx, its share of y. */
type Factors = readonly (readonly [words: Words, view: View])[];

function elementwise(arena: Arena, c: BlockWords, factors: Factors): Words {
  const flat = factors.map(([words, view]) => flatWords(arena, words, view));
  return mapWords(arena, c.length, [c, ...flat], ({ at: [sum, a, dy, dx, y], n }) => {
    arena.kernels.beaver(sum, sum, a, dy, dx, y, n);
    return sum;
  });
}

function matrices(arena: Arena, c: BlockWords, factors: Factors, dims: MatrixDims): Words {
  return arena.scope(() => {
    const [a, dy, dx, y] = factors.map(([words, view]) =>
      gatherView(arena, arena.put(words), view),
    );
    const sum = arena.put(c);
    matmulInto(arena, sum, a, dy, dims, 1);
    matmulInto(arena, sum, dx, y, dims, 1);
    return arena.take(sum, c.length);
  });
}
