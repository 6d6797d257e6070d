/**
 * Bytes over TCP. Neither authenticated nor encrypted: `secure/` does that.
 * @module
 */

import { Buffer } from 'node:buffer';
import { createConnection, createServer, type Socket } from 'node:net';
import { byteLengthOf } from '../core/bytes.ts';
import { giveBack } from '../core/give-back.ts';
import { assert, MpcError } from '../core/errors.ts';
import { linger } from './linger.ts';
import type { Transport, TransportHandler } from './link.ts';
import type { Listener } from './mesh.ts';

/** Parts up to this total are copied into one write. */
const SMALL_WRITE_BYTES = 16 * 1024;
/** Where dialled sockets read into, again and again; Node has no such thing for accepted ones. */
const READ_BYTES = 256 * 1024;
/** After 30 s of silence the system asks whether the other machine is still there. */
const SOCKET_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 } as const;

/** One TCP connection. */
export class TcpTransport implements Transport {
  readonly remote: string;
  readonly tellsDrained = true;
  readonly #socket: Socket;
  #handler: TransportHandler | undefined;
  #ended = false;
  #error: MpcError | undefined;

  constructor(socket: Socket, remote: string) {
    this.#socket = socket;
    this.remote = remote;
    socket.pause();
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code ?? 'failed';
      this.#error = new MpcError('ERR_MPC_TRANSPORT', `${this.remote}: ${why}`, { cause });
    });
    socket.on('drain', () => this.#handler?.drained?.());
    socket.on('close', () => {
      this.#ended = true;
      this.#handler?.closed(this.#error);
    });
  }

  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  start(handler: TransportHandler): void {
    assert(this.#handler === undefined, 'a transport is started once');
    this.#handler = handler;
    if (this.#ended) {
      queueMicrotask(() => handler.closed(this.#error));
      return;
    }
    this.#socket.on('data', (bytes: Uint8Array) => {
      handler.data(bytes);
      giveBack(bytes);
    });
    this.#socket.resume();
  }

  /** Bytes of a socket that reads into a buffer of ours. */
  received(bytes: Uint8Array): void {
    this.#handler?.data(bytes);
  }

  send(parts: readonly Uint8Array[]): void {
    const socket = this.#socket;
    if (!socket.writable) return;
    if (parts.length > 1 && byteLengthOf(parts) <= SMALL_WRITE_BYTES) {
      socket.write(Buffer.concat(parts));
      return;
    }
    socket.cork();
    for (const part of parts) if (part.length > 0) socket.write(part, () => giveBack(part));
    socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.end();
    this.#socket.resume();
    const stop = linger(
      () => this.backlogBytes,
      () => this.#socket.destroy(),
      true,
    );
    this.#socket.once('close', stop);
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/**
 * Accepts connections on `host:port`; port 0 takes a free one.
 *
 * @throws {MpcError} ERR_MPC_TRANSPORT when the port is taken or the host is not ours.
 */
export function listenTcp(
  address: string,
  accept: (transport: TcpTransport) => void,
): Promise<Listener> {
  const { host, port } = splitAddress(address);
  return new Promise((resolve, reject) => {
    const server = createServer(SOCKET_OPTIONS, (socket) => {
      const remote = `tcp ${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
      accept(new TcpTransport(socket, remote));
    });
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? 'the port is in use; is another party already running there?'
          : (cause.code ?? cause.message);
      reject(new MpcError('ERR_MPC_TRANSPORT', `cannot listen on ${address}: ${why}`, { cause }));
    });
    server.listen({ host, port }, () => {
      server.on('error', () => undefined);
      const bound = server.address();
      const actual = typeof bound === 'object' && bound !== null ? bound.port : port;
      resolve({
        address: `${address.slice(0, address.lastIndexOf(':'))}:${actual}`,
        background: () => server.unref(),
        close: () => server.close(),
      });
    });
  });
}

/**
 * Connects to `host:port`, once.
 *
 * @throws {MpcError} ERR_MPC_TRANSPORT if nobody answers; try again later.
 */
export function dialTcp(address: string, timeoutMs: number): Promise<TcpTransport> {
  const { host, port } = splitAddress(address);
  return new Promise((resolve, reject) => {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    const callback = (count: number): boolean => {
      transport.received(buffer.subarray(0, count));
      return true;
    };
    const onread = { buffer, callback };
    const socket = createConnection({ ...SOCKET_OPTIONS, host, port, onread });
    const transport = new TcpTransport(socket, `tcp ${address}`);
    const refuse = (why: string, cause?: Error): void => {
      socket.destroy();
      reject(new MpcError('ERR_MPC_TRANSPORT', `cannot reach ${address}: ${why}`, { cause }));
    };
    const timer = setTimeout(() => refuse('no answer'), timeoutMs);
    const failed = (cause: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      refuse(cause.code ?? cause.message, cause);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      // Dialling a free ephemeral port of this machine can connect a socket to itself.
      if (socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress) {
        refuse('nobody listens');
        return;
      }
      resolve(transport);
    });
  });
}

function splitAddress(address: string): { host: string; port: number } {
  const cut = address.lastIndexOf(':');
  const host = address.slice(0, cut).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(cut + 1));
  if (cut <= 0 || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new MpcError('ERR_MPC_TRANSPORT', `not an address: ${address}; use host:port`);
  }
  return { host, port };
}
