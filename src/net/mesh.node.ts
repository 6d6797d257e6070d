/**
 * The mesh in Node and Deno: TCP or WebSockets, whichever an address says, and node:crypto.
 * @module
 */

import { buildMesh, type Mesh, type MeshOptions, type Network } from './mesh.ts';
import { nodeAead } from './secure/aead.node.ts';
import { dialTcp, listenTcp } from './tcp.node.ts';
import { isWebSocketAddress } from './websocket-messages.ts';

/** `ws://…` and `wss://…` by WebSocket, loaded when an address asks for it; `host:port` by TCP. */
export const nodeNetwork: Network = {
  listen: async (address, accept) => {
    if (!isWebSocketAddress(address)) return listenTcp(address, accept);
    const { listenWebSocket } = await import('./websocket.node.ts');
    return listenWebSocket(address, accept);
  },
  dial: async (address, timeoutMs) => {
    if (!isWebSocketAddress(address)) return dialTcp(address, timeoutMs);
    const { dialWs } = await import('./websocket.node.ts');
    return dialWs(address, timeoutMs);
  },
};

/** Connects with every other participant of the manifest; errors as in `buildMesh`. */
export function connectMesh(options: MeshOptions): Promise<Mesh> {
  return buildMesh(options, nodeNetwork, nodeAead);
}
