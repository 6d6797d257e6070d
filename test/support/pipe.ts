/** A pair of in-memory byte transports that fragment, can tamper with, and use again the memory of, what they carry. */
import { concat } from '../../src/core/bytes.ts';
import { MpcError } from '../../src/core/errors.ts';
import { afterTick } from '../../src/core/tick.ts';
import type { Transport, TransportHandler } from '../../src/net/link.ts';
import { seededGenerator } from '../../src/net/shuffle.ts';

/** Sees every byte string of a direction; what it returns goes on instead. */
export type Tap = (bytes: Uint8Array) => Uint8Array;

export class PipeTransport implements Transport {
  readonly remote = 'pipe';
  readonly tellsDrained = true;
  #other: PipeTransport = this;
  readonly #tap: Tap;
  readonly #random = seededGenerator(11);
  #handler: TransportHandler | undefined;
  #incoming: (Uint8Array | { error: MpcError | undefined })[] = [];
  #paused = false;
  #sentEnd = false;
  #dead = false;
  #busy = false;

  constructor(tap: Tap) {
    this.#tap = tap;
  }

  static pair(tapA: Tap = (b) => b, tapB: Tap = (b) => b): [PipeTransport, PipeTransport] {
    const a = new PipeTransport(tapA);
    const b = new PipeTransport(tapB);
    a.#other = b;
    b.#other = a;
    return [a, b];
  }

  get backlogBytes(): number {
    let bytes = 0;
    for (const item of this.#other.#incoming) if (item instanceof Uint8Array) bytes += item.length;
    return bytes;
  }

  start(handler: TransportHandler): void {
    this.#handler = handler;
    this.#wake();
  }

  send(parts: readonly Uint8Array[]): void {
    if (this.#sentEnd || this.#dead) return;
    let bytes = this.#tap(concat(parts));
    while (bytes.length > 0) {
      const cut = this.#random(bytes.length > 5000 ? bytes.length : 40) + 1;
      this.#other.#incoming.push(bytes.slice(0, cut));
      bytes = bytes.subarray(cut);
    }
    this.#other.#wake();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  close(): void {
    this.#finish(undefined);
  }

  destroy(): void {
    this.#finish(new MpcError('ERR_MPC_TRANSPORT', 'pipe reset'));
    this.#incoming = [{ error: undefined }];
    this.#paused = false;
    this.#wake();
  }

  #finish(error: MpcError | undefined): void {
    if (this.#sentEnd) return;
    this.#sentEnd = true;
    this.#other.#incoming.push({ error });
    this.#other.#wake();
  }

  #wake(): void {
    if (this.#busy || this.#handler === undefined) return;
    this.#busy = true;
    afterTick(() => {
      this.#busy = false;
      for (let n = 0; n < 1000 && this.#incoming.length > 0 && !this.#paused && !this.#dead; n++) {
        const item = this.#incoming.shift();
        if (item instanceof Uint8Array) {
          this.#handler?.data(item);
          // What a transport hands over is lent.
          item.fill(0xa5);
        } else if (item !== undefined) {
          this.#finish(undefined);
          this.#dead = true;
          this.#handler?.closed(item.error);
        }
      }
      if (this.#other.backlogBytes === 0) this.#other.#handler?.drained?.();
      if (this.#incoming.length > 0 && !this.#paused && !this.#dead) this.#wake();
    });
  }
}
