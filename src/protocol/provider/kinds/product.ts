/**
 * Material of products: c = f(a, b) for two masks, one-time shares of c under the product's own tag (C5, C8).
 * @module
 */

import { MpcError } from '../../../core/errors.ts';
import { sizeOf } from '../../../core/shape.ts';
import { matmulInto } from '../../local/linear.ts';
import {
  DescriptorReader,
  DescriptorWriter,
  MAX_REQUEST_WORDS,
  type MaskRef,
} from '../descriptor.ts';
import type { MaterialRequest } from '../material.ts';

/** How two operands combine. */
export type ProductForm = 'mul' | 'matmul';

const FORMS: readonly ProductForm[] = ['mul', 'matmul'];

/** Kind byte and version of this material. */
export const PRODUCT_KIND = 2;
const VERSION = 1;

/** c = a·b elementwise (equal view shapes) or as matrices (equal batch dims). */
export function productRequest(form: ProductForm, a: MaskRef, b: MaskRef): MaterialRequest {
  const writer = new DescriptorWriter().u8(PRODUCT_KIND).u8(VERSION).u8(FORMS.indexOf(form));
  const left = a.view.shape;
  const right = b.view.shape;
  const words =
    form === 'mul' ? sizeOf(left) : sizeOf([...left.slice(0, -1), right[right.length - 1]]);
  return {
    descriptor: writer.mask(a).mask(b).done(),
    segments: [{ name: 'c', words, sharing: 'add', source: 'dealt' }],
    coins: 0,
    deal({ arena, mask }) {
      const c = form === 'mul' ? arena.words(words) : arena.zeros(words);
      if (form === 'mul') arena.kernels.mul(c, mask(a), mask(b), words);
      else matmulInto(arena, c, mask(a), mask(b), left, right, 1);
      return new Map([['c', c]]);
    },
  };
}

/** Decodes and checks a product request from a peer. */
export function readProduct(reader: DescriptorReader): MaterialRequest {
  reader.u8(VERSION);
  const form = FORMS[reader.u8(FORMS.length - 1)];
  const a = reader.mask();
  const b = reader.mask();
  reader.end();
  const left = a.view.shape;
  const right = b.view.shape;
  const rank = left.length;
  const fits =
    rank === right.length &&
    (form === 'mul'
      ? left.every((dim, axis) => dim === right[axis])
      : rank >= 2 &&
        left.slice(0, -2).every((dim, axis) => dim === right[axis]) &&
        left[rank - 1] === right[rank - 2] &&
        sizeOf([...left.slice(0, -1), right[rank - 1]]) <= MAX_REQUEST_WORDS);
  if (!fits) throw new MpcError('ERR_MPC_ABORT', 'material request: operand shapes do not fit');
  return productRequest(form, a, b);
}
