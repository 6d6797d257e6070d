/**
 * Printing at chosen parties, or at all of them one after the other. Secrets print as their shapes.
 * @module
 */

import type { Party } from './party.ts';
import { checkRank } from './reveal.ts';

/** Who prints. */
export interface PrintOptions {
  /** A rank, or several; party 0 unless said. */
  readonly dst?: number | readonly number[];
  /** Every party prints, in the order of ranks; costs a round for each. */
  readonly inOrder?: boolean;
}

/**
 * Writes a message to the console at the parties that `options` names; inside the call, unless it is in order.
 *
 * @throws {MpcError} ERR_MPC_RANK for a `dst` that is no party.
 */
export function printAt(party: Party, message: unknown, options: PrintOptions): Promise<void> {
  // eslint-disable-next-line no-console -- what it is for.
  return writeAt(party, 'print', () => console.log(message), options);
}

/** As `printAt`, as information, under the party's name. */
export function logAt(party: Party, message: unknown, options: PrintOptions): Promise<void> {
  const name = party.names[party.rank] ?? `party ${party.rank}`;
  // eslint-disable-next-line no-console -- what it is for.
  return writeAt(party, 'log', () => console.info(`${name}:`, message), options);
}

function writeAt(
  party: Party,
  op: string,
  write: () => void,
  { dst = 0, inOrder = false }: PrintOptions,
): Promise<void> {
  if (inOrder) return inTurn(party, write);
  const ranks = typeof dst === 'number' ? [dst] : dst;
  for (const rank of ranks) checkRank(party.context, op, 'dst', rank);
  if (ranks.includes(party.rank)) write();
  return Promise.resolve();
}

async function inTurn(party: Party, write: () => void): Promise<void> {
  for (let rank = 0; rank < party.world; rank++) {
    if (rank === party.rank) write();
    // Nobody gets this public 0 before the one whose turn it is has written and sent its share.
    await party.zeros([1]).getPlainText();
  }
}
