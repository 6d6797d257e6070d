/**
 * Material ahead of time, for tests: lots in memory over an in-process network, and files over loopback.
 * @module
 */

import { join } from 'node:path';
import { connect, serveAsDealer } from '../../src/connect.node.ts';
import { concat } from '../../src/core/bytes.ts';
import { Arena } from '../../src/kernels/memory.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { makeParty } from '../../src/make-party.ts';
import type { Identity } from '../../src/net/identity.ts';
import type { LocalNetworkOptions } from '../../src/net/local.ts';
import type { Manifest } from '../../src/net/manifest.ts';
import { localRuns } from '../../src/net/run.ts';
import { randomBytes } from '../../src/net/secure/crypto.ts';
import { preprocess, type PreprocessReport } from '../../src/preprocess.node.ts';
import { Context } from '../../src/protocol/context.ts';
import { blocksOf, lotSeed, orderLots, serveLots } from '../../src/protocol/provider/lots.ts';
import type { ProviderBounds } from '../../src/protocol/provider/provider.ts';
import { type StoredLot, StoredProvider, storedSteps } from '../../src/protocol/provider/stored.ts';
import { makeSession, serveDealer } from '../../src/protocol/session.ts';
import type { Seat } from '../../src/seats.ts';
import type { Party } from '../../src/tensor/index.ts';
import { type Traced, traceProgram } from '../../src/trace-program.ts';
import { localMuxes } from './muxes.ts';
import { backend } from './seats.ts';
import { session } from './session.ts';
import { freePorts } from './transport-pairs.ts';

/** A program on seats, as the protocol sees it. */
export type SeatProgram<T> = (context: Context) => Promise<T> | T;

/** Lots of one generation in memory. */
export interface Lots {
  /** Lot `k` as party `rank` has it; a fresh view for each use. */
  of(rank: number, k: number): StoredLot;
  /** Root seeds of lot `k`, by rank. */
  seeds(k: number): Uint8Array[];
  readonly traced: Traced;
  /** Blocks that the last party stored. */
  readonly blocks: readonly Uint8Array[];
}

/** What party `rank` of `n` traces of a program, without the others. */
export async function traceOf(
  n: number,
  rank: number,
  program: SeatProgram<unknown>,
): Promise<Traced> {
  const kernels = await selectKernels({ backend });
  const names = Array.from({ length: n }, (_, i) => `party ${i}`);
  return traceProgram({ rank, world: n, names, kernels, precision: 16 }, (party) =>
    program(party.context),
  );
}

/** Traces a program at `n` parties and has a dealer make lots for it. */
export async function makeLots(
  n: number,
  program: SeatProgram<unknown>,
  lots: number,
  network: LocalNetworkOptions = {},
): Promise<Lots> {
  const muxes = localMuxes(n + 1, network).map(({ mux }) => mux);
  const fileId = randomBytes(32);
  const roots = Array.from({ length: n }, () => randomBytes(32));
  const arena = new Arena(await selectKernels({ backend }));
  const totals = { requests: 0, dealtBytes: 0 };
  serveLots({ arena, mux: muxes[n], seeds: roots, fileId, totals });
  const traces: Traced[] = [];
  for (let rank = 0; rank < n; rank++) traces.push(await traceOf(n, rank, program));
  const [traced] = traces;
  const lotBytes = [...traced.accounts.values()].reduce((sum, { dealtBytes: b }) => sum + b, 0);
  const blocks: Uint8Array[] = [];
  await Promise.all(
    traces.map(({ trace }, rank) =>
      orderLots({
        ...{ mux: muxes[rank], rank, world: n, lots, trace, lotBytes },
        write: async (block) => void blocks.push(block.slice()),
        onProgress: () => undefined,
      }),
    ),
  );
  await Promise.all(muxes.map((mux) => mux.close()));
  const inLot = blocksOf(lotBytes);
  return {
    traced,
    blocks,
    seeds: (k) => roots.map((root) => lotSeed(root, fileId, k)),
    of: (rank, k) => {
      const bytes = concat(blocks.slice(k * inLot, (k + 1) * inLot));
      return {
        seed: lotSeed(roots[rank], fileId, k),
        steps: storedSteps(traced.trace),
        read: async (offset, byteLength) => bytes.slice(offset, offset + byteLength),
      };
    },
  };
}

/** How `runSeats` gets its material and its zero shares. */
export interface SeatMaterial {
  /** Stored lots by rank, or … */
  readonly stored?: readonly StoredLot[];
  /** … a live dealer with these seeds. */
  readonly dealSeeds?: readonly Uint8Array[];
  /** Zero shares; two runs with the same ones share inputs alike. */
  readonly runs?: ReturnType<typeof localRuns>;
  readonly bounds?: ProviderBounds;
}

