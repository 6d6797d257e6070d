/**
 * Saving and loading shares: every party keeps its own, sealed.
 *
 * Shares are shared anew before they are written. A save has a fileId that everybody's randomness makes; all parties must have
 * read files of one save before any of their shares is used (M6). A loaded share is a new storage and has no mask yet (C8).
 * @module
 */

import { concat, equalBytes, lengthPrefixed, toHex } from '../../core/bytes.ts';
import { MpcError } from '../../core/errors.ts';
import type { Later } from '../../core/later.ts';
import type { Shape } from '../../core/shape.ts';
import type { Words } from '../../kernels/memory.ts';
import { KEY_BYTES, randomBytes, sha256 } from '../../net/secure/crypto.ts';
import { BinaryShare } from '../binary/share.ts';
import type { Context } from '../context.ts';
import { settle } from '../settle.ts';
import { contiguousWords, Share } from '../share.ts';
import { exchange } from './announce.ts';
import { refreshed } from './refresh.ts';
import {
  headerOf,
  openShares,
  sealShares,
  type FileTerms,
  type SavedEntry,
  type SavedShares,
} from './share-file.ts';
import type { Vault } from './vault.ts';

/** Values that every party knows. */
export interface PublicValues {
  readonly shape: Shape;
  readonly data: Float64Array<ArrayBuffer>;
}

/** One tensor of a save: this party's share of it, or public values. */
export interface SavedItem {
  readonly path: readonly string[];
  readonly value: Share | BinaryShare | PublicValues;
}

/** Where shares go to or come from, and under which key: the party's own unless one is given. */
export interface SavePlace {
  /** A path, or undefined for bytes. */
  readonly path?: string | undefined;
  /** 32 secret bytes. */
  readonly key?: Uint8Array | undefined;
}

/**
 * Seals this party's shares, and writes them if there is a path; resolves when every party has.
 *
 * If one party cannot, nobody's old file is replaced.
 *
 * Cost    what truncation is owed, then 2 rounds, 33 bytes to each peer.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED without a key or files, ERR_MPC_FILE when a party cannot write.
 */
export function saveShares(
  ctx: Context,
  vault: Vault,
  items: readonly SavedItem[],
  place: SavePlace,
): Promise<Uint8Array> {
  const secret = secretOf('save', vault, place.key);
  const files = filesOf('save', vault, place.path);
  const settled = items.map((item) => ({ ...item, value: ready(ctx, item.value) }));
  const inner = ctx.fork();
  const parts = settled.map((item) => partOf(inner, item));
  const entries = parts.map(({ entry }) => entry);
  const names = toHex(sha256(headerOf(entries)));
  const depth = settled.reduce(
    (most, { value }) => Math.max(most, 'depth' in value ? value.depth : 0),
    ctx.floor,
  );
  const nonces = exchange(inner, `save ${names} ${publicHash(settled)}`, randomBytes(KEY_BYTES));
  const run = async (): Promise<Uint8Array> => {
    const fileId = sha256(lengthPrefixed(['cryptensor/saved/1', ...(await nonces)]));
    const staged = await attempt(async () => {
      const words = await Promise.all(parts.map((part) => part.words));
      const bytes = await sealShares(vault.aead, secret, termsOf(ctx, vault), {
        fileId,
        entries,
        words,
      });
      return { bytes, file: await files?.stage(bytes) };
    });
    try {
      await allDone(inner, 'save', staged, 'could not write its shares; no file was replaced');
    } catch (error) {
      await staged.value?.file?.drop();
      throw error;
    }
    await staged.value?.file?.keep();
    return (staged.value as { readonly bytes: Uint8Array }).bytes;
  };
  return ctx.deliver(run(), depth + 2);
}

/**
 * Loads what `saveShares` wrote.
 *
 * Cost    1 round, 33 bytes to each peer.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED without a key or files, ERR_MPC_FILE for files that cannot be read, are another party's or
 * session's, are damaged, or are not of one save.
 */
export function loadShares(
  ctx: Context,
  vault: Vault,
  source: string | Uint8Array,
  key: Uint8Array | undefined,
): Promise<readonly SavedItem[]> {
  const secret = secretOf('load', vault, key);
  const path = typeof source === 'string' ? source : undefined;
  const files = filesOf('load', vault, path);
  const inner = ctx.fork();
  const run = async (): Promise<readonly SavedItem[]> => {
    const found = await attempt(async () => {
      const bytes = typeof source === 'string' ? await files?.read() : source;
      return openShares(vault.aead, secret, termsOf(ctx, vault), bytes as Uint8Array);
    });
    const { value } = found;
    const name = value && sha256(concat([value.fileId, headerOf(value.entries)]));
    const names = await allDone(inner, 'load', found, 'could not read its shares', name);
    if (!names.every((other) => equalBytes(other, names[0]))) {
      throw new MpcError('ERR_MPC_FILE', 'load: the parties hold shares of different saves');
    }
    return itemsOf(inner, value as SavedShares);
  };
  return ctx.deliver(run(), ctx.floor + 1);
}

