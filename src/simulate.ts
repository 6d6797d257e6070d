/**
 * `simulate`: learn, test and debug with all parties in one process.
 * @module
 */

import { makeParty } from './make-party.ts';
import { webAead } from './net/secure/aead-web.ts';
import type { Files } from './protocol/saved/vault.ts';
import { simulateSeats, type Seat, type SimulateOptions as SeatOptions } from './seats.ts';
import { makeShadow } from './shadow.ts';
import type { Party } from './tensor/index.ts';

/** What the parties of a simulation agreed to be. */
const SIMULATED = new Uint8Array(32);

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
export function simulate<T>(
  n: number,
  program: (party: Party) => Promise<T> | T,
  options: SimulateOptions = {},
): Promise<readonly T[]> {
  return simulateWith(undefined, n, program, options);
}

/** As `simulate`, with files where the runtime has them. */
export async function simulateWith<T>(
  files: Files | undefined,
  n: number,
  program: (party: Party) => Promise<T> | T,
  options: SimulateOptions = {},
): Promise<readonly T[]> {
  const vault = { aead: webAead, secret: undefined, terms: SIMULATED, files };
  const seats: Seat[] = [];
  const shadow =
    options.shadow === true
      ? await makeShadow(n, options, (error) => seats.forEach(({ mux }) => mux.fail(error)))
      : undefined;
  const play = async (seat: Seat): Promise<T> => {
    seats.push(seat);
    const result = await program(
      makeParty({ ...seat, vault }, shadow?.watcherOf(seat.context.rank)),
    );
    await seat.context.session.outstanding.idle();
    await shadow?.idle();
    return result;
  };
  return (await simulateSeats(n, play, options)).results;
}
