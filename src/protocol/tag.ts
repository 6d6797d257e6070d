/**
 * Tags: where in the program a step stands, the same at every party.
 *
 * A tag is (fork path, position). Positions come from a counter that is never rewound (C5); a fork adds the initiating
 * party's rank and that party's strictly increasing counter (C6). Tags name messages and select PRG streams, so neither
 * arrival order nor completion order can matter.
 * @module
 */

import type { ForkId } from '../net/mux.ts';

/** A point of the program. */
export interface Tag {
  readonly space: readonly ForkId[];
  readonly seq: number;
}

/** `7` in the root space, `0.3/7` in the third fork that party 0 opened. */
export function showTag(tag: Tag): string {
  return [...tag.space.map((fork) => `${fork.rank}.${fork.counter}`), tag.seq].join('/');
}

/** Purposes of PRG streams; each is a domain of its own (C1). */
export type Purpose = 'zero' | 'deal' | 'coins';

const PURPOSE_CODES: Record<Purpose, number> = { zero: 1, deal: 2, coins: 3 };

/**
 * The full context of a PRG stream, encoded injectively: purpose, descriptor with its length, fork path with its length,
 * position (C5). Every field is fixed-size or length-prefixed.
 */
export function streamContext(purpose: Purpose, descriptor: Uint8Array, tag: Tag): Uint8Array {
  const bytes = new Uint8Array(8 + descriptor.length + 4 + tag.space.length * 12 + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, PURPOSE_CODES[purpose], true);
  view.setUint32(4, descriptor.length, true);
  bytes.set(descriptor, 8);
  let at = 8 + descriptor.length;
  view.setUint32(at, tag.space.length, true);
  at += 4;
  for (const fork of tag.space) {
    view.setUint32(at, fork.rank, true);
    view.setBigUint64(at + 4, BigInt(fork.counter), true);
    at += 12;
  }
  view.setBigUint64(at, BigInt(tag.seq), true);
  return bytes;
}
