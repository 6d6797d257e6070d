/** How the operations of test/vectors/torch-local.json are called, and how exact they are. */

import type { CrypTensor } from '../../src/tensor/index.ts';
import { right, type Call, type Table, type Variant } from '../support/torch.ts';

const TOLERANCE: Table['tolerance'] = {
  dot: [1, 1],
  ger: [1, 1],
  // Three factors that are no powers of two: 1/n twice and the divisor once.
  var: [2, 4, 3 * 2 ** -17],
  prod: [4, 8],
  // Up to 6 products after each other; a gradient multiplies their errors by the exponent.
  pow: [3, 64, 2 ** -13],
  polynomial: [8, 60],
};

/** The parts, each with a weight of its own, so that their order counts. */
function weighted(parts: readonly CrypTensor[]): CrypTensor[] {
  return parts.map((part, i) => part.mul(i + 1));
}

const CALLS: Record<string, Call> = {
  view: ([x], [sizes]) => x.view(sizes),
  roll: ([x], [shifts, dims]) => x.roll(shifts, dims),
  pad: ([x], [padding, options]) => x.pad(padding, options),
  padSecret: ([x, value], [padding]) => x.pad(padding, { value }),
  unfold: ([x], [dim, size, step]) => x.unfold(dim, size, step),
  unfoldAfterT: ([x]) => x.t().unfold(0, 2, 1),
  repeat: ([x], [counts]) => x.repeat(counts),
  tile: ([x], [counts]) => x.tile(counts),
  split: ([x], [size, dim], party) => party.cat(weighted(x.split(size, dim)), dim),
  chunk: ([x], [chunks, dim], party) => party.cat(weighted(x.chunk(chunks, dim)), dim),
  unbind: ([x], [dim], party) => party.stack(weighted(x.unbind(dim))),
  gather: ([x], [dim, index]) => x.gather(dim, index),
  scatter: ([x, src], [dim, index]) => x.scatter(dim, index, src),
  scatterFill: ([x], [dim, index, value]) => x.scatter(dim, index, value),
  scatterAdd: ([x, src], [dim, index]) => x.scatterAdd(dim, index, src),
  indexSelect: ([x], [dim, index]) => x.indexSelect(dim, index),
  indexAdd: ([x, src], [dim, index]) => x.indexAdd(dim, index, src),
  take: ([x], [index, dim]) => x.take(index, dim),
  setIndex: ([x, values], [entries]) => x.setIndex(entries, values),
  cumsum: ([x], [dim]) => x.cumsum(dim),
  trace: ([x]) => x.trace(),
  dot: ([x, y]) => x.dot(y),
  ger: ([x, y]) => x.ger(y),
  var: ([x], [dim, options]) => x.var(dim ?? undefined, options),
  prod: ([x], [dim, options]) => x.prod(dim, options),
  pow: ([x], [exponent]) => x.pow(exponent),
  polynomial: ([x, coefficients]) => x.polynomial(coefficients),
};

const VARIANTS: Record<string, readonly Variant[]> = {
  padSecret: [right((x, value, [padding]) => x.pad(padding, { value }))],
  scatter: [right((x, src, [dim, index]) => x.scatter(dim, index, src))],
  scatterAdd: [right((x, src, [dim, index]) => x.scatterAdd(dim, index, src))],
  indexAdd: [right((x, src, [dim, index]) => x.indexAdd(dim, index, src))],
  setIndex: [right((x, values, [entries]) => x.setIndex(entries, values))],
  dot: [right((x, y) => x.dot(y))],
  ger: [right((x, y) => x.ger(y))],
  polynomial: [right((x, coefficients) => x.polynomial(coefficients))],
};

/** The whole table. */
export const table: Table = { calls: CALLS, variants: VARIANTS, tolerance: TOLERANCE };
