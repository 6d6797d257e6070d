/**
 * The format of the file that holds one party's lots, and the keys that seal it.
 *
 *   file         preamble · description, sealed · blocks of lot 0, of lot 1, …, each sealed · claims
 *   preamble     "ctprep" · u16 version · salt 32 · public key 32 · u64 bytes of the sealed description
 *   description  u32 wire version · u32 ring bits · u32 precision · u32 rank · u32 parties · u32 lots · u64 bytes of a lot ·
 *                manifest hash 32 · fileId 32 · root seed 32 · trace
 *   claim        u32 lot · 12 random bytes · the first 16 bytes of an HMAC-SHA-256 of both
 *
 * Sealed is AES-256-GCM; the nonce is the place in the file, and the preamble is authenticated with every part. Both keys come by
 * HKDF from the party's secret key and the file's salt (C9). Little endian.
 * @module
 */

import { concat, equalBytes, u32le, u64le, utf8, wipe } from '../../core/bytes.ts';
import { MpcError } from '../../core/errors.ts';
import { WIRE_VERSION } from '../../net/frame.ts';
import { fingerprint, type Identity } from '../../net/identity.ts';
import { RING_BITS } from '../../net/manifest.ts';
import {
  type Aead,
  type AeadKey,
  hkdf,
  hmacSha256,
  KEY_BYTES,
  NONCE_BYTES,
  randomBytes,
  TAG_BYTES,
} from '../../net/secure/crypto.ts';

const MAGIC = concat([utf8('ctprep'), Uint8Array.of(1, 0)]);
const FACTS_BYTES = 128;
const CLAIM_BODY_BYTES = 16;
/** Bytes of the preamble and of a claim. */
export const PREAMBLE_BYTES: number = MAGIC.length + 2 * KEY_BYTES + 8;
export const CLAIM_BYTES = 32;

/** For whom, for which session and from which generation a file is. */
export interface LotFileTerms {
  readonly precision: number;
  readonly rank: number;
  readonly world: number;
  readonly manifestHash: Uint8Array;
}

/** What a new file says of itself. */
export interface LotFileContents extends LotFileTerms {
  readonly lots: number;
  /** Bytes of corrections of one lot: 0 but at the last party. */
  readonly lotBytes: number;
  readonly fileId: Uint8Array;
  /** This party's root seed of the generation. */
  readonly seed: Uint8Array;
  readonly trace: Uint8Array;
}

/** The first bytes of a new file and its sealed description. */
export async function describeLots(
  aead: Aead,
  { x25519 }: Identity,
  contents: LotFileContents,
): Promise<{ bytes: Uint8Array; seals: Seals }> {
  const { precision, rank, world, lots, lotBytes, manifestHash, fileId, seed, trace } = contents;
  const numbers = [WIRE_VERSION, RING_BITS, precision, rank, world, lots].map(u32le);
  const description = concat([...numbers, u64le(lotBytes), manifestHash, fileId, seed, trace]);
  const length = u64le(description.length + TAG_BYTES);
  const preamble = concat([MAGIC, randomBytes(KEY_BYTES), x25519.public, length]);
  const seals = await Seals.of(aead, preamble, x25519.secret);
  const bytes = concat([preamble, await seals.seal(0, description)]);
  wipe(description);
  return { bytes, seals };
}

/**
 * Bytes of the sealed description, from the preamble.
 *
 * @throws {MpcError} ERR_MPC_FILE if it is not the preamble of such a file, or of somebody else's.
 */
export function descriptionBytes(path: string, preamble: Uint8Array, { x25519 }: Identity): number {
  if (!equalBytes(preamble.subarray(0, 6), MAGIC.subarray(0, 6))) {
    throw fileError(`${path} is no file of \`cryptensor preprocess\``);
  }
  if (!equalBytes(preamble.subarray(0, MAGIC.length), MAGIC)) {
    throw fileError(`${path} has a version that this release does not read`);
  }
  const at = MAGIC.length + KEY_BYTES;
  const owner = preamble.subarray(at, at + KEY_BYTES);
  if (!equalBytes(owner, x25519.public)) {
    const keys = `made for ${fingerprint(owner)}, this party is ${fingerprint(x25519.public)}`;
    throw fileError(`${path} belongs to another key, or is damaged: ${keys}`);
  }
  const view = new DataView(preamble.buffer, preamble.byteOffset);
  return Number(view.getBigUint64(PREAMBLE_BYTES - 8, true));
}

