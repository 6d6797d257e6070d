/**
 * The context of a computation: who we are, whom we talk to, and where in the program we stand.
 *
 * Nothing is global: several parties live in one process. A context is one tag space; `fork` opens another (C6).
 * @module
 */

import { joined } from '../core/bytes.ts';
import { assert, MpcError } from '../core/errors.ts';
import { quiet, type Later } from '../core/later.ts';
import { tick } from '../core/tick.ts';
import type { Arena } from '../kernels/memory.ts';
import { MESSAGE_KINDS } from '../net/kinds.ts';
import type { ForkId, MessageId, Mux } from '../net/mux.ts';
import type { PairSeeds } from '../prg/zero.ts';
import { digestOf } from './digest.ts';
import type { Gates } from './gates.ts';
import type { Ledger } from './ledger.ts';
import type { Outstanding } from './outstanding.ts';
import type { Provider } from './provider/provider.ts';
import type { Share } from './share.ts';
import { showTag, type Tag } from './tag.ts';

/** What a party needs of its connections: messages by name, and the failure that ended them. */
export type Wire = Pick<Mux, 'failure' | 'post' | 'expectParts'>;

/** What all tag spaces of one party share. */
export interface Session {
  readonly rank: number;
  readonly world: number;
  readonly arena: Arena;
  readonly mux: Wire;
  readonly gates: Gates;
  readonly provider: Provider;
  /** Root seeds for zero sharing with every other party (C3, C4). */
  readonly zeroSeeds: PairSeeds;
  /** Fractional bits of tensors that do not say otherwise. */
  readonly precision: number;
  readonly rounds: RoundCounter;
  readonly outstanding: Outstanding;
  readonly ledger: Ledger;
}

/** The longest chain of dependent openings, over all tag spaces of a party. */
export class RoundCounter {
  #deepest = 0;
  #base = 0;

  /** Records that a chain of `depth` openings exists. */
  reach(depth: number): void {
    if (depth > this.#deepest) this.#deepest = depth;
  }

  /** Rounds since the last reset. */
  get count(): number {
    return this.#deepest - this.#base;
  }

  /** Starts counting anew; returns the depth that everything later builds on. */
  reset(): number {
    this.#base = this.#deepest;
    return this.#base;
  }
}

/** One step of the program, as every party sees it. */
export interface Step {
  readonly tag: Tag;
  readonly digest: bigint;
  /** Longest chain of openings behind the step's inputs. */
  readonly depth: number;
  /** Public description: op, shapes, scales. */
  readonly text: string;
  /** Name its costs are booked under. */
  readonly account: string;
}

const rooted = new WeakSet<Session>();

/** One tag space of one party. */
export class Context {
  readonly session: Session;
  readonly rank: number;
  readonly world: number;
  readonly arena: Arena;
  readonly gates: Gates;
  readonly #space: readonly ForkId[];
  readonly #peers: readonly number[];
  readonly #forks = new Map<number, number>();
  /** Positions that the enclosing spaces had reached when this one was forked. */
  readonly #horizon = new Map<string, number>();
  #next = 0;
  #floor = 0;
  #delivery: Promise<unknown> = Promise.resolve();

  /** @throws {Error} for a second root: it would use every tag, and so every mask, again (C5). */
  constructor(session: Session, space: readonly ForkId[] = []) {
    assert(space.length > 0 || !rooted.has(session), 'a session has one root context');
    rooted.add(session);
    this.session = session;
    this.rank = session.rank;
    this.world = session.world;
    this.arena = session.arena;
    this.gates = session.gates;
    this.#space = space;
    const ranks = Array.from({ length: this.world }, (_, rank) => rank);
    this.#peers = ranks.filter((rank) => rank !== this.rank);
  }

