/**
 * Material of the compressed cubic spline gate (security-requirements A1) with exact tails (C7, H2, H3).
 *
 * Per element: r, the one-hot of its knot index, powers of its low part, masks β_1..β_3 and their products with those powers;
 * comparison tables of the same r for two thresholds; and q with what an EGK truncation of the sum and its selection by the
 * bit `inside` need. To the last party: 8·(N + 9) + 144 + 2·96 + 6·8 bytes, 968 at N = 64.
 * @module
 */

import { MpcError } from '../../../core/errors.ts';
import { DescriptorReader, DescriptorWriter } from '../descriptor.ts';
import type { MaterialRequest } from '../material.ts';
import {
  dealerCoins,
  dealSelection,
  dealTables,
  dealtWords,
  rhoWords,
  tableSegments,
} from './comparison.ts';

/** Kind byte and version of this material. */
export const SPLINE_KIND = 7;
const VERSION = 1;

/** N knots of step 2^m raw; the sum is truncated by `drop` bits. */
export function splineRequest(n: number, knots: number, m: number, drop: number): MaterialRequest {
  const writer = new DescriptorWriter()
    .u8(SPLINE_KIND)
    .u8(VERSION)
    .u8(Math.log2(knots))
    .u8(m)
    .u8(drop);
  return {
    descriptor: writer.u32(n).done(),
    segments: [
      { name: 'r', words: n, sharing: 'add', source: 'free' },
      { name: 'beta', words: 3 * n, sharing: 'add', source: 'free' },
      { name: 'q', words: n, sharing: 'add', source: 'free' },
      dealtWords('onehot', knots * n),
      dealtWords('rl', 3 * n),
      dealtWords('brl', 6 * n),
      ...tableSegments(n, 9, ['Low', 'High']),
      ...['rhoInside', 'rhoHigh', 'rc', 'r63', 'rhoRc', 'rhoR63'].map((name) =>
        dealtWords(name, n),
      ),
    ],
    coins: 2 * (n + 1),
    deal({ arena, free, coins }) {
      const { kernels } = arena;
      const out = dealTables(arena, free('r'), coins, n, 9, ['Low', 'High']);
      const rhoLow = rhoWords(arena, dealerCoins(coins, n, 0).at, n);
      const rhoHigh = rhoWords(arena, dealerCoins(coins, n, 1).at, n);
      const rhoInside = arena.words(n);
      kernels.xor(rhoInside, rhoLow, rhoHigh, n);
      dealSelection(arena, out, free('q'), rhoInside, drop, n);
      const onehot = arena.words(knots * n);
      const rl = arena.words(3 * n);
      const brl = arena.words(6 * n);
      kernels.splineDeal(onehot, rl, brl, free('r'), free('beta'), m, knots, n);
      return out
        .set('rhoInside', rhoInside)
        .set('rhoHigh', rhoHigh)
        .set('onehot', onehot)
        .set('rl', rl)
        .set('brl', brl);
    },
  };
}

/** Decodes and checks a spline request. */
export function readSpline(reader: DescriptorReader): MaterialRequest {
  reader.u8(VERSION);
  const knots = 2 ** reader.u8(8);
  const m = reader.u8(40);
  const drop = reader.u8(61);
  const n = reader.u32(2 ** 22);
  reader.end();
  if (knots < 4 || m < 1) throw new MpcError('ERR_MPC_ABORT', 'material request: no such spline');
  return splineRequest(n, knots, m, drop);
}
