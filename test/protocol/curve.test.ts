import assert from 'node:assert/strict';
import { curveCost } from '../../src/protocol/additive/curve.ts';
import type { Curve, Tail } from '../../src/protocol/harmonics.ts';
import { encodeScalar } from '../../src/ring/encoder.ts';
import { simulateSeats } from '../../src/seats.ts';
import { freshLabel, put, randomWords, wordsOf } from '../support/seats.ts';
import { EDGES, reals, run } from './_run.ts';

const label = freshLabel();

const tail = (slope: number, offset: number): Tail => ({ slope, offset });
const sines = [0.4765, 0.2249, -0.1686, 0.3241, -0.2766, 0.2703, -0.2005, 0.1487, -0.0912, 0.0531];

/** Constant tails; a rising one; wild slopes; equal slopes; ends that are no multiples of a unit; a period of the whole ring. */
const CURVES: Record<string, Curve> = {
  bounded: {
    name: 'bounded',
    low: -10.5,
    high: 10.5,
    slackLog2: -64,
    periodLog2: 5,
    inside: { constant: 0.5, cos: sines.map(() => 0), sin: sines, bound: 1 },
    halfSlope: 0,
    below: tail(0, -0.25),
    above: tail(0, 1),
  },
  rising: {
    name: 'rising',
    low: -4.5,
    high: 4.5,
    slackLog2: -64,
    periodLog2: 4,
    inside: { constant: 1.5, cos: [-1.4, -0.3, 0.2], sin: [0, 0, 0], bound: 2 },
    halfSlope: 1,
    below: tail(0, 0),
    above: tail(1, 0),
  },
  wild: {
    name: 'wild',
    low: -3.0625,
    high: 0.5,
    slackLog2: -64,
    periodLog2: 2,
    inside: { constant: -3, cos: [7, 0.25], sin: [-5, 2], bound: 4 },
    halfSlope: -3,
    below: tail(-1, 2),
    above: tail(2, -0.5),
  },
  level: {
    name: 'level',
    low: 1,
    high: 2,
    slackLog2: -64,
    periodLog2: 1,
    inside: { constant: 0, cos: [0.5], sin: [0.25], bound: 0 },
    halfSlope: 0,
    below: tail(2, 0.5),
    above: tail(2, 0.5),
  },
};

/** The function in float64, at a word where it is not a tail. */
function inside({ inside: sum, halfSlope, periodLog2 }: Curve, x: number): number {
  const t = x / 2 ** periodLog2;
  return sum.cos.reduce(
    (total, a, i) => {
      const angle = 2 * Math.PI * (i + 1) * t;
      return total + a * Math.cos(angle) + sum.sin[i] * Math.sin(angle);
    },
    sum.constant + (halfSlope * x) / 2,
  );
}

/** The ends with their neighbours, words of every size, the ends of the ring as far as thresholds do not wrap. */
function wordsFor({ low, high }: Curve, f: number): bigint[] {
  const ends = [low, high].map((end) => BigInt(Math.ceil(end * 2 ** f)));
  const near = ends.flatMap((end) => [-2n, -1n, 0n, 1n, 2n].map((off) => end + off));
  const steps = Array.from({ length: 300 }, (_, i) =>
    BigInt(Math.floor((low + ((high - low) * i) / 300) * 2 ** f)),
  );
  const far = [...EDGES, ...randomWords(100, `curve ${label}`)].map((x) => BigInt.asIntN(64, x));
  const last = ends.flatMap((end) => [2n ** 63n - 1n + end, end - 2n ** 63n]);
  return [...near, ...steps, ...far, ...last].filter(
    (x) =>
      BigInt.asIntN(64, x) === x &&
      ends.every((end) => x - end < 2n ** 63n && x - end >= -(2n ** 63n)),
  );
}

/** The largest error on the interval in ulp of the result; tails must be exact. */
function compare(
  spec: Curve,
  words: readonly bigint[],
  got: BigUint64Array<ArrayBuffer>,
  f: number,
  fracBits: number,
): number {
  let most = 0;
  const values = reals(got, fracBits);
  words.forEach((word, i) => {
    const x = Number(word) / 2 ** f;
    const side = x < spec.low ? spec.below : x >= spec.high ? spec.above : undefined;
    if (side === undefined) {
      most = Math.max(most, Math.abs(values[i] - inside(spec, x)) * 2 ** fracBits);
    } else {
      const want = BigInt.asUintN(
        64,
        BigInt(side.slope) * word + encodeScalar(side.offset, fracBits),
      );
      assert.equal(got[i], want, `${spec.name}, f = ${f}, x = ${word}`);
    }
  });
  return most;
}

