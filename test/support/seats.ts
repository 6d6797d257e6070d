/**
 * Programs over real sharings, for tests: inputs, raw reveals, recordings of what a party sends and receives.
 * @module
 */

import { existsSync } from 'node:fs';
import { blake3 } from '@noble/hashes/blake3.js';
import { concat } from '../../src/core/bytes.ts';
import { then, type Later } from '../../src/core/later.ts';
import { sizeOf, type Shape } from '../../src/core/shape.ts';
import type { Words } from '../../src/kernels/memory.ts';
import { MESSAGE_KINDS } from '../../src/net/kinds.ts';
import type { MessageId } from '../../src/net/mux.ts';
import type { Context } from '../../src/protocol/context.ts';
import { Share, Storage, type StorageFacts } from '../../src/protocol/share.ts';
import type { Seat, SimulateOptions } from '../../src/seats.ts';

const built = existsSync(new URL('../../src/kernels/wasm/binary.gen.ts', import.meta.url));

/** Wasm where it is built; CRYPTENSOR_BACKEND says otherwise. */
export const backend = (process.env['CRYPTENSOR_BACKEND'] ?? (built ? 'auto' : 'ts')) as
  'auto' | 'wasm' | 'ts';

/** What protocol tests run with unless they say otherwise. */
export const shuffled: SimulateOptions = { backend, shuffle: true, timeoutMs: 20_000 };

/** Everybody's ranks. */
export const everyone = (ctx: Context): number[] => [...Array(ctx.world).keys()];

/** Words that party `src` inputs; every party of the test passes them, only `src` uses them. */
export function put(
  ctx: Context,
  src: number,
  shape: Shape,
  words: Words,
  fracBits = 16,
  bound?: number,
): Share {
  const x = ctx.gates.input(ctx, src, shape, fracBits, ctx.rank === src ? words : null);
  return bound === undefined ? x : withBound(x, bound);
}

/** The same share under a proven bound. */
export function withBound(x: Share, bound: number): Share {
  const { length, fracBits, nominal, depth, digest } = x.storage;
  const facts: StorageFacts = { length, fracBits, nominal, depth, digest, bound };
  return new Share(new Storage(facts, Storage.words(x.storage)), x);
}

/** Opens the raw words to everybody, as they are: nothing is settled. */
export async function raw(ctx: Context, x: Share): Promise<Words> {
  const words = await ctx.deliver(ctx.gates.reveal(ctx, x, everyone(ctx)), x.depth + 1);
  if (words === null) throw new Error('test: nothing was revealed');
  return words;
}

/** A party's own words of a share, once they are there. */
export async function own(x: Share): Promise<Words> {
  return Storage.words(x.storage);
}

/** One message as one end saw it. */
export interface Recorded {
  readonly peer: number;
  readonly id: MessageId;
  readonly text: string;
  readonly payload: Uint8Array;
}

/** What one party sent and received, openings and material. */
export interface Recording {
  readonly sent: Recorded[];
  readonly received: Recorded[];
}

/** Records from now on; the messages themselves pass unchanged. */
export function record({ mux }: Seat): Recording {
  const recording: Recording = { sent: [], received: [] };
  const post = mux.post.bind(mux);
  const expectParts = mux.expectParts.bind(mux);
  mux.post = (peer, id, digest, parts, describe) => {
    const payload = concat(parts);
    recording.sent.push({ peer, id, text: describe?.() ?? '', payload });
    post(peer, id, digest, parts, describe);
  };
  mux.expectParts = async (peer, id, digest, byteLength, describe, each) => {
    const passed: Uint8Array[] = [];
    const pass = (pieces: readonly Uint8Array[]): void => {
      passed.push(concat(pieces));
      each?.(pieces);
    };
    const parts = await expectParts(peer, id, digest, byteLength, describe, each && pass);
    recording.received.push({ peer, id, text: describe(), payload: concat([...passed, ...parts]) });
    return parts;
  };
  return recording;
}

/** Only the openings of a list of messages. */
export const openings = (messages: readonly Recorded[]): Recorded[] =>
  messages.filter(({ id }) => id.kind === MESSAGE_KINDS.opening);

/** Reproducible random words of a label and seed. */
export function randomWords(n: number, label: string): Words {
  const bytes = blake3(new TextEncoder().encode(label), { dkLen: Math.max(8 * n, 8) });
  return new BigUint64Array(bytes.slice(0, 8 * n).buffer);
}

/** Words of any integers. */
export const wordsOf = (values: readonly (bigint | number)[]): Words =>
  BigUint64Array.from(values, (value) => BigInt.asUintN(64, BigInt(value)));

/** `sizeOf(shape)` random words with `bits` significant bits, either sign. */
export function smallWords(shape: Shape, bits: number, label: string): Words {
  const shift = BigInt(64 - bits);
  return randomWords(sizeOf(shape), label).map((word) =>
    BigInt.asUintN(64, BigInt.asIntN(64, word) >> shift),
  );
}

/** Runs `body` with the platform's CSPRNG replaced by a reproducible one, so that two runs use the same seeds. */
export async function withSeeds<T>(label: string, body: () => Promise<T>): Promise<T> {
  const original = globalThis.crypto.getRandomValues;
  let calls = 0;
  const seeded = <A extends ArrayBufferView | null>(array: A): A => {
    if (array === null) return array;
    const text = new TextEncoder().encode(`${label}/${calls++}`);
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    bytes.set(blake3(text, { dkLen: bytes.length }));
    return array;
  };
  globalThis.crypto.getRandomValues = seeded as typeof original;
  try {
    return await body();
  } finally {
    globalThis.crypto.getRandomValues = original;
  }
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error & { code?: string };
  }
  throw new Error('test: expected a rejection');
}

/** The words of a share, later; for programs that only want the work done. */
export const pending = (x: Share): Later<number> => then(Storage.words(x.storage), (w) => w.length);

/** A label that no earlier run had; print it where a test that draws from it may fail. */
export const freshLabel = (): string => {
  return process.env['CRYPTENSOR_SEED'] ?? Math.floor(performance.timeOrigin * 1000).toString(36);
};
