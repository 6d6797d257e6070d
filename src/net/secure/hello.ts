/**
 * The plaintext hello that comes before Noise: what both sides must agree on, comparable field by
 * field so that a disagreement is named before any key is used. Both hellos go into the prologue.
 *
 *   hello  magic "CTEN" · u16 wire version · u16 zero · canonical JSON, at most 2 KiB
 * @module
 */

import { concat, lengthPrefixed, toHex, utf8 } from '../../core/bytes.ts';
import { MpcError } from '../../core/errors.ts';
import { printable } from '../abort.ts';
import { WIRE_VERSION } from '../frame.ts';
import { fingerprint } from '../identity.ts';
import {
  type Manifest,
  manifestHash,
  MAX_PARTIES,
  memberHashes,
  memberNames,
  members,
  pinnedKey,
  RING_BITS,
  sessionHash,
} from '../manifest.ts';
import { peerLabel } from '../peer-label.ts';
import { sha256 } from './crypto.ts';

const MAGIC = utf8('CTEN');
const HEADER_BYTES = 8;
/** Longest hello that is read. */
export const MAX_HELLO_BYTES = 2048;

/** What a side says of itself. Nothing in it is secret. */
export interface Hello {
  /** SHA-256 of the session id, hex. */
  readonly session: string;
  readonly rank: number;
  readonly pattern: 'XX' | 'KK';
  readonly ring: number;
  readonly precision: number;
  readonly parties: number;
  readonly mode: string;
  /** SHA-256 of the manifest, hex. */
  readonly manifest: string;
  /** 8-byte hash of each member's entry, hex. */
  readonly entries: readonly string[];
  /** Fingerprint of the static key we are about to use; empty for XX, which hides it. */
  readonly key: string;
}

/** KK when the manifest pins both keys, XX otherwise. */
export function patternFor(manifest: Manifest, a: number, b: number): 'XX' | 'KK' {
  const known = members(manifest);
  return known[a]?.publicKey !== undefined && known[b]?.publicKey !== undefined ? 'KK' : 'XX';
}

/** What we say to `peer`; the dialled side says it once it knows who is calling. */
export function helloOf(
  manifest: Manifest,
  rank: number,
  pattern: 'XX' | 'KK',
  publicKey: Uint8Array,
): Hello {
  return {
    session: sessionHash(manifest),
    rank,
    pattern,
    ring: RING_BITS,
    precision: manifest.precision,
    parties: manifest.parties.length,
    mode: manifest.mode,
    manifest: toHex(manifestHash(manifest)),
    entries: memberHashes(manifest),
    key: pattern === 'KK' ? fingerprint(publicKey) : '',
  };
}

/** The bytes of a hello. */
export function encodeHello(hello: Hello, version: number = WIRE_VERSION): Uint8Array {
  const { session, rank, pattern, ring, precision, parties, mode, manifest, entries, key } = hello;
  const fields = { session, rank, pattern, ring, precision, parties, mode, manifest, entries, key };
  const header = new Uint8Array(HEADER_BYTES);
  header.set(MAGIC);
  new DataView(header.buffer).setUint16(4, version, true);
  return concat([header, utf8(JSON.stringify(fields))]);
}

/**
 * Reads a hello.
 *
 * @throws {MpcError} ERR_MPC_VERSION for another wire version, ERR_MPC_HANDSHAKE if it is not a hello.
 */
export function decodeHello(bytes: Uint8Array): Hello {
  if (bytes.length < HEADER_BYTES || bytes.length > MAX_HELLO_BYTES) throw notHello('odd length');
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw notHello('it does not speak cryptensor');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const version = view.getUint16(4, true);
  if (version !== WIRE_VERSION) {
    const why = `wire version: ours ${WIRE_VERSION}, theirs ${version}`;
    throw new MpcError('ERR_MPC_VERSION', `${why}; all parties need the same release`);
  }
  if (view.getUint16(6, true) !== 0) throw notHello('reserved field');
  let json: unknown;
  try {
    json = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(HEADER_BYTES)),
    );
  } catch {
    throw notHello('not JSON');
  }
  if (typeof json !== 'object' || json === null) throw notHello('not an object');
  const fields = new Map<string, unknown>(Object.entries(json));
  const text = (field: string): string => {
    const value = fields.get(field);
    if (typeof value !== 'string' || value.length > 64) throw notHello(field);
    return printable(value);
  };
  const count = (field: string): number => {
    const value = fields.get(field);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 65535) {
      throw notHello(field);
    }
    return value;
  };
  const entries = fields.get('entries');
  if (!Array.isArray(entries) || entries.length > MAX_PARTIES + 1) throw notHello('entries');
  const pattern = text('pattern');
  if (pattern !== 'XX' && pattern !== 'KK') throw notHello('pattern');
  return {
    session: text('session'),
    rank: count('rank'),
    pattern,
    ring: count('ring'),
    precision: count('precision'),
    parties: count('parties'),
    mode: text('mode'),
    manifest: text('manifest'),
    entries: entries.map((entry: unknown) => {
      if (typeof entry !== 'string' || !/^[0-9a-f]{16}$/.test(entry)) throw notHello('entries');
      return entry;
    }),
    key: text('key'),
  };
}

/**
 * Refuses a peer whose terms are not ours, naming every difference.
 *
 * @throws {MpcError} ERR_MPC_MANIFEST, or ERR_MPC_HANDSHAKE for another key than the pinned one.
 */
export function compareHellos(manifest: Manifest, ours: Hello, theirs: Hello): void {
  const names = memberNames(manifest);
  const label = peerLabel(theirs.rank, names);
  const lines: string[] = [];
  if (ours.session !== theirs.session) lines.push('it takes part in another session');
  for (const field of ['mode', 'ring', 'precision', 'parties', 'pattern'] as const) {
    if (ours[field] !== theirs[field]) {
      lines.push(`${field}: ours ${ours[field]}, theirs ${theirs[field]}`);
    }
  }
  if (ours.entries.length === theirs.entries.length) {
    ours.entries.forEach((entry, rank) => {
      if (entry !== theirs.entries[rank]) lines.push(`${peerLabel(rank, names)}'s entry differs`);
    });
  }
  if (lines.length === 0 && ours.manifest !== theirs.manifest) lines.push('manifests differ');
  if (lines.length > 0) {
    throw new MpcError('ERR_MPC_MANIFEST', `${label} has other terms: ${lines.join('; ')}`);
  }
  const pinned = pinnedKey(manifest, theirs.rank);
  if (theirs.pattern === 'KK' && pinned !== undefined && theirs.key !== fingerprint(pinned)) {
    throw wrongKey(label, fingerprint(pinned), theirs.key);
  }
}

/** Another key than the manifest says. */
export function wrongKey(label: string, pinned: string, shown: string): MpcError {
  const why = `${label} uses another key than the manifest pins: pinned ${pinned}, used ${shown}`;
  return new MpcError('ERR_MPC_HANDSHAKE', why);
}

/** Noise prologue: binds both hellos, so both manifests, into every key. */
export function prologueOf(initiator: Uint8Array, responder: Uint8Array): Uint8Array {
  return sha256(lengthPrefixed(['cryptensor/prologue/1', initiator, responder]));
}

function notHello(why: string): MpcError {
  return new MpcError('ERR_MPC_HANDSHAKE', `the other side sent no proper hello: ${why}`);
}
