/**
 * Agreement on a run, and the root seeds that belong to it (C4).
 *
 * Manifest and tags repeat from run to run; the run id does not. Root seeds come out of the channels'
 * handshakes and the run id, never over the wire, and never outlive the run.
 * @module
 */

import { equalBytes, lengthPrefixed, u32le, wipe } from '../core/bytes.ts';
import { assert, MpcError } from '../core/errors.ts';
import { WIRE_VERSION } from './frame.ts';
import { MESSAGE_KINDS } from './kinds.ts';
import { RING_BITS } from './manifest.ts';
import type { Mux } from './mux.ts';
import type { SecureLink } from './secure/channel.ts';
import { hkdf, randomBytes, sha256 } from './secure/crypto.ts';

const NONCE_BYTES = 32;
const RUN_ID_BYTES = 32;
/** Positions of the two messages of the agreement among the control messages of the root space. */
const NONCE_SEQ = 0;
const ECHO_SEQ = 1;

/** One run of a session as one participant sees it. */
export interface Run {
  /** 32 bytes, public, the same at every participant, never seen before. */
  readonly runId: Uint8Array;
  /**
   * 32 secret bytes shared with `peer` alone, the same at both ends. `purpose` separates streams
   * (C4); calls with the same arguments give the same bytes.
   */
  rootSeed(peer: number, purpose: string): Uint8Array;
  /** Forgets what seeds are drawn from. */
  wipe(): void;
}

/** What agreement on a run needs. */
export interface RunOptions {
  readonly mux: Mux;
  readonly rank: number;
  readonly links: ReadonlyMap<number, SecureLink>;
  /** H(manifest) of `manifest.ts`. */
  readonly manifestHash: Uint8Array;
  /** Separates cells that share a manifest (design §9). Default ''. */
  readonly cell?: string;
}

/**
 * Exchanges fresh nonces with every participant, dealer included, derives the run id and checks that
 * all have the same. To be called once, before any other control message. Cost: 2 rounds, 64 bytes
 * to each peer.
 *
 * @throws {MpcError} ERR_MPC_DESYNC if the ids differ, or whatever ends the mux. So does `rootSeed` when a link ends before the
 * seeds are drawn: then the session has failed and the peers know.
 */
export async function agreeRun(options: RunOptions): Promise<Run> {
  const { mux, rank, links, manifestHash, cell = '' } = options;
  const ranks = [...links.keys(), rank].sort((a, b) => a - b);
  const nonce: Uint8Array = randomBytes(NONCE_BYTES);
  const exchange = async (seq: number, ours: Uint8Array, what: string): Promise<Uint8Array[]> => {
    const id = { space: [], seq, kind: MESSAGE_KINDS.control };
    for (const peer of links.keys()) mux.post(peer, id, 0n, [ours.slice()], () => what);
    return Promise.all(
      ranks.map((peer) =>
        peer === rank ? ours : mux.expect(peer, id, 0n, ours.length, () => what),
      ),
    );
  };
  const nonces = await exchange(NONCE_SEQ, nonce, 'nonce of the run');
  const runId = runIdOf(manifestHash, nonces, cell);
  const echoes = await exchange(ECHO_SEQ, runId, 'run id');
  echoes.forEach((echo, i) => {
    if (equalBytes(echo, runId)) return;
    const error = new MpcError('ERR_MPC_DESYNC', `party ${ranks[i]} computed another run id`);
    mux.fail(error);
    throw error;
  });
  const secretOf = (peer: number, info: Uint8Array): Uint8Array => {
    const link = links.get(peer);
    assert(link !== undefined, `no link to party ${peer}`);
    try {
      return link.exporter(info);
    } catch (error) {
      // The link ended after the agreement: whoever is left hears of it now, not at a time-out.
      if (error instanceof MpcError) mux.fail(error);
      throw mux.failure ?? error;
    }
  };
  return runOf(runId, rank, secretOf, () => undefined);
}

/** SHA-256 of label, wire version, manifest hash, all nonces in rank order and cell, injectively. */
export function runIdOf(
  manifestHash: Uint8Array,
  nonces: readonly Uint8Array[],
  cell: string,
): Uint8Array {
  return sha256(
    lengthPrefixed([
      'cryptensor/run/1',
      u32le(WIRE_VERSION),
      manifestHash,
      lengthPrefixed(nonces),
      cell,
    ]),
  );
}

/** Runs of `n` participants inside one process: pairwise seeds from the platform's CSPRNG. */
export function localRuns(n: number): Run[] {
  const runId: Uint8Array = randomBytes(RUN_ID_BYTES);
  const secrets = Array.from({ length: n }, (_, low) =>
    Array.from({ length: low }, () => randomBytes(32)),
  );
  return secrets.map((_, rank) => {
    const secretOf = (peer: number, info: Uint8Array): Uint8Array => {
      const secret = secrets[Math.max(rank, peer)]?.[Math.min(rank, peer)];
      assert(secret !== undefined, `no pair of parties ${rank} and ${peer}`);
      return hkdf(secret, runId, info);
    };
    return runOf(runId, rank, secretOf, () => wipe(...secrets[rank]));
  });
}

function runOf(
  runId: Uint8Array,
  rank: number,
  secretOf: (peer: number, info: Uint8Array) => Uint8Array,
  forget: () => void,
): Run {
  let over = false;
  return {
    runId,
    rootSeed(peer, purpose) {
      assert(!over, 'the seeds of this run are wiped');
      const pair = [u32le(Math.min(rank, peer)), u32le(Math.max(rank, peer))];
      const info = ['cryptensor/root/1', runId, ...pair, u32le(RING_BITS), purpose];
      return secretOf(peer, lengthPrefixed(info));
    },
    wipe() {
      over = true;
      forget();
    },
  };
}
