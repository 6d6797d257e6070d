/**
 * Where in the program our latest posts were made, to say where we are when a peer disagrees.
 * @module
 */

import { idKey, type MessageId } from './frame.ts';

const CAPACITY = 256;

interface Point {
  readonly id: MessageId;
  readonly describe: () => string;
}

/** The latest program points. */
export class RecentPoints {
  readonly #points: Point[] = [];
  #next = 0;

  add(id: MessageId, describe: () => string): void {
    this.#points[this.#next] = { id, describe };
    this.#next = (this.#next + 1) % CAPACITY;
  }

  /** How the point of that id describes itself. */
  at(id: MessageId): (() => string) | undefined {
    const key = idKey(id);
    return this.#points.find((point) => idKey(point.id) === key)?.describe;
  }

  clear(): void {
    this.#points.length = 0;
    this.#next = 0;
  }
}
