/**
 * Material of the test for zero: r, XOR shares of one-hot strings of its 5-bit blocks and of π, and π' as a one-hot list of words.
 *
 * To the last party 112 bytes an element at 13 blocks.
 * @module
 */

import { zeroTableWords } from '../../../kernels/contract.ts';
import { DescriptorReader, DescriptorWriter } from '../descriptor.ts';
import type { MaterialRequest } from '../material.ts';
import { dealtWords } from './comparison.ts';

/** Kind byte and version of this material. */
export const ZERO_KIND = 12;
const VERSION = 1;

/** Words of the one-hot list of π'. */
export function placeWords(blocks: number): number {
  return blocks > 6 ? 4 : 2;
}

/** [x = 0] on words of 5·blocks bits, of 64 at 13 blocks. */
export function zeroRequest(n: number, blocks: number): MaterialRequest {
  const words = zeroTableWords(blocks) * n;
  return {
    descriptor: new DescriptorWriter().u8(ZERO_KIND).u8(VERSION).u8(blocks).u32(n).done(),
    segments: [
      { name: 'r', words: n, sharing: 'add', source: 'free' },
      { name: 'tables', words, sharing: 'xor', source: 'dealt' },
      dealtWords('ones', placeWords(blocks) * n),
    ],
    coins: n,
    deal({ arena, free, coins }) {
      const tables = arena.words(words);
      const ones = arena.words(placeWords(blocks) * n);
      arena.kernels.zeroDeal(tables, ones, free('r'), coins, blocks, n);
      return new Map([
        ['tables', tables],
        ['ones', ones],
      ]);
    },
  };
}

/** Decodes and checks a request for tests for zero. */
export function readZero(reader: DescriptorReader): MaterialRequest {
  reader.u8(VERSION);
  const blocks = Math.max(reader.u8(13), 1);
  const n = reader.u32();
  reader.end();
  return zeroRequest(n, blocks);
}
