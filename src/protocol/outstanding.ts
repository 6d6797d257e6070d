/**
 * Messages that a party still waits for, so that a run can end when all of its operations have.
 * @module
 */

import { afterTick } from '../core/tick.ts';

/** Counts promises under way. */
export class Outstanding {
  readonly #promises = new Set<Promise<unknown>>();

  /** Counts a promise until it settles; returns it. */
  track<T>(promise: Promise<T>): Promise<T> {
    this.#promises.add(promise);
    const done = (): void => void this.#promises.delete(promise);
    promise.then(done, done);
    return promise;
  }

  /** Resolves once nothing is under way and nothing new has begun for a tick. Never rejects. */
  async idle(): Promise<void> {
    await tick();
    while (this.#promises.size > 0) {
      await Promise.allSettled(this.#promises);
      await tick();
    }
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => afterTick(resolve));
}
