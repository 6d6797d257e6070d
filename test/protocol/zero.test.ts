import assert from 'node:assert/strict';
import { zeroCost } from '../../src/protocol/additive/zero.ts';
import { freshLabel, put, randomWords, wordsOf } from '../support/seats.ts';
import { EDGES, run } from './_run.ts';

const label = freshLabel();

for (const n of [1, 2, 3, 5]) {
  describe(`zero(), ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it(`is right for every 64-bit word (seed ${label})`, async () => {
      // Every 0 has other masks; all 0 and all else differ from 0 by every single bit.
      const words = wordsOf([
        ...EDGES,
        ...Array<bigint>(2000).fill(0n),
        ...randomWords(300, label),
      ]);
      const [got] = await run(n, (ctx) => [
        ctx.gates.zero(ctx, put(ctx, 0, [words.length], words)),
      ]);
      got.forEach((bit, i) => assert.equal(bit, words[i] === 0n ? 1n : 0n, `word ${words[i]}`));
    });

    it(`under a proven bound is right up to the bound itself (seed ${label})`, async () => {
      for (const bound of [-16, -15, -12, -11, 0, 3, 8, 13, 14, 19, 30, 38, 43, 44, 46]) {
        const limit = 2n ** BigInt(bound + 16);
        const some = [...EDGES, ...randomWords(100, `bounded ${label}`)];
        const words = wordsOf([
          ...[0n, limit, -limit, limit / 2n, limit - 1n, 0n],
          ...some.map((word) => BigInt.asIntN(64, word) % (limit + 1n)),
        ]);
        const [got] = await run(n, (ctx) => [
          ctx.gates.zero(ctx, put(ctx, 0, [words.length], words, 16, bound)),
        ]);
        got.forEach((bit, i) => {
          assert.equal(bit, words[i] === 0n ? 1n : 0n, `bound ${bound}, word ${words[i]}`);
        });
      }
    });

    it('0-d, empty, strided and chunked tensors; facts of the result', async () => {
      const size = 40_000;
      const words = wordsOf(Array.from({ length: size }, (_, i) => (i % 7) - 3));
      let facts: unknown[] = [];
      const [one, none, back] = await run(n, (ctx) => {
        const x = put(ctx, 0, [size], words);
        const views = [
          { shape: [], strides: [], offset: 3 },
          { shape: [2, 0], strides: [1, 1], offset: 0 },
          { shape: [size], strides: [-1], offset: size - 1 },
        ];
        const list = views.map((view) => ctx.gates.zero(ctx, x.view(view)));
        facts = list.map((y) => [y.fracBits, y.nominal, y.shape, y.depth]);
        return list;
      });
      const depth = n === 1 ? 0 : 3;
      assert.deepEqual(facts, [
        [0, 0, [], depth],
        [0, 0, [2, 0], 0],
        [0, 0, [size], depth],
      ]);
      assert.deepEqual([...one], [1n]);
      assert.equal(none.length, 0);
      back.forEach((bit, i) => {
        assert.equal(bit, (size - 1 - i) % 7 === 3 ? 1n : 0n, `element ${i}`);
      });
    });
  });
}

describe('zeroCost()', () => {
  it('is 9.9 B online and 112 B dealt at full width, less under a bound', () => {
    const full = { bound: undefined, fracBits: 16 };
    assert.deepEqual(zeroCost(64, full), { rounds: 3, bytes: 64 * 8 + 104 + 16, dealt: 64 * 112 });
    assert.deepEqual(zeroCost(64, { bound: 10, fracBits: 16 }), {
      rounds: 3,
      bytes: 64 * 4 + 48 + 8,
      dealt: 64 * 56,
    });
    assert.deepEqual(zeroCost(0, full), { rounds: 0, bytes: 0, dealt: 0 });
  });
});
