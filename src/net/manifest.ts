/**
 * The session manifest: who takes part, under which terms, with which keys.
 *
 * Every participant holds the same file. Its hash covers names, roles, keys and terms, not
 * addresses: those may differ behind a NAT. Reading files is not here.
 * @module
 */

import { equalBytes, fromHex, lengthPrefixed, toHex, u32le } from '../core/bytes.ts';
import { MpcError } from '../core/errors.ts';
import { WIRE_VERSION } from './frame.ts';
import { sha256 } from './secure/crypto.ts';
import { isWebSocketAddress, isWebSocketUrl } from './websocket-messages.ts';

/** What a manifest says it is. */
export const MANIFEST_FORMAT = 'cryptensor-session';
/** Version of manifests. */
export const MANIFEST_VERSION = 1;
/** Bits of the ring all shares live in. */
export const RING_BITS = 64;
/** Most parties of a session: every pair holds a connection. */
export const MAX_PARTIES = 64;

/** Where correlated randomness comes from, i.e. who must not misbehave (design §7). */
export type TrustMode = 'dealer' | 'ot' | 'replicated' | 'insecureFirstParty';

const MODES: readonly TrustMode[] = ['dealer', 'ot', 'replicated', 'insecureFirstParty'];

/** A party or the dealer. */
export interface Member {
  readonly name: string;
  /** X25519 public key, 64 hexadecimal digits; undefined while unknown (first contact by XX). */
  readonly publicKey: string | undefined;
  /**
   * Where it listens: `host:port` for TCP, `ws://host:port/path` or `wss://…` for WebSockets.
   * undefined if nobody needs to dial it, as nobody can a page: it dials everybody.
   */
  readonly address: string | undefined;
}

/** A party of the computation. */
export interface PartyEntry extends Member {
  readonly rank: number;
}

/** A checked manifest; parties are sorted by rank. */
export interface Manifest {
  readonly session: string;
  readonly mode: TrustMode;
  /** Fractional bits. */
  readonly precision: number;
  readonly parties: readonly PartyEntry[];
  readonly dealer: Member | undefined;
}

/**
 * Checks a manifest as read from JSON.
 *
 * @throws {MpcError} ERR_MPC_MANIFEST naming the field that is wrong.
 */
export function parseManifest(json: unknown): Manifest {
  const top = record(json, 'manifest');
  only(top, 'manifest', ['format', 'version', 'session', 'mode', 'precision', 'parties', 'dealer']);
  if (top.format !== MANIFEST_FORMAT) throw wrong('format', `expected "${MANIFEST_FORMAT}"`);
  if (top.version !== MANIFEST_VERSION) throw wrong('version', `expected ${MANIFEST_VERSION}`);
  const { session, mode, precision, parties } = top;
  if (typeof session !== 'string' || !/^[A-Za-z0-9_-]{16,64}$/.test(session)) {
    throw wrong('session', 'expected 16 to 64 letters, digits, "-" or "_"');
  }
  const trust = MODES.find((known) => known === mode);
  if (trust === undefined) throw wrong('mode', `expected one of ${MODES.join(', ')}`);
  if (!isIntegerIn(precision, 1, 30)) throw wrong('precision', 'expected an integer from 1 to 30');
  if (!Array.isArray(parties) || parties.length < 2 || parties.length > MAX_PARTIES) {
    throw wrong('parties', `expected a list of 2 to ${MAX_PARTIES}`);
  }
  const entries = parties
    .map((entry, i) => parseParty(entry, `parties[${i}]`))
    .sort((a, b) => a.rank - b.rank);
  entries.forEach(({ rank }, i) => {
    if (rank !== i)
      throw wrong('parties', `expected each rank from 0 to ${entries.length - 1} once`);
  });
  const dealer = top.dealer === undefined ? undefined : parseDealer(top.dealer);
  if ((trust === 'dealer') !== (dealer !== undefined)) {
    throw wrong(
      'dealer',
      trust === 'dealer' ? 'mode "dealer" needs one' : `mode "${trust}" has none`,
    );
  }
  if (trust === 'replicated' && entries.length !== 3) {
    throw wrong('parties', 'mode "replicated" needs exactly 3');
  }
  const members: Member[] = dealer === undefined ? entries : [...entries, dealer];
  refuseTwins(
    members.map(({ name }) => name),
    'name',
  );
  refuseTwins(
    members.flatMap(({ publicKey }) => publicKey ?? []),
    'publicKey',
  );
  return { session, mode: trust, precision, parties: entries, dealer };
}

/** The manifest as JSON, the inverse of `parseManifest`. */
export function manifestJson(manifest: Manifest): Record<string, unknown> {
  const { session, mode, precision, parties, dealer } = manifest;
  const top = { format: MANIFEST_FORMAT, version: MANIFEST_VERSION, session, mode, precision };
  return { ...top, parties, ...(dealer === undefined ? {} : { dealer }) };
}

/** What the hash covers, encoded injectively: everything but addresses. */
export function canonicalManifest(manifest: Manifest): Uint8Array {
  const { session, mode, precision, parties, dealer } = manifest;
  return lengthPrefixed([
    'cryptensor/manifest/1',
    u32le(WIRE_VERSION),
    session,
    mode,
    u32le(RING_BITS),
    u32le(precision),
    u32le(parties.length),
    ...parties.map((entry) => memberBytes(entry, entry.rank)),
    ...(dealer === undefined ? [] : [memberBytes(dealer, parties.length)]),
  ]);
}

