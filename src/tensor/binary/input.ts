/**
 * Values becoming binary tensors.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { checkSizes } from '../operand.ts';
import type { Party } from '../party.ts';
import { checkRank } from '../reveal.ts';
import { checkCount, parseBits, type PublicBits } from './operand.ts';
import { BinaryTensor } from './tensor.ts';

/** Options of `cryptensor` for binary tensors: they hold whole numbers, and bits have no gradients. */
export interface BinaryInputOptions {
  readonly ptype: 'binary';
  /** Rank that knows the values; 0 unless said. */
  readonly src?: number;
  /** Shape of the values; needed where they are unknown. */
  readonly shape?: Shape;
}

/** Shares words that party `src` knows; see `Party.cryptensor`. */
export function inputBits(
  party: Party,
  values: PublicBits | null,
  { src = 0, shape }: BinaryInputOptions,
): BinaryTensor {
  const { context } = party;
  checkRank(context, 'cryptensor', 'src', src);
  if (values === null && src === party.rank) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `cryptensor: party ${src} is the source and must pass values`,
    );
  }
  const known = values === null ? undefined : parseBits('cryptensor', values);
  const size = shape ?? known?.shape;
  if (size === undefined) {
    throw new MpcError('ERR_MPC_SHAPE', 'cryptensor: pass { shape } where the values are unknown');
  }
  checkSizes('cryptensor', size);
  if (known !== undefined) checkCount('cryptensor', size, sizeOf(known.shape));
  const own = src === party.rank ? known?.words(context, 0) : undefined;
  if (own !== undefined && own.fracBits > 0) {
    throw new MpcError('ERR_MPC_SCALE', 'cryptensor: binary tensors hold whole numbers');
  }
  const share = context.gates.binary.input(context, src, [...size], 0, own?.words ?? null);
  return new BinaryTensor(party, share);
}
