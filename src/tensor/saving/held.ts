/**
 * Tensors from shares that a program already has.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import { showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { BinaryShare } from '../../protocol/binary/share.ts';
import { shareOf } from '../../protocol/saved/saving.ts';
import { MAX_FRAC_BITS } from '../../ring/encoder.ts';
import { BinaryTensor } from '../binary/index.ts';
import { checkSizes } from '../operand.ts';
import type { Party } from '../party.ts';
import { CrypTensor } from '../tensor.ts';

/** How words are to be read. */
export interface HeldOptions {
  /** Additive shares modulo 2^64, or words to XOR; additive unless said. */
  readonly ptype?: 'arithmetic' | 'binary';
  /** A vector unless said. */
  readonly shape?: Shape;
  /** Fractional bits; the session's unless said, 0 of binary ones. */
  readonly precision?: number;
}

/** A tensor of the words that this party holds; see `Party.fromShares`. */
export function heldShares(
  party: Party,
  words: BigUint64Array,
  { ptype = 'arithmetic', shape = [words.length], precision }: HeldOptions,
): CrypTensor | BinaryTensor {
  checkSizes('fromShares', shape);
  if (sizeOf(shape) !== words.length) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `fromShares: shape ${showShape(shape)} holds ${sizeOf(shape)} elements, got ${words.length}`,
    );
  }
  const fracBits = precision ?? (ptype === 'binary' ? 0 : party.precision);
  if (!Number.isInteger(fracBits) || fracBits < 0 || fracBits > MAX_FRAC_BITS) {
    throw new MpcError(
      'ERR_MPC_SCALE',
      `fromShares: precision ${fracBits} must be a whole number of fractional bits from 0 to ${MAX_FRAC_BITS}`,
    );
  }
  const share = shareOf(party.context, words.slice(), [...shape], fracBits);
  return ptype === 'binary'
    ? new BinaryTensor(party, new BinaryShare(share, 64))
    : new CrypTensor(party, share);
}
