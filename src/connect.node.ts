/**
 * `connect`: one real party of several, each in its own process; and the dealer as its own process.
 *
 * The composition root of real runs: keys and manifest in, secure links to everybody, agreement on the run, a `Party` out.
 * @module
 */

import { readFile } from 'node:fs/promises';
import { asMpcError, MpcError } from './core/errors.ts';
import { quiet } from './core/later.ts';
import { toHex } from './core/bytes.ts';
import { selectKernels, type SelectOptions } from './kernels/select.ts';
import { makeParty } from './make-party.ts';
import { loadIdentity } from './net/identity.node.ts';
import type { Identity } from './net/identity.ts';
import { manifestHash, parseManifest, type Manifest } from './net/manifest.ts';
import { connectMesh } from './net/mesh.node.ts';
import type { MeshEvent } from './net/mesh.ts';
import { Meter } from './net/meter.ts';
import { Mux } from './net/mux.ts';
import { agreeRun, type Run } from './net/run.ts';
import { Context } from './protocol/context.ts';
import { makeSession, serveDealer } from './protocol/session.ts';
import type { Seat } from './seats.ts';
import type { Party } from './tensor/index.ts';

/** How a real party joins. */
export interface ConnectOptions extends SelectOptions {
  /** The session's manifest, or the path of its JSON file. */
  readonly session: string | Manifest;
  /** This party's keys, or the path of its key file. */
  readonly identity: string | Identity;
  /** This party's rank; found from the identity's key unless given, and checked if given. */
  readonly rank?: number;
  /** How long to wait for the others, at first and for every message; 30 s unless said. */
  readonly timeoutMs?: number;
  /** Where to listen if not on our address of the manifest, e.g. `0.0.0.0:7000`. */
  readonly listen?: string;
  /** Stops waiting for the others. */
  readonly signal?: AbortSignal;
  /** Told what happens while the parties find each other. */
  readonly onProgress?: (text: string) => void;
}

/** What a dealer did in a run: sizes only. */
export interface DealerReport {
  readonly requests: number;
  readonly dealtBytes: number;
  readonly seconds: number;
}

/** A dealer at work. */
export interface DealerRun {
  /** Resolves when the parties have left; rejects with what went wrong. */
  readonly done: Promise<DealerReport>;
  /** Ends the run; with an error, the parties are told. */
  close(error?: MpcError): Promise<void>;
}

interface Joined {
  readonly rank: number;
  readonly world: number;
  readonly manifest: Manifest;
  readonly mux: Mux;
  readonly meter: Meter;
  readonly names: readonly string[];
  readonly run: Run;
}

/**
 * Joins a session as one of its parties: listens, dials the others and the dealer, agrees on a run.
 *
 * @throws {MpcError} ERR_MPC_FILE, ERR_MPC_MANIFEST or ERR_MPC_RANK for what is given; ERR_MPC_TIMEOUT naming who did not come;
 * ERR_MPC_HANDSHAKE, ERR_MPC_VERSION or ERR_MPC_MANIFEST when the other side has other keys, software or terms.
 * @example
 * const party = await connect({ session: 'session.json', identity: 'alice.key' });
 */
export async function connect(options: ConnectOptions): Promise<Party> {
  return makeParty(await connectSeat(options));
}

/** As `connect`, before the tensor API: what benchmarks measure. */
export async function connectSeat(options: ConnectOptions): Promise<Seat> {
  const kernels = await selectKernels(options);
  const joined = await join(options, 'party');
  const { rank, world, manifest, mux, meter, names, run } = joined;
  const session = makeSession({
    rank,
    world,
    kernels,
    mux,
    precision: manifest.precision,
    zeroSeeds: Array.from({ length: world }, (_, peer) =>
      peer === rank ? null : run.rootSeed(peer, 'zero'),
    ),
    dealSeed: run.rootSeed(world, 'deal'),
    dealerRank: world,
  });
  run.wipe();
  return { context: new Context(session), mux, meter, names };
}

/**
 * Joins a session as its dealer and serves one run.
 *
 * @throws {MpcError} as `connect`.
 */
