/**
 * Keeping and bringing tensors: shares that every party keeps, and plain tensors that one party has. See saving/.
 * @module
 */

import type { BinaryTensor } from '../binary/index.ts';
import type { Party } from '../party.ts';
import {
  sharedFrom,
  writtenAt,
  type Codec,
  type LoadFromPartyOptions,
  type PlainMeans,
  type PlainTree,
  type SaveFromPartyOptions,
} from '../saving/from-party.ts';
import { heldShares, type HeldOptions } from '../saving/held.ts';
import { loadTree, saveTree, vaultOf, type KeyOptions } from '../saving/shares.ts';
import type { Savable, Tree } from '../saving/tree.ts';
import type { CrypTensor } from '../tensor.ts';
import { partsOf } from './parts.ts';

/** Methods of a party. */
export interface SavingMethods {
  /**
   * A tensor from the words that this party holds of it; every party passes its own. They are believed: words that are no sharing
   * of anything give a wrong secret, and words that another party knows hide nothing from it.
   *
   * @throws {MpcError} ERR_MPC_SHAPE for another number of words, ERR_MPC_SCALE for an impossible precision.
   */
  fromShares(words: BigUint64Array, options: HeldOptions & { ptype: 'binary' }): BinaryTensor;
  fromShares(words: BigUint64Array, options?: HeldOptions): CrypTensor;
  /**
   * Keeps tensors: every party writes its own shares, sealed under its key, to a file or to bytes. Resolves when all have; if one
   * cannot, nobody's old file is replaced. Rounds: what truncation is owed, and 2.
   *
   * Files are of this session file and this party; `load` takes those of one save alone.
   *
   * @throws {MpcError} ERR_MPC_UNSUPPORTED for anything but tensors and plain objects of them, without files, or without a key;
   * ERR_MPC_FILE when a party cannot write.
   * @example
   * await party.save(model.stateDict(), 'model.shares');
   * model.loadStateDict(await party.load<nn.StateDict>('model.shares'));
   */
  save(object: Savable, path: string, options?: KeyOptions): Promise<void>;
  save(object: Savable, options?: KeyOptions): Promise<Uint8Array>;
  /**
   * What `save` kept, from this party's file or bytes; every party calls it. Loaded tensors require no gradient. That it is a `T` is
   * believed. Rounds: 1.
   *
   * @throws {MpcError} ERR_MPC_FILE at every party when one of them has no file that it can read, or they are not of one save.
   */
  load<T extends Savable = Savable>(source: string | Uint8Array, options?: KeyOptions): Promise<T>;
  /**
   * Shares plain tensors that party `src` loads, from a file, from bytes or `preloaded`; the others pass null or anything. They learn
   * names and shapes, no values. That it is a `T` is believed. Rounds: 2.
   *
   * @throws {MpcError} ERR_MPC_FILE at the others when `src` could not load, which throws what went wrong there.
   * @example
   * model.loadStateDict(await party.loadFromParty<nn.StateDict>('weights.safetensors', { src: 1 }));
   */
  loadFromParty<T = CrypTensor | Tree<CrypTensor>>(
    source: string | Uint8Array | null,
    options?: LoadFromPartyOptions,
  ): Promise<T>;
  /**
   * Writes plain tensors at party `src`, to a file or to bytes, which it gets; the others wait, and get null. Rounds: 1.
   *
   * @throws {MpcError} ERR_MPC_UNSUPPORTED at `src` for secret tensors; ERR_MPC_FILE at the others when it could not write.
   */
  saveFromParty(
    object: PlainTree | null,
    path?: string,
    options?: SaveFromPartyOptions,
  ): Promise<Uint8Array | null>;
}

/** What they do. */
export const savingMethods: SavingMethods & ThisType<Party> = {
  fromShares(words: BigUint64Array, options: HeldOptions = {}) {
    // The overloads say which of the two it is; TypeScript cannot follow.
    return heldShares(this, words, options) as never;
  },
  async save(object: Savable, place?: string | KeyOptions, options: KeyOptions = {}) {
    const vault = partsOf(this).keeping?.vault;
    const toFile = typeof place === 'string';
    const where = toFile ? { path: place, ...options } : { ...place };
    const bytes = await saveTree(this, vault, object, where);
    // As above.
    return (toFile ? undefined : bytes) as never;
  },
  load<T extends Savable>(source: string | Uint8Array, options: KeyOptions = {}) {
    return loadTree(this, partsOf(this).keeping?.vault, source, options) as Promise<T>;
  },
  loadFromParty<T>(source: string | Uint8Array | null, options: LoadFromPartyOptions = {}) {
    return sharedFrom(this, meansOf(this, 'loadFromParty'), source, options) as Promise<T>;
  },
  saveFromParty(object, path, options = {}) {
    return writtenAt(this, meansOf(this, 'saveFromParty'), object, path, options);
  },
};

function meansOf(party: Party, op: string): PlainMeans {
  const { keeping } = partsOf(party);
  const { files } = vaultOf(op, keeping?.vault);
  return { files, codec: (keeping as { readonly codec: Codec }).codec };
}