/** SHA-256 of the canonical bytes. */
export function manifestHash(manifest: Manifest): Uint8Array {
  return sha256(canonicalManifest(manifest));
}

/** First 8 bytes of the hash of each member, parties by rank, then the dealer: shows who differs. */
export function memberHashes(manifest: Manifest): string[] {
  return members(manifest).map((entry, rank) =>
    toHex(sha256(memberBytes(entry, rank)).slice(0, 8)),
  );
}

/** SHA-256 of the session id, as hex: what a hello shows of it. */
export function sessionHash(manifest: Manifest): string {
  return toHex(sha256(lengthPrefixed(['cryptensor/session/1', manifest.session])));
}

/** Parties by rank, then the dealer, whose rank is the number of parties. */
export function members(manifest: Manifest): Member[] {
  const { parties, dealer } = manifest;
  return dealer === undefined ? [...parties] : [...parties, dealer];
}

/** Names by rank for messages; the dealer's is 'dealer'. */
export function memberNames(manifest: Manifest): string[] {
  const names = manifest.parties.map(({ name }) => name);
  return manifest.dealer === undefined ? names : [...names, 'dealer'];
}

/** The pinned X25519 key of a member, if it has one. */
export function pinnedKey(manifest: Manifest, rank: number): Uint8Array | undefined {
  const key = members(manifest)[rank]?.publicKey;
  return key === undefined ? undefined : fromHex(key);
}

/** What two manifests disagree on, one line each: `precision: ours 16, theirs 20`. */
export function diffManifests(ours: Manifest, theirs: Manifest): string[] {
  const lines: string[] = [];
  const compare = (field: string, a: unknown, b: unknown): void => {
    if (a !== b) lines.push(`${field}: ours ${String(a)}, theirs ${String(b)}`);
  };
  compare('session', ours.session, theirs.session);
  compare('mode', ours.mode, theirs.mode);
  compare('precision', ours.precision, theirs.precision);
  compare('parties', ours.parties.length, theirs.parties.length);
  ours.parties.forEach((entry, rank) => {
    const other = theirs.parties[rank];
    if (other === undefined) return;
    compare(`party ${rank} name`, entry.name, other.name);
    compare(`party ${rank} publicKey`, entry.publicKey, other.publicKey);
  });
  compare('dealer name', ours.dealer?.name, theirs.dealer?.name);
  compare('dealer publicKey', ours.dealer?.publicKey, theirs.dealer?.publicKey);
  if (lines.length === 0 && !equalBytes(manifestHash(ours), manifestHash(theirs))) {
    lines.push('manifests differ');
  }
  return lines;
}

function memberBytes({ name, publicKey }: Member, rank: number): Uint8Array {
  return lengthPrefixed([u32le(rank), name, publicKey ?? '']);
}

type Fields = Readonly<Record<string, unknown>>;

function parseParty(json: unknown, where: string): PartyEntry {
  const fields = record(json, where);
  only(fields, where, ['rank', 'name', 'publicKey', 'address']);
  const { rank } = fields;
  if (!isIntegerIn(rank, 0, MAX_PARTIES - 1)) throw wrong(`${where}.rank`, 'expected a rank');
  const member = parseMember(fields, where);
  if (member.name === 'dealer') throw wrong(`${where}.name`, '"dealer" is taken');
  return { rank, ...member };
}

function parseDealer(json: unknown): Member {
  const fields = record(json, 'dealer');
  only(fields, 'dealer', ['name', 'publicKey', 'address']);
  return parseMember({ name: 'dealer', ...fields }, 'dealer');
}

function parseMember({ name, publicKey, address }: Fields, where: string): Member {
  if (typeof name !== 'string' || !/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u.test(name)) {
    throw wrong(`${where}.name`, 'expected 1 to 64 letters, digits, " ", ".", "_" or "-"');
  }
  if (publicKey != null && (typeof publicKey !== 'string' || !/^[0-9a-f]{64}$/.test(publicKey))) {
    throw wrong(`${where}.publicKey`, 'expected 64 lower-case hexadecimal digits');
  }
  if (address != null && (typeof address !== 'string' || !isAddress(address))) {
    throw wrong(`${where}.address`, 'expected host:port or ws://host:port/path');
  }
  return { name, publicKey: publicKey ?? undefined, address: address ?? undefined };
}

/** `host:port`, `[ipv6]:port`, or a WebSocket's. */
function isAddress(text: string): boolean {
  if (isWebSocketAddress(text)) return isWebSocketUrl(text);
  const match = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.%a-z]{2,64}\]):([0-9]{1,5})$/.exec(text);
  return match !== null && Number(match[1]) <= 65535;
}

/** Own enumerable fields in an object without prototype: `__proto__` is an ordinary, unknown field. */
function record(json: unknown, where: string): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw wrong(where, 'expected an object');
  }
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(json)) fields[key] = value;
  return fields;
}

function only(fields: Fields, where: string, known: readonly string[]): void {
  for (const key of Object.keys(fields)) {
    if (!known.includes(key))
      throw wrong(where, `unknown field ${JSON.stringify(key.slice(0, 40))}`);
  }
}

function refuseTwins(values: readonly string[], what: string): void {
  const twin = values.find((value, i) => values.indexOf(value) !== i);
  if (twin !== undefined) throw wrong('parties', `two members have the ${what} ${twin}`);
}

function isIntegerIn(value: unknown, from: number, to: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to;
}

function wrong(field: string, why: string): MpcError {
  return new MpcError('ERR_MPC_MANIFEST', `manifest: ${field}: ${why}`);
}
