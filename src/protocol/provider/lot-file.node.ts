/**
 * One party's lots as a run uses them; the format of the file is in `lot-format.ts`.
 *
 * Nothing but claims is ever written to a complete file. A claim is appended and synced before its lot is used; the first claim
 * of a lot is the one that counts, so two processes never share one (C4). Blocks are read and verified as they are needed.
 * @module
 */

import { open } from 'node:fs/promises';
import { equalBytes } from '../../core/bytes.ts';
import { MpcError } from '../../core/errors.ts';
import { quiet } from '../../core/later.ts';
import type { Identity } from '../../net/identity.ts';
import { nodeAead } from '../../net/secure/aead.node.ts';
import { TAG_BYTES } from '../../net/secure/crypto.ts';
import { failing } from '../disk.node.ts';
import {
  CLAIM_BYTES,
  damaged,
  descriptionBytes,
  type LotFileContents,
  type LotFileTerms,
  PREAMBLE_BYTES,
  readDescription,
  Seals,
} from './lot-format.ts';
import { BLOCK_BYTES, blocksOf, lotSeed } from './lots.ts';
import { type StoredLot, type StoredMaterial, type StoredStep, storedSteps } from './stored.ts';

/** Decrypted blocks that are kept: one for each tag space that reads at the same time. */
const CACHED_BLOCKS = 16;

/** A complete file. It is opened for each read: nothing is left open when a run ends. */
export class LotFile implements StoredMaterial {
  readonly fileId: Uint8Array;
  readonly lots: number;
  readonly #path: string;
  readonly #seals: Seals;
  readonly #seed: Uint8Array;
  readonly #steps: ReadonlyMap<string, StoredStep>;
  readonly #lotBytes: number;
  readonly #blocksAt: number;
  readonly #claimsAt: number;
  #next = 0;

  private constructor(
    path: string,
    seals: Seals,
    blocksAt: number,
    { lots, lotBytes, fileId, seed, trace }: LotFileContents,
  ) {
    this.fileId = fileId;
    this.lots = lots;
    this.#path = path;
    this.#seals = seals;
    this.#seed = seed;
    this.#steps = storedSteps(trace);
    this.#lotBytes = lotBytes;
    this.#blocksAt = blocksAt;
    this.#claimsAt = blocksAt + lots * (lotBytes + TAG_BYTES * blocksOf(lotBytes));
  }

  /**
   * Opens a file and checks that it is ours, of this session, and of its full length.
   *
   * @throws {MpcError} ERR_MPC_FILE saying what is wrong with it.
   */
  static async open(path: string, identity: Identity, terms: LotFileTerms): Promise<LotFile> {
    const preamble = await readAt(path, 0, PREAMBLE_BYTES);
    const sealed = await readAt(path, PREAMBLE_BYTES, descriptionBytes(path, preamble, identity));
    const seals = await Seals.of(nodeAead, preamble, identity.x25519.secret);
    const contents = readDescription(path, await seals.open(path, 0, sealed), terms);
    const file = new LotFile(path, seals, PREAMBLE_BYTES + sealed.length, contents);
    file.#next = (await file.#claims()).reduce((next, { lot }) => Math.max(next, lot + 1), 0);
    return file;
  }

  get next(): number {
    return this.#next;
  }

  /**
   * As `StoredMaterial` says. Reads the whole lot first: damage is found before anything of it is used.
   *
   * @throws {MpcError} ERR_MPC_FILE when it is damaged or cannot be marked as used, ERR_MPC_PREPROCESSING when another process was
   * faster.
   */
  async claim(lot: number): Promise<StoredLot> {
    for (let block = 0; block < blocksOf(this.#lotBytes); block++) {
      await this.#readBlock(lot, block);
    }
    const claim = this.#seals.claim(lot);
    await failing(`preprocessing: cannot mark a run of ${this.#path} as used`, () =>
      append(this.#path, claim),
    );
    const first = (await this.#claims()).find((other) => other.lot === lot);
    if (first === undefined || !equalBytes(first.bytes, claim)) {
      const why = 'another process has just begun a run with the same file; start this one again';
      throw new MpcError('ERR_MPC_PREPROCESSING', `preprocessing: ${why}`);
    }
    this.#next = lot + 1;
    const cache = new BlockCache((block) => this.#readBlock(lot, block));
    return {
      seed: lotSeed(this.#seed, this.fileId, lot),
      steps: this.#steps,
      read: (offset, byteLength) => cache.read(offset, byteLength),
    };
  }

  async #readBlock(lot: number, block: number): Promise<Uint8Array> {
    const place = lot * blocksOf(this.#lotBytes) + block;
    const at = this.#blocksAt + lot * this.#lotBytes + block * BLOCK_BYTES + place * TAG_BYTES;
    const bytes = Math.min(BLOCK_BYTES, this.#lotBytes - block * BLOCK_BYTES) + TAG_BYTES;
    return this.#seals.open(this.#path, 1 + place, await readAt(this.#path, at, bytes));
  }

  /** All claims, in the order in which they were made. */
  async #claims(): Promise<{ lot: number; bytes: Uint8Array }[]> {
    const all = await readAt(this.#path, this.#claimsAt);
    if (all.length % CLAIM_BYTES !== 0) throw damaged(this.#path, 'the list of used runs is cut');
    return Array.from({ length: all.length / CLAIM_BYTES }, (_, i) => {
      const bytes = all.subarray(i * CLAIM_BYTES, (i + 1) * CLAIM_BYTES);
      return { lot: this.#seals.claimed(this.#path, bytes), bytes };
    });
  }
}

/** The blocks of a lot that were read last. */
class BlockCache {
  readonly #fetch: (block: number) => Promise<Uint8Array>;
  readonly #blocks = new Map<number, Promise<Uint8Array>>();

  constructor(fetch: (block: number) => Promise<Uint8Array>) {
    this.#fetch = fetch;
  }

  async read(offset: number, byteLength: number): Promise<Uint8Array> {
    const out = new Uint8Array(byteLength);
    let at = 0;
    while (at < byteLength) {
      const bytes = await this.#block(Math.floor((offset + at) / BLOCK_BYTES));
      const part = bytes.subarray((offset + at) % BLOCK_BYTES).subarray(0, byteLength - at);
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  /** The block used longest ago makes room. */
  #block(block: number): Promise<Uint8Array> {
    const bytes = this.#blocks.get(block) ?? quiet(this.#fetch(block));
    this.#blocks.delete(block);
    this.#blocks.set(block, bytes);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= CACHED_BLOCKS) break;
      this.#blocks.delete(oldest);
    }
    return bytes;
  }
}

/** Bytes from `at` on, to the end of the file unless said; nothing is allocated that the file cannot fill. */
async function readAt(path: string, at: number, byteLength?: number): Promise<Uint8Array> {
  return failing(`preprocessing: cannot read ${path}`, async () => {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const length = byteLength ?? size - at;
      if (length < 0 || length > size - at) throw damaged(path, 'it is truncated');
      const out = new Uint8Array(length);
      const { bytesRead } = await file.read(out, 0, length, at);
      if (bytesRead < length) throw damaged(path, 'it is truncated');
      return out;
    } finally {
      await file.close();
    }
  });
}

/** Other processes may append at the same time: the system keeps each addition whole. */
async function append(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'a');
  try {
    await file.appendFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
