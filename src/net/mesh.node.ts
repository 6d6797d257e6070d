/**
 * The mesh in Node and Deno: TCP or WebSockets, whichever an address says, and node:crypto.
 * @module
 */

import { buildMesh, type Mesh, type MeshOptions, type Network } from './mesh.ts';
import { nodeAead } from './secure/aead.node.ts';
import { dialTcp, listenTcp } from './tcp.node.ts';
import { dialWs, listenWebSocket } from './websocket.node.ts';
import { isWebSocketAddress } from './websocket-messages.ts';

/** `ws://…` and `wss://…` by WebSocket, `host:port` by TCP. */
export const nodeNetwork: Network = {
  listen: (address, accept) =>
    isWebSocketAddress(address) ? listenWebSocket(address, accept) : listenTcp(address, accept),
  dial: (address, timeoutMs) =>
    isWebSocketAddress(address) ? dialWs(address, timeoutMs) : dialTcp(address, timeoutMs),
};

/** Connects with every other participant of the manifest; errors as in `buildMesh`. */
export function connectMesh(options: MeshOptions): Promise<Mesh> {
  return buildMesh(options, nodeNetwork, nodeAead);
}
