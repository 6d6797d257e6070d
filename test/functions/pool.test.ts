/**
 * Max pools and adaptive pools against PyTorch; everything about a maximum is exact.
 *
 * Declares `${op}: as PyTorch, on the plain scheme` and `all of them: as PyTorch, over ${n} parties` (test/support/torch.ts).
 */

import type { MaxPoolOptions } from '../../src/tensor/index.ts';
import { readVectors, torchSuite, type Args } from '../support/torch.ts';

const positions = ([size, options]: Args) =>
  [size, { ...(options as object | undefined), returnIndices: true, oneHot: false }] as const;

torchSuite(readVectors('torch-pool.json'), {
  calls: {
    maxPool1d: ([x], [size, options]) => x.maxPool1d(size, options as MaxPoolOptions),
    maxPool2d: ([x], [size, options]) => x.maxPool2d(size, options as MaxPoolOptions),
    adaptiveMaxPool1d: ([x], [size]) => x.adaptiveMaxPool1d(size),
    adaptiveMaxPool2d: ([x], [size]) => x.adaptiveMaxPool2d(size),
    adaptiveAvgPool1d: ([x], [size]) => x.adaptiveAvgPool1d(size),
    adaptiveAvgPool2d: ([x], [size]) => x.adaptiveAvgPool2d(size),
    maxPool1dIndices: ([x], args) => x.maxPool1d(...positions(args)).indices,
    maxPool2dIndices: ([x], args) => x.maxPool2d(...positions(args)).indices,
    adaptiveMaxPool1dIndices: ([x], args) => x.adaptiveMaxPool1d(...positions(args)).indices,
    adaptiveMaxPool2dIndices: ([x], args) => x.adaptiveMaxPool2d(...positions(args)).indices,
  },
  variants: {},
  // A mean keeps 16 significant bits of its factor.
  tolerance: {
    adaptiveAvgPool1d: [4, 4, 2 ** -16],
    adaptiveAvgPool2d: [4, 4, 2 ** -16],
  },
});
