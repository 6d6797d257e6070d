/**
 * Bytes over a WebSocket, by the global one of browsers, Deno and Node 22. Neither authenticated nor
 * encrypted: `secure/` does that. Listening, and Node 20, are in `websocket.node.ts`.
 * @module
 */

import { assert, MpcError } from '../core/errors.ts';
import type { Transport, TransportHandler } from './link.ts';
import type { Network } from './mesh.ts';
import { linger } from './linger.ts';
import { isWebSocketAddress, messagesOf } from './websocket-messages.ts';

/** Bytes that may wait while the handler is paused where the socket cannot be: then the end. */
const MAX_WAITING_BYTES = 256 * 2 ** 20;
const ORDERLY = 1000;
const NO_STATUS = 1005;
/** Of the range for applications: the other side drops the connection. */
const DROPPED = 4000;

/** What a transport needs of an open WebSocket; that of `ws` can also stop reading and end at once. */
export interface MessageSocket {
  readonly bufferedAmount: number;
  send(message: Uint8Array<ArrayBuffer>): void;
  close(code: number): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'error', listener: (event: object) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void;
  pause?(): void;
  resume?(): void;
  terminate?(): void;
}

/** One WebSocket. After `close` nothing is delivered any more: browsers drop what comes late. */
export class WebSocketTransport implements Transport {
  readonly remote: string;
  readonly tellsDrained = false;
  readonly #socket: MessageSocket;
  #handler: TransportHandler | undefined;
  #state: 'open' | 'closing' | 'ended' = 'open';
  #end: { readonly error: MpcError | undefined } | undefined;
  #told = false;
  #paused = true;
  #draining = false;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #why = '';
  #stopLinger: () => void = () => undefined;

  /** @param socket open, with binary messages as ArrayBuffer or Uint8Array. */
  constructor(socket: MessageSocket, remote: string) {
    this.#socket = socket;
    this.remote = remote;
    socket.addEventListener('message', ({ data }) => this.#message(data));
    socket.addEventListener('error', (event) => {
      if ('message' in event && typeof event.message === 'string') this.#why = event.message;
    });
    socket.addEventListener('close', ({ code }) => this.#closed(code));
    socket.pause?.();
  }

  get backlogBytes(): number {
    return this.#socket.bufferedAmount;
  }

  start(handler: TransportHandler): void {
    assert(this.#handler === undefined, 'a transport is started once');
    this.#handler = handler;
    this.resume();
  }

  send(parts: readonly Uint8Array[]): void {
    if (this.#state !== 'open') return;
    for (const message of messagesOf(parts)) this.#socket.send(message);
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause?.();
  }

  resume(): void {
    this.#paused = false;
    if (this.#draining || this.#handler === undefined) return;
    this.#draining = true;
    queueMicrotask(() => {
      this.#draining = false;
      this.#drain();
    });
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#forget();
    this.#socket.close(ORDERLY);
    this.#socket.resume?.();
    this.#stopLinger = linger(
      () => this.backlogBytes,
      () => this.#drop(this.#error('no answer to our close')),
      true,
    );
  }

  destroy(): void {
    this.#drop(undefined);
  }

  #message(data: unknown): void {
    if (this.#state !== 'open') return;
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    if (!(bytes instanceof Uint8Array)) {
      this.#drop(this.#error('sent text where bytes belong'));
    } else if (!this.#paused && !this.#draining && this.#waiting.length === 0) {
      this.#handler?.data(bytes);
    } else {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
      if (this.#waitingBytes <= MAX_WAITING_BYTES) return;
      this.#drop(this.#error(`sent more than ${MAX_WAITING_BYTES} bytes ahead of their use`));
    }
  }

  #drain(): void {
    while (!this.#paused && this.#state === 'open') {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) break;
      this.#waitingBytes -= bytes.length;
      this.#handler?.data(bytes);
    }
    if (this.#paused) return;
    if (this.#end === undefined) this.#socket.resume?.();
    else this.#tell();
  }

  /** The socket has ended; what waits is still delivered. */
  #closed(code: number): void {
    const orderly = code === ORDERLY || code === NO_STATUS;
    const why =
      this.#why || (code === DROPPED ? 'dropped by the peer' : `closed with code ${code}`);
    this.#finish(orderly ? undefined : this.#error(why));
  }

  #drop(error: MpcError | undefined): void {
    this.#forget();
    if (this.#socket.terminate !== undefined) this.#socket.terminate();
    else if (this.#state !== 'ended') this.#socket.close(DROPPED);
    this.#state = 'ended';
    this.#finish(error);
  }

  #finish(error: MpcError | undefined): void {
    this.#stopLinger();
    this.#end ??= { error };
    queueMicrotask(() => this.#tell());
  }

  #tell(): void {
    if (this.#end === undefined || this.#told || this.#handler === undefined) return;
    if (this.#waiting.length > 0) return;
    this.#told = true;
    this.#state = 'ended';
    this.#handler.closed(this.#end.error);
  }

  #forget(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #error(why: string): MpcError {
    return new MpcError('ERR_MPC_TRANSPORT', `${this.remote}: ${why}`);
  }
}

/**
 * Connects to `ws://host:port/path` or `wss://…`, once.
 *
 * @throws {MpcError} ERR_MPC_TRANSPORT if nobody answers: try again later. ERR_MPC_UNSUPPORTED if this
 * runtime has no WebSocket, or its page may not use that address.
 */
export function dialWebSocket(address: string, timeoutMs: number): Promise<WebSocketTransport> {
  return new Promise((resolve, reject) => {
    const socket = open(address);
    socket.binaryType = 'arraybuffer';
    const timer = setTimeout(() => refuse('no answer'), timeoutMs);
    const refuse = (why: string): void => {
      clearTimeout(timer);
      socket.close();
      reject(new MpcError('ERR_MPC_TRANSPORT', `cannot reach ${address}: ${why}`));
    };
    // Browsers tell a page nothing about why.
    const failed = (): void => refuse('the WebSocket was refused');
    socket.addEventListener('error', failed);
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      socket.removeEventListener('error', failed);
      resolve(new WebSocketTransport(socket, address));
    });
  });
}

/** The network of a page: it can only dial. */
export const webNetwork: Network = {
  listen(address) {
    const why = `nobody can listen on ${address} here: leave the address of this party out of the manifest`;
    return Promise.reject(new MpcError('ERR_MPC_UNSUPPORTED', why));
  },
  dial(address, timeoutMs) {
    if (isWebSocketAddress(address)) return dialWebSocket(address, timeoutMs);
    const why = `cannot dial ${address} from here: pages reach ws:// and wss:// addresses only`;
    return Promise.reject(new MpcError('ERR_MPC_UNSUPPORTED', why));
  },
};

function open(address: string): WebSocket {
  if (typeof globalThis.WebSocket !== 'function') {
    const why = 'this runtime has no WebSocket: use the Node build, or Node 22 and later';
    throw new MpcError('ERR_MPC_UNSUPPORTED', why);
  }
  try {
    return new WebSocket(address);
  } catch (cause) {
    const why = `this page may not open ${address}; one served over https needs wss://`;
    throw new MpcError('ERR_MPC_UNSUPPORTED', why, { cause });
  }
}
