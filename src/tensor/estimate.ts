/**
 * What an estimate says; `estimate.ts` of the package makes it.
 * @module
 */

import type { LedgerEntry } from '../protocol/ledger.ts';
import type { PhaseStats } from './party/costs.ts';

/** The network that a program would run over. */
export interface NetworkOptions {
  /** Round-trip time between the parties, in ms; a round takes half of it. */
  readonly rttMs?: number;
  /** Rate of each party's connection, in Mbit/s. */
  readonly mbps?: number;
}

/** What one party sends and receives; payload bytes, as `party.stats()` counts them. */
export interface PartyEstimate {
  readonly rounds: number;
  readonly online: PhaseStats;
  readonly preprocessing: PhaseStats;
  readonly ops: ReadonlyMap<string, LedgerEntry>;
  /** Time this process took for the party's own arithmetic, in ms. */
  readonly computeMs: number;
}

/** Costs of a program. */
export interface Estimate {
  /** By rank. */
  readonly parties: readonly PartyEstimate[];
  readonly rounds: number;
  /** The slowest party: rounds at half the round trip, its bytes at the given rate, its arithmetic on this machine. */
  readonly totalMs: number;
}
