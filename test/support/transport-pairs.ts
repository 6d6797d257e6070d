/** Two connected ends of each kind of socket, on loopback; nobody listens any more. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Transport } from '../../src/net/link.ts';
import type { Listener } from '../../src/net/mesh.ts';
import { dialTcp, listenTcp } from '../../src/net/tcp.node.ts';
import { dialWebSocket } from '../../src/net/websocket.ts';
import { dialWs, listenWebSocket } from '../../src/net/websocket.node.ts';

type Listen = (address: string, accept: (transport: Transport) => void) => Promise<Listener>;
type Dial = (address: string, timeoutMs: number) => Promise<Transport>;
type Pair = [caller: Transport, called: Transport];

async function pair(listen: Listen, dial: Dial, address: string): Promise<Pair> {
  let accepted: (transport: Transport) => void = () => undefined;
  const other = new Promise<Transport>((resolve) => (accepted = resolve));
  const listener = await listen(address, (transport) => accepted(transport));
  try {
    return [await dial(listener.address, 2000), await other];
  } finally {
    listener.close();
  }
}

export const tcpPair = (): Promise<Pair> => pair(listenTcp, dialTcp, '127.0.0.1:0');

export const wsPair = (): Promise<Pair> =>
  pair(listenWebSocket, dialWs, 'ws://127.0.0.1:0/session');

/** The runtime's own WebSocket calls. */
export const webSocketPair = (): Promise<Pair> =>
  pair(listenWebSocket, dialWebSocket, 'ws://127.0.0.1:0/session');

/** Ports that were free a moment ago. */
export async function freePorts(n: number): Promise<number[]> {
  const servers = Array.from({ length: n }, () => createServer());
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
