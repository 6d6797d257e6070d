import assert from 'node:assert/strict';
import { powerCost } from '../../src/protocol/additive/power.ts';
import { encodeScalar } from '../../src/ring/encoder.ts';
import { simulateSeats } from '../../src/seats.ts';
import { freshLabel, put, randomWords, wordsOf } from '../support/seats.ts';
import { EDGES, reals, run } from './_run.ts';

const label = freshLabel();

interface Range {
  readonly low: number;
  readonly high: number;
  readonly f: number;
  readonly fracBits: number;
}

/** The widest; short ones, whose groups are large; a pending product; whole numbers; ends between integers; more bits. */
const RANGES: readonly Range[] = [
  { low: -31, high: 28, f: 16, fracBits: 16 },
  { low: -17, high: 1, f: 16, fracBits: 16 },
  { low: -17, high: 14, f: 32, fracBits: 16 },
  { low: -20, high: 22, f: 48, fracBits: 12 },
  { low: -5, high: 27, f: 0, fracBits: 0 },
  { low: -12.5, high: 7.25, f: 16, fracBits: 16 },
  { low: -25, high: 10, f: 20, fracBits: 24 },
];

/** How near to low, and how far above high, what lies beyond counts as well. */
const SLACK = 1 / 32;

/** The ends with their neighbours, the interval, whole and nearly whole numbers, every word at which a threshold does not wrap. */
function wordsFor({ low, high, f }: Range): bigint[] {
  const ends = [low, high].map((end) => BigInt(Math.ceil(end * 2 ** f)));
  const near = ends.flatMap((end) => [-2n, -1n, 0n, 1n, 2n].map((off) => end + off));
  const steps = Array.from({ length: 500 }, (_, i) =>
    BigInt(Math.floor((low + ((high - low) * i) / 500) * 2 ** f)),
  );
  const whole = Array.from({ length: 60 }, (_, i) => BigInt(i - 31) << BigInt(f));
  const far = [...EDGES, ...randomWords(100, `power ${label}`)].map((x) => BigInt.asIntN(64, x));
  const slack = BigInt(Math.ceil(SLACK * 2 ** f));
  const last = ends.flatMap((end) => [2n ** 63n - 1n + end, end - 2n ** 63n]);
  return [...near, ...steps, ...whole.flatMap((x) => [x, x - 1n]), ...far, ...last].filter(
    (x) =>
      BigInt.asIntN(64, x) === x &&
      ends.every((end) => x - end < 2n ** 63n - slack && x - end >= slack - 2n ** 63n),
  );
}

function check(range: Range, words: readonly bigint[], got: BigUint64Array<ArrayBuffer>): void {
  const { low, high, f, fracBits } = range;
  const values = reals(got, fracBits);
  words.forEach((word, i) => {
    const x = Number(word) / 2 ** f;
    const what = `${JSON.stringify(range)}, x = ${x}`;
    const most = encodeScalar(Math.pow(2, high), fracBits);
    // So near the ends both are right.
    if (x < low || (x < low + SLACK && got[i] === 0n)) assert.equal(got[i], 0n, what);
    else if (x >= high + SLACK || (x >= high && got[i] === most)) assert.equal(got[i], most, what);
    else {
      const off = Math.abs(values[i] - 2 ** x);
      const limit = 1.001 * 2 ** (x - 15) + 1.51 * 2 ** -fracBits;
      assert.ok(off <= limit, `${what}: off by ${off}, ${limit} allowed`);
    }
  });
}

for (const n of [1, 2, 3, 5]) {
  describe(`powerOfTwo(), ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it(`exact beyond the interval, 2^−15 and 1.5 ulp inside (seed ${label})`, async () => {
      for (const range of RANGES) {
        const words = wordsFor(range);
        const { low, high, f, fracBits } = range;
        const [got] = await run(n, (ctx) => [
          ctx.gates.powerOfTwo(
            ctx,
            put(ctx, 0, [words.length], wordsOf(words), f),
            low,
            high,
            fracBits,
          ),
        ]);
        check(range, words, got);
      }
    });

    it(`under a bound: narrower words, the same results (seed ${label})`, async () => {
      for (const bound of [-8, 0, 5, 20]) {
        for (const range of [
          ...RANGES.slice(0, 2),
          { low: -0.1, high: 0.1, f: 16, fracBits: 16 },
        ]) {
          const { low, high, f, fracBits } = range;
          const limit = 2n ** BigInt(bound + f);
          const words = wordsFor(range).filter((x) => x <= limit && x >= -limit);
          words.push(limit, -limit);
          const [got] = await run(n, (ctx) => {
            const x = put(ctx, 0, [words.length], wordsOf(words), f, bound);
            return [ctx.gates.powerOfTwo(ctx, x, low, high, fracBits)];
          });
          check(range, words, got);
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
        const list = views.map((view) => ctx.gates.powerOfTwo(ctx, x.view(view), -16, 14, 12));
        facts = list.map((y) => [y.fracBits, y.nominal, y.shape, y.depth, y.bound]);
        return list;
      });
      const depth = n === 1 ? 0 : 3;
      assert.deepEqual(facts, [
        [12, 12, [], depth, 15],
        [12, 12, [2, 0], 0, 15],
        [12, 12, [size], depth, 15],
      ]);
      assert.ok(Math.abs(reals(one, 12)[0] - 32) <= 2 ** -10);
      assert.equal(none.length, 0);
      reals(back, 12).forEach((y, i) => {
        const x = ((size - 1 - i) % 41) - 20;
        const want = x < -16 ? 0 : 2 ** Math.min(x, 14);
        assert.ok(Math.abs(y - want) <= want * 2 ** -14.9 + 2 ** -11, `element ${i}: ${y}`);
      });
    });
  });
}

describe('powerOfTwo: scales and sizes', () => {
  it('refuses inputs of more than 48 fractional bits and results without room', async () => {
    await simulateSeats(2, ({ context: ctx }) => {
      const at = (f: number) => put(ctx, 0, [1], wordsOf([1]), f);
      for (const [f, high, fracBits] of [
        [49, 10, 16],
        [16, 28, 34],
        [16, 20, 42],
      ]) {
        assert.throws(() => ctx.gates.powerOfTwo(ctx, at(f), -10, high, fracBits), {
          code: 'ERR_MPC_SCALE',
        });
      }
    });
  });

  it('powerCost(): 20 B online; the fewer words, the smaller the largest result', () => {
    const x = { bound: undefined, fracBits: 16 };
    // What is not groups: tables of r and of two thresholds at eight blocks, and the selection of what drops 61 − high − 16 bits.
    const words = (low: number, high: number): number =>
      (powerCost(1, x, low, high, 16).dealt - 128 - 96 - 32 - 2 * Math.ceil((46 - high) / 8)) / 8;
    assert.deepEqual(
      [28, 26, 22, 14, 1].map((high) => words(-17, high)),
      [32, 16, 8, 4, 4],
    );
    assert.deepEqual(powerCost(64, x, -17, 14, 16), {
      rounds: 3,
      bytes: 64 * 20,
      dealt: 64 * (128 + 96 + 40 + 32),
    });
    assert.deepEqual(powerCost(0, x, -17, 14, 16), { rounds: 0, bytes: 0, dealt: 0 });
    const narrow = { bound: 4, fracBits: 16 };
    assert.equal(powerCost(64, narrow, -17, 14, 16).bytes, 64 * (4 + 8) + 2 * (40 + 8));
  });
});
