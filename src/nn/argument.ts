/**
 * Checks of what layers are made of and called with.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { CrypTensor, type SpatialSizes, type TensorLike } from '../tensor/index.ts';

/**
 * The input of a layer, which must be secret.
 *
 * @throws {TypeError} for anything else.
 */
export function secretInput(layer: object, x: TensorLike | undefined): CrypTensor {
  if (x instanceof CrypTensor) return x;
  throw new TypeError(
    `${layer.constructor.name}.forward: expected a CrypTensor, got ${kindOf(x)}; share it with party.cryptensor(values)`,
  );
}

/**
 * Checks sizes of a layer.
 *
 * @throws {MpcError} ERR_MPC_SHAPE unless all are whole numbers from 1 up.
 */
export function checkSizes(layer: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (Number.isInteger(size) && size >= 1) continue;
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${layer}: ${name} must be a whole number from 1 up, got ${size}`,
    );
  }
}

/**
 * Checks a probability.
 *
 * @throws {MpcError} ERR_MPC_RANGE unless it lies on [0, 1].
 */
export function checkProbability(layer: string, p: number): void {
  if (p >= 0 && p <= 1) return;
  throw new MpcError('ERR_MPC_RANGE', `${layer}: a probability lies on [0, 1], got ${p}`);
}

/**
 * One size for each spatial dim.
 *
 * @throws {MpcError} ERR_MPC_SHAPE unless there are as many, or one, all whole numbers from 1 up.
 */
export function kernelSizes(layer: string, kernelSize: SpatialSizes, dims: number): number[] {
  const list = typeof kernelSize === 'number' ? [kernelSize] : [...kernelSize];
  const sizes = list.length === 1 ? new Array<number>(dims).fill(list[0]) : list;
  if (sizes.length === dims && sizes.every((size) => Number.isInteger(size) && size >= 1)) {
    return sizes;
  }
  throw new MpcError(
    'ERR_MPC_SHAPE',
    `${layer}: kernelSize must be a whole number from 1 up, or ${dims} of them, got ${list.join()}`,
  );
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return value instanceof Promise ? 'a Promise (await it first)' : value.constructor.name;
}
