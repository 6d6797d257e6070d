/**
 * The compressed cubic spline gate (security-requirements A1) with exact tails, for any number of parties.
 *
 * c = x + r is opened once. A shared one-hot of r's knot index, rotated by public c, picks the cubic's coefficients as shares;
 * they are opened under masks β, and the cubic in the residual c_l − r_l expands into products the dealer prepared. The same c
 * decides the two tail thresholds −L and L − h (H2). The sum is truncated by an EGK opening whose selection by the bit `inside` is
 * local (H3), so that what the table gives outside its domain is multiplied by exactly 0.
 * @module
 */

import { both, then, type Later } from '../../core/later.ts';
import { showShape, sizeOf } from '../../core/shape.ts';
import type { Words } from '../../kernels/memory.ts';
import { encodeScalar } from '../../ring/encoder.ts';
import { inputsOf, type Context, type Step } from '../context.ts';
import { packed, type Cost } from '../cost.ts';
import { checkCurveScale, CURVE_SCALE, curveTable, type Curve } from '../curve.ts';
import { describePublic } from '../local/words.ts';
import { open } from '../open.ts';
import { splineRequest } from '../provider/kinds/spline.ts';
import { segment, type Material } from '../provider/provider.ts';
import { Share } from '../share.ts';
import { chunksOf, joined, SPLINE_CHUNK } from './chunks.ts';
import {
  blockBits,
  carryBits,
  FULL_BLOCKS,
  maskWords,
  signSteps,
  type Threshold,
} from './compare.ts';
import { withOffset } from './truncate.ts';

/** Cost of a curve with `knots` knots on n words. */
export function splineCost(n: number, knots: number): Cost {
  if (n === 0) return { rounds: 0, bytes: 0, dealt: 0 };
  return {
    rounds: 3,
    bytes: 8 * n + 24 * n + 2 * packed(17 * n) + 8 * n + 2 * packed(n),
    dealt: 8 * n * (knots + 3 + 6 + 18 + 2 * 12 + 6),
  };
}

/**
 * f(x) for a tabulated curve; x has at most 16 fractional bits, the result as many as x.
 *
 * Cost    3 rounds, 8 + 24 + 4.25 B, then 8.25 B: 44.5 B an element; dealer 968 B at 64 knots.
 * Error   the curve's (stated beside it) + 1 ulp, for |x| ≤ 2^(63 − f) − L: a threshold must not wrap (M3).
 * Leaks   nothing: c, o_q, u, v, d and t are one-time padded by r, β, γ, π, q and ρ (C7: fresh per threshold).
 *
 * @throws {MpcError} ERR_MPC_SCALE when x has more fractional bits, or fewer than the curve's step needs.
 */
export function spline(ctx: Context, x: Share, curve: Curve): Share {
  checkCurveScale(curve, x.fracBits);
  const parts = chunksOf(ctx, x, SPLINE_CHUNK).map((part) => splinePart(ctx, part, curve));
  return joined(ctx, parts, x.shape);
}

function splinePart(ctx: Context, x: Share, curve: Curve): Share {
  const n = sizeOf(x.shape);
  const f = x.fracBits;
  const m = f + curve.stepLog2;
  const drop = CURVE_SCALE - f;
  const table = { shape: [4, curve.knots], words: curveTable(curve, f), fracBits: CURVE_SCALE };
  const text = `${curve.name} ${showShape(x.shape)} ${m} table ${describePublic(ctx.arena, table)}`;
  const step = ctx.step(`${text} ${curve.below} ${curve.above}`, inputsOf(x));
  const bound = Math.ceil(Math.log2(Math.max(Math.abs(curve.above), Math.abs(curve.below), 1))) + 1;
  const facts = {
    fracBits: f,
    nominal: f,
    bound,
    depth: step.depth + (n && 3),
    digest: step.digest,
  };
  const steps = signSteps(ctx, step);
  if (n === 0) return Share.fresh(x.shape, facts, new BigUint64Array(0));
  const material = ctx.session.provider.request(step, splineRequest(n, curve.knots, m, drop));
  const masked = maskWords(ctx, x, material.take());
  const sections = then(masked, ({ c }) => [{ words: c, bytes: 8 }]);
  const opened = open(ctx, step, [{ words: n, bytes: 8 }], sections);
  const words = then(both(masked, opened), ([{ dealt }, [c]]) => {
    const gate = new SplineGate(ctx, steps, dealt, c.words, curve, f, m);
    return gate.run();
  });
  return Share.fresh(x.shape, facts, words);
}

/** Rounds 2 and 3 of one gate, once c is public. */
class SplineGate {
  readonly #ctx: Context;
  readonly #steps: readonly [Step, Step];
  readonly #dealt: Material;
  readonly #c: Words;
  readonly #curve: Curve;
  readonly #f: number;
  readonly #m: number;
  readonly #n: number;
  readonly #thresholds: readonly Threshold[];

