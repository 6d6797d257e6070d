import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import type { Transport } from '../../src/net/link.ts';
import type { Listener } from '../../src/net/mesh.ts';
import { webAead } from '../../src/net/secure/aead-web.ts';
import { dialTcp, listenTcp } from '../../src/net/tcp.node.ts';
import { webNetwork } from '../../src/net/websocket.ts';
import { dialWs, listenWebSocket } from '../../src/net/websocket.node.ts';
import { isWebSocketUrl, MAX_MESSAGE_BYTES, messagesOf } from '../../src/net/websocket-messages.ts';
import { bytesOf, rejection } from '../support/muxes.ts';
import { securePair } from '../support/session.ts';
import { tcpPair, webSocketPair, wsPair } from '../support/transport-pairs.ts';
import { collect, linkSuite, transportSuite } from '../support/transport-suite.ts';

const web = { aead: webAead };

transportSuite('tcp', tcpPair);
// Dialled sockets read in another way than accepted ones.
transportSuite('tcp, from the accepted side', async () => {
  const [caller, called] = await tcpPair();
  return [called, caller];
});
linkSuite('secure over tcp', async () => securePair(await tcpPair()));
linkSuite('secure over tcp, WebCrypto to node:crypto', async () =>
  securePair(await tcpPair(), web),
);
transportSuite('websocket by ws', wsPair);
linkSuite('secure over websocket by ws', async () => securePair(await wsPair()));

if (typeof globalThis.WebSocket === 'function') {
  transportSuite('websocket, global', webSocketPair);
  linkSuite('secure over the global websocket, WebCrypto to node:crypto', async () =>
    securePair(await webSocketPair(), web),
  );
} else {
  it.skip('websocket, global: this runtime has none (Node before 22)', () => undefined);
}

describe('tcp', () => {
  it('listenTcp() says that a port is in use; dialTcp() that nobody answers', async () => {
    const listener = await listenTcp('127.0.0.1:0', () => undefined);
    const error = await rejection(listenTcp(listener.address, () => undefined));
    assert.equal(error.code, 'ERR_MPC_TRANSPORT');
    assert.match(error.message, /port is in use/);
    listener.close();
    const refused = await rejection(dialTcp(listener.address, 1000));
    assert.equal(refused.code, 'ERR_MPC_TRANSPORT');
    assert.equal(
      (await rejection(Promise.resolve().then(() => dialTcp('nowhere', 10)))).code,
      'ERR_MPC_TRANSPORT',
    );
  });
});

/** A listener that keeps who calls. */
async function listen(): Promise<{ listener: Listener; called: Promise<Transport> }> {
  let accepted: (transport: Transport) => void = () => undefined;
  const called = new Promise<Transport>((resolve) => (accepted = resolve));
  return { listener: await listenWebSocket('ws://127.0.0.1:0/here', accepted), called };
}

describe('websocket', () => {
  it('listenWebSocket() and dialWs() name what is wrong', async () => {
    const { listener } = await listen();
    assert.match(listener.address, /^ws:\/\/127\.0\.0\.1:[0-9]+\/here$/);
    const taken = await rejection(listenWebSocket(listener.address, () => undefined));
    assert.equal(taken.code, 'ERR_MPC_TRANSPORT');
    assert.match(taken.message, /port is in use/);
    const elsewhere = await rejection(dialWs(listener.address.replace('here', 'there'), 1000));
    assert.equal(elsewhere.code, 'ERR_MPC_TRANSPORT');
    listener.close();
    const refused = await rejection(dialWs(listener.address, 1000));
    assert.equal(refused.code, 'ERR_MPC_TRANSPORT');
    assert.match(refused.message, /cannot reach ws:/);
    for (const wrong of [
      'ws://a b',
      'ws://user@host:1/',
      'ws://host:1/?key=1',
      'ws://host:99999',
    ]) {
      assert.ok(!isWebSocketUrl(wrong), wrong);
      const error = await rejection(Promise.resolve().then(() => dialWs(wrong, 10)));
      assert.equal(error.code, 'ERR_MPC_TRANSPORT');
    }
    for (const right of ['ws://host:1', 'wss://example.org/a/b', 'ws://[::1]:7000/']) {
      assert.ok(isWebSocketUrl(right), right);
    }
    const tls = Promise.resolve().then(() => listenWebSocket('wss://host/', () => undefined));
    assert.equal((await rejection(tls)).code, 'ERR_MPC_UNSUPPORTED');
  });

  it('dialWs() gives up on a server that does not answer', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    server.on('upgrade', () => undefined);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await rejection(dialWs(`ws://127.0.0.1:${port}/`, 100));
    assert.equal(error.code, 'ERR_MPC_TRANSPORT');
    server.close();
    server.closeAllConnections();
  });

  it('text, an oversized message and a lost connection end it with ERR_MPC_TRANSPORT', async () => {
    const wrongs: [(socket: WebSocket) => void, RegExp][] = [
      [(socket) => socket.send('text'), /text/],
      [(socket) => socket.send(new Uint8Array(MAX_MESSAGE_BYTES + 1)), /size|1009|1006/],
      [(socket) => socket.terminate(), /1006/],
      [(socket) => socket.close(4321), /4321/],
    ];
    for (const [act, why] of wrongs) {
      const { listener, called } = await listen();
      const socket = new WebSocket(listener.address);
      socket.on('error', () => undefined);
      await once(socket, 'open');
      const { closed } = collect(await called);
      listener.close();
      act(socket);
      const error = await closed;
      assert.equal(error?.code, 'ERR_MPC_TRANSPORT');
      assert.match(error.message, why);
    }
  });

  it('a stranger who speaks something else is not let in', async () => {
    const { listener } = await listen();
    const { port } = new URL(listener.address.replace('ws:', 'http:'));
    const socket = connect(Number(port), '127.0.0.1');
    socket.end('GET /here HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString('latin1'), /^HTTP\/1\.1 426/);
    listener.close();
  });

  it('messagesOf() joins small parts, cuts large ones and copies no single one', () => {
    const one = bytesOf(100000);
    assert.equal(messagesOf([one])[0], one);
    assert.deepEqual(messagesOf([]), []);
    assert.deepEqual(messagesOf([new Uint8Array()]), []);
    const many = messagesOf([bytesOf(10), bytesOf(2 * MAX_MESSAGE_BYTES), bytesOf(3)]);
    assert.deepEqual(
      many.map(({ length }) => length),
      [MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES, 13],
    );
    const shared = new Uint8Array(new SharedArrayBuffer(8));
    assert.ok(messagesOf([shared])[0].buffer instanceof ArrayBuffer);
  });

  it('webNetwork only dials, and only WebSockets', async () => {
    const errors = [
      await rejection(webNetwork.listen('ws://127.0.0.1:0/', () => undefined)),
      await rejection(webNetwork.dial('127.0.0.1:7000', 100)),
    ];
    for (const { code } of errors) assert.equal(code, 'ERR_MPC_UNSUPPORTED');
    assert.match(errors[1].message, /ws:\/\//);
  });
});
