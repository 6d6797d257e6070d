/**
 * Putting one party's session together from its parts: links in, `Session` out. No choice is made here.
 * @module
 */

import { asMpcError, type MpcError } from '../core/errors.ts';
import { keepAfter } from '../core/spare.ts';
import type { Kernels } from '../kernels/contract.ts';
import { Arena } from '../kernels/memory.ts';
import { MESSAGE_KINDS } from '../net/kinds.ts';
import type { Mux } from '../net/mux.ts';
import type { PairSeeds } from '../prg/zero.ts';
import { additive } from './additive/index.ts';
import { RoundCounter, type Session } from './context.ts';
import { Ledger } from './ledger.ts';
import { Outstanding } from './outstanding.ts';
import { plain } from './plain/index.ts';
import { Dealer, type DealerOptions } from './provider/dealer.ts';
import { DealtProvider, type DealerLine, type Provider } from './provider/provider.ts';
import { type StoredLot, StoredProvider } from './provider/stored.ts';

/** What a party's session is made of. */
export interface SessionParts {
  readonly rank: number;
  readonly world: number;
  readonly kernels: Kernels;
  readonly mux: Mux;
  readonly precision: number;
  /** Root seeds for zero sharing, by rank; null at this party's own. */
  readonly zeroSeeds: PairSeeds;
  /** Root seed shared with the dealer: of this run, or of the stored lot. */
  readonly dealSeed: Uint8Array;
  /** Set where material was made ahead of time; then there is no dealer. */
  readonly stored?: StoredLot;
  /** Set where this party is the dealer of a simulation (`insecureFirstParty`): the seeds it holds with all. */
  readonly hostedDealer?: { readonly seeds: readonly Uint8Array[]; readonly coinSeed: Uint8Array };
  /** Rank that corrections come from. */
  readonly dealerRank: number;
}

/** A session of `world` parties; world 1 is the plain scheme. */
export function makeSession(parts: SessionParts): Session {
  const { rank, world, mux, precision, zeroSeeds } = parts;
  const arena = new Arena(parts.kernels);
  const outstanding = new Outstanding();
  const rounds = new RoundCounter();
  const ledger = new Ledger();
  const base = { rank, world, arena, mux, precision, zeroSeeds, rounds, outstanding, ledger };
  if (world === 1) return { ...base, gates: plain, provider: NO_PROVIDER };
  const isLast = rank === world - 1;
  const provider =
    parts.stored === undefined
      ? new DealtProvider(
          arena,
          mux,
          outstanding,
          ledger,
          dealerLine(parts, arena),
          parts.dealSeed,
          isLast,
        )
      : new StoredProvider(parts.stored, { arena, mux, outstanding, isLast });
  return { ...base, gates: additive, provider };
}

/** Connects a dealer to the links of its parties. */
export function serveDealer(
  kernels: Kernels,
  mux: Mux,
  seeds: readonly Uint8Array[],
  coinSeed: Uint8Array,
): Dealer {
  const dealer = new Dealer({
    arena: new Arena(kernels),
    seeds,
    coinSeed,
    send: deliverTo(mux, seeds.length - 1),
  });
  takeRequests(mux, dealer);
  return dealer;
}

/** Sends corrections to the last party, and gives their memory back. */
function deliverTo(mux: Mux, last: number): DealerOptions['send'] {
  return (tag, digest, payload) => {
    keepAfter(1, payload);
    mux.post(last, { ...tag, kind: MESSAGE_KINDS.material }, digest, [payload]);
  };
}

/** Hands every request that arrives to the dealer; a request that breaks the rules ends the session. */
function takeRequests(mux: Mux, dealer: Dealer): void {
  mux.handle(MESSAGE_KINDS.materialRequest, (peer, id, digest, payload) => {
    failing(mux, () => dealer.request(peer, { space: id.space, seq: id.seq }, digest, payload));
  });
}

function dealerLine(parts: SessionParts, arena: Arena): DealerLine {
  const { mux, rank, world, hostedDealer, dealerRank: peer } = parts;
  const kind = MESSAGE_KINDS.materialRequest;
  const onFailure = (handler: (error: MpcError) => void): void => mux.onFailure(handler);
  if (hostedDealer === undefined) {
    return {
      peer,
      onFailure,
      ask: (step, descriptor) =>
        mux.post(peer, { ...step.tag, kind }, step.digest, [descriptor.slice()], () => step.text),
    };
  }
  const dealer = new Dealer({
    arena,
    ...hostedDealer,
    send: deliverTo(mux, world - 1),
  });
  takeRequests(mux, dealer);
  return {
    peer,
    onFailure,
    ask: (step, descriptor) =>
      failing(mux, () => dealer.request(rank, step.tag, step.digest, descriptor)),
  };
}

function failing(mux: Mux, body: () => void): void {
  try {
    body();
  } catch (error) {
    mux.fail(asMpcError(error));
  }
}

const NO_PROVIDER: Provider = {
  held: { corrections: 0, resident: 0 },
  request: () => {
    throw new Error('cryptensor: the plain scheme needs no material');
  },
  mask: () => {
    throw new Error('cryptensor: the plain scheme needs no masks');
  },
};
