/**
 * Bytes over a MessagePort, to a worker or another window of this program.
 *
 * Parts are copied once into a buffer of their own, which is transferred: what is posted to several
 * peers may share memory, and a transfer would take it from the others. The receiver acknowledges
 * what it has used, in batches, so a sender is never more than a window ahead.
 *
 *   message  bytes · a count: so many bytes used · 'end': no more bytes · 'drop': all is over
 * @module
 */

import { byteLengthOf, concat } from '../core/bytes.ts';
import { assert, MpcError } from '../core/errors.ts';
import { LINGER_MS } from './linger.ts';
import type { Transport, TransportHandler } from './link.ts';
import { keepAlive } from './watchdog.ts';

/** Bytes posted and not yet acknowledged above which the rest waits here. */
const WINDOW_BYTES = 8 * 2 ** 20;
/** Used bytes that are worth an acknowledgement. */
const ACK_BYTES = 2 ** 20;

/** What a transport needs of a MessagePort; those of browsers, Node and Deno have it. */
export interface Port {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
  start(): void;
  close(): void;
}

/** One end of a MessageChannel. */
export class MessagePortTransport implements Transport {
  readonly remote: string;
  readonly tellsDrained = true;
  readonly #port: Port;
  #handler: TransportHandler | undefined;
  #unsent: Uint8Array<ArrayBuffer>[] = [];
  #unsentBytes = 0;
  #inFlightBytes = 0;
  #closing = false;
  #endSent = false;
  #ended = false;
  #paused = false;
  #incoming: (Uint8Array | 'end')[] = [];
  #draining = false;
  #usedBytes = 0;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(port: Port, remote = 'message port') {
    this.#port = port;
    this.remote = remote;
    port.addEventListener('close', () => this.#finish(this.#error('the other side is gone')));
  }

  get backlogBytes(): number {
    return this.#unsentBytes;
  }

  start(handler: TransportHandler): void {
    assert(this.#handler === undefined, 'a transport is started once');
    this.#handler = handler;
    this.#port.addEventListener('message', ({ data }) => this.#message(data));
    this.#port.start();
  }

  send(parts: readonly Uint8Array[]): void {
    if (this.#closing || this.#ended || byteLengthOf(parts) === 0) return;
    const bytes = concat(parts);
    this.#unsent.push(bytes);
    this.#unsentBytes += bytes.length;
    this.#flush();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#draining || this.#incoming.length === 0) return;
    this.#draining = true;
    queueMicrotask(() => {
      this.#draining = false;
      this.#drain();
    });
  }

  close(): void {
    if (this.#closing || this.#ended) return;
    this.#closing = true;
    this.resume();
    this.#flush();
  }

  destroy(): void {
    if (this.#ended) return;
    this.#port.postMessage('drop', []);
    this.#incoming = [];
    this.#finish(undefined);
  }

  #message(data: unknown): void {
    if (typeof data === 'number') {
      this.#inFlightBytes -= data;
      const waited = this.#unsentBytes > 0;
      this.#flush();
      if (waited && this.#unsentBytes === 0) this.#handler?.drained?.();
    } else if (data instanceof Uint8Array || data === 'end') {
      this.#incoming.push(data);
      if (!this.#paused && !this.#draining) this.#drain();
    } else {
      this.#finish(this.#error(data === 'drop' ? 'dropped by the peer' : 'sent an odd message'));
    }
  }

  #drain(): void {
    while (!this.#paused && !this.#ended) {
      const item = this.#incoming.shift();
      if (item === undefined) return;
      if (item === 'end') {
        this.close();
        if (this.#endSent) this.#finish(undefined);
        else this.#incoming.unshift('end');
        return;
      }
      this.#used(item.length);
      this.#handler?.data(item);
    }
  }

  #used(bytes: number): void {
    this.#usedBytes += bytes;
    if (this.#usedBytes < ACK_BYTES) return;
    this.#port.postMessage(this.#usedBytes, []);
    this.#usedBytes = 0;
  }

  #flush(): void {
    while (this.#inFlightBytes < WINDOW_BYTES && !this.#ended) {
      const bytes = this.#unsent.shift();
      if (bytes === undefined) break;
      this.#unsentBytes -= bytes.length;
      this.#inFlightBytes += bytes.length;
      this.#port.postMessage(bytes, [bytes.buffer]);
    }
    if (!this.#closing || this.#endSent || this.#ended || this.#unsent.length > 0) return;
    this.#endSent = true;
    this.#port.postMessage('end', []);
    if (this.#incoming[0] === 'end') {
      this.#finish(undefined);
      return;
    }
    const late = (): void => this.#finish(this.#error('no answer to our close'));
    this.#linger = setTimeout(late, LINGER_MS);
    keepAlive(this.#linger, false);
  }

  #finish(error: MpcError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#linger);
    this.#unsent = [];
    this.#unsentBytes = 0;
    this.#port.close();
    queueMicrotask(() => this.#handler?.closed(error));
  }

  #error(why: string): MpcError {
    return new MpcError('ERR_MPC_TRANSPORT', `${this.remote}: ${why}`);
  }
}
