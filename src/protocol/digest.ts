/**
 * The 8-byte digest that every message carries: a hash chained over (op, options, scales, shapes, digests of the inputs).
 *
 * It catches parties that run different programs, two swapped calls of the same shape included. It is no defence against a
 * party that lies; the channel authenticates, the trust mode says who may lie (SECURITY.md). So it is no cryptographic hash
 * either: 64 bits, well mixed, and quick, because every step of the program has one. Part of the wire format.
 * @module
 */

const scratch = new DataView(new ArrayBuffer(8));

/** Digest of one step from its public description and the digests of its inputs. */
export function digestOf(description: string, inputs: readonly bigint[]): bigint {
  let a = description.length ^ 0x9747b28c;
  let b = inputs.length ^ 0x3c6ef372;
  for (let i = 0; i < description.length; i++) {
    const unit = description.charCodeAt(i);
    a = left(a, b, unit);
    b = right(a, b, unit);
  }
  for (const digest of inputs) {
    scratch.setBigUint64(0, digest, true);
    const low = scratch.getUint32(0, true);
    const high = scratch.getUint32(4, true);
    a = left(a, b, low);
    b = right(a, b, low);
    a = left(a, b, high);
    b = right(a, b, high);
  }
  // Twice, so that the last word reaches every bit of both halves.
  for (let i = 0; i < 2; i++) {
    a = finish(a ^ b);
    b = finish((b + a) | 0);
  }
  scratch.setInt32(0, a, true);
  scratch.setInt32(4, b, true);
  return scratch.getBigUint64(0, true);
}

// Both halves of the state take every word in; with the word known, a step can be undone, so a difference never gets lost.
// Multipliers and finish are MurmurHash3's.
function left(a: number, b: number, word: number): number {
  const mixed = a ^ word;
  return (Math.imul((mixed << 15) | (mixed >>> 17), 0xcc9e2d51) + b) | 0;
}

function right(a: number, b: number, word: number): number {
  const mixed = b ^ word;
  return Math.imul((mixed << 13) | (mixed >>> 19), 0x1b873593) ^ a;
}

function finish(half: number): number {
  let h = half;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