/** Runs a program at `n` seats in this process; rejects with the first party's failure after all have ended. */
export async function runSeats<T>(
  n: number,
  program: (context: Context, seat: Seat) => Promise<T> | T,
  { stored, dealSeeds = [], runs = localRuns(n + 1), bounds }: SeatMaterial,
): Promise<{ readonly results: T[]; readonly seats: Seat[] }> {
  const muxes = localMuxes(stored === undefined ? n + 1 : n, { shuffle: true });
  const kernels = await Promise.all(muxes.map(() => selectKernels({ backend })));
  const seats = Array.from({ length: n }, (_, rank): Seat => {
    const { mux, meter } = muxes[rank];
    const lot = stored?.[rank];
    const made = makeSession({
      ...{ rank, world: n, kernels: kernels[rank], mux, precision: 16, dealerRank: n },
      zeroSeeds: Array.from({ length: n }, (_, peer) =>
        peer === rank ? null : runs[rank].rootSeed(peer, 'zero'),
      ),
      dealSeed: lot?.seed ?? dealSeeds[rank],
      ...(lot === undefined ? {} : { stored: lot }),
    });
    const { arena, outstanding } = made;
    const tight =
      lot === undefined || bounds === undefined
        ? made
        : {
            ...made,
            provider: new StoredProvider(lot, {
              ...{ arena, mux, outstanding, bounds, isLast: rank === n - 1 },
            }),
          };
    return { context: new Context(tight), mux, meter, names: [] };
  });
  if (stored === undefined) serveDealer(kernels[n], muxes[n].mux, dealSeeds, randomBytes(32));
  const settled = await Promise.allSettled(
    seats.map(async (seat) => {
      const result = await program(seat.context, seat);
      await seat.context.session.outstanding.idle();
      return result;
    }),
  );
  await Promise.all(muxes.map(({ mux }) => mux.close()));
  const results = settled.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
  return { results, seats };
}

/** Parties, a dealer and their places on loopback. */
export interface Place {
  readonly n: number;
  readonly manifest: Manifest;
  readonly identities: readonly Identity[];
  /** Party `rank`'s file in a folder. */
  file(rank: number): string;
}

const TIMEOUT_MS = 8000;

/** Keys and addresses of `n` parties and a dealer whose files lie in `folder`. */
export async function placeOf(n: number, folder: string): Promise<Place> {
  const { manifest, identities } = session(n, true, await freePorts(n + 1));
  return { n, manifest, identities, file: (rank) => join(folder, `${rank}.prep`) };
}

/** What every party passes to `connect` and `preprocess`. */
export function optionsOf(place: Place, rank: number) {
  const { manifest, identities } = place;
  return { session: manifest, identity: identities[rank], timeoutMs: TIMEOUT_MS, backend };
}

/** Makes the files of `runs` runs with a real dealer; a program of its own for each party if there are several. */
export async function makeFiles(
  place: Place,
  program: (party: Party) => unknown,
  runs: number,
): Promise<PreprocessReport[]> {
  const dealing = serveAsDealer(optionsOf(place, place.n));
  const reports = await Promise.all(
    Array.from({ length: place.n }, (_, rank) =>
      preprocess({ ...optionsOf(place, rank), program, runs, file: place.file(rank) }),
    ),
  );
  await (
    await dealing
  ).done;
  return reports;
}

/** Runs a program at every party from its file, without a dealer. */
export async function runFiles<T>(
  place: Place,
  program: (party: Party) => Promise<T>,
): Promise<PromiseSettledResult<T>[]> {
  return Promise.allSettled(
    Array.from({ length: place.n }, async (_, rank) => {
      const party = await connect({ ...optionsOf(place, rank), preprocessing: place.file(rank) });
      try {
        const result = await program(party);
        await party.close();
        return result;
      } catch (error) {
        await party.close(error as Error);
        throw error;
      }
    }),
  );
}

/** The results, where every party has one. */
export function valuesOf<T>(ends: readonly PromiseSettledResult<T>[]): T[] {
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}

/** The errors, where no party got through. */
export function errorsOf(ends: readonly PromiseSettledResult<unknown>[]) {
  return ends.map((end) => {
    if (end.status === 'fulfilled') throw new Error('test: a party got through');
    return end.reason as Error & { code?: string };
  });
}

/** Everything behind a seat that a test of the tensor API needs. */
export const partyOf = (seat: Seat): Party => makeParty(seat);
