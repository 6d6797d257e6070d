/**
 * Writing the file that holds one party's lots; its format is in `lot-format.ts`.
 *
 * Blocks go to disk as they come. The file has its name only when it is complete and synced.
 * @module
 */

import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Identity } from '../../net/identity.ts';
import { nodeAead } from '../../net/secure/aead.node.ts';
import { failing, syncFolder } from '../disk.node.ts';
import { describeLots, fileError, type LotFileContents, type Seals } from './lot-format.ts';

/** Writes a file, block by block. */
export class LotFileWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #seals: Seals;
  #place = 1;
  #closed: Promise<void> | undefined;

  private constructor(path: string, file: FileHandle, seals: Seals) {
    this.#path = path;
    this.#file = file;
    this.#seals = seals;
  }

  /**
   * Begins a file beside `path`, readable by its owner alone.
   *
   * @throws {MpcError} ERR_MPC_FILE if `path` exists or cannot be written.
   */
  static async create(
    path: string,
    identity: Identity,
    contents: LotFileContents,
  ): Promise<LotFileWriter> {
    await refuseExisting(path);
    const { bytes, seals } = await describeLots(nodeAead, identity, contents);
    return failing(`preprocessing: cannot write ${path}`, async () => {
      const file = await open(partOf(path), 'w', 0o600);
      await file.writeFile(bytes);
      return new LotFileWriter(path, file, seals);
    });
  }

  /** Adds the next block. */
  async write(block: Uint8Array): Promise<void> {
    const sealed = await this.#seals.seal(this.#place++, block);
    await failing(`preprocessing: cannot write ${this.#path}`, () => this.#file.writeFile(sealed));
  }

  /** Everything is on disk when this resolves, still under another name. */
  async sync(): Promise<void> {
    await failing(`preprocessing: cannot write ${this.#path}`, () => this.#file.sync());
  }

  /** Gives the file its name. Returns its size in bytes. */
  async finish(): Promise<number> {
    return failing(`preprocessing: cannot write ${this.#path}`, async () => {
      const { size } = await this.#file.stat();
      await this.#close();
      await rename(partOf(this.#path), this.#path);
      await syncFolder(dirname(this.#path));
      return size;
    });
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    await this.#close();
    await rm(partOf(this.#path), { force: true });
  }

  #close(): Promise<void> {
    this.#seals.wipe();
    return (this.#closed ??= this.#file.close());
  }
}

/** Checks that nothing is at `path` yet: a new file never replaces another. */
export async function refuseExisting(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  throw fileError(
    `${path} exists already; name another file, or remove it once its runs are used up`,
  );
}

/** What a file is called until it is complete. */
function partOf(path: string): string {
  return `${path}.part`;
}
