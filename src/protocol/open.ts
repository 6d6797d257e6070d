/**
 * Opening: every party sends its share of masked values to every other, and adds up what it gets.
 *
 * The one place where words leave a party during a gate. What is opened is one-time padded by material that is used once;
 * each gate's comment says by which.
 * @module
 */

import { ByteQueue } from '../core/byte-queue.ts';
import { joined } from '../core/bytes.ts';
import { giveBack } from '../core/give-back.ts';
import { all, then, type Later } from '../core/later.ts';
import { keepAfter, keepSpare, wasRead } from '../core/spare.ts';
import type { Ptr } from '../kernels/contract.ts';
import { unzeroedWords, type Arena, type BlockWords, type Words } from '../kernels/memory.ts';
import { bytesOf, inTiles, type Tile } from '../kernels/tiles.ts';
import { addUp } from './add-up.ts';
import type { Context, Step } from './context.ts';
import { packed } from './cost.ts';

/** Shared ring words of which the low `bytes` bytes are opened. */
export interface WordSection {
  readonly words: Words;
  readonly bytes: number;
}

/** XOR-shared packed bits. */
export interface BitSection {
  readonly bits: Uint8Array;
  readonly count: number;
}

/** One stretch of an opening. */
export type Section = WordSection | BitSection;

/** Public layout of an opening, known before the words are. */
export type SectionSize =
  { readonly words: number; readonly bytes: number } | { readonly bits: number };

/** Bytes that a section takes on the wire. */
export function sectionBytes(size: SectionSize): number {
  return 'bits' in size ? packed(size.bits) : size.words * size.bytes;
}

/** What was opened: words (mod 2^(8·bytes), zero-extended) or bits, section by section. */
export interface Opened {
  readonly words: Words;
  readonly bits: Uint8Array;
}

/**
 * Opens the sections of one step in one message to each peer. What they hold is the gate's no more: its memory is given back.
 *
 * Cost    1 round, Σ sectionBytes to each peer; nothing when all sections are empty or there is no peer.
 */
export function open(
  ctx: Context,
  step: Step,
  sizes: readonly SectionSize[],
  sections: Later<readonly Section[]>,
): Later<readonly Opened[]> {
  const byteLength = sizes.reduce((sum, size) => sum + sectionBytes(size), 0);
  const peers = peersFor(ctx, step, byteLength);
  return then(sections, (own) => {
    const [first] = own;
    if (own.length === 1 && 'words' in first && first.bytes === 8) {
      const opened = openWords(ctx, step, peers, first.words, unzeroedWords(first.words.length));
      return then(opened, (words) => [{ words, bits: NO_BITS }]);
    }
    const payload = own.map((section) => sectionPayload(ctx.arena, section));
    for (const part of payload) keepAfter(peers.length + 1, part);
    for (const peer of peers) ctx.post(step, peer, payload);
    const theirs = all(peers.map((peer) => ctx.expectParts(step, peer, byteLength)));
    return then(theirs, (received) => {
      const opened = combine(ctx.arena, own, sizes, received);
      own.forEach((section, i) => {
        wasRead(payload[i]);
        if ('words' in section && section.bytes < 8) keepSpare(section.words);
      });
      return opened;
    });
  });
}

/**
 * Opens n words for longer than a gate: in kernel memory, where there is room.
 *
 * Cost    as `open`.
 */
export function openKept(
  ctx: Context,
  step: Step,
  n: number,
  own: Later<Words>,
): Later<Words | BlockWords> {
  const peers = peersFor(ctx, step, 8 * n);
  return then(own, (words) =>
    openWords(ctx, step, peers, words, ctx.arena.keep(n) ?? unzeroedWords(n)),
  );
}

/** Whom so many bytes go to; they are counted. */
function peersFor(ctx: Context, step: Step, byteLength: number): readonly number[] {
  const peers = byteLength === 0 ? [] : ctx.peers();
  if (byteLength > 0) {
    ctx.session.rounds.reach(step.depth + 1);
    ctx.session.ledger.sent(step.account, byteLength * peers.length);
  }
  return peers;
}

