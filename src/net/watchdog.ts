/**
 * A deadline that moves: fires when a peer has kept us waiting too long.
 * @module
 */

const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * One timer per peer. It is armed at the first wait and re-reads the deadline when it fires, so a
 * busy session does not set and clear a timer per message. In Node it keeps the process alive only
 * while something is awaited.
 */
export class Watchdog {
  readonly #deadlineMs: () => number | undefined;
  readonly #expired: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #awaited = false;

  /**
   * @param deadlineMs when patience ends, in ms of performance.now(); undefined: nothing is awaited.
   * @param expired called once when that moment has passed.
   */
  constructor(deadlineMs: () => number | undefined, expired: () => void) {
    this.#deadlineMs = deadlineMs;
    this.#expired = expired;
  }

  /** Something is awaited, or nothing any more. */
  awaiting(awaited: boolean): void {
    if (awaited === this.#awaited) return;
    this.#awaited = awaited;
    if (awaited && this.#timer === undefined) this.#arm();
    else keepAlive(this.#timer, awaited);
  }

  /** Stops for good. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    const deadline = this.#deadlineMs();
    if (deadline === undefined) return;
    const delay = Math.min(Math.max(deadline - performance.now(), 0) + 1, MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#check(), delay);
  }

  #check(): void {
    this.#timer = undefined;
    const deadline = this.#deadlineMs();
    if (deadline !== undefined && performance.now() >= deadline) this.#expired();
    else this.#arm();
  }
}

/** Whether a pending timer keeps a Node process running; browsers have no such notion. */
export function keepAlive(timer: ReturnType<typeof setTimeout> | undefined, alive: boolean): void {
  if (typeof timer !== 'object') return;
  if (alive) timer.ref();
  else timer.unref();
}