/**
 * Reads a description.
 *
 * @throws {MpcError} ERR_MPC_FILE if the file is of another release, session or party.
 */
export function readDescription(
  path: string,
  bytes: Uint8Array,
  terms: LotFileTerms,
): LotFileContents {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [wire, ring, precision, rank, world, lots] = [0, 1, 2, 3, 4, 5].map((i) =>
    view.getUint32(4 * i, true),
  );
  const manifestHash = bytes.subarray(32, 64);
  if (wire !== WIRE_VERSION || ring !== RING_BITS) {
    throw fileError(
      `${path} was made by a release with wire version ${wire}, this is ${WIRE_VERSION}`,
    );
  }
  const same =
    equalBytes(manifestHash, terms.manifestHash) &&
    precision === terms.precision &&
    rank === terms.rank &&
    world === terms.world;
  if (!same) {
    throw fileError(`${path} was made for another session file, or for another party of it`);
  }
  return {
    ...terms,
    lots,
    lotBytes: Number(view.getBigUint64(24, true)),
    fileId: bytes.slice(64, 96),
    seed: bytes.slice(96, FACTS_BYTES),
    trace: bytes.subarray(FACTS_BYTES),
  };
}

/** The keys of one file. */
export class Seals {
  readonly #aead: AeadKey;
  readonly #markKey: Uint8Array;
  readonly #preamble: Uint8Array;

  private constructor(aead: AeadKey, markKey: Uint8Array, preamble: Uint8Array) {
    this.#aead = aead;
    this.#markKey = markKey;
    this.#preamble = preamble;
  }

  static async of(aead: Aead, preamble: Uint8Array, secret: Uint8Array): Promise<Seals> {
    const salt = preamble.subarray(MAGIC.length, MAGIC.length + KEY_BYTES);
    const keys = hkdf(secret, salt, utf8('cryptensor/material-file/1'), 2 * KEY_BYTES);
    const sealing = await aead(keys.subarray(0, KEY_BYTES));
    const markKey = keys.slice(KEY_BYTES);
    wipe(keys);
    return new Seals(sealing, markKey, preamble);
  }

  /** Seals what stands at a place: the description at 0, the blocks from 1 on. Each place is written once. */
  async seal(place: number, bytes: Uint8Array): Promise<Uint8Array> {
    return concat(await this.#aead.seal(nonceOf(place), this.#preamble, [bytes]));
  }

  /** @throws {MpcError} ERR_MPC_FILE if it is not what was sealed there. */
  async open(path: string, place: number, sealed: Uint8Array): Promise<Uint8Array> {
    try {
      return concat(await this.#aead.open(nonceOf(place), this.#preamble, [sealed]));
    } catch {
      throw damaged(path, 'its contents do not verify');
    }
  }

  /** A new claim of a lot, different from every other. */
  claim(lot: number): Uint8Array {
    const body = concat([u32le(lot), randomBytes(CLAIM_BODY_BYTES - 4)]);
    return concat([body, this.#mark(body)]);
  }

  /**
   * The lot of a claim.
   *
   * @throws {MpcError} ERR_MPC_FILE if it is no claim of this file.
   */
  claimed(path: string, claim: Uint8Array): number {
    const body = claim.subarray(0, CLAIM_BODY_BYTES);
    if (!equalBytes(claim.subarray(CLAIM_BODY_BYTES), this.#mark(body))) {
      throw damaged(path, 'the list of used runs was changed');
    }
    return new DataView(claim.buffer, claim.byteOffset).getUint32(0, true);
  }

  wipe(): void {
    this.#aead.wipe();
    wipe(this.#markKey);
  }

  #mark(body: Uint8Array): Uint8Array {
    return hmacSha256(this.#markKey, body).subarray(0, CLAIM_BYTES - CLAIM_BODY_BYTES);
  }
}

function nonceOf(place: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setBigUint64(NONCE_BYTES - 8, BigInt(place));
  return nonce;
}

/** A file that is not what was written. */
export function damaged(path: string, why: string): MpcError {
  return fileError(`${path} is damaged: ${why}; make a new one with \`cryptensor preprocess\``);
}

/** Something is wrong with a file. */
export function fileError(why: string): MpcError {
  return new MpcError('ERR_MPC_FILE', `preprocessing: ${why}`);
}
