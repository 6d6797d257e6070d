/**
 * A network inside one process: parties of a simulation, tests.
 *
 * Frames are copied on delivery and never delivered inside `send`, as on a real network. No
 * encryption: all parties share the process anyway (M9).
 * @module
 */

import { byteLengthOf, concat } from '../core/bytes.ts';
import { assert, MpcError } from '../core/errors.ts';
import { wasRead } from '../core/spare.ts';
import { afterTick } from '../core/tick.ts';
import type { Link, LinkHandler } from './link.ts';
import { permutation, type SeededGenerator, seededGenerator } from './shuffle.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What an in-process network simulates. */
export interface LocalNetworkOptions {
  /**
   * Random order of arrival between pairs (kept within a pair) and of messages within a frame.
   * `true` takes a fresh seed.
   */
  readonly shuffle?: SeededGenerator | boolean;
  /** Unit latency for online frames; see `virtual-clock.ts`. */
  readonly clock?: VirtualClock;
}

/** All parties' ends of an in-process network. */
export interface LocalNetwork {
  /** Party i's links, by peer. */
  linksOf(rank: number): ReadonlyMap<number, Link>;
  /** For `MuxOptions.shuffle`; undefined without `shuffle`. */
  readonly shuffle: ((count: number) => readonly number[]) | undefined;
}

/** Turns without a new frame after which everybody is taken to be waiting. */
const IDLE_TURNS = 8;

interface Item {
  readonly arrival: number;
  /** undefined: the end of the link. */
  readonly frame?: readonly Uint8Array[];
  readonly error?: MpcError;
}

/** A network of `n` participants (parties and perhaps a dealer), every pair linked. */
export function localNetwork(n: number, options: LocalNetworkOptions = {}): LocalNetwork {
  const { clock, shuffle } = options;
  const random = shuffle === true ? freshGenerator() : shuffle === false ? undefined : shuffle;
  const post = new PostOffice(clock, random);
  const links = Array.from({ length: n }, () => new Map<number, LocalLink>());
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const left = new LocalLink(post, b);
      const right = new LocalLink(post, a);
      left.join(right);
      right.join(left);
      links[a].set(b, left);
      links[b].set(a, right);
    }
  }
  return {
    linksOf: (rank) => links[rank],
    shuffle: random === undefined ? undefined : (count) => permutation(random, count),
  };
}

/** One end of a pair. */
class LocalLink implements Link {
  readonly remote: string;
  readonly simulatesLatency: boolean;
  readonly incoming: Item[] = [];
  readonly #post: PostOffice;
  #other: LocalLink | undefined;
  #handler: LinkHandler | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';

  constructor(post: PostOffice, peer: number) {
    this.#post = post;
    this.remote = `in-process party ${peer}`;
    this.simulatesLatency = post.clock !== undefined;
  }

  get backlogBytes(): number {
    let bytes = 0;
    for (const { frame } of this.#other?.incoming ?? []) bytes += byteLengthOf(frame ?? []);
    return bytes;
  }

  join(other: LocalLink): void {
    this.#other = other;
  }

  start(handler: LinkHandler): void {
    assert(this.#handler === undefined, 'a link is started once');
    this.#handler = handler;
    if (this.incoming.length > 0) this.#post.arrange(this);
  }

  send(parts: readonly Uint8Array[], latencyFree = false): void {
    if (this.#state === 'open')
      this.#queue({ arrival: this.#post.arrivalTime(latencyFree), frame: parts });
  }

  close(): void {
    this.#leave({});
  }

  destroy(): void {
    this.#leave({ error: new MpcError('ERR_MPC_TRANSPORT', 'connection dropped by the peer') });
    this.#end();
  }

  /** Whether deliveries have somewhere to go. */
  get started(): boolean {
    return this.#handler !== undefined;
  }

  deliver({ frame, error }: Item): void {
    if (this.#state === 'closed') return;
    if (frame !== undefined) {
      if (this.#state !== 'open') return;
      const copy = concat(frame);
      frame.forEach(wasRead);
      this.#handler?.frame([copy]);
      return;
    }
    this.close();
    this.#end(error);
  }

  #leave(end: Pick<Item, 'error'>): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    const last = this.#other?.incoming.at(-1)?.arrival ?? 0;
    this.#queue({ arrival: Math.max(last, this.#post.arrivalTime(true)), ...end });
  }

  #queue(item: Item): void {
    const other = this.#other;
    if (other === undefined) return;
    // Within a latency class frames keep their order; a latency-free frame may overtake.
    let at = other.incoming.length;
    while (at > 0 && other.incoming[at - 1].arrival > item.arrival) at -= 1;
    other.incoming.splice(at, 0, item);
    this.#post.arrange(other);
  }

  #end(error?: MpcError): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.incoming.length = 0;
    this.#handler?.closed(error);
  }
}

/** Delivers what is due, turn by turn. */
class PostOffice {
  readonly clock: VirtualClock | undefined;
  readonly #random: SeededGenerator | undefined;
  #waiting = new Set<LocalLink>();
  #running = false;
  #idleTurns = 0;

  constructor(clock: VirtualClock | undefined, random: SeededGenerator | undefined) {
    this.clock = clock;
    this.#random = random;
  }

  arrivalTime(latencyFree: boolean): number {
    if (this.clock === undefined) return 0;
    return this.clock.now + (latencyFree ? 0 : 1);
  }

  /** There is something for `link`. */
  arrange(link: LocalLink): void {
    this.#idleTurns = 0;
    if (link.started) this.#waiting.add(link);
    if (!this.#running && this.#waiting.size > 0) this.#run();
  }

  #run(): void {
    this.#running = true;
    afterTick(() => this.#turn());
  }

  #turn(): void {
    const now = this.clock?.now ?? 0;
    const random = this.#random;
    let links = [...this.#waiting].filter(({ incoming }) => incoming[0]?.arrival <= now);
    this.#idleTurns = links.length > 0 ? 0 : this.#idleTurns + 1;
    if (random !== undefined) {
      // Each direction is late by 0, 1, 2, … turns with probability 1/2, 1/4, 1/8, …
      links = permutation(random, links.length)
        .map((i) => links[i])
        .filter(() => random(2) === 0);
    }
    for (const link of links) {
      let due = 0;
      while (due < link.incoming.length && link.incoming[due].arrival <= now) due += 1;
      for (const item of link.incoming.splice(0, due)) link.deliver(item);
    }
    for (const link of this.#waiting) if (link.incoming.length === 0) this.#waiting.delete(link);
    if (this.#waiting.size > 0 && this.#idleTurns >= IDLE_TURNS) this.#advance();
    this.#running = false;
    if (this.#waiting.size > 0) this.#run();
  }

  #advance(): void {
    let next = Infinity;
    for (const { incoming } of this.#waiting) next = Math.min(next, incoming[0]?.arrival ?? next);
    if (next < Infinity) this.clock?.advanceTo(next);
    this.#idleTurns = 0;
  }
}

function freshGenerator(): SeededGenerator {
  return seededGenerator(crypto.getRandomValues(new Uint32Array(1))[0]);
}
