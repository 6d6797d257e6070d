/**
 * `simulate`: learn, test and debug with all parties in one process.
 * @module
 */

import { makeParty } from './make-party.ts';
import { simulateSeats, type SimulateOptions } from './seats.ts';
import type { Party } from './tensor/index.ts';

export type { SimulateOptions } from './seats.ts';

/**
 * Runs `program` as each of `n` parties and returns their results by rank.
 *
 * The protocols are the real ones; only the network is replaced by memory. n = 1 runs the plain scheme, which needs no other
 * party and hides nothing.
 *
 * @throws {MpcError} ERR_MPC_RANK for an impossible number of parties; else whatever the first party to fail threw.
 * @example
 * const [total] = await simulate(2, async (party) => {
 *   const x = party.cryptensor([1, 2, 3], { src: 0 });
 *   return String(await x.sum().getPlainText());
 * });
 */
export async function simulate<T>(
  n: number,
  program: (party: Party) => Promise<T> | T,
  options: SimulateOptions = {},
): Promise<readonly T[]> {
  const { results } = await simulateSeats(n, (seat) => program(makeParty(seat)), options);
  return results;
}
