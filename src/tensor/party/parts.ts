/**
 * What a party is made of, out of its users' reach.
 * @module
 */

import type { Context } from '../../protocol/context.ts';
import type { Vault } from '../../protocol/saved/vault.ts';
import type { Estimate, NetworkOptions } from '../estimate.ts';
import type { Party } from '../party.ts';
import type { Codec } from '../saving/from-party.ts';
import type { Watcher } from '../watcher.ts';

/** What a connection counted in one direction. */
export interface DirectionTraffic {
  readonly messages: number;
  /** With headers. */
  readonly bytes: number;
  readonly payloadBytes: { readonly online: number; readonly preprocessing: number };
}

/** What a connection counted. */
export interface PartyTraffic {
  readonly sent: DirectionTraffic;
  readonly received: DirectionTraffic;
}

/** What a party is made of; see `simulate` and `connect`. */
export interface PartyParts {
  readonly context: Context;
  /** Names by rank. */
  readonly names: readonly string[];
  traffic(): PartyTraffic;
  resetTraffic(): void;
  close(error?: Error): Promise<void>;
  /** Costs of a program at all parties of such a session. */
  estimate(
    program: (party: Party) => Promise<unknown> | unknown,
    network: NetworkOptions,
  ): Promise<Estimate>;
  /** What shares and plain tensors are kept with; estimates keep nothing. */
  readonly keeping?: { readonly vault: Vault; readonly codec: Codec } | undefined;
  /** Told of every operation; simulations in shadow mode have one. */
  readonly watcher?: Watcher | undefined;
}

const PARTS = new WeakMap<Party, PartyParts>();

/** Says what a party is made of; its constructor does, once. */
export function keepParts(party: Party, parts: PartyParts): void {
  PARTS.set(party, parts);
}

/** What a party is made of, for its methods. */
export function partsOf(party: Party): PartyParts {
  return PARTS.get(party) as PartyParts;
}
