/**
 * Puts one fault into a stream of units: records of a transport, or frames of a link.
 * @module
 */

import { type SeededGenerator, seededGenerator } from '../../src/net/shuffle.ts';
import type { Fault } from './fault-kinds.ts';

/** What a fault can do to a stream. */
export interface Line {
  emit(unit: Uint8Array): void;
  /** Drops this link at once. */
  kill(): void;
  /** Drops all links of the sender at once, as if its process had died. */
  killPeer(): void;
  /** Silences the other direction of this link, too. */
  deafen(): void;
  /** Ends the stream as its layer does on purpose. */
  close(): void;
}

/** Another unit in the place of one; undefined if this one cannot be changed in that way. */
export type Mutation = (unit: Uint8Array, random: SeededGenerator) => Uint8Array | undefined;

/** How long a pause lasts, and a unit waits for one to overtake it; ms. */
const PAUSE_MS = 120;
const OVERTAKE_MS = 60;

/** One direction of one link. */
export class Injector {
  readonly #fault: Fault | undefined;
  readonly #mutations: Readonly<Record<string, Mutation>>;
  readonly #onInjected: () => void;
  readonly #random: SeededGenerator;
  readonly #before: Uint8Array[] = [];
  #held: (() => void)[] | undefined;
  #overtaken: Uint8Array | undefined;
  #release: (() => void) | undefined;
  #count = 0;
  #silent = false;

  constructor(
    fault: Fault | undefined,
    mutations: Readonly<Record<string, Mutation>>,
    onInjected: () => void,
  ) {
    this.#fault = fault;
    this.#mutations = mutations;
    this.#onInjected = onInjected;
    this.#random = seededGenerator(fault?.seed ?? 0);
  }

  /** Units so far. */
  get count(): number {
    return this.#count;
  }

  /** Nothing leaves any more. */
  silence(): void {
    this.#silent = true;
  }

  take(unit: Uint8Array, line: Line): void {
    const at = this.#count++;
    if (this.#silent) return;
    if (this.#fault === undefined) line.emit(unit);
    else if (this.#held !== undefined) this.#held.push(() => line.emit(unit));
    else if (this.#overtaken !== undefined) this.#overtake(unit, line);
    else this.#pass(at, this.#fault, unit, line);
  }

  /** The sender ends the stream; a stalled one says nothing. */
  close(body: () => void): void {
    this.#release?.();
    if (this.#held !== undefined) this.#held.push(body);
    else if (!this.#silent) body();
  }

  #pass(at: number, fault: Fault, unit: Uint8Array, line: Line): void {
    if (at !== fault.at) {
      this.#before.push(unit.slice());
      line.emit(unit);
      return;
    }
    this.#inject(fault.kind, unit, line);
  }

  #inject(kind: string, unit: Uint8Array, line: Line): void {
    const mutation = this.#mutations[kind];
    if (mutation !== undefined) {
      const changed = mutation(unit, this.#random);
      if (changed !== undefined) this.#onInjected();
      line.emit(changed ?? unit);
      return;
    }
    if (kind === 'reorder') {
      this.#overtaken = unit;
      this.#release = () => this.#overtake(undefined, line);
      setTimeout(this.#release, OVERTAKE_MS);
      return;
    }
    if (kind === 'replay') {
      line.emit(unit);
      if (this.#before.length === 0) return;
      this.#onInjected();
      line.emit(this.#before[this.#random(this.#before.length)]);
      return;
    }
    this.#onInjected();
    this.#disturb(kind, unit, line);
  }

  #disturb(kind: string, unit: Uint8Array, line: Line): void {
    switch (kind) {
      case 'kill link':
        return line.kill();
      case 'kill peer':
        return line.killPeer();
      case 'end without close':
      case 'close':
        return line.close();
      case 'truncate':
        line.emit(unit.slice(0, this.#random(unit.length)));
        return line.close();
      case 'stall':
        return this.silence();
      case 'black hole':
        line.deafen();
        return this.silence();
      case 'pause':
        this.#hold(unit, line);
        return;
      case 'duplicate':
        line.emit(unit.slice());
        return line.emit(unit);
      case 'drop':
        return;
      case 'empty frame':
        line.emit(new Uint8Array(8));
        return line.emit(unit);
      default:
        throw new Error(`test: no fault named ${kind}`);
    }
  }

  #hold(unit: Uint8Array, line: Line): void {
    const held = [() => line.emit(unit)];
    this.#held = held;
    setTimeout(() => {
      this.#held = undefined;
      for (const body of held) body();
    }, PAUSE_MS);
  }

  /** A later unit goes first, or nothing has come and the order stays. */
  #overtake(unit: Uint8Array | undefined, line: Line): void {
    const first = this.#overtaken;
    if (first === undefined) return;
    this.#overtaken = undefined;
    if (unit !== undefined) {
      this.#onInjected();
      line.emit(unit);
    }
    line.emit(first);
  }
}
