/**
 * Bounds: what the program proves about a value, attached to the share that holds it.
 *
 * Gates work in fewer bits under a bound, so it is stated only where it follows from what was computed: a 0/1 tensor, a position, a
 * clip, a maximum of bounded values. Cost    0 rounds, 0 bytes. Leaks   nothing: bounds are public.
 * @module
 */

import { Share, Storage } from '../share.ts';

/**
 * The same words with |x| ≤ 2^bound stated; x itself where that is known already or nothing is stated.
 *
 * For results that nobody else holds: the share returned has a storage, and so masks and a truncation, of its own (H5).
 */
export function boundedA(x: Share, bound: number | undefined): Share {
  if (bound === undefined || (x.bound !== undefined && x.bound <= bound)) return x;
  const { length, fracBits, nominal, constant, depth, digest } = x.storage;
  const facts = { length, fracBits, nominal, constant, depth, digest, bound };
  return new Share(new Storage(facts, Storage.words(x.storage)), x);
}

/** The least whole b with max ≤ 2^b, from −64 up. */
export function boundOf(max: number): number {
  let bound = -64;
  for (let power = 2 ** -64; power < max; power *= 2) bound++;
  return bound;
}
