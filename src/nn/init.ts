/**
 * Initial values, from the platform's CSPRNG.
 * @module
 */

import { sizeOf, type Shape } from '../core/shape.ts';
import { Tensor } from '../tensor/index.ts';

/** Doubles drawn at once; the platform gives at most 65,536 bytes a call. */
const CHUNK = 8192;

/** Values uniform in [low, high), 53 random bits each. */
export function uniform(shape: Shape, low: number, high: number): Tensor {
  const values = new Float64Array(sizeOf(shape));
  const words = new BigUint64Array(CHUNK);
  for (let start = 0; start < values.length; start += CHUNK) {
    const count = Math.min(CHUNK, values.length - start);
    globalThis.crypto.getRandomValues(words.subarray(0, count));
    for (let i = 0; i < count; i++) {
      const unit = Number(words[i] >> 11n) / 2 ** 53;
      values[start + i] = low + (high - low) * unit;
    }
  }
  words.fill(0n);
  return new Tensor(shape, values);
}
