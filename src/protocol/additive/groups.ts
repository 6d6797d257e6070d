/**
 * Thresholds whose second level is decided in groups of three blocks: one round more than `thresholds.ts`, and a twelfth of its
 * material. For gates with many thresholds, where the dealer's material is what takes the time.
 *
 * Round 2 opens the masked block bits u, v of all thresholds, round 3 the groups' [c_g < r_g] ⊕ γ_g and [c_g = r_g] ⊕ π_g, round 4
 * the bits [x < τ_i] ⊕ ρ_i. γ, π and ρ are fresh for each threshold (C7).
 * @module
 */

import { then, type Later } from '../../core/later.ts';
import type { Arena } from '../../kernels/memory.ts';
import type { Ptr } from '../../kernels/contract.ts';
import type { Context, Step } from '../context.ts';
import { packed } from '../cost.ts';
import { open, type Opened } from '../open.ts';
import { FULL_BLOCKS } from '../provider/kinds/comparison.ts';
import { segment, type Material } from '../provider/provider.ts';
import { putLess, putPadded, signBits, type Threshold } from './thresholds.ts';

/** Bits an element opens in rounds 2 and 3. */
const BLOCK_BITS = 17;
const GROUP_BITS = 5;

/** Bytes of one threshold's bits in rounds 2, 3 and 4, for n elements. */
export function groupedBytes(n: number): number {
  return packed(n * BLOCK_BITS) + packed(n * GROUP_BITS) + packed(n);
}

/** The steps of rounds 2, 3 and 4. */
export type GroupSteps = readonly [blocks: Step, groups: Step, carry: Step];

/** Tags for rounds 2, 3 and 4, taken when the gate is called. */
export function groupSteps(ctx: Context, { digest, depth }: Step): GroupSteps {
  return [
    ctx.step('groups: blocks', [{ digest, depth: depth + 1 }]),
    ctx.step('groups: join', [{ digest, depth: depth + 2 }]),
    ctx.step('groups: carry', [{ digest, depth: depth + 3 }]),
  ];
}

/** Rounds 2 to 4: the packed bits [x < τ_i] ⊕ ρ_i. `wide` of each threshold holds its words. */
export function openGrouped(
  ctx: Context,
  [second, third, fourth]: GroupSteps,
  dealt: Material,
  thresholds: readonly Threshold[],
  n: number,
): Later<readonly Opened[]> {
  const uv = openBits(ctx, second, n * BLOCK_BITS, blockBits(ctx, dealt, thresholds, n));
  const joined = then(uv, (opened) => {
    const own = thresholds.map(({ wide }, i) =>
      withMasks(ctx.arena, n * GROUP_BITS, (arena, out, masks) => {
        const at = putPadded(arena, opened[i].bits);
        arena.kernels.groupJoin(out, at, arena.put(wide), masks, n);
      }),
    );
    return openBits(ctx, third, n * GROUP_BITS, own);
  });
  return then(joined, (opened) => {
    const own = thresholds.map((threshold, i) => carryBits(ctx, threshold, opened[i], n));
    return openBits(ctx, fourth, n, own);
  });
}

function openBits(
  ctx: Context,
  step: Step,
  count: number,
  own: readonly Uint8Array[],
): Later<readonly Opened[]> {
  const sizes = own.map(() => ({ bits: count }));
  return open(
    ctx,
    step,
    sizes,
    own.map((bits) => ({ bits, count })),
  );
}

function blockBits(
  { arena }: Context,
  dealt: Material,
  thresholds: readonly Threshold[],
  n: number,
): Uint8Array[] {
  return arena.scope(() => {
    const { kernels } = arena;
    const tables = arena.bytes(kernels.compareTablesBytes());
    kernels.compareTables(tables);
    const mono = arena.put(segment(dealt, 'mono'));
    const bytes = packed(n * BLOCK_BITS);
    return thresholds.map((threshold) =>
      arena.scope(() => {
        const out = arena.bytes(bytes + 8);
        const less = putLess(arena, threshold);
        kernels.groupBlocks(out, less, mono, arena.put(threshold.wide), tables, n);
        return arena.takeBytes(out, bytes);
      }),
    );
  });
}

/** Round 4's own share: σ ⊕ borrow, and at party 0 the public sign bit of c on top. */
function carryBits(ctx: Context, threshold: Threshold, opened: Opened, n: number): Uint8Array {
  const own = withMasks(ctx.arena, n, (arena, out, masks) => {
    const at = putPadded(arena, opened.bits);
    arena.kernels.groupCarry(out, at, arena.put(threshold.wide), masks, n);
  });
  return signBits(ctx, own, threshold, FULL_BLOCKS);
}

/** Packed bits that `body` writes. */
function withMasks(
  arena: Arena,
  bits: number,
  body: (arena: Arena, out: Ptr, masks: Ptr) => void,
): Uint8Array {
  return arena.scope(() => {
    const out = arena.bytes(packed(bits) + 8);
    const masks = arena.bytes(arena.kernels.groupMasksBytes());
    arena.kernels.groupMasks(masks);
    body(arena, out, masks);
    return arena.takeBytes(out, packed(bits));
  });
}
