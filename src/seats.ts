/**
 * All parties of a computation in this process, over the real protocols: one `Seat` each.
 *
 * Only the network is replaced: frames are handed over in memory, without encryption. Shares, masks, tags, material and the
 * dealer are those of a real run; seeds are fresh from the platform's CSPRNG. All parties' secrets are under one user (M9).
 * @module
 */

import { asMpcError, MpcError, ProtocolAbort } from './core/errors.ts';
import { selectKernels, type SelectOptions } from './kernels/select.ts';
import { localNetwork, type LocalNetwork, type LocalNetworkOptions } from './net/local.ts';
import { Meter } from './net/meter.ts';
import { Mux } from './net/mux.ts';
import { localRuns } from './net/run.ts';
import { Context } from './protocol/context.ts';
import type { Dealer } from './protocol/provider/dealer.ts';
import type { Vault } from './protocol/saved/vault.ts';
import { makeSession, serveDealer, type SessionParts } from './protocol/session.ts';

/** Who may deal in a simulation. */
const TRUST: readonly string[] = ['dealer', 'insecureFirstParty'];

/** How a simulation runs. */
export interface SimulateOptions extends LocalNetworkOptions, SelectOptions {
  /**
   * Who deals: `dealer`, a further participant that is no party (default), or `insecureFirstParty`, party 0 itself, which can
   * then unmask everything, as in CrypTen's default.
   */
  readonly trust?: 'dealer' | 'insecureFirstParty';
  /** Fractional bits; 16 unless said. */
  readonly precision?: number;
  /** How long a party waits for a message; 60 s unless said. */
  readonly timeoutMs?: number;
}

/** One party's place: its context, and what counts and carries its messages. */
export interface Seat {
  readonly context: Context;
  readonly mux: Mux;
  readonly meter: Meter;
  readonly names: readonly string[];
  /** What shares are kept with. */
  readonly vault?: Vault;
}

/** What a simulation ended with. */
export interface SeatResults<T> {
  /** By rank. */
  readonly results: readonly T[];
  /** The dealer's totals; undefined when party 0 dealt or nobody had to. */
  readonly dealer: Dealer | undefined;
}

/**
 * Runs `program` at each of `n` seats, waits until every operation has its shares, and checks that no message and no material
 * was left unread.
 *
 * @throws whatever the first party to fail threw; the others are stopped.
 */
export async function simulateSeats<T>(
  n: number,
  program: (seat: Seat) => Promise<T> | T,
  options: SimulateOptions = {},
): Promise<SeatResults<T>> {
  if (!Number.isInteger(n) || n < 1 || n > 64) {
    throw new MpcError('ERR_MPC_RANK', `simulate: the number of parties must be 1 to 64, got ${n}`);
  }
  const { trust = 'dealer' } = options;
  if (!TRUST.includes(trust)) {
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      `simulate: there is no trust "${String(trust)}"; use ${TRUST.join(' or ')}`,
    );
  }
  const separate = n > 1 && trust !== 'insecureFirstParty';
  const network = localNetwork(separate ? n + 1 : n, options);
  const runs = localRuns(n + 1);
  const dealSeeds = runs.slice(0, n).map((run) => run.rootSeed(n, 'deal'));
  const coinSeed: Uint8Array = globalThis.crypto.getRandomValues(new Uint8Array(32));
  const names = [...Array.from({ length: n }, (_, rank) => `party ${rank}`), 'dealer'];
  const timeoutMs = options.timeoutMs ?? 60_000;
  const seats: Seat[] = [];
  for (let rank = 0; rank < n; rank++) {
    const meter = new Meter();
    const links = network.linksOf(rank);
    const mux = new Mux({ rank, names, links, timeoutMs, meter, ...shuffleOf(network) });
    const parts: SessionParts = {
      rank,
      world: n,
      kernels: await selectKernels(options),
      mux,
      precision: options.precision ?? 16,
      zeroSeeds: runs
        .slice(0, n)
        .map((_, peer) => (peer === rank ? null : runs[rank].rootSeed(peer, 'zero'))),
      dealSeed: dealSeeds[rank],
      dealerRank: separate ? n : 0,
      ...(n > 1 && !separate && rank === 0 ? { hostedDealer: { seeds: dealSeeds, coinSeed } } : {}),
    };
    seats.push({ context: new Context(makeSession(parts)), mux, meter, names });
  }
  const muxes = seats.map((seat) => seat.mux);
  let dealer: Dealer | undefined;
  if (separate) {
    const links = network.linksOf(n);
    const mux = new Mux({
      rank: n,
      names,
      links,
      timeoutMs,
      meter: new Meter(),
      ...shuffleOf(network),
    });
    dealer = serveDealer(await selectKernels(options), mux, dealSeeds, coinSeed);
    muxes.push(mux);
  }
  return { results: await run(seats, muxes, program), dealer };
}

async function run<T>(
  seats: readonly Seat[],
  muxes: readonly Mux[],
  program: (seat: Seat) => Promise<T> | T,
): Promise<T[]> {
  const failures: unknown[] = [];
  const settled = await Promise.all(
    seats.map(async (seat) => {
      try {
        const result = await program(seat);
        await seat.context.session.outstanding.idle();
        if (seat.mux.failure !== undefined) throw seat.mux.failure;
        return [result];
      } catch (error) {
        failures.push(error);
        seat.mux.fail(asMpcError(error));
        return [];
      }
    }),
  );
  const leftovers = muxes.reduce((sum, mux) => sum + mux.leftovers(), 0);
  await Promise.all(muxes.map((mux) => mux.close()));
  if (failures.length > 0) throw rootCause(failures);
  if (leftovers > 0) throw new Error(`cryptensor: ${leftovers} messages were never read`);
  for (const { context } of seats) {
    const { corrections, resident } = context.session.provider.held;
    const unread = corrections + resident;
    if (unread > 0) throw new Error(`cryptensor: ${unread} bytes of material were never read`);
  }
  return settled.flat();
}

/** The error that started it: not one that only says another party stopped. */
function rootCause(failures: readonly unknown[]): unknown {
  return failures.find((error) => !(error instanceof ProtocolAbort)) ?? failures[0];
}

function shuffleOf(network: LocalNetwork): { shuffle?: (count: number) => readonly number[] } {
  return network.shuffle === undefined ? {} : { shuffle: network.shuffle };
}
