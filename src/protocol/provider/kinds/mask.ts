/**
 * Masks of operands: a is the sum of the parties' streams, so nothing is dealt; products name a mask by its tag (C8).
 * @module
 */

import { DescriptorWriter } from '../descriptor.ts';

/** Kind byte and version of this material. */
export const MASK_KIND = 1;
const VERSION = 1;

/** Context of a mask of `length` words. */
export function maskDescriptor(length: number): Uint8Array {
  return new DescriptorWriter().u8(MASK_KIND).u8(VERSION).u32(length).done();
}
