/**
 * Watching operations: what the shadow mode of simulations hangs on. Real parties have no watcher.
 * @module
 */

import type { Operand } from '../functions/index.ts';
import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';

/** Computes an operation's results again, elsewhere, from other operands of the same shapes. */
export type Replay = (ctx: Context, operands: readonly Operand[]) => readonly (Share | null)[];

/** Told of every operation, at its call, at one party. */
export interface Watcher {
  ran(
    op: string,
    operands: readonly Operand[],
    outputs: readonly (Share | null)[],
    replay: Replay,
  ): void;
}
