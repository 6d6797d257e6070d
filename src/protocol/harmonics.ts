/**
 * Smooth functions of one variable as sums of harmonics: what the gates `series` and `curve` evaluate.
 *
 * With c = x + r public, cos(kx) = cos(kc)·cos(kr) + sin(kc)·sin(kr): a harmonic of a secret is a sum of public numbers times shares of
 * cos(kr) and sin(kr), which the dealer knows. A smooth function on an interval is a short sum of harmonics when the period is longer
 * than the interval (Fourier extension); the coefficients are fitted ahead and stand beside each function.
 * @module
 */

/** constant + Σ_k cos[k−1]·cos(2πkt) + sin[k−1]·sin(2πkt), t in turns. */
export interface Harmonics {
  readonly constant: number;
  /** Coefficients for k = 1, 2, …; as many as `sin`. */
  readonly cos: readonly number[];
  readonly sin: readonly number[];
  /** |sum| < 2^bound on the interval it was fitted on. */
  readonly bound: number;
}

/** slope·x + offset in units of 1; slopes are integers, so a tail owes no truncation. */
export interface Tail {
  readonly slope: number;
  readonly offset: number;
}

/** A function of every x: harmonics and a linear term on [low, high), linear tails beyond. */
export interface Curve {
  readonly name: string;
  /** Ends of the interval in units of 1. */
  readonly low: number;
  readonly high: number;
  /** x of the interval that is less than 2^slackLog2 from an end may be taken for one beyond it, in units of 1. */
  readonly slackLog2: number;
  /** t = x/2^periodLog2; the period is longer than high − low. */
  readonly periodLog2: number;
  readonly inside: Harmonics;
  /** Linear term on the interval: halfSlope·x/2. */
  readonly halfSlope: number;
  readonly below: Tail;
  readonly above: Tail;
}

/** Fractional bits of a sum before it is truncated; leaves its `bound` and one guard bit below 2^62. */
export function seriesScale(bound: number): number {
  return 60 - bound;
}
