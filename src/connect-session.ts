/**
 * Joining a real session, as a party or as its dealer: what `connect` is in every runtime.
 *
 * The composition root of real runs: keys and manifest in, secure links to everybody, agreement on the run, a `Seat` out.
 * How bytes travel and which AES-GCM seals them is given (`Platform`); files and paths are in `connect.node.ts`.
 * @module
 */

import { toHex } from './core/bytes.ts';
import { asMpcError, MpcError } from './core/errors.ts';
import { quiet } from './core/later.ts';
import { Arena } from './kernels/memory.ts';
import { selectKernels, type SelectOptions } from './kernels/select.ts';
import { type Identity, parseIdentity } from './net/identity.ts';
import { type Manifest, manifestHash, manifestJson, parseManifest } from './net/manifest.ts';
import {
  buildMesh,
  type Mesh,
  type MeshEvent,
  type MeshOptions,
  type Network,
} from './net/mesh.ts';
import { Meter } from './net/meter.ts';
import { Mux } from './net/mux.ts';
import { agreeRun, type Run } from './net/run.ts';
import type { Aead } from './net/secure/crypto.ts';
import type { PairSeeds } from './prg/zero.ts';
import { Context } from './protocol/context.ts';
import type { LotFileTerms } from './protocol/provider/lot-format.ts';
import { fileIdOf, serveLots } from './protocol/provider/lots.ts';
import { claimTogether, type StoredLot, type StoredMaterial } from './protocol/provider/stored.ts';
import type { Files } from './protocol/saved/vault.ts';
import { makeSession, serveDealer } from './protocol/session.ts';
import type { Seat } from './seats.ts';

/** The contents of a session file or a key file, parsed as JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** How a real party joins. */
export interface JoinOptions extends SelectOptions {
  /** The session's manifest. */
  readonly session: Manifest | JsonObject;
  /** This party's keys. */
  readonly identity: Identity | JsonObject;
  /** This party's rank; found from the identity's key unless given, and checked if given. */
  readonly rank?: number;
  /** How long to wait for the others, at first and for every message; 30 s unless said. */
  readonly timeoutMs?: number;
  /** Where to listen if not on our address of the manifest, e.g. `0.0.0.0:7000`. */
  readonly listen?: string;
  /** This party's file of `preprocess`; then all parties have theirs, and the run needs no dealer. */
  readonly preprocessing?: string;
  /** Stops waiting for the others. */
  readonly signal?: AbortSignal;
  /** Told what happens while the parties find each other. */
  readonly onProgress?: (text: string) => void;
}