function openWords<T extends Words | BlockWords>(
  ctx: Context,
  step: Step,
  peers: readonly number[],
  own: Words,
  sum: T,
): Later<T> {
  const payload = [bytesOf(own)];
  keepAfter(peers.length + 1, own);
  for (const peer of peers) ctx.post(step, peer, payload);
  return then(addUp(ctx, step, own, peers, sum), (opened) => {
    wasRead(own);
    return opened;
  });
}

function sectionPayload(arena: Arena, section: Section): Uint8Array {
  if ('bits' in section) return section.bits;
  const { words, bytes } = section;
  if (bytes === 8) return bytesOf(words);
  const pack = ({ at, n }: Tile): readonly Ptr[] => {
    const out = arena.bytes(n * bytes);
    arena.kernels.packLow(out, at[0], bytes, n);
    return [out];
  };
  return inTiles(arena, words.length, [[bytesOf(words), 64]], [8 * bytes], pack)[0];
}

function combine(
  arena: Arena,
  own: readonly Section[],
  sizes: readonly SectionSize[],
  received: readonly (readonly Uint8Array[])[],
): Opened[] {
  const queues = received.map((parts) => new ByteQueue(parts));
  const opened = own.map((section, i) => {
    if ('bits' in section) {
      const theirs = queues.map((queue) => joined(queue.take(sectionBytes(sizes[i]))));
      return { words: NO_WORDS, bits: combineBits(arena, section.bits, theirs) };
    }
    return { words: combineWords(arena, section, queues), bits: NO_BITS };
  });
  for (const parts of received) parts.forEach(giveBack);
  return opened;
}

const NO_WORDS: Words = new BigUint64Array(0);
const NO_BITS = new Uint8Array(0);

/** Adds the next section of every queue to ours. */
function combineWords(arena: Arena, own: WordSection, queues: readonly ByteQueue[]): Words {
  const { kernels } = arena;
  const spare = 64 - 8 * own.bytes;
  const add = ({ at: [sum, ...others], n }: Tile): readonly Ptr[] => {
    const wide = spare > 0 ? arena.words(n) : 0;
    for (const other of others) {
      if (spare > 0) kernels.unpackLow(wide, other, own.bytes, n);
      kernels.add(sum, sum, spare > 0 ? wide : other, n);
    }
    if (spare > 0) {
      kernels.shiftLeft(sum, sum, spare, n);
      kernels.shiftRight(sum, sum, spare, n);
    }
    return [sum];
  };
  const strips = queues.map((queue) => [queue, 8 * own.bytes] as const);
  const inputs = [[bytesOf(own.words), 64] as const, ...strips];
  return new BigUint64Array(inTiles(arena, own.words.length, inputs, [64], add)[0].buffer);
}

function combineBits(arena: Arena, own: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const n = Math.ceil(own.length / 8);
  return arena.scope(() => {
    const sum = arena.put(padded(own, n));
    for (const part of parts) arena.kernels.xor(sum, sum, arena.put(padded(part, n)), n);
    return arena.takeBytes(sum, own.length);
  });
}

function padded(bytes: Uint8Array, words: number): Uint8Array {
  if (bytes.length === words * 8) return bytes;
  const out = new Uint8Array(words * 8);
  out.set(bytes);
  return out;
}

/**
 * Two parties swap packed bits of their own, each already masked; returns the peer's.
 *
 * Cost    1 round, ceil(count/8) B.
 */
export function exchangeBits(
  ctx: Context,
  step: Step,
  count: number,
  own: Later<Uint8Array>,
): Later<Uint8Array> {
  const peer = ctx.peers()[0];
  ctx.session.rounds.reach(step.depth + 1);
  ctx.session.ledger.sent(step.account, packed(count));
  return then(own, (bits) => {
    ctx.post(step, peer, [bits.slice()]);
    return ctx.expect(step, peer, packed(count));
  });
}
