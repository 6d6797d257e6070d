/**
 * Options of split learning.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import type { Party } from '../../tensor/index.ts';

/** Options of split learning; all public and equal at every party. */
export interface DPSplitOptions {
  /** Rank of the party with the features and the model. */
  readonly featureSrc: number;
  /** Rank of the party with the labels. */
  readonly labelSrc: number;
  /** Inputs of the model's last layer. */
  readonly width: number;
  /** Largest L2 norm of a row's part in the gradient's sum; null: not clipped. */
  readonly clipNorm?: number | null;
  /** Standard deviation of the noise in units of clipNorm, which it needs; 0: none. */
  readonly noiseMultiplier?: number;
  /** Probability, between 0 and 0.5, with which each label is changed, once and for all; null: none is. */
  readonly randomizedResponseProb?: number | null;
  /** Probability, from 0 to 1, that the labels are taken to be right, as `rapporLoss`'s alpha but 0 is 0; null: labels without noise. */
  readonly rapporProb?: number | null;
}

/**
 * All options, checked.
 *
 * @throws {MpcError} ERR_MPC_RANK for ranks that are no parties or the same, ERR_MPC_RANGE for other options.
 */
export function checked(party: Party, options: DPSplitOptions): Required<DPSplitOptions> {
  const {
    featureSrc,
    labelSrc,
    width,
    clipNorm = null,
    noiseMultiplier = 0,
    randomizedResponseProb = null,
    rapporProb = null,
  } = options;
  for (const rank of [featureSrc, labelSrc]) {
    if (!Number.isInteger(rank) || rank < 0 || rank >= party.world) {
      throw new MpcError('ERR_MPC_RANK', `DPSplit: ${rank} is no party`);
    }
  }
  if (featureSrc === labelSrc) {
    throw new MpcError('ERR_MPC_RANK', 'DPSplit: features and labels belong to different parties');
  }
  const fail = (holds: boolean, text: string): void => {
    if (!holds) throw new MpcError('ERR_MPC_RANGE', `DPSplit: ${text}`);
  };
  fail(Number.isInteger(width) && width >= 1, 'width must be a whole number from 1 up');
  const finite = clipNorm === null || (clipNorm > 0 && Number.isFinite(clipNorm));
  fail(finite, 'clipNorm must be a number above 0, or null');
  fail(
    noiseMultiplier >= 0 && Number.isFinite(noiseMultiplier),
    'noiseMultiplier must be from 0 up',
  );
  fail(noiseMultiplier === 0 || clipNorm !== null, 'noise needs a clipNorm');
  const q = randomizedResponseProb;
  fail(q === null || (q > 0 && q < 0.5), 'randomizedResponseProb must be between 0 and 0.5');
  fail(
    rapporProb === null || (rapporProb >= 0 && rapporProb <= 1),
    'rapporProb must be from 0 to 1',
  );
  return {
    featureSrc,
    labelSrc,
    width,
    clipNorm,
    noiseMultiplier,
    randomizedResponseProb,
    rapporProb,
  };
}
