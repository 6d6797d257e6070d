/**
 * Products of two secrets: Beaver's trick over masks that are opened once.
 *
 * With x = a + dx, y = b + dy and shares of c = f(a, b):  f(x, y) = c + f(dx, b) + f(x, dy), so a party needs two products, of dx
 * with its share of b and of its share of x with dy, and no party is special; f(a, dy) + f(dx, y) is as good. Squaring is mul(x, x): one
 * mask, one opening.
 * @module
 */

import { all, both, then, type Later } from '../../core/later.ts';
import { broadcastShapes, showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { tick } from '../../core/tick.ts';
import type { Ptr } from '../../kernels/contract.ts';
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
import { flatMask, gatherMask, maskOf, maskRef, maskView, type ViewedMask } from './mask.ts';

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
  const left = mx.depth < my.depth;
  const operands = left ? operandsOf(x, mx, y, my) : operandsOf(y, my, x, mx);
  const words =
    dims === undefined
      ? elementwise(ctx.arena, material, operands)
      : matrices(ctx.arena, material, operands, dims, left);
  return Share.fresh(shape, facts, words);
}

/** Words, read through a view. */
interface Viewed {
  readonly words: Words | BlockWords;
  readonly view: View;
}

/**
 * The operand that was opened first, or y, and the other one: with a, b for their masks and dx, dy for what was opened, the product is
 * c + f(dx, b) + f(x, dy). Which is the first must be the same at every party.
 */
interface Operands {
  /** What was opened of the first, and this party's share of the secret. */
  readonly first: Later<Viewed>;
  readonly share: Later<Viewed>;
  /** What was opened of the second, and this party's share of its mask. */
  readonly second: Later<Viewed>;
  readonly mask: ViewedMask;
}

function operandsOf(x: Share, mx: Mask, y: Share, my: Mask): Operands {
  const read = (words: Later<Words | BlockWords>, view: View): Later<Viewed> =>
    then(words, (arrived) => ({ words: arrived, view }));
  const [viewX, viewY] = [maskView(mx, x), maskView(my, y)];
  return {
    first: read(mx.delta, viewX),
    share: read(Storage.words(x.storage), x),
    second: read(my.delta, viewY),
    mask: { lent: my.share.lend(), view: viewY },
  };
}

function elementwise(
  arena: Arena,
  material: Later<Material>,
  { first, share, second, mask }: Operands,
): Later<Words> {
  const arrived = all([first, second, share]);
  return then(both(material, arrived), ([dealt, list]) => {
    const c = segment(dealt, 'c');
    const flat = list.map(({ words, view }) => flatWords(arena, words, view));
    const inputs = [c, flatMask(arena, mask), ...flat];
    const result = mapWords(arena, c.length, inputs, ({ at: [sum, b, dx, dy, own], n }) => {
      arena.kernels.beaver(sum, sum, b, dx, dy, own, n);
      return sum;
    });
    mask.lent.done();
    dealt.done();
    return result;
  });
}

/**
 * The product of the first operand's opening with the other one's mask is made as soon as that opening is there: weights that were
 * opened before leave one product for when the data come.
 */
function matrices(
  arena: Arena,
  material: Later<Material>,
  { first, share, second, mask }: Operands,
  dims: MatrixDims,
  left: boolean,
): Later<Words> {
  const gathered = ({ words, view }: Viewed): Ptr => gatherView(arena, arena.put(words), view);
  const add = (dealt: Material, one: Viewed, other: () => Ptr): BlockWords =>
    arena.scope(() => {
      const [of, by] = [gathered(one), other()];
      const sum = segment(dealt, 'c');
      matmulInto(arena, sum.at, left ? of : by, left ? by : of, dims, 1);
      return sum;
    });
  const addMasked = (dealt: Material, delta: Viewed): void => {
    add(dealt, delta, () => gatherMask(arena, mask));
    mask.lent.done();
  };
  const arrived = both(second, share);
  // While the other opening is on its way, once what this party owes has left.
  const turn = arrived instanceof Promise ? tick : (): undefined => undefined;
  const begun = then(both(material, first), ([dealt, delta]) =>
    then(turn(), () => {
      // A program that runs far ahead holds no material yet.
      const early = dealt.resident;
      if (early) addMasked(dealt, delta);
      return { dealt, delta, early };
    }),
  );
  return then(both(begun, arrived), ([{ dealt, delta, early }, [opened, own]]) => {
    if (!early) addMasked(dealt, delta);
    const sum = add(dealt, own, () => gathered(opened));
    const result = arena.take(sum.at, sum.length);
    dealt.done();
    return result;
  });
}