/** What a runtime has to offer. */
export interface Platform {
  readonly network: Network;
  readonly aead: Aead;
  /** Absent where there are none. */
  readonly files?: Files;
  /** Opens a file of `preprocess`; absent where there are no files. */
  readonly openMaterial?: (
    path: string,
    identity: Identity,
    terms: LotFileTerms,
  ) => Promise<StoredMaterial>;
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

/** A participant that is connected with all others and has agreed on a run with them. */
export interface Joined {
  readonly rank: number;
  readonly world: number;
  readonly manifest: Manifest;
  readonly identity: Identity;
  readonly mux: Mux;
  readonly meter: Meter;
  readonly names: readonly string[];
  readonly run: Run;
}

/** Who joins: a party, a party of a run that needs no dealer, or the dealer. */
export type Role = 'party' | 'party without dealer' | 'dealer';

/**
 * Takes a party's seat: listens, dials the others and the dealer, agrees on a run.
 *
 * @throws {MpcError} ERR_MPC_FILE, ERR_MPC_MANIFEST or ERR_MPC_RANK for what is given; ERR_MPC_PREPROCESSING when the parties'
 * stored material does not go together or is used up; else as `buildMesh` and `agreeRun`.
 */
export async function joinAsParty(options: JoinOptions, platform: Platform): Promise<Seat> {
  const kernels = await selectKernels(options);
  const material = await openMaterial(options, platform);
  const role = material === undefined ? 'party' : 'party without dealer';
  const joined = await join(options, platform, role);
  const { rank, world, manifest, identity, mux, meter, names, run } = joined;
  const zeroSeeds = zeroSeedsOf(joined);
  const stored = material === undefined ? undefined : await claim(joined, material);
  const session = makeSession({
    ...{ rank, world, kernels, mux, zeroSeeds, precision: manifest.precision },
    ...(stored === undefined ? {} : { stored }),
    dealSeed: stored?.seed ?? run.rootSeed(world, 'deal'),
    dealerRank: world,
  });
  run.wipe();
  const { aead, files } = platform;
  const terms = manifestHash(manifest);
  const vault = { aead, secret: identity.x25519.secret, terms, files };
  return { context: new Context(session), mux, meter, names, vault };
}

/** Seeds of the run for zero shares with every other party. */
export function zeroSeedsOf({ rank, world, run }: Joined): PairSeeds {
  return Array.from({ length: world }, (_, peer) =>
    peer === rank ? null : run.rootSeed(peer, 'zero'),
  );
}

async function openMaterial(
  options: JoinOptions,
  platform: Platform,
): Promise<StoredMaterial | undefined> {
  const { preprocessing: path } = options;
  if (path === undefined) return undefined;
  if (platform.openMaterial === undefined) {
    throw new MpcError('ERR_MPC_UNSUPPORTED', 'connect: stored material needs files');
  }
  const manifest = manifestOf(options.session);
  const identity = identityOf(options.identity);
  return platform.openMaterial(path, identity, {
    precision: manifest.precision,
    rank: rankOf(manifest, identity, options.rank),
    world: manifest.parties.length,
    manifestHash: manifestHash(manifest),
  });
}

async function claim(joined: Joined, material: StoredMaterial): Promise<StoredLot> {
  try {
    return await claimTogether(joined, material);
  } catch (error) {
    joined.mux.fail(asMpcError(error));
    throw error;
  }
}

/**
 * Takes the dealer's seat and serves one run, or the parties' order of material ahead of time.
 *
 * @throws {MpcError} as `joinAsParty`.
 */
export async function joinAsDealer(
  options: Omit<JoinOptions, 'rank' | 'preprocessing'>,
  platform: Platform,
): Promise<DealerRun> {
  const kernels = await selectKernels(options);
  const { world, mux, run } = await join(options, platform, 'dealer');
  const startedMs = performance.now();
  const seedsFor = (purpose: string): Uint8Array[] =>
    Array.from({ length: world }, (_, party) => run.rootSeed(party, purpose));
  const [seeds, lotSeeds] = [seedsFor('deal'), seedsFor('lots')];
  const coinSeed = globalThis.crypto.getRandomValues(new Uint8Array(32));
  run.wipe();
  const dealer = serveDealer(kernels, mux, seeds, coinSeed);
  serveLots({
    arena: new Arena(kernels),
    mux,
    seeds: lotSeeds,
    fileId: fileIdOf(run.runId),
    totals: dealer.totals,
  });
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

/**
 * Connects with all others and agrees on a run.
 *
 * @throws {MpcError} as `joinAsParty`.
 */
export async function join(
  options: JoinOptions,
  { network, aead }: Platform,
  role: Role,
): Promise<Joined> {
  const manifest = manifestOf(options.session);
  const identity = identityOf(options.identity);
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
  const mesh = await connected(
    {
      manifest: role === 'party without dealer' ? { ...manifest, dealer: undefined } : manifest,
      me,
      identity,
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
      ...(listen === undefined ? {} : { listenAddress: listen }),
      onProgress: (event) => onProgress?.(describe(event)),
    },
    network,
    aead,
  );
  const meter = new Meter();
  const { links, names, rank } = mesh;
  const mux = new Mux({ rank, names, links, timeoutMs, meter });
  try {
    const run = await agreeRun({ mux, rank, links, manifestHash: manifestHash(manifest) });
    meter.reset();
    return { rank, world, manifest, identity, mux, meter, names, run };
  } catch (error) {
    // The peers are being told; who called us need not wait until they have heard.
    mux.fail(asMpcError(error));
    throw error;
  }
}

/** Without a dealer the terms of a session are others, which the hello finds; here it gets its words. */
async function connected(options: MeshOptions, network: Network, aead: Aead): Promise<Mesh> {
  try {
    return await buildMesh(options, network, aead);
  } catch (error) {
    const only = error instanceof MpcError && error.code === 'ERR_MPC_MANIFEST';
    if (!only || !error.message.endsWith('manifests differ')) throw error;
    const [ours, theirs] = ['expects no dealer (preprocessing)', 'expects the dealer'];
    const views = options.manifest.dealer === undefined ? [ours, theirs] : [theirs, ours];
    const why = `${error.message}: this party ${views[0]}, the other ${views[1]}; all parties use preprocessing, or none`;
    throw new MpcError(error.code, why, { cause: error });
  }
}

/** JSON names its format; what was parsed before does not, and is checked again. */
function manifestOf(session: Manifest | JsonObject): Manifest {
  return parseManifest(isParsed<Manifest>(session) ? manifestJson(session) : session);
}

function identityOf(identity: Identity | JsonObject): Identity {
  return isParsed<Identity>(identity) ? identity : parseIdentity(identity);
}

function isParsed<T extends object>(value: T | JsonObject): value is T {
  return !('format' in value);
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
