/**
 * Maxima, sorting, clips, equality and logic; everything is exact but a leaky slope.
 *
 * Declares `${op}: as PyTorch, on the plain scheme` and `all of them: as PyTorch, over ${n} parties` (test/support/torch.ts).
 */

import type { CrypTensor } from '../../src/tensor/index.ts';
import { readVectors, right, torchSuite, type Args, type Call } from '../support/torch.ts';

/** `max` and `min` by name, as methods and as what they return. */
const searches = (name: 'max' | 'min'): Record<string, Call> => {
  const found = (x: CrypTensor, [dim, options]: Args, oneHot: boolean) =>
    x[name](dim, { ...(options as object), oneHot });
  return {
    [name]: ([x], args) => (args.length === 0 ? x[name]() : found(x, args, true).values),
    [`${name}Indices`]: ([x], args) => found(x, args, false).indices,
    [`${name}OneHot`]: ([x], args) => found(x, args, true).indices,
    [`arg${name}`]: ([x]) => x[`arg${name}`](undefined, { oneHot: false }),
  };
};

torchSuite(readVectors('torch-order.json'), {
  calls: {
    ...searches('max'),
    ...searches('min'),
    sort: ([x], [dim, options]) => x.sort(dim, options).values,
    sortIndices: ([x], [dim, options]) => x.sort(dim, options).indices,
    topk: ([x], [k, dim, options]) => x.topk(k, dim, options).values,
    topkIndices: ([x], [k, dim, options]) => x.topk(k, dim, options).indices,
    maximum: ([x, y]) => x.maximum(y),
    minimum: ([x, y]) => x.minimum(y),
    eq: ([x, y]) => x.eq(y),
    ne: ([x, y]) => x.ne(y),
    logicalAnd: ([x, y]) => x.logicalAnd(y),
    logicalOr: ([x, y]) => x.logicalOr(y),
    logicalXor: ([x, y]) => x.logicalXor(y),
    logicalNot: ([x]) => x.logicalNot(),
    clamp: ([x], [min, max]) => x.clamp(min, max),
    hardtanh: ([x], [min, max]) => x.hardtanh(min, max),
    relu6: ([x]) => x.relu6(),
    leakyRelu: ([x], [slope]) => x.leakyRelu(slope),
  },
  variants: {
    maximum: [right((x, y) => x.maximum(y))],
    minimum: [right((x, y) => x.minimum(y))],
    eq: [right((x, y) => x.eq(y))],
    ne: [right((x, y) => x.ne(y))],
    logicalAnd: [right((x, y) => x.logicalAnd(y))],
    logicalOr: [right((x, y) => x.logicalOr(y))],
    logicalXor: [right((x, y) => x.logicalXor(y))],
  },
  tolerance: { leakyRelu: [2, 2] },
});
