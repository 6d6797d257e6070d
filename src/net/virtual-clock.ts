/**
 * Time of a simulated network: counts rounds independently of what the protocols declare.
 *
 * Every online frame takes one unit, everything else takes none, computing takes none. Time moves
 * only when no party has anything left to do, so the last arrival is the length of the longest chain
 * of dependent messages.
 * @module
 */

/** A clock in units of one network latency; moved by the local network it is given to. */
export class VirtualClock {
  #now = 0;
  #start = 0;
  #lastArrival = 0;

  /** The present, in latencies. */
  get now(): number {
    return this.#now;
  }

  /** Time of the last arrival of an online frame since `reset`, in latencies: rounds so far. */
  elapsed(): number {
    return this.#lastArrival - this.#start;
  }

  /** Counts from now on. Call it when nothing is under way. */
  reset(): void {
    this.#start = this.#lastArrival = this.#now;
  }

  /** Moves to `time`, at which an online frame arrives. For the network alone. */
  advanceTo(time: number): void {
    this.#now = Math.max(this.#now, time);
    this.#lastArrival = this.#now;
  }
}
