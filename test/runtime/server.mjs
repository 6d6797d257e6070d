/**
 * What pages are served from: bundles, compiled files, and a relay that joins two of a page's WebSockets.
 * @module
 */

import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { normalize } from 'node:path';
import { WebSocketServer } from 'ws';

const TYPES = {
  js: 'text/javascript',
  css: 'text/css',
  html: 'text/html',
  wasm: 'application/wasm',
};

/** Serves `texts` by path, with the headers each page has, then files of `root`. */
export async function serve(root, texts, headersOf) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://a').pathname);
    const file = root + normalize(path).replace(/^\/+/, '');
    const known = texts[path];
    if (known === undefined && (path.endsWith('/') || !existsSync(file))) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[path.split('.').at(-1)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, ...headersOf(path) });
    response.end(request.method === 'HEAD' ? undefined : (known ?? readFileSync(file)));
  });
  const sockets = relay(server);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The first two that call /relay/<name> are each other's peers. */
function relay(server) {
  const waiting = new Map();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket, { url }) => {
    socket.on('error', () => undefined);
    const other = waiting.get(url);
    if (other === undefined) {
      waiting.set(url, socket);
      socket.early = [];
      socket.keep = (data) => socket.early.push(data);
      socket.on('message', socket.keep);
      return;
    }
    waiting.delete(url);
    other.off('message', other.keep);
    for (const data of other.early) socket.send(data);
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ]) {
      from.on('message', (data) => to.send(data));
      from.on('close', (code) => to.close(code === 1005 || code === 1006 ? 1000 : code));
    }
  });
  return sockets;
}
