/**
 * What a program costs: counted while it runs, or estimated.
 * @module
 */

import type { LedgerEntry } from '../../protocol/ledger.ts';
import type { Estimate, NetworkOptions } from '../estimate.ts';
import type { Party } from '../party.ts';
import { partsOf } from './parts.ts';

/** Bytes of payload in both directions. */
export interface PhaseStats {
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Costs since the last reset. */
export interface PartyStats {
  /** Length of the longest chain of dependent messages. */
  readonly rounds: number;
  readonly online: PhaseStats;
  readonly preprocessing: PhaseStats;
  /** By operation and by the names of `scope`, in order of appearance; payload bytes as the steps declare them. */
  readonly ops: ReadonlyMap<string, LedgerEntry>;
  /** Both phases, with headers. */
  readonly total: PhaseStats & { readonly messagesSent: number; readonly messagesReceived: number };
}

/** Methods of a party. */
export interface CostMethods {
  /** Costs since the start or the last reset. */
  stats(): PartyStats;
  /** Starts counting anew. */
  resetStats(): void;
  /**
   * What a program would cost in a session like this one: it runs here alone, with zeros for all that comes from others and for
   * whatever it reveals. Inputs are those the program shares itself; this party's tensors are not for it.
   *
   * @throws whatever the program throws.
   * @example
   * const { rounds, totalMs } = await party.estimate((p) => p.cryptensor(new Float64Array(1000)).sigmoid().getPlainText(), {
   *   rttMs: 40,
   *   mbps: 100,
   * });
   */
  estimate(
    program: (party: Party) => Promise<unknown> | unknown,
    network?: NetworkOptions,
  ): Promise<Estimate>;
  /** Books the costs of everything that `body`, a synchronous function, calls under a name: a layer, a phase. */
  scope<T>(name: string, body: () => T): T;
}

/** What they do. */
export const costMethods: CostMethods & ThisType<Party> = {
  stats() {
    const { sent, received } = partsOf(this).traffic();
    const phase = (name: 'online' | 'preprocessing'): PhaseStats => ({
      bytesSent: sent.payloadBytes[name],
      bytesReceived: received.payloadBytes[name],
    });
    return {
      rounds: this.context.session.rounds.count,
      online: phase('online'),
      ops: this.context.session.ledger.entries(),
      preprocessing: phase('preprocessing'),
      total: {
        bytesSent: sent.bytes,
        bytesReceived: received.bytes,
        messagesSent: sent.messages,
        messagesReceived: received.messages,
      },
    };
  },
  resetStats() {
    this.context.resetRounds();
    this.context.session.ledger.reset();
    partsOf(this).resetTraffic();
  },
  estimate(program, network = {}) {
    return partsOf(this).estimate(program, network);
  },
  scope(name, body) {
    return this.context.session.ledger.under(name, body);
  },
};
