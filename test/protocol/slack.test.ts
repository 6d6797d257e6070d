import assert from 'node:assert/strict';
import type { Steps } from '../../src/protocol/steps.ts';
import { freshLabel, put, randomWords, wordsOf } from '../support/seats.ts';
import { HILL, LOOSE } from './_function-gates.ts';
import { EDGES, reals, run } from './_run.ts';

const label = freshLabel();
const END = 2n ** 63n;

/** The number of thresholds at or below x, times a slope, so that the whole of c is opened in one case and part of it in the other. */
const ladder = (slack: number, slope: bigint, thresholds: readonly bigint[]): Steps => ({
  name: 'ladder',
  thresholds,
  slack,
  outputs: [
    {
      fracBits: 0,
      pieces: [...thresholds, 0n].map((_, i) => ({ slope: slope * BigInt(i), offset: BigInt(i) })),
    },
  ],
});

/** What is not compared: whole blocks of 7 bits. */
const width = (slack: number): bigint => 1n << BigInt(7 * Math.floor(slack / 7));

/** As many words as steps() takes: what is not compared may carry one into the bits above it. */
function inputs({ thresholds, slack = 0 }: Steps): bigint[] {
  const wide = width(slack);
  const near = thresholds.flatMap((tau) => [
    ...[tau - wide - 1n, tau - wide, tau - wide + 1n, tau - 1n, tau, tau + 1n, tau + wide],
    ...Array.from(randomWords(40, `slack ${label} ${tau}`), (word) => tau - (word % wide)),
  ]);
  return [...EDGES, ...randomWords(100, `slack ${label}`), ...near]
    .map((word) => BigInt.asIntN(64, word))
    .filter((x) => thresholds.every((tau) => x - tau < END - wide && x - tau >= -END));
}

for (const n of [1, 2, 3]) {
  describe(`slack: ${n} parties`, () => {
    it(`steps() may count as reached what is less than the slack away, nothing else (seed ${label})`, async () => {
      for (const [slack, thresholds] of [
        [6, [-300n, 0n, 5n]],
        [16, [-(2n ** 20n), 2n ** 18n]],
        [37, [2n ** 49n, 2n ** 51n, 2n ** 53n, 2n ** 55n, 2n ** 57n, 2n ** 59n, 2n ** 61n]],
        [62, [-(2n ** 60n), 2n ** 61n]],
      ] as const) {
        for (const slope of [0n, 3n]) {
          const spec = ladder(slack, slope, thresholds);
          const words = inputs(spec);
          const [got] = await run(n, (ctx) =>
            ctx.gates.steps(ctx, put(ctx, 0, [words.length], wordsOf(words), 0), spec),
          );
          let early = 0;
          words.forEach((x, at) => {
            const reached = thresholds.filter((tau) => x >= tau).length;
            const nearly = thresholds.filter((tau) => x > tau - width(slack)).length;
            const value = (count: number): bigint =>
              BigInt.asUintN(64, BigInt(count) * (slope * x + 1n));
            const counts = Array.from({ length: nearly - reached + 1 }, (_, i) => reached + i);
            const count = counts.find((candidate) => got[at] === value(candidate));
            assert.ok(count !== undefined, `slack ${slack}, x = ${x}: ${got[at]}`);
            if (count > reached) early++;
          });
          // Groups look at every bit, and so does the plain scheme.
          const loose = n > 1 && slack > 6;
          assert.equal(early > 0, loose, `slack ${slack}: ${early} counted early`);
        }
      }
    });

    it('a curve is a tail beyond its ends, itself from the slack on, one of both between', async () => {
      const { low, high, slackLog2 } = LOOSE;
      const unit = 2 ** -16;
      const values = [low, high].flatMap((end) =>
        [-1, -0.25 - unit, -0.25, -0.125, -unit, 0, unit, 0.125, 0.25, 1].map((d) => end + d),
      );
      const words = wordsOf(values.map((x) => x * 2 ** 16));
      const [loose, exact, whole] = await run(n, (ctx) => {
        const x = put(ctx, 0, [words.length], words);
        const everywhere = { ...HILL, name: 'whole', low: -3.99, high: 3.49 };
        return [LOOSE, HILL, { ...everywhere, low: -7, high: 7, periodLog2: 3 }].map((curve) =>
          ctx.gates.curve(ctx, x, curve, 16),
        );
      });
      const [y, tailed, inner] = [loose, exact, whole].map((list) => reals(list, 16));
      values.forEach((x, i) => {
        const doubtful = Math.min(x - low, high - x) < 2 ** slackLog2 && x >= low && x < high;
        const allowed = doubtful ? [inner[i], x - low < high - x ? -1 : 1] : [tailed[i]];
        const near = allowed.some((value) => Math.abs(value - y[i]) <= 2 * unit);
        assert.ok(near, `x = ${x}: ${y[i]} instead of ${allowed}`);
      });
    });
  });
}