for (const n of [1, 2, 3, 5]) {
  describe(`curve(), ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    for (const [name, spec] of Object.entries(CURVES)) {
      it(`${name}: exact tails, one ulp and 1e-6 inside (seed ${label})`, async () => {
        const sloped = spec.below.slope !== 0 || spec.above.slope !== 0;
        const scales = sloped
          ? [[16, 16]]
          : [
              [16, 16],
              [32, 16],
              [48, 20],
              [3, 12],
              [0, 16],
            ];
        for (const [f, fracBits] of scales) {
          const words = wordsFor(spec, f);
          const [got] = await run(n, (ctx) => [
            ctx.gates.curve(ctx, put(ctx, 0, [words.length], wordsOf(words), f), spec, fracBits),
          ]);
          const ulps = compare(spec, words, got, f, fracBits);
          assert.ok(ulps <= 1 + 1e-6 * 2 ** fracBits, `f = ${f}, ${fracBits}: ${ulps} ulp`);
        }
      });
    }

    it(`under a bound: narrower words, the same results (seed ${label})`, async () => {
      // A period that needs more bits of x than the interval.
      const slow = { ...CURVES['bounded'], low: -0.5, high: 0.5, periodLog2: 20 };
      for (const spec of [CURVES['bounded'], CURVES['rising'], slow]) {
        for (const bound of [0, 2, 4, 5, 20, 46]) {
          const limit = 2n ** BigInt(bound + 16);
          const words = wordsFor(spec, 16).filter((x) => x <= limit && x >= -limit);
          words.push(limit, -limit);
          const [got] = await run(n, (ctx) => [
            ctx.gates.curve(ctx, put(ctx, 0, [words.length], wordsOf(words), 16, bound), spec, 16),
          ]);
          assert.ok(compare(spec, words, got, 16, 16) < 1.1, `${spec.name}, bound ${bound}`);
        }
      }
    });

    it('0-d, empty, strided and chunked tensors; scale and bound of the result', async () => {
      const size = 20_000;
      const words = wordsOf(Array.from({ length: size }, (_, i) => ((i % 41) - 20) * 65536));
      let facts: unknown[] = [];
      const [one, none, back] = await run(n, (ctx) => {
        const x = put(ctx, 0, [size], words);
        const views = [
          { shape: [], strides: [], offset: 25 },
          { shape: [2, 0], strides: [1, 1], offset: 0 },
          { shape: [size], strides: [-1], offset: size - 1 },
        ];
        const list = views.map((view) => ctx.gates.curve(ctx, x.view(view), CURVES['rising'], 16));
        const flat = ctx.gates.curve(ctx, x.view(views[0]), CURVES['bounded'], 12);
        facts = [...list, flat].map((y) => [y.fracBits, y.nominal, y.shape, y.depth, y.bound]);
        return list;
      });
      const depth = n === 1 ? 0 : 3;
      assert.deepEqual(facts, [
        [16, 16, [], depth, undefined],
        [16, 16, [2, 0], 0, undefined],
        [16, 16, [size], depth, undefined],
        [12, 12, [], depth, n === 1 ? undefined : 1],
      ]);
      assert.equal(one[0], 5n << 16n);
      assert.equal(none.length, 0);
      reals(back, 16).forEach((y, i) => {
        const x = ((size - 1 - i) % 41) - 20;
        const want = x < -4.5 ? 0 : x >= 4.5 ? x : inside(CURVES['rising'], x);
        assert.ok(Math.abs(y - want) < 1e-4, `element ${i}: ${y}, ${want}`);
      });
    });
  });
}

describe('curve: scales and sizes', () => {
  it('refuses scales that do not fit a sloped tail, the period or the linear term', async () => {
    await simulateSeats(2, ({ context: ctx }) => {
      const at = (f: number) => put(ctx, 0, [1], wordsOf([1]), f);
      const refused: [Curve, number, number][] = [
        [CURVES['rising'], 15, 16],
        [CURVES['rising'], 32, 16],
        [CURVES['bounded'], 60, 16],
        [CURVES['bounded'], 16, 60],
        [{ ...CURVES['bounded'], periodLog2: -20 }, 16, 16],
        [{ ...CURVES['rising'], below: tail(0, 0), above: tail(0, 1) }, 57, 16],
      ];
      for (const [spec, f, fracBits] of refused) {
        assert.throws(() => ctx.gates.curve(ctx, at(f), spec, fracBits), { code: 'ERR_MPC_SCALE' });
      }
    });
  });

  it('curveCost(): 20.5 B and 540 B dealt at 10 harmonics; less under a bound and with slack; more where a tail is sloped', () => {
    const full = { bound: undefined, fracBits: 16 };
    const cost = curveCost(64, full, CURVES['bounded'], 16);
    assert.deepEqual(cost, { rounds: 3, bytes: 64 * 20.5, dealt: 64 * (160 + 144 + 192 + 44) });
    const rising = curveCost(64, full, CURVES['rising'], 16);
    assert.equal(rising.dealt, 64 * (48 + 144 + 192 + 44 + 8));
    const loose = curveCost(64, full, { ...CURVES['bounded'], slackLog2: -2 }, 16);
    assert.deepEqual(loose, { rounds: 3, bytes: 64 * 19.5, dealt: 64 * (160 + 112 + 48 + 44) });
    const narrow = curveCost(64, { bound: 6, fracBits: 16 }, CURVES['bounded'], 16);
    assert.deepEqual(narrow, {
      rounds: 3,
      bytes: 64 * (4 + 8) + 2 * (56 + 8),
      dealt: 64 * (160 + 64 + 2 * 3 + 44),
    });
    assert.deepEqual(curveCost(0, full, CURVES['wild'], 16), { rounds: 0, bytes: 0, dealt: 0 });
  });
});
