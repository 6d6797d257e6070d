/**
 * Faults between secure channel and mux: whole frames and the messages in them, well encrypted.
 *
 * Payloads of openings and material are left alone: nothing in semi-honest protocols can tell another masked word from the
 * right one (SECURITY.md), see the positive control in `test/failure/faults.test.ts`.
 * @module
 */

import { byteLengthOf, concat, roundUp8, utf8 } from '../../src/core/bytes.ts';
import {
  decodeFrame,
  encodeFrame,
  FRAME_HEADER_BYTES,
  headerBytes,
  type InMessage,
} from '../../src/net/frame.ts';
import { MESSAGE_KINDS } from '../../src/net/kinds.ts';
import type { Link, LinkHandler } from '../../src/net/link.ts';
import type { SeededGenerator } from '../../src/net/shuffle.ts';
import type { Injector, Mutation } from './fault-injector.ts';

type Edit = (message: InMessage, random: SeededGenerator) => Partial<InMessage>;

const encoded = (messages: readonly InMessage[]): Uint8Array => concat(encodeFrame(messages));

/** Changes one message of a frame. */
const edits =
  (edit: Edit): Mutation =>
  (frame, random) => {
    const messages = decodeFrame(0, [frame]);
    if (messages.length === 0) return undefined;
    const at = random(messages.length);
    messages[at] = { ...messages[at], ...edit(messages[at], random) };
    return encoded(messages);
  };

/** Where headers lie: of the frame, and of each message. */
function headersOf(frame: Uint8Array): number[] {
  const places = [...Array(FRAME_HEADER_BYTES).keys()];
  let at = FRAME_HEADER_BYTES;
  for (const { id, payload } of decodeFrame(0, [frame])) {
    const head = headerBytes(id);
    for (let i = 0; i < head; i++) places.push(at + i);
    at += head + roundUp8(byteLengthOf(payload));
  }
  return places;
}

const resized: Edit = ({ payload }, random) => {
  const by = [-8, -1, 1, 8][random(4)];
  const before = concat(payload);
  if (before.length + by < 0) return { payload: [new Uint8Array(8)] };
  const changed = new Uint8Array(before.length + by);
  changed.set(before.subarray(0, changed.length));
  return { payload: [changed] };
};

const lastOf = (frame: Uint8Array): number => {
  const messages = decodeFrame(0, [frame]);
  const sizes = messages.map(
    ({ id, payload }) => headerBytes(id) + roundUp8(byteLengthOf(payload)),
  );
  return FRAME_HEADER_BYTES + sizes.slice(0, -1).reduce((sum, size) => sum + size, 0);
};

/** Writes a number into a copy. */
const written = (frame: Uint8Array, write: (view: DataView) => void): Uint8Array => {
  const changed = frame.slice();
  write(new DataView(changed.buffer));
  return changed;
};

/** Changes of a whole frame. */
export const FRAME_MUTATIONS: Readonly<Record<string, Mutation>> = {
  truncate: (frame, random) => frame.slice(0, random(frame.length)),
  'flip header bit': (frame, random) => {
    const places = headersOf(frame);
    const changed = frame.slice();
    changed[places[random(places.length)]] ^= 1 << random(8);
    return changed;
  },
  'oversize frame': (frame, random) =>
    written(frame, (view) => view.setUint32(0, frame.length + 2 ** (3 + random(29)), true)),
  'oversize message': (frame, random) =>
    written(frame, (view) => view.setUint32(lastOf(frame), 2 ** (17 + random(15)) - 1, true)),
  'wrong count': (frame, random) =>
    written(frame, (view) => {
      const count = view.getUint16(4, true);
      view.setUint16(4, [count - 1, count + 1, 65535][random(3)], true);
    }),
  'wrong kind': edits(({ id }, random) => {
    // Not `abort`: that is a fault of its own.
    const kinds = [1, 2, 3, 4, 6, 7, 255].filter((kind) => kind !== id.kind);
    return { id: { ...id, kind: kinds[random(kinds.length)] } };
  }),
  'wrong tag': edits(({ id }, random) => {
    const { space, seq } = id;
    const others = [
      { seq: seq + 1 },
      { seq: Math.max(seq - 1, 0), space: seq === 0 ? [{ rank: 0, counter: 0 }] : space },
      { seq: Number.MAX_SAFE_INTEGER },
      { space: [...space, { rank: 1, counter: 7 }] },
      { space: [{ rank: 2 ** 32 - 1, counter: Number.MAX_SAFE_INTEGER }] },
    ];
    return { id: { ...id, ...others[random(others.length)] } };
  }),
  'wrong digest': edits(({ digest }, random) => ({ digest: digest ^ (1n << BigInt(random(64))) })),
  'wrong length': edits(resized),
  // For the positive control alone.
  'other opening': edits(({ id, payload }) => {
    const changed = concat(payload);
    if (id.kind === MESSAGE_KINDS.opening)
      for (let i = 3; i < changed.length; i++) changed[i] ^= 85;
    return { payload: [changed] };
  }),
  'false abort': (frame, random) => {
    const codes = [
      'ERR_MPC_ABORT',
      'ERR_MPC_RANGE',
      'ERR_MPC_NOSUCHCODE',
      'x',
      '',
      '\n',
      '\0\u202e',
    ];
    const payload = utf8(`${codes[random(codes.length)]}\nanything`);
    const id = { space: [], seq: 0, kind: MESSAGE_KINDS.abort };
    const abort = { id, digest: 0n, payload: [payload], more: false };
    return encoded([abort, ...decodeFrame(0, [frame])]);
  },
};

/** A link whose sending side is faulty. */
export class FaultLink implements Link {
  readonly remote: string;
  readonly injector: Injector;
  readonly #inner: Link;
  readonly #killPeer: () => void;

  constructor(inner: Link, injector: Injector, killPeer: () => void) {
    this.#inner = inner;
    this.remote = inner.remote;
    this.injector = injector;
    this.#killPeer = killPeer;
  }

  get backlogBytes(): number {
    return this.#inner.backlogBytes;
  }

  start(handler: LinkHandler): void {
    this.#inner.start(handler);
  }

  send(parts: readonly Uint8Array[]): void {
    const inner = this.#inner;
    this.injector.take(concat(parts), {
      emit: (unit) => inner.send([unit]),
      kill: () => inner.destroy(),
      killPeer: this.#killPeer,
      deafen: () => undefined,
      close: () => inner.close(),
    });
  }

  close(): void {
    this.injector.close(() => this.#inner.close());
  }

  destroy(): void {
    this.#inner.destroy();
  }
}
