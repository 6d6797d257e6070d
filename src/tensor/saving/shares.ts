/**
 * Saving and loading tensors as shares. See protocol/saved.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import { BinaryShare } from '../../protocol/binary/share.ts';
import {
  loadShares,
  saveShares,
  type SavedItem,
  type SavePlace,
} from '../../protocol/saved/saving.ts';
import type { Vault } from '../../protocol/saved/vault.ts';
import { Share } from '../../protocol/share.ts';
import { BinaryTensor } from '../binary/index.ts';
import type { Party } from '../party.ts';
import { Tensor } from '../plain.ts';
import { CrypTensor } from '../tensor.ts';
import { leavesOf, treeOf, type Savable, type SavableTensor } from './tree.ts';

/** Under which key. */
export interface KeyOptions {
  /** 32 secret bytes of this party instead of its long-term key; needed in simulations. */
  readonly key?: Uint8Array;
}

/** Seals the shares of a tree of tensors; see `Party.save`. */
export function saveTree(
  party: Party,
  vault: Vault | undefined,
  tree: Savable,
  place: SavePlace,
): Promise<Uint8Array> {
  const items = leavesOf('save', tree).map(([path, leaf]) => ({ path, value: valueOf(leaf) }));
  return saveShares(party.context, vaultOf('save', vault), items, place);
}

/** Reads what `saveTree` wrote; see `Party.load`. */
export async function loadTree(
  party: Party,
  vault: Vault | undefined,
  source: string | Uint8Array,
  { key }: KeyOptions,
): Promise<Savable> {
  const items = await loadShares(party.context, vaultOf('load', vault), source, key);
  return treeOf(items.map(({ path, value }) => [path, tensorOf(party, value)] as const));
}

/** The means of keeping things; not every party has them. */
export function vaultOf(op: string, vault: Vault | undefined): Vault {
  if (vault !== undefined) return vault;
  throw new MpcError('ERR_MPC_UNSUPPORTED', `${op}: an estimate keeps nothing`);
}

function valueOf(leaf: SavableTensor): SavedItem['value'] {
  if (leaf instanceof CrypTensor) return CrypTensor.shareOf(leaf);
  return leaf instanceof BinaryTensor ? BinaryTensor.shareOf(leaf) : leaf;
}

function tensorOf(party: Party, value: SavedItem['value']): SavableTensor {
  if (value instanceof Share) return new CrypTensor(party, value);
  if (value instanceof BinaryShare) return new BinaryTensor(party, value);
  return new Tensor(value.shape, value.data);
}
