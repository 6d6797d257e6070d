/**
 * Material of step functions: thresholds on one opening c = x + r, and what selects multiples of x by their bits.
 *
 * Per element, to the last party: tables of r (144 B at nine blocks) once; for each threshold tables of fresh γ and π (96 B, or 8 B
 * in groups), ρ, and ρ·r where a slope changes (C7).
 * @module
 */

import { MpcError } from '../../../core/errors.ts';
import { DescriptorReader, DescriptorWriter, MAX_REQUEST_WORDS } from '../descriptor.ts';
import type { MaterialRequest, Segment } from '../material.ts';
import {
  dealerCoins,
  dealGroups,
  dealTables,
  dealtWords,
  groupSegments,
  rhoWords,
  tableSegments,
} from './comparison.ts';

/** Kind byte and version of this material. */
export const STEPS_KIND = 9;
const VERSION = 1;

/** Most thresholds of one gate. */
export const MAX_THRESHOLDS = 64;

/** Whether thresholds of nine blocks are decided in groups: one round more for a twelfth of the tables. */
export function inGroups(blocks: number, count: number): boolean {
  return blocks === 9 && count > 2;
}

/** `count` thresholds on words of 7·blocks + 1 bits above `skipped` blocks; `sloped` says whether ρ·r is wanted. */
export function stepsRequest(
  n: number,
  blocks: number,
  count: number,
  sloped: boolean,
  skipped = 0,
): MaterialRequest {
  const names = Array.from({ length: count }, (_, i) => String(i));
  const bits = names.flatMap((name): Segment[] => {
    const rho = dealtWords(`rho${name}`, n);
    return sloped ? [rho, dealtWords(`rhoR${name}`, n)] : [rho];
  });
  const writer = new DescriptorWriter().u8(STEPS_KIND).u8(VERSION).u8(blocks).u8(skipped).u8(count);
  return {
    descriptor: writer.u8(Number(sloped)).u32(n).done(),
    segments: [
      { name: 'r', words: n, sharing: 'add', source: 'free' },
      ...(inGroups(blocks, count) ? groupSegments(n, names) : tableSegments(n, blocks, names)),
      ...bits,
    ],
    coins: count * (n + 1),
    deal({ arena, free, coins }) {
      const r = free('r');
      const out = inGroups(blocks, count)
        ? dealGroups(arena, r, coins, n, names)
        : dealTables(arena, r, coins, n, blocks, names, skipped);
      names.forEach((name, i) => {
        const rho = rhoWords(arena, dealerCoins(coins, n, i).at, n);
        out.set(`rho${name}`, rho);
        if (!sloped) return;
        const rhoR = arena.words(n);
        arena.kernels.mul(rhoR, rho, r, n);
        out.set(`rhoR${name}`, rhoR);
      });
      return out;
    },
  };
}

/** Decodes and checks a request for thresholds. */
export function readSteps(reader: DescriptorReader): MaterialRequest {
  reader.u8(VERSION);
  const blocks = reader.u8(9);
  const skipped = reader.u8(9 - blocks);
  const count = reader.u8(MAX_THRESHOLDS);
  const sloped = reader.u8(1) === 1;
  // The dealer's coins of all thresholds together are no more than one segment may be.
  const n = reader.u32(Math.floor(MAX_REQUEST_WORDS / Math.max(count, 1)));
  reader.end();
  if (blocks === 0 || count === 0) {
    throw new MpcError('ERR_MPC_ABORT', 'material request: no such steps');
  }
  return stepsRequest(n, blocks, count, sloped, skipped);
}
