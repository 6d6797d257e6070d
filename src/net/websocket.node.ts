/**
 * WebSockets in Node and Deno, by `ws`: accepting and dialling. Neither authenticated nor encrypted:
 * `secure/` does that, and does not care which page a caller comes from.
 * @module
 */

import { createServer } from 'node:http';
import { type ClientOptions, type ServerOptions, WebSocket, WebSocketServer } from 'ws';
import { MpcError } from '../core/errors.ts';
import type { Listener } from './mesh.ts';
import { WebSocketTransport } from './websocket.ts';
import { isWebSocketUrl, MAX_MESSAGE_BYTES } from './websocket-messages.ts';

/** Time for a caller to say what it wants; ms. */
const REQUEST_MS = 5000;
const MAX_HEADER_BYTES = 8192;

/** After 30 s of silence the system asks whether the other machine is still there. */
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelay: 30_000 } as const;

/** Ciphertext does not compress, and records are bounded. */
const LIMITS = { perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES } as const;

/** A zero mask: masking protects careless proxies from chosen bytes, ours are encrypted. 4× faster. */
const CLIENT: ClientOptions = {
  ...LIMITS,
  followRedirects: false,
  generateMask: (mask) => void mask.fill(0),
};

/**
 * Accepts WebSockets on `ws://host:port/path`; port 0 takes a free one.
 *
 * @throws {MpcError} ERR_MPC_TRANSPORT when the port is taken or the host is not ours;
 * ERR_MPC_UNSUPPORTED for `wss://`: what ends TLS in front of us needs a plain address to call.
 */
export function listenWebSocket(
  address: string,
  accept: (transport: WebSocketTransport) => void,
): Promise<Listener> {
  const { protocol, hostname, port, pathname } = urlOf(address);
  if (protocol === 'wss:') {
    const why = `cannot listen on ${address}: let what ends TLS call a plain address, and listen there`;
    throw new MpcError('ERR_MPC_UNSUPPORTED', why);
  }
  return new Promise((resolve, reject) => {
    const limits = { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: REQUEST_MS };
    const settings = { ...limits, requestTimeout: REQUEST_MS, ...KEEP_ALIVE };
    const server = createServer(settings, (_request, response) => {
      response.writeHead(426, { connection: 'close' }).end();
    });
    const options: ServerOptions = { ...LIMITS, server, path: pathname, clientTracking: false };
    const sockets = new WebSocketServer(options);
    sockets.on('connection', (socket, { socket: { remoteAddress, remotePort } }) => {
      const remote = `websocket ${remoteAddress ?? '?'}:${remotePort ?? 0}`;
      accept(new WebSocketTransport(socket, remote));
    });
    sockets.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? 'the port is in use; is another party already running there?'
          : (cause.code ?? cause.message);
      reject(new MpcError('ERR_MPC_TRANSPORT', `cannot listen on ${address}: ${why}`, { cause }));
    });
    const host = hostname.replace(/^\[|\]$/g, '');
    server.listen({ host, port: port === '' ? 80 : Number(port) }, () => {
      sockets.on('error', () => undefined);
      const bound = server.address();
      const actual = typeof bound === 'object' && bound !== null ? bound.port : Number(port);
      resolve({
        address: `ws://${hostname}:${actual}${pathname}`,
        background: () => server.unref(),
        close: () => {
          server.close();
          server.closeIdleConnections();
        },
      });
    });
  });
}

/**
 * Connects to `ws://host:port/path` or `wss://…`, once.
 *
 * @throws {MpcError} ERR_MPC_TRANSPORT if nobody answers; try again later.
 */
export function dialWs(address: string, timeoutMs: number): Promise<WebSocketTransport> {
  const { href } = urlOf(address);
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(href, { ...CLIENT, handshakeTimeout: timeoutMs });
    const failed = (cause: NodeJS.ErrnoException): void => {
      const why = cause.code ?? cause.message;
      reject(new MpcError('ERR_MPC_TRANSPORT', `cannot reach ${address}: ${why}`, { cause }));
    };
    socket.once('error', failed);
    socket.once('open', () => {
      const transport = new WebSocketTransport(socket, address);
      socket.off('error', failed);
      resolve(transport);
    });
  });
}

function urlOf(address: string): URL {
  if (isWebSocketUrl(address)) return new URL(address);
  const why = `not an address: ${address}; use ws://host:port/path`;
  throw new MpcError('ERR_MPC_TRANSPORT', why);
}
