/**
 * Material of conversions between sharings: one random r, shared by addition and by XOR.
 *
 * To bits: r as words, the bits of −r as planes, and what the sum's circuit needs. From bits: random bits, and every one of them
 * as an additive share.
 * @module
 */

import { MpcError } from '../../../core/errors.ts';
import { circuitOf } from '../../binary/circuit.ts';
import { WORD_BITS } from '../../binary/share.ts';
import { DescriptorReader, DescriptorWriter } from '../descriptor.ts';
import type { MaterialRequest } from '../material.ts';
import { circuitSegments, dealCircuit, planeBytes } from './binary.ts';
import { bitWords } from './truncation.ts';

/** Kind bytes and version of these materials. */
export const TO_BINARY_KIND = 33;
export const TO_ARITHMETIC_KIND = 34;
const VERSION = 1;

/** Low `bits` bits of n words, from sums to bits. */
export function toBinaryRequest(n: number, bits: number): MaterialRequest {
  const circuit = circuitOf('addPublic', bits);
  const wireBytes = n <= WORD_BITS ? planeBytes(n) : 8;
  const planes = bits * bitWords(n);
  return {
    descriptor: new DescriptorWriter().u8(TO_BINARY_KIND).u8(VERSION).u8(bits).u32(n).done(),
    segments: [
      { name: 'r', words: n, sharing: 'add', source: 'free' },
      { name: 'bits', words: planes, sharing: 'xor', source: 'dealt', wireBytes },
      ...circuitSegments(circuit, n),
    ],
    coins: 0,
    deal(deal) {
      const { arena, free } = deal;
      const out = arena.words(planes);
      const negated = arena.words(n);
      arena.kernels.neg(negated, free('r'), n);
      arena.kernels.bitTranspose(out, negated, bits, n, arena.bytes(512));
      return dealCircuit(deal, circuit, n).set('bits', out);
    },
  };
}

/** Low `bits` bits of n words, from bits to sums: plane by plane n words, each a bit. */
export function toArithmeticRequest(n: number, bits: number): MaterialRequest {
  return {
    descriptor: new DescriptorWriter().u8(TO_ARITHMETIC_KIND).u8(VERSION).u8(bits).u32(n).done(),
    segments: [
      { name: 'r', words: bits * bitWords(n), sharing: 'xor', source: 'free' },
      { name: 'sum', words: bits * n, sharing: 'add', source: 'dealt' },
    ],
    coins: 0,
    deal({ arena, free }) {
      const w = bitWords(n);
      const sum = arena.words(bits * n);
      const r = free('r');
      const zeros = arena.zeros(n);
      for (let j = 0; j < bits; j++) {
        arena.scope(() => {
          const plane = arena.put(arena.take(r + 8 * w * j, w));
          const words = arena.words(n);
          // A public bit r and a share 0 at party 0 is exactly the bits as words.
          arena.kernels.bitOpened(words, plane, zeros, 0, n);
          new Uint8Array(arena.kernels.buffer()).copyWithin(sum + 8 * n * j, words, words + 8 * n);
        });
      }
      return new Map([['sum', sum]]);
    },
  };
}

/** Decodes and checks a request for a conversion to bits. */
export function readToBinary(reader: DescriptorReader): MaterialRequest {
  const { n, bits } = readSizes(reader);
  return toBinaryRequest(n, bits);
}

/** Decodes and checks a request for a conversion from bits. */
export function readToArithmetic(reader: DescriptorReader): MaterialRequest {
  const { n, bits } = readSizes(reader);
  return toArithmeticRequest(n, bits);
}

function readSizes(reader: DescriptorReader): { n: number; bits: number } {
  reader.u8(VERSION);
  const bits = reader.u8(WORD_BITS);
  const n = reader.u32();
  reader.end();
  if (bits === 0) throw new MpcError('ERR_MPC_ABORT', 'material request: no bits');
  return { n, bits };
}
