/**
 * Material of sums of harmonics: the angle's mask r, and cos and sin of its multiples at scale 2^30.
 *
 * To the last party: 16 bytes a harmonic and element.
 * @module
 */

import { MpcError } from '../../../core/errors.ts';
import type { Ptr } from '../../../kernels/contract.ts';
import type { Arena } from '../../../kernels/memory.ts';
import { DescriptorReader, DescriptorWriter } from '../descriptor.ts';
import type { MaterialRequest } from '../material.ts';
import { dealtWords } from './comparison.ts';

/** Kind byte and version of this material. */
export const SERIES_KIND = 8;
const VERSION = 1;

/** Most harmonics of one sum. */
export const MAX_TERMS = 64;

/** Harmonics 1 to `terms` of n angles; r is a mask of the whole turn. */
export function seriesRequest(n: number, terms: number): MaterialRequest {
  return {
    descriptor: new DescriptorWriter().u8(SERIES_KIND).u8(VERSION).u8(terms).u32(n).done(),
    segments: [
      { name: 'r', words: n, sharing: 'add', source: 'free' },
      dealtWords('waves', 2 * terms * n),
    ],
    coins: 0,
    deal({ arena, free }) {
      return new Map([['waves', dealWaves(arena, free('r'), terms, n)]]);
    },
  };
}

/** cos and sin of the multiples of n angles: 2·terms words an element. */
export function dealWaves(arena: Arena, angles: Ptr, terms: number, n: number): Ptr {
  const waves = arena.words(2 * terms * n);
  arena.kernels.harmonicsDeal(waves, angles, terms, n);
  return waves;
}

/** Decodes and checks a request for harmonics. */
export function readSeries(reader: DescriptorReader): MaterialRequest {
  reader.u8(VERSION);
  const terms = reader.u8(MAX_TERMS);
  const n = reader.u32();
  reader.end();
  if (terms === 0) throw new MpcError('ERR_MPC_ABORT', 'material request: a series of nothing');
  return seriesRequest(n, terms);
}
