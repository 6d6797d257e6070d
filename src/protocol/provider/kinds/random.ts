/**
 * Material of random tensors: shares of what the dealer draws from its own coins.
 *
 * To the last party: 8 bytes an element.
 * @module
 */

import { MpcError } from '../../../core/errors.ts';
import { coinsFor, draw, type Distribution } from '../../random.ts';
import { DescriptorReader, DescriptorWriter } from '../descriptor.ts';
import type { MaterialRequest } from '../material.ts';
import { dealtWords } from './comparison.ts';

/** Kind byte and version of this material. */
export const RANDOM_KIND = 20;
const VERSION = 1;

const KINDS: readonly Distribution['kind'][] = ['uniform', 'normal', 'bernoulli', 'permutation'];

/** Most fractional bits of what is drawn. */
export const MAX_RANDOM_BITS = 48;

/** n draws; their secret is nobody's but the dealer's. */
export function randomRequest(n: number, distribution: Distribution): MaterialRequest {
  const { kind } = distribution;
  const bits = 'fracBits' in distribution ? distribution.fracBits : 0;
  const [p] = new BigUint64Array(Float64Array.of('p' in distribution ? distribution.p : 0).buffer);
  return {
    descriptor: new DescriptorWriter()
      .u8(RANDOM_KIND)
      .u8(VERSION)
      .u8(KINDS.indexOf(kind))
      .u8(bits)
      .u32(Number(p & 0xffffffffn))
      .u32(Number(p >> 32n))
      .u32(n)
      .done(),
    segments: [dealtWords('drawn', n)],
    coins: coinsFor(n),
    deal({ arena, coins }) {
      return new Map([['drawn', arena.put(draw(distribution, n, arena.take(coins, coinsFor(n))))]]);
    },
  };
}

/** Decodes and checks a request for random numbers. */
export function readRandom(reader: DescriptorReader): MaterialRequest {
  reader.u8(VERSION);
  const kind = KINDS[reader.u8(KINDS.length - 1)];
  const fracBits = reader.u8(MAX_RANDOM_BITS);
  const words = [reader.u32(0xffffffff), reader.u32(0xffffffff)];
  const [p] = new Float64Array(Uint32Array.from(words).buffer);
  const n = reader.u32();
  reader.end();
  if (!(p >= 0 && p <= 1)) {
    throw new MpcError('ERR_MPC_ABORT', 'material request: no such probability');
  }
  return randomRequest(n, distributionOf(kind, fracBits, p));
}

function distributionOf(kind: Distribution['kind'], fracBits: number, p: number): Distribution {
  if (kind === 'uniform' || kind === 'normal') return { kind, fracBits };
  return kind === 'bernoulli' ? { kind, p } : { kind };
}