export async function serveAsDealer(options: Omit<ConnectOptions, 'rank'>): Promise<DealerRun> {
  const kernels = await selectKernels(options);
  const { world, mux, run } = await join(options, 'dealer');
  const startedMs = performance.now();
  const seeds = Array.from({ length: world }, (_, party) => run.rootSeed(party, 'deal'));
  const coinSeed = globalThis.crypto.getRandomValues(new Uint8Array(32));
  run.wipe();
  const dealer = serveDealer(kernels, mux, seeds, coinSeed);
  const report = (): DealerReport => ({
    ...dealer.totals,
    seconds: (performance.now() - startedMs) / 1000,
  });
  const done = quiet(
    new Promise<DealerReport>((resolve, reject) => {
      mux.onFailure(reject);
      void mux.ended.then((error) => (error === undefined ? resolve(report()) : reject(error)));
    }),
  );
  return {
    done,
    close: async (error) => {
      if (error !== undefined) mux.fail(error);
      await mux.close();
    },
  };
}

async function join(options: ConnectOptions, role: 'party' | 'dealer'): Promise<Joined> {
  const manifest = await manifestOf(options.session);
  const identity =
    typeof options.identity === 'string' ? await loadIdentity(options.identity) : options.identity;
  if (manifest.mode !== 'dealer') {
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      `connect: trust mode "${manifest.mode}" is not supported; use a session with mode "dealer"`,
    );
  }
  const world = manifest.parties.length;
  const me = role === 'dealer' ? 'dealer' : rankOf(manifest, identity, options.rank);
  const timeoutMs = options.timeoutMs ?? 30_000;
  const { onProgress, signal, listen } = options;
  const mesh = await connectMesh({
    manifest,
    me,
    identity,
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
    ...(listen === undefined ? {} : { listenAddress: listen }),
    onProgress: (event) => onProgress?.(describe(event)),
  });
  const meter = new Meter();
  const { links, names, rank } = mesh;
  const mux = new Mux({ rank, names, links, timeoutMs, meter });
  try {
    const run = await agreeRun({ mux, rank, links, manifestHash: manifestHash(manifest) });
    meter.reset();
    return { rank, world, manifest, mux, meter, names, run };
  } catch (error) {
    mux.fail(asMpcError(error));
    await mux.close();
    throw error;
  }
}

async function manifestOf(session: string | Manifest): Promise<Manifest> {
  if (typeof session !== 'string') return session;
  let text: string;
  try {
    text = await readFile(session, 'utf8');
  } catch (cause) {
    throw new MpcError('ERR_MPC_FILE', `cannot read the session file ${session}`, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new MpcError('ERR_MPC_MANIFEST', `the session file ${session} is not JSON`, { cause });
  }
  return parseManifest(json);
}

function rankOf(manifest: Manifest, identity: Identity, claimed: number | undefined): number {
  const key = toHex(identity.x25519.public);
  const found = manifest.parties.find((party) => party.publicKey === key)?.rank;
  const rank = claimed ?? found;
  if (rank === undefined) {
    throw new MpcError(
      'ERR_MPC_RANK',
      'connect: this identity is none of the session’s parties; use the key file whose public key is in the manifest',
    );
  }
  if (!Number.isInteger(rank) || rank < 0 || rank >= manifest.parties.length) {
    throw new MpcError(
      'ERR_MPC_RANK',
      `connect: rank ${rank} is not one of the session’s ranks 0 to ${manifest.parties.length - 1}`,
    );
  }
  if (manifest.parties[rank].publicKey !== undefined && found !== rank) {
    throw new MpcError(
      'ERR_MPC_RANK',
      `connect: rank ${rank} (${manifest.parties[rank].name}) has another key than this identity`,
    );
  }
  return rank;
}

function describe(event: MeshEvent): string {
  switch (event.type) {
    case 'listening':
      return `listening on ${event.address}`;
    case 'connected':
      return `connected with ${event.label}`;
    case 'refused':
      return `turned a caller away: ${event.reason}`;
  }
}
