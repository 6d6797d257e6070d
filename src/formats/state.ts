/**
 * What is saved: plain tensors by name.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { type CrypTensor, Tensor } from '../tensor/index.ts';
import type { DType } from './dtype.ts';

/** What may be handed to a `save`: a state dict; secret tensors in it are refused. */
export type SavedState = Readonly<Record<string, Tensor | CrypTensor>>;

/** How it is saved. */
export interface SaveOptions {
  /** Type of the elements in the file: `f64` unless said, which loses nothing. */
  readonly dtype?: DType;
}

/**
 * The tensors of a state dict, in order.
 *
 * @throws {MpcError} ERR_MPC_MODEL if one is still secret.
 */
export function plainEntries(op: string, state: SavedState): [string, Tensor][] {
  return Object.entries(state).map(([name, value]) => {
    if (value instanceof Tensor) return [name, value];
    const why = 'is secret; open it first, e.g. with await module.decrypt()';
    throw new MpcError('ERR_MPC_MODEL', `${op}: ${quoted(name)} ${why}`);
  });
}

/** A text of a file, as it stands in messages: escaped and short. */
export function quoted(text: unknown): string {
  return JSON.stringify(String(text).slice(0, 40));
}

/** A refusal. */
export function malformed(op: string, why: string, cause?: unknown): MpcError {
  return new MpcError('ERR_MPC_FILE', `${op}: ${why}`, cause === undefined ? {} : { cause });
}
