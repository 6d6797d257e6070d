import assert from 'node:assert/strict';
import type { Words } from '../../src/kernels/memory.ts';
import { blocksFor, openedBytes } from '../../src/protocol/additive/thresholds.ts';
import type { Context } from '../../src/protocol/context.ts';
import { settle } from '../../src/protocol/settle.ts';
import { Share, Storage } from '../../src/protocol/share.ts';
import { wholeView } from '../../src/ring/view.ts';
import { simulateSeats } from '../../src/seats.ts';
import { isRectified, isTruncation, negative } from '../oracle/gates.ts';
import { freshLabel, put, randomWords, raw, shuffled, wordsOf } from '../support/seats.ts';

const label = freshLabel();
const TOP = 2n ** 62n;

/** Both sides of every power of two, and the ends of the ring. */
const powers = Array.from({ length: 64 }, (_, i) => 2n ** BigInt(i));
const edges = wordsOf([0n, ...powers.flatMap((p) => [p, -p, p - 1n, p + 1n, 1n - p, -1n - p])]);
const everything = wordsOf([...edges, ...randomWords(400, `edges ${label}`)]);
const inRange = everything.filter((word) => {
  const x = BigInt.asIntN(64, word);
  return x >= -TOP && x < TOP;
});

/** Random words of all lengths below 2^62, next to multiples of 2^m, and the ends of the range. */
function nearCarries(m: number): Words {
  const unit = 2n ** BigInt(m);
  const near = [...inRange].flatMap((word) => {
    const base = BigInt.asIntN(64, word) & -unit;
    return [base, base + 1n, base - 1n, base + unit - 1n, base + unit / 2n];
  });
  const ends = [-TOP, -TOP + 1n, TOP - 1n, TOP - unit, TOP - unit + 1n, -TOP + unit];
  return wordsOf([...near, ...ends].filter((x) => x >= -TOP && x < TOP));
}

/** The first party's view of one result, after checking that all agree. */
async function run(n: number, program: (ctx: Context) => readonly Share[]): Promise<Words[]> {
  const { results } = await simulateSeats(
    n,
    ({ context }) => Promise.all(program(context).map((share) => raw(context, share))),
    shuffled,
  );
  for (const result of results) assert.deepEqual(result, results[0]);
  return results[0];
}

/** A share that owes a truncation to 16 fractional bits. */
function owing(x: Share, fracBits: number, bound: number): Share {
  const { depth, digest } = x.storage;
  const facts = { fracBits, nominal: 16, bound, depth, digest };
  return Share.fresh(x.shape, facts, Storage.words(x.storage));
}

