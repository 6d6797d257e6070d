/**
 * Frames: the wire format of messages, version 1. Little endian throughout.
 *
 *   frame    u32 bytes of the rest · u16 number of messages · u16 zero · messages
 *   message  u32 payload bytes · u32 seq low · u32 seq high · u64 digest · u8 kind · u8 depth d ·
 *            u16 flags (bit 0: more pieces of this payload follow) ·
 *            d × (u32 rank, u64 counter) · zeros to a multiple of 8 ·
 *            payload · zeros to a multiple of 8
 *
 * So every payload starts at a multiple of 8 and may be read as words in place. A payload too large
 * for one frame travels as several messages of the same id, all but the last with the flag set and
 * a multiple of 8 bytes long.
 * Decoding allocates nothing that depends on a declared size. Handshakes and records are not here.
 * @module
 */

import { ByteQueue } from '../core/byte-queue.ts';
import { byteLengthOf, concat, joined, roundUp8 } from '../core/bytes.ts';
import { ProtocolAbort } from '../core/errors.ts';

/** Version of frames, records and handshake together; peers must agree. */
export const WIRE_VERSION = 1;
/** Bytes before the first message of a frame. */
export const FRAME_HEADER_BYTES = 8;
/** Bytes of a message header without its fork path. */
export const MESSAGE_HEADER_BYTES = 24;
/** Bytes of one step of a fork path. */
export const FORK_BYTES = 12;
/** Deepest nesting of forks. */
export const MAX_FORK_DEPTH = 8;
/** Most messages in a frame: its count is a u16. */
export const MAX_MESSAGES_PER_FRAME = 0xffff;
/** Largest frame, header included; bytes. */
export const DEFAULT_MAX_FRAME_BYTES: number = 64 * 2 ** 20;

const FLAG_MORE = 1;
/** Payloads up to this many bytes are copied beside their header: fewer, larger parts. */
const COPY_BYTES = 2048;

/** One step down the tree of tag spaces: who forked, and its how-manieth fork (C6). */
export interface ForkId {
  readonly rank: number;
  /** Strictly increasing per initiator, below 2^53. */
  readonly counter: number;
}

/** Names a message: the same program position at every party. */
export interface MessageId {
  /** Tag space path: [] is the root; each fork adds (initiating rank, counter). C6. */
  readonly space: readonly ForkId[];
  /** Position in the space, 0 .. 2^53−1, from a never-rewound counter. */
  readonly seq: number;
  /** What kind of message: one byte, see MESSAGE_KINDS. */
  readonly kind: number;
}

/** A message, or a piece of one, to be sent. */
export interface OutMessage {
  readonly id: MessageId;
  readonly digest: bigint;
  readonly payload: readonly Uint8Array[];
  /** More pieces of the same message follow. */
  readonly more: boolean;
}

/** A message, or a piece of one, as received. `payload` views the frame, each part 8-aligned. */
export interface InMessage {
  readonly id: MessageId;
  readonly digest: bigint;
  readonly payload: readonly Uint8Array[];
  readonly more: boolean;
}

/** A fork path as a map key; injective. */
export function spaceKey(space: readonly ForkId[]): string {
  let key = '';
  for (const fork of space) key += `/${fork.rank}.${fork.counter}`;
  return key;
}

/** An id as a map key; injective. */
export function idKey({ kind, seq, space }: MessageId): string {
  const key = `${kind}/${seq}`;
  return space.length === 0 ? key : key + spaceKey(space);
}

/** Bytes of a message header with its path. */
export function headerBytes(id: MessageId): number {
  return roundUp8(MESSAGE_HEADER_BYTES + FORK_BYTES * id.space.length);
}

/** The parts of one frame, ready for Link.send: headers and small payloads copied, large payloads as they are. */
export function encodeFrame(messages: readonly OutMessage[]): Uint8Array[] {
  let ownBytes = FRAME_HEADER_BYTES;
  let total = FRAME_HEADER_BYTES;
  for (const { id, payload } of messages) {
    const bytes = byteLengthOf(payload);
    const head = headerBytes(id);
    total += head + roundUp8(bytes);
    ownBytes += head + (bytes <= COPY_BYTES ? roundUp8(bytes) : -bytes & 7);
  }
  const own = new Uint8Array(ownBytes);
  const view = new DataView(own.buffer);
  view.setUint32(0, total - FRAME_HEADER_BYTES, true);
  view.setUint16(4, messages.length, true);
  const parts: Uint8Array[] = [];
  let from = 0;
  let at = FRAME_HEADER_BYTES;
  for (const message of messages) {
    const { id, payload } = message;
    const bytes = byteLengthOf(payload);
    writeHeader(view, at, message, bytes);
    at += headerBytes(id);
    if (bytes <= COPY_BYTES) {
      for (const part of payload) {
        own.set(part, at);
        at += part.length;
      }
    } else {
      parts.push(own.subarray(from, at), ...payload);
      from = at;
    }
    at += -bytes & 7;
  }
  if (at > from) parts.push(from === 0 ? own : own.subarray(from, at));
  return parts;
}

