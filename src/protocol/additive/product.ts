/**
 * Products of two secrets: Beaver's trick over masks that are opened once.
 *
 * With x = a + dx, y = b + dy and shares of c = f(a, b):  f(x, y) = c + f(a, dy) + f(dx, y), so a party needs two products, of its
 * share of a with dy and of dx with its share of y, and no party is special; f(dx, b) + f(x, dy) is as good. Squaring is mul(x, x): one
 * mask, one opening.
 * @module
 */

import { all, both, then, type Later } from '../../core/later.ts';
import { broadcastShapes, showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { tick } from '../../core/tick.ts';
import type { Arena, BlockWords, Words } from '../../kernels/memory.ts';
import { mapWords } from '../../kernels/tiles.ts';
import { expandView, flatWords, gatherView, type View } from '../../ring/view.ts';
import type { Context } from '../context.ts';
import type { Cost } from '../cost.ts';
import type { MatrixShape } from '../gates.ts';
import { matmulInto, matrixDims, type MatrixDims } from '../local/index.ts';
import { productRequest } from '../provider/kinds/product.ts';
import { segment, type Material } from '../provider/provider.ts';
import { settle } from '../settle.ts';
import { Share, Storage, type Mask } from '../share.ts';
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
  const [mx, my] = [maskOf(ctx, x), maskOf(ctx, y)];
  const text = `${dims === undefined ? 'mul' : 'matmul'} ${showShape(x.shape)}·${showShape(y.shape)}`;
  const step = ctx.step(text, [x, y, mx, my]);
  const facts = { ...scale, depth: step.depth, digest: step.digest };
  if (n === 0) return Share.fresh(shape, facts, new BigUint64Array(0));
  const material = ctx.session.provider
    .request(step, productRequest(maskRef(mx, x), maskRef(my, y), dims))
    .take();
  const factors = [factorOf(x, mx), factorOf(y, my)] as const;
  const words =
    dims === undefined
      ? elementwise(ctx.arena, material, factors)
      : matrices(ctx.arena, material, factors, dims, mx.depth < my.depth ? 'left' : 'right');
  return Share.fresh(shape, facts, words);
}

/** Words, read through a view. */
interface Viewed {
  readonly words: Words;
  readonly view: View;
}

/** An operand: this party's share of the mask, what was opened, and its share of the secret. */
interface Factor {
  readonly mask: Viewed;
  readonly delta: Later<Viewed>;
  readonly share: Later<Viewed>;
}

function factorOf(share: Share, mask: Mask): Factor {
  const view = maskView(mask, share);
  return {
    mask: { words: mask.words, view },
    delta: then(mask.delta, (words) => ({ words, view })),
    share: then(Storage.words(share.storage), (words) => ({ words, view: share })),
  };
}

function elementwise(
  arena: Arena,
  material: Later<Material>,
  [x, y]: readonly [Factor, Factor],
): Later<Words> {
  const arrived = all([x.delta, y.delta, y.share]);
  return then(both(material, arrived), ([dealt, [dx, dy, share]]) => {
    const c = segment(dealt, 'c');
    const flat = [x.mask, dy, dx, share].map(({ words, view }) => flatWords(arena, words, view));
    const result = mapWords(arena, c.length, [c, ...flat], ({ at: [sum, a, ys, xs, b], n }) => {
      arena.kernels.beaver(sum, sum, a, ys, xs, b, n);
      return sum;
    });
    dealt.done();
    return result;
  });
}

/**
 * The product of the earlier operand's opening with the other one's mask is made as soon as that opening is there: weights that were
 * opened before leave one product for when the data come. Which operand is the earlier one must be the same at every party.
 */
function matrices(
  arena: Arena,
  material: Later<Material>,
  [x, y]: readonly [Factor, Factor],
  dims: MatrixDims,
  earlier: 'left' | 'right',
): Later<Words> {
  const [first, second] = earlier === 'left' ? [x, y] : [y, x];
  const add = (dealt: Material, ofFirst: Viewed, ofSecond: Viewed): BlockWords =>
    arena.scope(() => {
      const [one, other] = [ofFirst, ofSecond].map(({ words, view }) =>
        gatherView(arena, arena.put(words), view),
      );
      const [a, b] = earlier === 'left' ? [one, other] : [other, one];
      const sum = segment(dealt, 'c');
      matmulInto(arena, sum.at, a, b, dims, 1);
      return sum;
    });
  const arrived = both(second.delta, first.share);
  // While the other opening is on its way, once what this party owes has left.
  const turn = arrived instanceof Promise ? tick : (): undefined => undefined;
  const begun = then(both(material, first.delta), ([dealt, delta]) =>
    then(turn(), () => {
      // A program that runs far ahead holds no material yet.
      const early = dealt.resident;
      if (early) add(dealt, delta, second.mask);
      return { dealt, delta, early };
    }),
  );
  return then(both(begun, arrived), ([{ dealt, delta, early }, [opened, share]]) => {
    if (!early) add(dealt, delta, second.mask);
    const sum = add(dealt, share, opened);
    const result = arena.take(sum.at, sum.length);
    dealt.done();
    return result;
  });
}
