/**
 * Differential privacy of labels against the feature party, for what split learning opens to it.
 *
 * Neighbours are data sets that differ in one label. Each release is a vector of L2 sensitivity Δ plus normal noise of variance 1: it
 * is Δ²/2-zCDP, releases add up, whatever the later ones were chosen by, and ρ-zCDP is (ρ + 2·√(ρ·ln 1/δ), δ)-DP. Randomised
 * response is ln((1 − q)/q)-DP for all that is ever made of the changed labels.
 *
 * The noise is rounded to the grid of what it hides, which changes nothing: the sum is on that grid already. It is drawn in doubles and
 * never beyond 8.6, which adds less than 1e-16 a number to δ.
 *
 * Source   M. Bun, T. Steinke, Concentrated differential privacy, TCC 2016-B, propositions 1.3, 1.6 and lemma 2.3; S. L. Warner 1965.
 * @module
 */

import { MpcError } from '../../core/errors.ts';

/** What is asked of the account. */
export interface PrivacyQuestion {
  /** Most steps that any one row takes part in: epochs, where each uses a row once. */
  readonly participations: number;
  /** Probability with which the bound may fail; 0 where randomised response alone is to count. */
  readonly delta: number;
}

/**
 * ε of normal noise of variance 1 on vectors of this sensitivity, for one label.
 *
 * @throws {MpcError} ERR_MPC_RANGE for participations that are no count or a δ outside [0, 1).
 */
export function normalEpsilon(
  sensitivity: number,
  { participations, delta }: PrivacyQuestion,
): number {
  if (!Number.isInteger(participations) || participations < 0 || !(delta >= 0 && delta < 1)) {
    throw new MpcError(
      'ERR_MPC_RANGE',
      'epsilon: expected a whole number of participations from 0 up and a delta from 0 to below 1',
    );
  }
  if (participations === 0) return 0;
  const rho = (participations * sensitivity ** 2) / 2;
  return delta === 0 ? Infinity : rho + 2 * Math.sqrt(rho * Math.log(1 / delta));
}

/** ε of randomised response that changes a label with probability q. */
export function responseEpsilon(q: number): number {
  return Math.log((1 - q) / q);
}
