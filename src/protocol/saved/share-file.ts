/**
 * The file that holds one party's shares, sealed under a key of that party.
 *
 *   file      preamble · sealed body
 *   preamble  "ctsave" · u16 version · salt 32 · fileId 32 · terms 32 · u32 wire version · u32 ring bits · u32 precision ·
 *             u32 rank · u32 parties
 *   body      u32 bytes of the header · header, JSON · words of every entry, in order
 *
 * Sealed is AES-256-GCM with the preamble authenticated; the key comes by HKDF from the party's secret and the file's salt, so
 * each file has its own (C9). The fileId is that of all files of one save, and of no other (M6). Little endian.
 * @module
 */

import { concat, equalBytes, u32le, utf8, wipe } from '../../core/bytes.ts';
import { MpcError } from '../../core/errors.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import type { Words } from '../../kernels/memory.ts';
import { WIRE_VERSION } from '../../net/frame.ts';
import { RING_BITS } from '../../net/manifest.ts';
import { type Aead, hkdf, KEY_BYTES, NONCE_BYTES, randomBytes } from '../../net/secure/crypto.ts';

const MAGIC = concat([utf8('ctsave'), Uint8Array.of(1, 0)]);
const FACTS_AT = MAGIC.length + 3 * KEY_BYTES;
const PREAMBLE_BYTES = FACTS_AT + 5 * 4;

/** What is public about one tensor of a file. */
export interface SavedEntry {
  /** Names that lead to it; none for a tensor that was saved alone. */
  readonly path: readonly string[];
  /** How its words are shared; `public` ones are doubles that every party knows. */
  readonly kind: 'arithmetic' | 'binary' | 'public';
  readonly shape: Shape;
  readonly fracBits: number;
  /** Proven bound of an arithmetic share, bits of a binary one. */
  readonly bits: number | null;
}

/** Whose file it is, in which session. */
export interface FileTerms {
  readonly terms: Uint8Array;
  readonly precision: number;
  readonly rank: number;
  readonly world: number;
}

/** What a file holds. */
export interface SavedShares {
  readonly fileId: Uint8Array;
  readonly entries: readonly SavedEntry[];
  /** One for each entry. */
  readonly words: readonly Words[];
}

/** The bytes of a file. */
export async function sealShares(
  aead: Aead,
  secret: Uint8Array,
  { terms, precision, rank, world }: FileTerms,
  { fileId, entries, words }: SavedShares,
): Promise<Uint8Array> {
  const facts = [WIRE_VERSION, RING_BITS, precision, rank, world].map(u32le);
  const preamble = concat([MAGIC, randomBytes(KEY_BYTES), fileId, terms, ...facts]);
  const header = headerOf(entries);
  const parts = words.map((one) => new Uint8Array(one.buffer, one.byteOffset, one.byteLength));
  const body = concat([u32le(header.length), header, ...parts]);
  const key = await keyOf(aead, secret, preamble);
  const sealed = await key.seal(new Uint8Array(NONCE_BYTES), preamble, [body]);
  key.wipe();
  wipe(body);
  return concat([preamble, ...sealed]);
}

/**
 * Reads a file of this party.
 *
 * @throws {MpcError} ERR_MPC_FILE saying what is wrong with it.
 */
export async function openShares(
  aead: Aead,
  secret: Uint8Array,
  terms: FileTerms,
  bytes: Uint8Array,
): Promise<SavedShares> {
  checkPreamble(bytes, terms);
  const preamble = bytes.slice(0, PREAMBLE_BYTES);
  const key = await keyOf(aead, secret, preamble);
  let body: Uint8Array;
  try {
    const sealed = bytes.subarray(PREAMBLE_BYTES);
    body = concat(await key.open(new Uint8Array(NONCE_BYTES), preamble, [sealed]));
  } catch {
    throw fileError('they belong to another key, or are damaged');
  } finally {
    key.wipe();
  }
  const at = MAGIC.length + KEY_BYTES;
  const read = readBody(body);
  wipe(body);
  return { fileId: preamble.slice(at, at + KEY_BYTES), ...read };
}

/** The header as every party of a save writes it. */
export function headerOf(entries: readonly SavedEntry[]): Uint8Array {
  return utf8(JSON.stringify(entries));
}

/** Saved shares that cannot be read. */
export function fileError(why: string): MpcError {
  return new MpcError('ERR_MPC_FILE', `load: these are no shares for this party: ${why}`);
}

function checkPreamble(bytes: Uint8Array, terms: FileTerms): void {
  const magic = bytes.subarray(0, MAGIC.length);
  if (!equalBytes(magic.subarray(0, 6), MAGIC.subarray(0, 6)) || bytes.length < PREAMBLE_BYTES) {
    throw fileError('they were not written by save');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + FACTS_AT);
  const [wire, ring, precision, rank, world] = [0, 1, 2, 3, 4].map((i) =>
    view.getUint32(4 * i, true),
  );
  if (!equalBytes(magic, MAGIC) || wire !== WIRE_VERSION || ring !== RING_BITS) {
    throw fileError('they were written by a release of another version');
  }
  if (rank !== terms.rank || world !== terms.world) {
    throw fileError(
      `they are those of party ${rank} of ${world}, this is party ${terms.rank} of ${terms.world}`,
    );
  }
  if (precision !== terms.precision) {
    throw fileError(`they have precision ${precision}, the session has ${terms.precision}`);
  }
  if (!equalBytes(bytes.subarray(FACTS_AT - KEY_BYTES, FACTS_AT), terms.terms)) {
    throw fileError('they were saved under another session file');
  }
}

function readBody(body: Uint8Array): { entries: SavedEntry[]; words: Words[] } {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const length = body.length < 4 ? 0 : view.getUint32(0, true);
  const text = new TextDecoder().decode(body.subarray(4, 4 + length));
  // What was sealed under this party's own key is what `headerOf` wrote.
  const entries = JSON.parse(text) as SavedEntry[];
  let at = 4 + length;
  const words = entries.map(({ shape }) => {
    const n = sizeOf(shape);
    if (at + 8 * n > body.length) throw fileError('they are cut short');
    const out = new BigUint64Array(body.slice(at, at + 8 * n).buffer);
    at += 8 * n;
    return out;
  });
  if (at !== body.length) throw fileError('something stands behind them');
  return { entries, words };
}

async function keyOf(
  aead: Aead,
  secret: Uint8Array,
  preamble: Uint8Array,
): Promise<Awaited<ReturnType<Aead>>> {
  const salt = preamble.subarray(MAGIC.length, MAGIC.length + KEY_BYTES);
  const key = hkdf(secret, salt, utf8('cryptensor/share-file/1'), KEY_BYTES);
  const made = await aead(key);
  wipe(key);
  return made;
}
