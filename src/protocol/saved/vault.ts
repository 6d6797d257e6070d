/**
 * What a party needs to keep shares outside the process: a key, what the key is for, and files where there are any.
 * @module
 */

import type { Aead } from '../../net/secure/crypto.ts';

/** Files of one party. */
export interface Files {
  /** @throws {MpcError} ERR_MPC_FILE if there is none. */
  read(path: string): Promise<Uint8Array>;
  /**
   * Writes beside `path`, readable by its owner alone, and syncs.
   *
   * @throws {MpcError} ERR_MPC_FILE if it cannot.
   */
  stage(path: string, bytes: Uint8Array): Promise<StagedFile>;
}

/** A file that is complete, under another name. */
export interface StagedFile {
  /** Puts it in the place of whatever is at its path. */
  keep(): Promise<void>;
  /** Removes it. */
  drop(): Promise<void>;
}

/** One party's means. */
export interface Vault {
  readonly aead: Aead;
  /** The party's long-term secret; undefined where it has none, as in a simulation. */
  readonly secret: Uint8Array | undefined;
  /** Hash of what the parties agreed to be: the manifest's in a real session. 32 bytes. */
  readonly terms: Uint8Array;
  /** Absent in pages. */
  readonly files: Files | undefined;
}
