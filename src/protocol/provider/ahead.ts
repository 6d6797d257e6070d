/**
 * How far corrections run ahead of the gates that use them.
 *
 * Calls are synchronous, so a program may ask for the material of 20,000 steps before the first one runs. What is fetched and not
 * yet used is bounded for each tag space; the rest waits in the order of the program and is fetched as gates use up what is
 * there. For each space, because forks run in no fixed order: one that waits for its peers must not hold up another (C6).
 * @module
 */

import type { MpcError } from '../../core/errors.ts';
import { quiet } from '../../core/later.ts';
import type { Tag } from '../tag.ts';

/** Most bytes of corrections of one tag space that are under way or unused; a single larger step goes alone. */
export const AHEAD_BYTES: number = 2 ** 28;

interface Waiting {
  readonly bytes: number;
  readonly start: () => void;
  readonly reject: (error: MpcError) => void;
}

interface Space {
  held: number;
  readonly queue: Waiting[];
  /** First of the queue that has not started. */
  next: number;
}

/** Started entries are dropped from a queue this many at a time. */
const DROP = 1024;

/** Fetches corrections, a bounded number of bytes ahead. */
export class Ahead {
  readonly #limit: number;
  readonly #spaces = new Map<string, Space>();
  #failure: MpcError | undefined;

  constructor(limit: number = AHEAD_BYTES) {
    this.#limit = limit;
  }

  /** Bytes under way or unused, over all spaces. */
  get held(): number {
    let held = 0;
    for (const space of this.#spaces.values()) held += space.held;
    return held;
  }

  /**
   * Calls `fetch` when there is room for its `bytes`: now, or after everything that waits before it in its space. They count
   * until `release`.
   */
  enter<T>(tag: Tag, bytes: number, fetch: () => Promise<T>): Promise<T> {
    return quiet(
      new Promise((resolve, reject) => {
        if (this.#failure !== undefined) {
          reject(this.#failure);
          return;
        }
        const start = (): void => {
          try {
            fetch().then(resolve, reject);
          } catch (error) {
            reject(error as Error);
          }
        };
        const name = nameOf(tag);
        const space = this.#spaces.get(name) ?? { held: 0, queue: [], next: 0 };
        this.#spaces.set(name, space);
        space.queue.push({ bytes, start, reject });
        this.#admit(space);
      }),
    );
  }

  /** The bytes of a step have been used. */
  release(tag: Tag, bytes: number): void {
    const name = nameOf(tag);
    const space = this.#spaces.get(name);
    if (space === undefined) return;
    space.held -= bytes;
    this.#admit(space);
    if (space.held === 0 && space.next === space.queue.length) this.#spaces.delete(name);
  }

  /** The session has failed: whatever waits is rejected. */
  fail(error: MpcError): void {
    this.#failure = error;
    for (const { queue, next } of this.#spaces.values()) {
      for (const { reject } of queue.splice(next)) reject(error);
    }
  }

  #admit(space: Space): void {
    const { queue } = space;
    for (let first = queue[space.next]; first !== undefined; first = queue[space.next]) {
      if (space.held > 0 && space.held + first.bytes > this.#limit) break;
      space.held += first.bytes;
      space.next++;
      first.start();
    }
    if (space.next === queue.length || space.next >= DROP) {
      queue.splice(0, space.next);
      space.next = 0;
    }
  }
}

function nameOf({ space }: Tag): string {
  return space.map(({ rank, counter }) => `${rank}.${counter}`).join('/');
}
