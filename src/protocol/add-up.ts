/**
 * Adding up shares as they come: what has arrived is added while the rest is on its way.
 * @module
 */

import { giveBack } from '../core/give-back.ts';
import { all, then, type Later } from '../core/later.ts';
import type { Ptr } from '../kernels/contract.ts';
import { BlockWords, type Arena, type Words } from '../kernels/memory.ts';
import { bytesOf } from '../kernels/tiles.ts';
import type { Context, Step } from './context.ts';

/** Our words and those that the peers send, added up as they come, in `sum`. */
export function addUp<T extends Words | BlockWords>(
  ctx: Context,
  step: Step,
  own: Words,
  peers: readonly number[],
  sum: T,
): Later<T> {
  const { arena } = ctx;
  // One peer's words meet ours where ours are.
  const before = peers.length === 1 ? own : sum;
  if (before === sum) arena.scope(() => store(arena, sum, 0, arena.put(own), own.length));
  const received = peers.map((peer) => {
    let at = 0;
    return ctx.expectParts(step, peer, 8 * own.length, (parts) => {
      for (const part of parts) {
        const n = part.length / 8;
        arena.scope(() => {
          const [theirs, ours] = [arena.put(part), arena.put(before.subarray(at, at + n))];
          arena.kernels.add(theirs, theirs, ours, n);
          store(arena, sum, at, theirs, n);
        });
        at += n;
        giveBack(part);
      }
    });
  });
  return then(all(received), () => sum);
}

/** n words at `from` become those of `to` from the `at`th on. */
function store(arena: Arena, to: Words | BlockWords, at: number, from: Ptr, n: number): void {
  const bytes = new Uint8Array(arena.kernels.buffer(), from, 8 * n);
  if (to instanceof BlockWords) arena.write(to.at + 8 * at, bytes);
  else bytesOf(to).set(bytes, 8 * at);
}