/** What became of something that may fail at one party alone. */
interface Attempt<T> {
  readonly value?: T;
  readonly error?: unknown;
}

async function attempt<T>(body: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await body() };
  } catch (error) {
    return { error };
  }
}

/** Tells all parties whether it worked, with 32 bytes more; throws at all unless it worked at all. */
async function allDone(
  ctx: Context,
  op: string,
  { error }: Attempt<unknown>,
  failed: string,
  name: Uint8Array = new Uint8Array(KEY_BYTES),
): Promise<readonly Uint8Array[]> {
  const said = await exchange(ctx, op, concat([Uint8Array.of(error === undefined ? 1 : 0), name]));
  if (error !== undefined) throw error;
  const bad = said.findIndex(([worked]) => worked !== 1);
  if (bad >= 0) throw new MpcError('ERR_MPC_FILE', `${op}: party ${bad} ${failed}`);
  return said.map((bytes) => bytes.subarray(1));
}

function ready(ctx: Context, value: SavedItem['value']): SavedItem['value'] {
  return value instanceof Share ? settle(ctx, value) : value;
}

interface Part {
  readonly entry: SavedEntry;
  readonly words: Later<Words>;
}

function partOf(ctx: Context, { path, value }: SavedItem): Part {
  const { shape } = value;
  if (value instanceof Share) {
    const { fracBits, bound = null } = value;
    const words = contiguousWords(ctx.arena, refreshed(ctx, value));
    return { entry: { path, kind: 'arithmetic', shape, fracBits, bits: bound }, words };
  }
  if (value instanceof BinaryShare) {
    const { fracBits, bits } = value;
    const words = contiguousWords(ctx.arena, BinaryShare.inner(refreshed(ctx, value)));
    return { entry: { path, kind: 'binary', shape, fracBits, bits }, words };
  }
  const words = new BigUint64Array(value.data.slice().buffer);
  return { entry: { path, kind: 'public', shape, fracBits: 0, bits: null }, words };
}

/** Parties that save different public values run different programs. */
function publicHash(items: readonly SavedItem[]): string {
  const known = items.flatMap(({ value }) =>
    'data' in value ? [new Uint8Array(value.data.slice().buffer)] : [],
  );
  return toHex(sha256(concat(known)));
}

function itemsOf(ctx: Context, { entries, words }: SavedShares): SavedItem[] {
  return entries.map(({ path, kind, shape, fracBits, bits }, i) => {
    if (kind === 'public')
      return { path, value: { shape, data: new Float64Array(words[i].buffer) } };
    const share = shareOf(ctx, words[i], shape, fracBits, kind === 'binary' ? null : bits);
    return { path, value: kind === 'binary' ? new BinaryShare(share, bits ?? 64) : share };
  });
}

/**
 * Words that this party holds of a secret, as a share of it; a new storage.
 *
 * Cost    0 rounds, 0 bytes. Leaks   nothing.
 */
export function shareOf(
  ctx: Context,
  words: Later<Words>,
  shape: Shape,
  fracBits: number,
  bound: number | null = null,
): Share {
  const { digest, depth } = ctx.step(`held ${shape.join('x')} ${fracBits}`, []);
  const facts = { fracBits, nominal: fracBits, depth, digest, bound: bound ?? undefined };
  return Share.fresh(shape, facts, words);
}

function termsOf({ rank, world, session }: Context, { terms }: Vault): FileTerms {
  return { terms, precision: session.precision, rank, world };
}

function secretOf(op: string, { secret }: Vault, key: Uint8Array | undefined): Uint8Array {
  const found = key ?? secret;
  if (found?.length === KEY_BYTES) return found;
  throw new MpcError(
    'ERR_MPC_UNSUPPORTED',
    `${op}: shares are sealed under the party's key, and a simulation has none: pass { key }, ${KEY_BYTES} bytes of this party alone`,
  );
}

interface PlacedFile {
  read(): Promise<Uint8Array>;
  stage(bytes: Uint8Array): ReturnType<NonNullable<Vault['files']>['stage']>;
}

function filesOf(op: string, { files }: Vault, path: string | undefined): PlacedFile | undefined {
  if (path === undefined) return undefined;
  if (files === undefined) {
    throw new MpcError('ERR_MPC_UNSUPPORTED', `${op}: there are no files here; use bytes`);
  }
  return { read: () => files.read(path), stage: (bytes) => files.stage(path, bytes) };
}
