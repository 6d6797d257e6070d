/**
 * `connect` for Node and Deno: parties and the dealer over TCP or WebSockets, from files or objects.
 *
 * What joining is, is in `connect-session.ts`; here are node:crypto, sockets and files.
 * @module
 */

import { readFile } from 'node:fs/promises';
import {
  type DealerRun,
  joinAsDealer,
  joinAsParty,
  type JoinOptions,
  type JsonObject,
  type Platform,
} from './connect-session.ts';
import { MpcError } from './core/errors.ts';
import { makeParty } from './make-party.ts';
import { loadIdentity } from './net/identity.node.ts';
import type { Identity } from './net/identity.ts';
import { type Manifest, parseManifest } from './net/manifest.ts';
import { nodeNetwork } from './net/mesh.node.ts';
import { nodeAead } from './net/secure/aead.node.ts';
import { nodeFiles } from './protocol/saved/files.node.ts';
import { LotFile } from './protocol/provider/lot-file.node.ts';
import type { Seat } from './seats.ts';
import type { Party } from './tensor/index.ts';

export type { DealerReport, DealerRun } from './connect-session.ts';

/** How a real party joins. */
export interface ConnectOptions extends Omit<JoinOptions, 'session' | 'identity'> {
  /** The session's manifest, or the path of its JSON file. */
  readonly session: string | Manifest | JsonObject;
  /** This party's keys, or the path of its key file. */
  readonly identity: string | Identity | JsonObject;
}

/** What Node and Deno offer. */
export const platform: Platform = {
  network: nodeNetwork,
  aead: nodeAead,
  files: nodeFiles,
  openMaterial: (path, identity, terms) => LotFile.open(path, identity, terms),
};

/**
 * Joins a session as one of its parties: listens, dials the others and the dealer, agrees on a run.
 *
 * @throws {MpcError} ERR_MPC_FILE, ERR_MPC_MANIFEST or ERR_MPC_RANK for what is given; ERR_MPC_TIMEOUT naming who did not come;
 * ERR_MPC_PREPROCESSING when the parties' stored material does not go together or is used up; ERR_MPC_HANDSHAKE, ERR_MPC_VERSION or ERR_MPC_MANIFEST when the other side has other keys, software or terms.
 * @example
 * const party = await connect({ session: 'session.json', identity: 'alice.key' });
 */
export async function connect(options: ConnectOptions): Promise<Party> {
  return makeParty(await connectSeat(options));
}

/** As `connect`, before the tensor API: what benchmarks measure. */
export async function connectSeat(options: ConnectOptions): Promise<Seat> {
  return joinAsParty(await loaded(options), platform);
}

/**
 * Joins a session as its dealer and serves one run, or one `preprocess`.
 *
 * @throws {MpcError} as `connect`.
 */
export async function serveAsDealer(
  options: Omit<ConnectOptions, 'rank' | 'preprocessing'>,
): Promise<DealerRun> {
  return joinAsDealer(await loaded(options), platform);
}

/** Paths replaced by what their files hold. */
export async function loaded(options: ConnectOptions): Promise<JoinOptions> {
  const { session, identity } = options;
  return {
    ...options,
    session: typeof session === 'string' ? await loadManifest(session) : session,
    identity: typeof identity === 'string' ? await loadIdentity(identity) : identity,
  };
}

async function loadManifest(path: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new MpcError('ERR_MPC_FILE', `cannot read the session file ${path}`, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new MpcError('ERR_MPC_MANIFEST', `the session file ${path} is not JSON`, { cause });
  }
  return parseManifest(json);
}
