/**
 * Material of exact truncation: two private bits and their product for two parties (H6), r with its upper part and top bit for
 * more (EGK20).
 * @module
 */

import type { Ptr } from '../../../kernels/contract.ts';
import { DescriptorReader, DescriptorWriter } from '../descriptor.ts';
import type { MaterialRequest } from '../material.ts';

/** Kind bytes and version of these materials. */
export const TRUNCATE_PAIR_KIND = 3;
export const TRUNCATE_OPENED_KIND = 4;
const VERSION = 1;

/** Words of `n` packed bits. */
export function bitWords(n: number): number {
  return Math.ceil(n / 64);
}

/** n = 2, dropping m bits: bits a_0 and a_1, each its party's own, and shares of a_0·a_1 mod 2^m. */
export function truncatePairRequest(n: number, m: number): MaterialRequest {
  return {
    descriptor: new DescriptorWriter().u8(TRUNCATE_PAIR_KIND).u8(VERSION).u8(m).u32(n).done(),
    segments: [
      { name: 'bits', words: bitWords(n), sharing: 'xor', source: 'own' },
      { name: 'ab', words: n, sharing: 'add', source: 'dealt', wireBytes: Math.ceil(m / 8) },
    ],
    coins: 0,
    deal({ arena, own }) {
      const words = bitWords(n);
      const product = arena.words(words);
      arena.kernels.and(product, own('bits', 0), own('bits', 1), words);
      const ab = arena.words(n);
      // A public bit t = product and ρ = 0 at party 0 is exactly the bits as words.
      arena.kernels.bitOpened(ab, product, arena.zeros(n), 0, n);
      return new Map([['ab', ab]]);
    },
  };
}

/** Bytes that matter of shares of r's top bit, which a truncation by m bits shifts up by 63 − m. */
export function topBytes(m: number): number {
  return Math.ceil((m + 1) / 8);
}

/** Any n, dropping m bits: r, (r mod 2^63) >> m and the top bit of r. */
export function truncateOpenedRequest(n: number, m: number): MaterialRequest {
  return {
    descriptor: new DescriptorWriter().u8(TRUNCATE_OPENED_KIND).u8(VERSION).u8(m).u32(n).done(),
    segments: [
      { name: 'r', words: n, sharing: 'add', source: 'free' },
      { name: 'rc', words: n, sharing: 'add', source: 'dealt' },
      { name: 'r63', words: n, sharing: 'add', source: 'dealt', wireBytes: topBytes(m) },
    ],
    coins: 0,
    deal({ arena, free }) {
      const rc = arena.words(n);
      const r63 = arena.words(n);
      arena.kernels.truncateDeal(rc, r63, free('r'), m, n);
      return new Map<string, Ptr>([
        ['rc', rc],
        ['r63', r63],
      ]);
    },
  };
}

/** Decodes and checks a two-party truncation request. */
export function readTruncatePair(reader: DescriptorReader): MaterialRequest {
  const { n, m } = readSizes(reader);
  return truncatePairRequest(n, Math.max(m, 1));
}

/** Decodes and checks an EGK truncation request. */
export function readTruncateOpened(reader: DescriptorReader): MaterialRequest {
  const { n, m } = readSizes(reader);
  return truncateOpenedRequest(n, m);
}

function readSizes(reader: DescriptorReader): { n: number; m: number } {
  reader.u8(VERSION);
  const m = reader.u8(61);
  const n = reader.u32();
  reader.end();
  return { n, m };
}
