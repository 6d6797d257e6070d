import assert from 'node:assert/strict';
import { seriesCost } from '../../src/protocol/additive/series.ts';
import { chunkSize } from '../../src/protocol/additive/chunks.ts';
import { seriesScale, type Harmonics } from '../../src/protocol/harmonics.ts';
import { settle } from '../../src/protocol/settle.ts';
import { freshLabel, put, randomWords, wordsOf } from '../support/seats.ts';
import { EDGES, reals, run } from './_run.ts';

const label = freshLabel();

/** cos(kt) and sin(kt) alone, and sums of several with constants and other bounds. */
const only = (kind: 'cos' | 'sin', k: number): Harmonics => {
  const unit = Array.from({ length: k }, (_, i) => +(i === k - 1));
  const zeros = unit.map(() => 0);
  return { constant: 0, cos: zeros, sin: zeros, bound: 0, [kind]: unit };
};
const mixed: Harmonics = {
  constant: -0.75,
  cos: [0.5, -0.125, 0.01],
  sin: [-1.5, 0.3, 0.2],
  bound: 2,
};
const large: Harmonics = { constant: 1000, cos: [2 ** 19, 3.5], sin: [-7, 2 ** 18], bound: 20 };
const small: Harmonics = { constant: 2 ** -9, cos: [2 ** -10], sin: [-(2 ** -11)], bound: -7 };
const constant: Harmonics = { constant: 0.25, cos: [], sin: [], bound: -1 };

/** The sum in float64 at t turns. */
function value({ constant, cos, sin }: Harmonics, t: number): number {
  return cos.reduce((sum, a, i) => {
    const angle = 2 * Math.PI * (i + 1) * t;
    return sum + a * Math.cos(angle) + sin[i] * Math.sin(angle);
  }, constant);
}

/** What the doc comment of `series` allows. */
function tolerance({ cos, sin, bound }: Harmonics, n: number): number {
  const size = cos.map((a, k) => Math.abs(a) + Math.abs(sin[k]));
  const angle = size.reduce((sum, a, k) => sum + (k + 1) * a, 0) * 2 * Math.PI * (n + 1) * 2 ** -32;
  const rounding = (cos.length * 2 ** bound + size.reduce((a, b) => a + b, 0)) * 2 ** -30;
  return angle + rounding + 2 ** -seriesScale(bound);
}

for (const n of [1, 2, 3, 5]) {
  describe(`series(), ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it(`is right within its stated error for every word and turn (seed ${label})`, async () => {
      const words = wordsOf([...EDGES, ...randomWords(300, `series ${label}`)]);
      const sums = [only('cos', 1), only('sin', 1), mixed, large, small, constant, only('sin', 64)];
      // x as an angle in units of 2^−64 turn, a number of period 32 at 16 bits, an odd factor, a word no turn moves.
      for (const turn of [1n, 1n << 43n, 0x9e3779b97f4a7c15n, -1n, 0n]) {
        const results = await run(n, (ctx) =>
          ctx.gates.series(ctx, put(ctx, 0, [words.length], words), turn, sums, 16),
        );
        sums.forEach((sum, i) => {
          const limit = tolerance(sum, n);
          reals(results[i], seriesScale(sum.bound)).forEach((got, at) => {
            const t = Number(BigInt.asIntN(64, words[at] * turn)) / 2 ** 64;
            const off = Math.abs(got - value(sum, t));
            assert.ok(off <= limit, `turn ${turn}, sum ${i}, word ${at}: off by ${off} > ${limit}`);
          });
        });
      }
    });

    it('owes a truncation to the nominal scale, knows its bound, and settles', async () => {
      const words = wordsOf(Array.from({ length: 64 }, (_, i) => i * 4096));
      const facts: unknown[] = [];
      const [settled] = await run(n, (ctx) => {
        const x = put(ctx, 0, [8, 8], words);
        const [y] = ctx.gates.series(ctx, x, 1n << 46n, [mixed], 12);
        facts.push([y.fracBits, y.nominal, y.bound, y.shape, y.depth]);
        return [settle(ctx, y)];
      });
      assert.deepEqual(facts[0], [58, 12, 2, [8, 8], n === 1 ? 0 : 1]);
      reals(settled, 12).forEach((got, i) => {
        assert.ok(Math.abs(got - value(mixed, i / 64)) <= 1.01 * 2 ** -12, `element ${i}`);
      });
    });

    it('0-d, empty, strided and chunked tensors', async () => {
      const piece = chunkSize(16 * 64);
      const long = 2 * piece + 5;
      const words = wordsOf(Array.from({ length: long }, (_, i) => (i * 65536) / 4));
      const [one, none, back] = await run(n, (ctx) => {
        const x = put(ctx, 0, [long], words);
        const reversed = x.view({ shape: [long], strides: [-1], offset: long - 1 });
        const turn = 1n << 45n;
        return [
          ctx.gates.series(ctx, x.view({ shape: [], strides: [], offset: 1 }), turn, [mixed], 16),
          ctx.gates.series(
            ctx,
            x.view({ shape: [0, 3], strides: [3, 1], offset: 0 }),
            turn,
            [mixed],
            16,
          ),
          ctx.gates.series(ctx, reversed, turn, [only('sin', 64), only('cos', 1)], 16),
        ].map((list) => list[list.length - 1]);
      });
      assert.ok(Math.abs(reals(one, 58)[0] - value(mixed, 1 / 32)) < 1e-7);
      assert.equal(none.length, 0);
      reals(back, 60).forEach((got, i) => {
        const t = ((long - 1 - i) % 32) / 32;
        assert.ok(Math.abs(got - Math.cos(2 * Math.PI * t)) < 1e-7, `element ${i}`);
      });
    });
  });
}

describe('seriesCost()', () => {
  it('is 4 B online and 16 B a harmonic from the dealer', () => {
    assert.deepEqual(seriesCost(10, 13), { rounds: 1, bytes: 40, dealt: 2080 });
    assert.deepEqual(seriesCost(0, 13), { rounds: 0, bytes: 0, dealt: 0 });
  });
});