  constructor(
    ctx: Context,
    steps: readonly [Step, Step],
    dealt: Material,
    c: Words,
    curve: Curve,
    f: number,
    m: number,
  ) {
    this.#ctx = ctx;
    this.#steps = steps;
    this.#dealt = dealt;
    this.#c = c;
    this.#curve = curve;
    this.#f = f;
    this.#m = m;
    this.#n = c.length;
    const half = BigInt(curve.knots / 2) << BigInt(m);
    this.#thresholds = [
      { wide: segment(dealt, 'wideLow'), c: this.#less(-half) },
      { wide: segment(dealt, 'wideHigh'), c: this.#less(half - (1n << BigInt(m))) },
    ];
  }

  run(): Later<Words> {
    const n = this.#n;
    const ctx = this.#ctx;
    const stream = 17 * n;
    const k = this.#coefficients();
    const own = this.#thresholds.map((threshold) =>
      blockBits(ctx, this.#dealt, threshold, FULL_BLOCKS, n),
    );
    const second = open(
      ctx,
      this.#steps[0],
      [{ words: 3 * n, bytes: 8 }, { bits: stream }, { bits: stream }],
      [{ words: this.#hide(k), bytes: 8 }, ...own.map((bits) => ({ bits, count: stream }))],
    );
    return then(second, ([o, ...uv]) => {
      const s = this.#combine(k, o.words);
      const [low, high] = this.#thresholds.map((threshold, i) =>
        carryBits(ctx, threshold, uv[i], FULL_BLOCKS, n),
      );
      const inside = low.map((byte, i) => byte ^ high[i]);
      const third = open(
        ctx,
        this.#steps[1],
        [{ words: n, bytes: 8 }, { bits: n }, { bits: n }],
        [
          { words: s, bytes: 8 },
          { bits: inside, count: n },
          { bits: high, count: n },
        ],
      );
      return then(third, ([d, tInside, tHigh]) => this.#select(d.words, tInside.bits, tHigh.bits));
    });
  }

  #less(threshold: bigint): Words {
    return this.#ctx.arena.scope((arena) => {
      const at = arena.put(this.#c);
      const word = arena.put(BigUint64Array.of(BigInt.asUintN(64, -threshold)));
      arena.kernels.addScalar(at, at, word, this.#n);
      return arena.take(at, this.#n);
    });
  }

  /** Shares of the four coefficients of every element's cubic. */
  #coefficients(): Words {
    const n = this.#n;
    return this.#ctx.arena.scope((arena) => {
      const out = arena.words(4 * n);
      const table = arena.put(curveTable(this.#curve, this.#f));
      const onehot = arena.put(segment(this.#dealt, 'onehot'));
      const { knots } = this.#curve;
      arena.kernels.splineCoefficients(out, onehot, arena.put(this.#c), table, this.#m, knots, n);
      return arena.take(out, 4 * n);
    });
  }

  /** Shares of K_q − β_q, q = 1..3. */
  #hide(k: Words): Words {
    const n = this.#n;
    return this.#ctx.arena.scope((arena) => {
      const out = arena.put(k.subarray(n));
      arena.kernels.sub(out, out, arena.put(segment(this.#dealt, 'beta')), 3 * n);
      return arena.take(out, 3 * n);
    });
  }

  /** Share of the sum at scale 60, masked by q for the truncation's opening. */
  #combine(k: Words, o: Words): Words {
    const n = this.#n;
    return this.#ctx.arena.scope((arena) => {
      const [rl, brl, q] = ['rl', 'brl', 'q'].map((name) => arena.put(segment(this.#dealt, name)));
      const out = arena.words(n);
      arena.kernels.splineCombine(
        out,
        arena.put(k),
        arena.put(o),
        arena.put(this.#c),
        rl,
        brl,
        this.#m,
        n,
      );
      arena.kernels.add(out, out, q, n);
      return arena.take(out, n);
    });
  }

  /** inside·y + above·[x ≥ L − h] + below·[x < −L], with [x < −L] = [x < L − h] − inside. */
  #select(d: Words, tInside: Uint8Array, tHigh: Uint8Array): Words {
    const n = this.#n;
    const { rank, arena: root } = this.#ctx;
    const drop = CURVE_SCALE - this.#f;
    return root.scope((arena) => {
      const { kernels } = arena;
      const part = (name: string): number => arena.put(segment(this.#dealt, name));
      const offset = withOffset(arena, d);
      const y = arena.words(n);
      kernels.truncateOpened(y, offset, part('rc'), part('r63'), drop, rank, n);
      const inside = arena.put(tInside);
      const rho = part('rhoInside');
      kernels.selectOpened(y, y, offset, inside, rho, part('rhoRc'), part('rhoR63'), drop, n);
      const below = encodeScalar(this.#curve.below, this.#f);
      const above = encodeScalar(this.#curve.above, this.#f);
      // above·(1 − high) + below·(high − inside) = above + (below − above)·high − below·inside.
      const add = (bits: number, share: number, factor: bigint): void => {
        const bit = arena.words(n);
        kernels.bitOpened(bit, bits, share, rank, n);
        kernels.mulScalar(bit, bit, arena.put(BigUint64Array.of(BigInt.asUintN(64, factor))), n);
        kernels.add(y, y, bit, n);
      };
      add(arena.put(tHigh), part('rhoHigh'), below - above);
      if (below !== 0n) add(inside, rho, -below);
      if (rank === 0) kernels.addScalar(y, y, arena.put(BigUint64Array.of(above)), n);
      return arena.take(y, n);
    });
  }
}
