/**
 * Material of powers of two: an interval's (`interval.ts`), and 2^−(r mod 2^group) at the place of r's group.
 *
 * To the last party: 2^(span − group) words beside the interval's, 4 to 32.
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

/** Kind byte and version of this material. */
export const POWER_KIND = 11;
const VERSION = 1;

/** How r is cut up, as the kernels `powerDeal` and `powerSum` take it. */
export interface PowerLayout {
  /** Fractional bits of r. */
  readonly fracBits: number;
  /** log2 of the integers in a group. */
  readonly group: number;
  /** log2 of the integers that count. */
  readonly span: number;
  /** Fractional bits of the dealt powers. */
  readonly scale: number;
}

/** One power for each element's mask, at the place of its group. */
export function powerRequest(size: IntervalSize, layout: PowerLayout): MaterialRequest {
  const { fracBits, group, span, scale } = layout;
  const words = size.n * 2 ** (span - group);
  const writer = new DescriptorWriter().u8(POWER_KIND).u8(VERSION).u8(fracBits);
  return {
    descriptor: writeInterval(writer.u8(group).u8(span).u8(scale), size).done(),
    segments: [...intervalSegments(size), dealtWords('parts', words)],
    coins: intervalCoins(size),
    deal(deal) {
      const { arena } = deal;
      const { r, out } = dealInterval(deal, size);
      const parts = arena.words(words);
      arena.kernels.powerDeal(parts, r, fracBits, group, span, scale, size.n);
      return out.set('parts', parts);
    },
  };
}

/** Decodes and checks a request for powers. */
export function readPower(reader: DescriptorReader): MaterialRequest {
  reader.u8(VERSION);
  const fracBits = reader.u8(48);
  const group = reader.u8(5);
  const span = reader.u8(7);
  const scale = reader.u8(46);
  const size = readInterval(reader);
  reader.end();
  if (group > span || scale === 0) {
    throw new MpcError('ERR_MPC_ABORT', 'material request: no such powers');
  }
  return powerRequest(size, { fracBits, group, span, scale });
}
