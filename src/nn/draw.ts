/**
 * Plain random values, from the platform's CSPRNG.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sizeOf, type Shape } from '../core/shape.ts';
import { Tensor } from '../tensor/index.ts';

/** Doubles drawn at once; the platform gives at most 65,536 bytes a call. */
const CHUNK = 8192;

/** Values uniform in [low, high), 53 random bits each. */
export function uniform(shape: Shape, low: number, high: number): Tensor {
  const values = units(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = low + (high - low) * values[i];
  return new Tensor(shape, values);
}

/** Normal values, by Box and Muller. */
export function normal(shape: Shape, mean: number, std: number): Tensor {
  const size = sizeOf(shape);
  const [radii, angles] = [units(size), units(size)];
  const values = radii.map(
    (u, i) => mean + std * Math.sqrt(-2 * Math.log1p(-u)) * Math.cos(2 * Math.PI * angles[i]),
  );
  return new Tensor(shape, values);
}

/**
 * Normal values that fall between a and b.
 *
 * @throws {MpcError} ERR_MPC_RANGE unless a < b and the mean is within two standard deviations of the interval, as PyTorch warns.
 */
export function truncatedNormal(
  shape: Shape,
  mean: number,
  std: number,
  a: number,
  b: number,
): Tensor {
  if (!(a < b && std > 0 && mean >= a - 2 * std && mean <= b + 2 * std)) {
    throw new MpcError(
      'ERR_MPC_RANGE',
      `truncNormal_: expected a < b, std > 0 and a mean within 2 std of [a, b]; got mean ${mean}, std ${std}, a ${a}, b ${b}`,
    );
  }
  const values = new Float64Array(sizeOf(shape));
  // Candidates are uniform on the part of [a, b] where the density is above 1e-14 of its largest, and kept by density.
  const nearest = Math.min(Math.max(mean, a), b);
  const [low, high] = [Math.max(a, nearest - 8 * std), Math.min(b, nearest + 8 * std)];
  const peak = (nearest - mean) / std;
  for (let kept = 0; kept < values.length;) {
    const wanted = Math.min(CHUNK, 4 * (values.length - kept));
    const [places, heights] = [units(wanted), units(wanted)];
    for (let i = 0; i < wanted && kept < values.length; i++) {
      const x = low + (high - low) * places[i];
      const z = (x - mean) / std;
      if (heights[i] < Math.exp((peak * peak - z * z) / 2)) values[kept++] = x;
    }
  }
  return new Tensor(shape, values);
}

/** The numbers 0 to n − 1 in random order. */
export function permutation(n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  const places = units(n);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(places[i] * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Numbers uniform in [0, 1). */
function units(size: number): Float64Array {
  const values = new Float64Array(size);
  const words = new BigUint64Array(Math.min(size, CHUNK));
  for (let start = 0; start < size; start += CHUNK) {
    const count = Math.min(CHUNK, size - start);
    globalThis.crypto.getRandomValues(words.subarray(0, count));
    for (let i = 0; i < count; i++) values[start + i] = Number(words[i] >> 11n) / 2 ** 53;
  }
  words.fill(0n);
  return values;
}
