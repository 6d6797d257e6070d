/**
 * A session on this machine: temporary keys and a temporary session file on loopback.
 *
 * Everything lies in one folder that only this user can read and that is deleted at the end.
 * @module
 */

import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '../core/bytes.ts';
import { saveIdentity } from '../net/identity.node.ts';
import { generateIdentity } from '../net/identity.ts';
import { parseManifest } from '../net/manifest.ts';
import { saveManifest } from './files.ts';
import { freshSessionId } from './session.ts';

/** Where things are, until `remove`. */
export interface LocalSession {
  readonly folder: string;
  readonly sessionFile: string;
  /** Key files by rank; the dealer's is the last. */
  readonly keyFiles: readonly string[];
  /** Deletes the folder. Happens by itself when the process exits. */
  remove(): void;
}

/** Makes keys for `names` and a dealer, and a session file that names free ports of this machine. */
export async function makeLocalSession(
  names: readonly string[],
  precision: number,
): Promise<LocalSession> {
  const folder = await mkdtemp(join(tmpdir(), 'cryptensor-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
    process.off('exit', remove);
  };
  process.on('exit', remove);
  const ports = await freePorts(names.length + 1);
  const entries: { name: string; publicKey: string; address: string }[] = [];
  const keyFiles: string[] = [];
  for (const name of [...names, 'dealer']) {
    const identity = generateIdentity(name);
    const keyFile = join(folder, `${name.replaceAll(' ', '-')}.key`);
    await saveIdentity(keyFile, identity);
    const address = `127.0.0.1:${ports[keyFiles.length]}`;
    keyFiles.push(keyFile);
    entries.push({ name, publicKey: toHex(identity.x25519.public), address });
  }
  const manifest = parseManifest({
    format: 'cryptensor-session',
    version: 1,
    session: freshSessionId(),
    mode: 'dealer',
    precision,
    parties: entries.slice(0, -1).map((entry, rank) => ({ rank, ...entry })),
    dealer: entries[entries.length - 1],
  });
  const sessionFile = join(folder, 'session.json');
  await saveManifest(sessionFile, manifest);
  return { folder, sessionFile, keyFiles, remove };
}

/** Ports of the loopback interface that are free at the moment. */
export async function freePorts(n: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: n }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host: '127.0.0.1', port: 0 }, resolve);
      });
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
}
