/**
 * Material of curves: an interval's (`interval.ts`), and cos and sin of the multiples of r as an angle.
 *
 * To the last party: 16 bytes a harmonic beside the interval's, about 600 at 13 harmonics.
 * @module
 */

import { MpcError } from '../../../core/errors.ts';
import { DescriptorReader, DescriptorWriter } from '../descriptor.ts';
import type { MaterialRequest } from '../material.ts';
import { dealtWords } from './comparison.ts';
import {
  dealInterval,
  intervalCoins,
  intervalSegments,
  readInterval,
  writeInterval,
  type IntervalSize,
} from './interval.ts';
import { dealWaves, MAX_TERMS } from './series.ts';

/** Kind byte and version of this material. */
export const CURVE_KIND = 10;
const VERSION = 1;

/** Harmonics 1 to `terms` of the angle r·2^turnLog2. */
export function curveRequest(size: IntervalSize, terms: number, turnLog2: number): MaterialRequest {
  const { n } = size;
  const writer = new DescriptorWriter().u8(CURVE_KIND).u8(VERSION).u8(terms).u8(turnLog2);
  return {
    descriptor: writeInterval(writer, size).done(),
    segments: [...intervalSegments(size), dealtWords('waves', 2 * terms * n)],
    coins: intervalCoins(size),
    deal(deal) {
      const { arena } = deal;
      const { r, out } = dealInterval(deal, size);
      const angles = arena.words(n);
      arena.kernels.shiftLeft(angles, r, turnLog2, n);
      return out.set('waves', dealWaves(arena, angles, terms, n));
    },
  };
}

/** Decodes and checks a request for a curve. */
export function readCurve(reader: DescriptorReader): MaterialRequest {
  reader.u8(VERSION);
  const terms = reader.u8(MAX_TERMS);
  const turnLog2 = reader.u8(63);
  const size = readInterval(reader);
  reader.end();
  if (terms === 0) throw new MpcError('ERR_MPC_ABORT', 'material request: a curve of nothing');
  return curveRequest(size, terms, turnLog2);
}