  /**
   * Begins a step: takes the next tag and chains the digest. Called in program order, synchronously.
   *
   * @throws {MpcError} the session's first failure, once there is one (C5: no retry under used tags).
   */
  step(text: string, inputs: readonly { readonly digest: bigint; readonly depth: number }[]): Step {
    const { failure } = this.session.mux;
    if (failure !== undefined) throw failure;
    const tag = { space: this.#space, seq: this.#next++ };
    if (tag.seq >= Number.MAX_SAFE_INTEGER) throw new RangeError('tag space exhausted');
    const depth = inputs.reduce((max, input) => Math.max(max, input.depth), this.#floor);
    // The position is part of the digest: two inputs of one shape differ, so x − y is not y − x.
    const digest = digestOf(
      `${showTag(tag)} ${text}`,
      inputs.map((input) => input.digest),
    );
    return { tag, digest, depth, text, account: this.session.ledger.account };
  }

  /** The tag that the next step will take. */
  get here(): Tag {
    return { space: this.#space, seq: this.#next };
  }

  /** Depth that every further step has at least: the deepest result delivered to the program so far. */
  get floor(): number {
    return this.#floor;
  }

  /** Everything called from now on counts as coming after all that was called before. */
  resetRounds(): void {
    this.#floor = this.session.rounds.reset();
  }

  /**
   * Hands public results to the program in tag order, one macrotask apart, so that code which awaits only our promises calls
   * the same operations in the same order at every party. What follows a delivered value depends on it: `depth` becomes the floor.
   */
  deliver<T>(value: Later<T>, depth: number): Promise<T> {
    const before = this.#delivery;
    const result = (async () => {
      const ready = await value;
      await before;
      await tick();
      this.#floor = Math.max(this.#floor, depth);
      return ready;
    })();
    this.#delivery = result.then(
      () => undefined,
      () => undefined,
    );
    return quiet(result);
  }

  /**
   * Opens a tag space for concurrent work, named by the party that starts it and that party's next counter (C6); the parties
   * fork for one initiator in the same order.
   *
   * @throws {MpcError} ERR_MPC_RANK for an initiator that is no party, ERR_MPC_UNSUPPORTED beyond 8 nested forks.
   */
  fork(initiator = 0): Context {
    if (!Number.isInteger(initiator) || initiator < 0 || initiator >= this.world) {
      throw new MpcError(
        'ERR_MPC_RANK',
        `fork: initiator ${initiator} is not a rank below ${this.world}`,
      );
    }
    if (this.#space.length >= 8) {
      throw new MpcError('ERR_MPC_UNSUPPORTED', 'fork: at most 8 forks may nest');
    }
    const counter = this.#forks.get(initiator) ?? 0;
    this.#forks.set(initiator, counter + 1);
    const child = new Context(this.session, [...this.#space, { rank: initiator, counter }]);
    child.#floor = this.#floor;
    for (const [name, seq] of this.#horizon) child.#horizon.set(name, seq);
    child.#horizon.set(spaceName(this.#space), this.#next);
    return child;
  }

  /**
   * Whether what was done at `tag` comes before this point of the program at every party: in this space, or in an enclosing one
   * before the fork. Caches (masks, truncations) are shared only so far, since forks run in no fixed order (C8).
   */
  sees(tag: Tag): boolean {
    const name = spaceName(tag.space);
    return name === spaceName(this.#space) || tag.seq < (this.#horizon.get(name) ?? 0);
  }

  /** Ranks of the other computing parties. */
  peers(): readonly number[] {
    return this.#peers;
  }

  /** Sends an opening of `step` to a peer. */
  post(step: Step, peer: number, payload: readonly Uint8Array[]): void {
    this.session.mux.post(peer, openingId(step), step.digest, payload, () => step.text);
  }

  /** The opening of `step` that a peer sends, of exactly `byteLength` bytes. */
  expect(step: Step, peer: number, byteLength: number): Promise<Uint8Array> {
    return quiet(this.expectParts(step, peer, byteLength).then(joined));
  }

  /** The same in parts as it came, which are the caller's; or `each` takes them as they come, and there are none in the end. */
  expectParts(
    step: Step,
    peer: number,
    byteLength: number,
    each?: (parts: readonly Uint8Array[]) => void,
  ): Promise<readonly Uint8Array[]> {
    const { mux, outstanding } = this.session;
    const id = openingId(step);
    const parts = mux.expectParts(peer, id, step.digest, byteLength, () => step.text, each);
    return outstanding.track(parts);
  }
}

function openingId({ tag: { space, seq } }: Step): MessageId {
  return { space, seq, kind: MESSAGE_KINDS.opening };
}

function spaceName(space: readonly ForkId[]): string {
  return space.map((fork) => `${fork.rank}.${fork.counter}`).join('/');
}

/** What a gate needs of an input: its digest and depth. */
export function inputsOf(...shares: readonly Share[]): { digest: bigint; depth: number }[] {
  return shares.map((share) => ({ digest: share.digest, depth: share.depth }));
}
