/**
 * `Party`: one party of a computation, and everything that has no tensor to hang on.
 *
 * Nothing is global; several parties live in one process. Most methods stand in `party/`, one file per area.
 * @module
 */

/// <reference lib="esnext.disposable" preserve="true" />

import { all } from '../core/later.ts';
import type { Context } from '../protocol/context.ts';
import { arrival, settle } from '../protocol/settle.ts';
import { installBinaryMethods } from './binary/index.ts';
import { installMethods } from './methods/index.ts';
import { installPartyMethods, type PartyMethods } from './party/index.ts';
import { keepParts, partsOf, type PartyParts } from './party/parts.ts';
import { logAt, printAt, type PrintOptions } from './print.ts';
import { Tape } from './tape.ts';
import type { Watcher } from './watcher.ts';
import { CrypTensor } from './tensor.ts';

/** The methods of `party/`, which the class installs. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type -- installPartyMethods keeps the promise.
export interface Party extends PartyMethods {}

/** One party of a computation. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see the interface.
export class Party {
  static {
    // A call where tensors are made, not an import for its effect: bundlers drop those.
    installMethods();
    installBinaryMethods();
    installPartyMethods(this.prototype);
  }

  readonly context: Context;
  readonly names: readonly string[];
  readonly tape: Tape;
  /** How many forks lie between this party and the one that was connected. */
  readonly forkDepth: number;
  /** Names of the program's own functions, shared with forks. */
  readonly ownNames: Set<string>;

  constructor(parts: PartyParts, parent?: Party) {
    keepParts(this, parts);
    this.context = parts.context;
    this.names = parts.names;
    this.tape = new Tape(parent?.tape);
    this.forkDepth = parent === undefined ? 0 : parent.forkDepth + 1;
    this.ownNames = parent?.ownNames ?? new Set();
  }

  /** What watches the operations, in a simulation that asked for it. */
  get watcher(): Watcher | undefined {
    return partsOf(this).watcher;
  }

  get rank(): number {
    return this.context.rank;
  }

  /** Number of parties. */
  get world(): number {
    return this.context.world;
  }

  /** Fractional bits of tensors that do not say otherwise. */
  get precision(): number {
    return this.context.session.precision;
  }

  /** Whether operations are recorded for backward now. */
  get gradEnabled(): boolean {
    return this.tape.recording;
  }

  /**
   * Prints a message at party 0, at those of `dst`, or at every party in turn; secrets print as their shapes.
   *
   * @throws {MpcError} ERR_MPC_RANK for a `dst` that is no party.
   */
  print(message: unknown, options: PrintOptions = {}): Promise<void> {
    return printAt(this, message, options);
  }

  /** As `print`, to the console's log of information, under the party's name. */
  log(message: unknown, options: PrintOptions = {}): Promise<void> {
    return logAt(this, message, options);
  }

  /** Truncates what the tensors owe and waits until their shares are here. Opens nothing. */
  async settle(...tensors: readonly CrypTensor[]): Promise<void> {
    const { context } = this;
    const shares = tensors.map((tensor) => settle(context, CrypTensor.shareOf(tensor)));
    const depth = shares.reduce((max, share) => Math.max(max, share.depth), 0);
    await context.deliver(all(shares.map(arrival)), depth);
  }

  /**
   * A party for concurrent work (a timer, a request of a server), with an order of its own. The parties fork for one
   * initiator in the same order; tensors made before may be used inside.
   */
  fork(initiator = 0): Party {
    return new Party({ ...this.#face(), context: this.context.fork(initiator) }, this);
  }

  /** Ends the session: waits for what is under way, or passes an error on to the other parties. */
  close(error?: Error): Promise<void> {
    return partsOf(this).close(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toString(): string {
    return `Party(${this.rank} of ${this.world}, ${this.names[this.rank] ?? 'unnamed'})`;
  }

  #face(): Omit<PartyParts, 'context'> {
    const parts = partsOf(this);
    return {
      names: this.names,
      traffic: () => parts.traffic(),
      resetTraffic: () => parts.resetTraffic(),
      close: (error) => parts.close(error),
      estimate: parts.estimate,
      keeping: parts.keeping,
      watcher: parts.watcher,
    };
  }
}