for (const n of [1, 2, 3, 5]) {
  describe(`edges, ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it(`negative() is right for every 64-bit word (seed ${label})`, async () => {
      const [got] = await run(n, (ctx) => [
        ctx.gates.negative(ctx, put(ctx, 0, [everything.length], everything)),
      ]);
      got.forEach((bit, i) => assert.equal(bit, negative(everything[i]), `word ${i}`));
    });

    it(`negative() under a proven bound is right up to the bound itself (seed ${label})`, async () => {
      for (const bound of [-16, -15, -10, -9, 0, 1, 4, 5, 6, 12, 19, 26, 33, 40, 46]) {
        const limit = 2n ** BigInt(bound + 16);
        const words = wordsOf([
          ...[0n, -limit, limit, limit - 1n, 1n - limit, limit / 2n, -limit / 2n],
          ...[...everything].map((word) => BigInt.asIntN(64, word) % (limit + 1n)),
        ]);
        const [got] = await run(n, (ctx) => [
          ctx.gates.negative(ctx, put(ctx, 0, [words.length], words, 16, bound)),
        ]);
        got.forEach((bit, i) => assert.equal(bit, negative(words[i]), `bound ${bound}, word ${i}`));
      }
    });

    it('negative() is right for a bounded value that truncation rounds up to its bound', async () => {
      for (const bound of [5, 12]) {
        const words = wordsOf(Array<bigint>(50).fill(2n ** BigInt(bound + 32) - 1n));
        const [value, sign] = await run(n, (ctx) => {
          const y = settle(ctx, owing(put(ctx, 0, [50], words, 32), 32, bound));
          return [y, ctx.gates.negative(ctx, y)];
        });
        value.forEach((word, i) => assert.ok(isTruncation(word, words[i], 16)));
        assert.deepEqual(sign, new BigUint64Array(50));
      }
    });

    it(`truncate() is floor or one more on [−2^62, 2^62), for m from 1 to 61 (seed ${label})`, async () => {
      for (let m = 1; m <= 61; m += n === 2 ? 2 : 6) {
        const words = nearCarries(m);
        const [got] = await run(n, (ctx) => {
          const { storage } = put(ctx, 0, [words.length], words);
          return [new Share(ctx.gates.truncate(ctx, storage, m))];
        });
        got.forEach((y, i) => assert.ok(isTruncation(y, words[i], m), `m = ${m}, word ${i}`));
      }
    });

    it(`rectify() is exact ReLU and truncation on [−2^62, 2^62) (seed ${label})`, async () => {
      for (const m of [0, 1, 13, 16, 32, 44, 61]) {
        const words = m === 0 ? inRange : nearCarries(m);
        const [value, positive] = await run(n, (ctx) => {
          const x = put(ctx, 0, [words.length], words);
          const result = ctx.gates.rectify(ctx, x, m);
          return [result.value, result.positive];
        });
        value.forEach((y, i) => assert.ok(isRectified(y, words[i], m), `m = ${m}, word ${i}`));
        // Of what is less than a unit of the result, whole blocks are not looked at.
        const doubtful = 1n << BigInt(7 * Math.floor(m / 7));
        positive.forEach((bit, i) => {
          const above = words[i] > 0n && words[i] < 1n << 63n ? 1n : 0n;
          const either = words[i] > 0n && words[i] < doubtful && bit === 0n;
          assert.ok(bit === above || either, `m = ${m}, word ${words[i]}: ${bit}`);
        });
      }
    });

    it('0-d, empty and size-1 tensors pass every gate', async () => {
      for (const shape of [[], [0], [1], [0, 3], [1, 1, 1]]) {
        const size = shape.reduce((a, b) => a * b, 1);
        const words = wordsOf(Array<number>(size).fill(-70_000));
        const results = await run(n, (ctx) => {
          const x = put(ctx, 0, shape, words).view(wholeView(shape));
          const { value, positive } = ctx.gates.rectify(ctx, x, 4);
          const square = ctx.gates.mul(ctx, x, x);
          return [ctx.gates.negative(ctx, x), value, positive, square, settle(ctx, square)];
        });
        for (const result of results) assert.equal(result.length, size);
        if (size === 0) continue;
        assert.deepEqual(
          results.slice(0, 4).map(([word]) => word),
          [1n, 0n, 0n, 4_900_000_000n],
        );
      }
    });
  });
}

describe('blocksFor()', () => {
  it('takes the fewest 7-bit blocks that hold ±2^bound, and all nine without a bound', () => {
    for (let bits = 0; bits <= 62; bits++) {
      const blocks = blocksFor({ bound: bits - 16, fracBits: 16 } as Share);
      assert.ok(7 * blocks > bits, `${bits} bits do not fit`);
      assert.ok(blocks === 1 || 7 * (blocks - 1) <= bits, `${bits} bits fit in fewer`);
      assert.equal(openedBytes(blocks), Math.ceil((7 * blocks + 1) / 8));
    }
    assert.equal(blocksFor({ bound: undefined, fracBits: 0 } as unknown as Share), 9);
    assert.equal(blocksFor({ bound: 60, fracBits: 16 } as Share), 9);
  });
});
