/**
 * Loading a module's state by name, all or nothing.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { CrypTensor, Tensor } from '../tensor/index.ts';
import type { StoredTensor } from './stored.ts';

/** Parameters and buffers by dotted name. */
export type StateDict = Readonly<Record<string, Tensor | CrypTensor>>;

/**
 * Takes values over by name; names and shapes are checked before anything is changed.
 *
 * @throws {MpcError} ERR_MPC_MODEL for missing or, if `strict`, unknown names, or secret values where plain ones are kept, or the
 * reverse; ERR_MPC_SHAPE for other shapes.
 */
export function loadState(
  own: readonly (readonly [name: string, stored: StoredTensor])[],
  state: StateDict,
  strict: boolean,
): void {
  const names = new Set(own.map(([name]) => name));
  const missing = [...names].filter((name) => !Object.hasOwn(state, name));
  const unknown = Object.keys(state).filter((name) => !names.has(name));
  if (strict && (missing.length > 0 || unknown.length > 0)) {
    throw new MpcError(
      'ERR_MPC_MODEL',
      `loadStateDict: missing ${list(missing)}, unknown ${list(unknown)}; pass { strict: false } to load the rest`,
    );
  }
  const found = own.filter(([name]) => Object.hasOwn(state, name));
  for (const [name, stored] of found) stored.check('loadStateDict', name, state[name]);
  for (const [name, stored] of found) stored.load(state[name]);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ');
}
