/**
 * `simulate`: learn, test and debug with all parties in one process.
 * @module
 */

import { makeParty } from './make-party.ts';
import { simulateSeats, type Seat, type SimulateOptions as SeatOptions } from './seats.ts';
import { makeShadow } from './shadow.ts';
import type { Party } from './tensor/index.ts';

/** How a simulation runs. */
export interface SimulateOptions extends SeatOptions {
  /**
   * Checks every operation against the same one at other scales and stops at the first whose result departs: an overflow or a badly
   * scaled input is found where it happens. Slow; for finding mistakes.
   */
  readonly shadow?: boolean;
}

/**
 * Runs `program` as each of `n` parties and returns their results by rank.
 *
 * The protocols are the real ones; only the network is replaced by memory. n = 1 runs the plain scheme, which needs no other
 * party and hides nothing.
 *
 * @throws {MpcError} ERR_MPC_RANK for an impossible number of parties, ERR_MPC_RANGE in shadow mode for an operation whose result
 * departs; else whatever the first party to fail threw.
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
  const seats: Seat[] = [];
  const shadow =
    options.shadow === true
      ? await makeShadow(n, options, (error) => seats.forEach(({ mux }) => mux.fail(error)))
      : undefined;
  const play = async (seat: Seat): Promise<T> => {
    seats.push(seat);
    const result = await program(makeParty(seat, shadow?.watcherOf(seat.context.rank)));
    await seat.context.session.outstanding.idle();
    await shadow?.idle();
    return result;
  };
  return (await simulateSeats(n, play, options)).results;
}
