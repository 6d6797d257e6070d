/**
 * Checks of public options.
 * @module
 */

import { MpcError } from '../core/errors.ts';

/**
 * Every option is a finite number from 0 up.
 *
 * @throws {MpcError} ERR_MPC_RANGE otherwise.
 */
export function checkFromZero(optimizer: string, options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value >= 0 && Number.isFinite(value)) continue;
    throw refused(optimizer, `${name} must be a number from 0 up, got ${value}`);
  }
}

/**
 * Every option is a number from 0 to below 1.
 *
 * @throws {MpcError} ERR_MPC_RANGE otherwise.
 */
export function checkDecay(optimizer: string, options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value >= 0 && value < 1) continue;
    throw refused(optimizer, `${name} must be from 0 to below 1, got ${value}`);
  }
}

/** The error for options that do not go. */
export function refused(optimizer: string, why: string): MpcError {
  return new MpcError('ERR_MPC_RANGE', `${optimizer}: ${why}`);
}