/**
 * The messages of a frame that comes in parts; payloads are views of them.
 *
 * @param peer who sent it, for the error.
 * @throws {ProtocolAbort} if a length, count, path or reserved field is not as version 1 has it.
 */
export function decodeFrame(peer: number, frame: readonly Uint8Array[]): InMessage[] {
  const parts = frame.every(isOfWords) ? frame : [concat(frame)];
  const total = byteLengthOf(parts);
  if (total < FRAME_HEADER_BYTES) throw broken(peer, 'shorter than its header');
  const queue = new ByteQueue(parts);
  const view = viewOf(queue, FRAME_HEADER_BYTES);
  if (view.getUint32(0, true) !== total - FRAME_HEADER_BYTES) {
    throw broken(peer, 'declared length differs from the bytes received');
  }
  const count = view.getUint16(4, true);
  if (view.getUint16(6, true) !== 0) throw broken(peer, 'reserved field is not zero');
  if (count * MESSAGE_HEADER_BYTES > total) throw broken(peer, 'more messages than bytes');
  const messages: InMessage[] = [];
  for (let i = 0; i < count; i++) messages.push(readMessage(peer, queue));
  if (queue.length > 0) throw broken(peer, 'bytes after the last message');
  return messages;
}

function readMessage(peer: number, queue: ByteQueue): InMessage {
  if (queue.length < MESSAGE_HEADER_BYTES) throw broken(peer, 'ends inside a message header');
  const view = viewOf(queue, MESSAGE_HEADER_BYTES);
  const payloadBytes = view.getUint32(0, true);
  const seq = view.getUint32(4, true) + 2 ** 32 * view.getUint32(8, true);
  const digest = view.getBigUint64(12, true);
  const kind = view.getUint8(20);
  const depth = view.getUint8(21);
  const flags = view.getUint16(22, true);
  if (!Number.isSafeInteger(seq)) throw broken(peer, 'sequence number above 2^53');
  if (kind === 0) throw broken(peer, 'kind 0');
  if (depth > MAX_FORK_DEPTH) throw broken(peer, `fork path deeper than ${MAX_FORK_DEPTH}`);
  if ((flags & ~FLAG_MORE) !== 0) throw broken(peer, 'unknown flags');
  const more = (flags & FLAG_MORE) !== 0;
  if (more && payloadBytes % 8 !== 0) throw broken(peer, 'a piece that ends inside a word');
  const pathBytes = FORK_BYTES * depth;
  const gap = -(MESSAGE_HEADER_BYTES + pathBytes) & 7;
  if (queue.length < pathBytes + gap + roundUp8(payloadBytes)) {
    throw broken(peer, 'ends inside a message');
  }
  const path = viewOf(queue, pathBytes);
  const space: ForkId[] = [];
  for (let fork = 0; fork < pathBytes; fork += FORK_BYTES) {
    const counter = path.getUint32(fork + 4, true) + 2 ** 32 * path.getUint32(fork + 8, true);
    if (!Number.isSafeInteger(counter)) throw broken(peer, 'fork counter above 2^53');
    space.push({ rank: path.getUint32(fork, true), counter });
  }
  const before = queue.take(gap);
  const payload = queue.take(payloadBytes);
  const after = queue.take(-payloadBytes & 7);
  if (![...before, ...after].every(isZero)) throw broken(peer, 'padding is not zero');
  return { id: { space, seq, kind }, digest, payload, more };
}

/** The next bytes, taken. */
function viewOf(queue: ByteQueue, count: number): DataView {
  const { buffer, byteOffset, byteLength } = joined(queue.take(count));
  return new DataView(buffer, byteOffset, byteLength);
}

/** Whether 8-byte words can be read in place, here and in what follows. */
function isOfWords(part: Uint8Array, i: number, all: readonly Uint8Array[]): boolean {
  return part.byteOffset % 8 === 0 && (part.length % 8 === 0 || i === all.length - 1);
}

function writeHeader(view: DataView, at: number, message: OutMessage, payloadBytes: number): void {
  const { id, digest, more } = message;
  view.setUint32(at, payloadBytes, true);
  view.setUint32(at + 4, id.seq >>> 0, true);
  view.setUint32(at + 8, Math.floor(id.seq / 2 ** 32), true);
  view.setBigUint64(at + 12, digest, true);
  view.setUint8(at + 20, id.kind);
  view.setUint8(at + 21, id.space.length);
  view.setUint16(at + 22, more ? FLAG_MORE : 0, true);
  let fork = at + MESSAGE_HEADER_BYTES;
  for (const { rank, counter } of id.space) {
    view.setUint32(fork, rank, true);
    view.setUint32(fork + 4, counter >>> 0, true);
    view.setUint32(fork + 8, Math.floor(counter / 2 ** 32), true);
    fork += FORK_BYTES;
  }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function broken(peer: number, why: string): ProtocolAbort {
  return new ProtocolAbort(peer, `frame: ${why}`);
}
