/**
 * The mesh over TCP with node:crypto.
 * @module
 */

import { buildMesh, type Mesh, type MeshOptions, type Network } from './mesh.ts';
import { nodeAead } from './secure/aead.node.ts';
import { dialTcp, listenTcp } from './tcp.node.ts';

const tcp: Network = { listen: listenTcp, dial: dialTcp };

/** Connects with every other participant of the manifest over TCP; errors as in `buildMesh`. */
export function connectMesh(options: MeshOptions): Promise<Mesh> {
  return buildMesh(options, tcp, nodeAead);
}
