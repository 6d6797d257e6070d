/**
 * Material of products: c = f(a, b) for two masks, one-time shares of c under the product's own tag (C5, C8).
 * @module
 */

import { MpcError } from '../../../core/errors.ts';
import { sameShape, sizeOf } from '../../../core/shape.ts';
import { matmulInto, type MatrixDims } from '../../local/linear.ts';
import {
  DescriptorReader,
  DescriptorWriter,
  MAX_REQUEST_WORDS,
  type MaskRef,
} from '../descriptor.ts';
import type { MaterialRequest } from '../material.ts';

/** Kind byte and version of this material. */
export const PRODUCT_KIND = 2;
const VERSION = 1;
const MUL = 0;
const MATMUL = 1;

/** c = a·b elementwise (equal view shapes), or as matrices of the given dims. */
export function productRequest(a: MaskRef, b: MaskRef, dims?: MatrixDims): MaterialRequest {
  const writer = new DescriptorWriter().u8(PRODUCT_KIND).u8(VERSION);
  if (dims === undefined) writer.u8(MUL);
  else writer.u8(MATMUL).u32(dims.batches).u32(dims.m).u32(dims.k).u32(dims.n);
  const words = dims === undefined ? sizeOf(a.view.shape) : dims.batches * dims.m * dims.n;
  return {
    descriptor: writer.mask(a).mask(b).done(),
    segments: [{ name: 'c', words, sharing: 'add', source: 'dealt' }],
    coins: 0,
    deal({ arena, mask }) {
      const c = dims === undefined ? arena.words(words) : arena.zeros(words);
      if (dims === undefined) arena.kernels.mul(c, mask(a), mask(b), words);
      else matmulInto(arena, c, mask(a), mask(b), dims, 1);
      return new Map([['c', c]]);
    },
  };
}

/** Decodes and checks a product request from a peer. */
export function readProduct(reader: DescriptorReader): MaterialRequest {
  reader.u8(VERSION);
  const dims =
    reader.u8(MATMUL) === MUL
      ? undefined
      : { batches: reader.u32(), m: reader.u32(), k: reader.u32(), n: reader.u32() };
  const a = reader.mask();
  const b = reader.mask();
  reader.end();
  if (!(dims === undefined ? sameShape(a.view.shape, b.view.shape) : fits(dims, a, b))) {
    throw new MpcError('ERR_MPC_ABORT', 'material request: operand shapes do not fit');
  }
  return productRequest(a, b, dims);
}

function fits({ batches, m, k, n }: MatrixDims, a: MaskRef, b: MaskRef): boolean {
  return (
    sizeOf(a.view.shape) === batches * m * k &&
    sizeOf(b.view.shape) === batches * k * n &&
    batches * m * n <= MAX_REQUEST_WORDS
  );
}
