/**
 * What initial values are scaled by: how many inputs and outputs an element meets, and the gain of what follows.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { showShape, sizeOf, type Shape } from '../core/shape.ts';

/** Which count keeps its variance: that of the forward pass or of the backward pass. */
export type FanMode = 'fan_in' | 'fan_out';

/** What comes after a layer. */
export type Nonlinearity =
  'linear' | 'conv1d' | 'conv2d' | 'sigmoid' | 'tanh' | 'relu' | 'leaky_relu' | 'selu';

/** Inputs and outputs that an element of a weight meets. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * Fans of a weight [out, in, …kernel].
 *
 * @throws {MpcError} ERR_MPC_SHAPE below two dims.
 */
export function fansOf(op: string, shape: Shape): Fans {
  if (shape.length < 2) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: expected a weight of at least 2 dims, got ${showShape(shape)}; use uniform_ or normal_`,
    );
  }
  const field = sizeOf(shape.slice(2));
  return { fanIn: shape[1] * field, fanOut: shape[0] * field };
}

/**
 * The factor that keeps the variance through a nonlinearity, as PyTorch's `calculate_gain`.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for another name.
 */
export function calculateGain(nonlinearity: Nonlinearity, negativeSlope = 0.01): number {
  switch (nonlinearity) {
    case 'linear':
    case 'conv1d':
    case 'conv2d':
    case 'sigmoid':
      return 1;
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leaky_relu':
      return Math.sqrt(2 / (1 + negativeSlope ** 2));
    case 'selu':
      return 3 / 4;
    default:
      throw new MpcError(
        'ERR_MPC_UNSUPPORTED',
        `calculateGain: there is no gain for ${String(nonlinearity)}; pass relu, leaky_relu, tanh, sigmoid, selu or linear`,
      );
  }
}
