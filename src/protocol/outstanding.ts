/**
 * Messages that a party still waits for, so that a run can end when all of its operations have.
 * @module
 */

import { tick } from '../core/tick.ts';

/** Counts promises under way. */
export class Outstanding {
  #count = 0;
  #waiting: (() => void)[] = [];
  readonly #settled = (): void => {
    this.#count -= 1;
    if (this.#count === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  };

  /** Counts a promise until it settles; returns it. */
  track<T>(promise: Promise<T>): Promise<T> {
    this.#count += 1;
    promise.then(this.#settled, this.#settled);
    return promise;
  }

  /** Resolves once nothing is under way and nothing new has begun for a tick. Never rejects. */
  async idle(): Promise<void> {
    await tick();
    while (this.#count > 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      await tick();
    }
  }
}
