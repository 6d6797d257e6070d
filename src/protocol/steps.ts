/**
 * Step functions: exact piecewise-linear functions of raw words, decided by public thresholds (survey §3b.3, multi-threshold).
 *
 * Every output is linear on each interval between the thresholds, in raw words: slope·x + offset mod 2^64. Clips, selections by
 * range, exponents as powers of two and one-hot positions are all of this form, on one opening.
 * @module
 */

/** What an output is on one interval: slope·x + offset in raw words. */
export interface LinearPiece {
  readonly slope: bigint;
  readonly offset: bigint;
}

/** One function of the word that was opened. */
export interface StepOutput {
  /** Fractional bits that the output's words have. */
  readonly fracBits: number;
  /** |y| ≤ 2^bound in units of 1, where the pieces prove it. */
  readonly bound?: number;
  /** One more than there are thresholds; piece i holds for τ_(i−1) ≤ x < τ_i. */
  readonly pieces: readonly LinearPiece[];
}

/** Thresholds and the functions they decide. */
export interface Steps {
  readonly name: string;
  /** Raw signed words, strictly ascending; at least one. */
  readonly thresholds: readonly bigint[];
  readonly outputs: readonly StepOutput[];
  /** x with τ − 2^slack < x < τ may count as τ or above; absent: every x is where it belongs. */
  readonly slack?: number;
}
