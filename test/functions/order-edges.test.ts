/** Ends of the range, bounds, fractions, gradients at ties, errors. */
import assert from 'node:assert/strict';
import type { MaxMethod } from '../../src/functions/index.ts';
import { simulate } from '../../src/simulate.ts';
import type { Party } from '../../src/tensor/index.ts';
import { gradientOf, leaf, METHODS, secret, values, withMethod } from './order-support.ts';

for (const n of [1, 2, 3, 4]) {
  const run = (body: (party: Party) => Promise<void>) => simulate(n, body, { shuffle: true });

  describe(`order: edges, ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it('at a tie eq, ge and le are 1, ne, gt and lt are 0, against a secret and a public operand', () =>
      run(async (party) => {
        const x = secret(party, [2, -0.5, 0, 1e6, 3]);
        const tied = [2, -0.5, 0, 1e6];
        for (const y of [secret(party, [...tied, 4]), [...tied, 4]]) {
          for (const op of ['eq', 'ge'] as const) {
            assert.deepEqual(await values(x[op](y)), [1, 1, 1, 1, 0], op);
          }
          for (const op of ['ne', 'lt'] as const) {
            assert.deepEqual(await values(x[op](y)), [0, 0, 0, 0, 1], op);
          }
          assert.deepEqual(await values(x.gt(y)), [0, 0, 0, 0, 0]);
          assert.deepEqual(await values(x.le(y)), [1, 1, 1, 1, 1]);
        }
      }));

    it('is exact to the ends of the range', () =>
      run(async (party) => {
        const end = 2 ** 46 - 8;
        const row = [-end, 3, end - 1, -1, 2 ** -16, 0, end];
        const x = secret(party, row);
        for (const method of METHODS) {
          assert.deepEqual(await values(x.max(undefined, withMethod(method))), [end]);
          assert.deepEqual(await values(x.min(undefined, withMethod(method))), [-end]);
        }
        const sorted = [...row].sort((a, b) => a - b);
        assert.deepEqual(await values(x.sort().values), sorted);
        assert.deepEqual(
          await values(x.clamp(-end, end - 0.5)),
          row.map((v) => Math.min(v, end - 0.5)),
        );
        assert.deepEqual(await values(x.eq(end)), [0, 0, 0, 0, 0, 0, 1]);
        assert.deepEqual(await values(x.ne(2 ** -16)), [1, 1, 1, 1, 0, 1, 1]);
        assert.deepEqual(await values(x.maximum(x.neg())), row.map(Math.abs));
        // Padding never wins, whatever the image holds.
        const image = secret(party, [-end, -end, -end, -end + 1, -end], [1, 1, 5]);
        const pooled = image.maxPool1d(3, { stride: 2, padding: 1 });
        assert.deepEqual(await values(pooled), [-end, -end + 1, -end + 1]);
      }));

    it('bounded results are right at their bounds', () =>
      run(async (party) => {
        const x = secret(party, [-70000, -1, -0.99998, 0, 0.5, 1, 1.00002, 70000]);
        const clipped = x.clamp(-1, 1);
        assert.deepEqual(await values(clipped.lt(1)), [1, 1, 1, 1, 1, 0, 0, 0]);
        assert.deepEqual(await values(clipped.ge(-1)), [1, 1, 1, 1, 1, 1, 1, 1]);
        assert.deepEqual(await values(clipped.eq(-1)), [1, 1, 0, 0, 0, 0, 0, 0]);
        assert.deepEqual(
          await values(clipped.sub(clipped.mul(2)).gt(-1)),
          [1, 1, 1, 1, 1, 0, 0, 0],
        );
        // 2^5 units are 2^21 words: one bit more than three blocks of seven hold.
        const [wide, mirror] = [x.clamp(-16, 16), x.neg().clamp(-16, 16)];
        assert.deepEqual(await values(wide.gt(mirror)), [0, 0, 0, 0, 1, 1, 1, 1]);
        assert.deepEqual(await values(wide.maximum(mirror).eq(16)), [1, 0, 0, 0, 0, 0, 0, 1]);
        assert.deepEqual(await values(clipped.lt(300)), new Array(8).fill(1));
        assert.deepEqual(await values(clipped.gt(-1000)), new Array(8).fill(1));
        assert.deepEqual(
          await values(clipped.maximum(x.neg().clamp(-2, 0.25)).lt(0.5)),
          [1, 1, 1, 1, 0, 0, 0, 0],
        );
        const hot = x.argmax(0);
        assert.deepEqual(await values(hot.eq(1)), [0, 0, 0, 0, 0, 0, 0, 1]);
        assert.deepEqual(await values(hot.logicalNot().lt(1)), [0, 0, 0, 0, 0, 0, 0, 1]);
        const place = x.argmax(0, { oneHot: false });
        assert.deepEqual(await values(place.eq(7)), [1]);
        assert.deepEqual(await values(place.lt([7, 8, -500, 1e6])), [0, 1, 0, 1]);
        const best = clipped.reshape(2, 4).max(1).values;
        assert.deepEqual(await values(best.ge(1)), [0, 1]);
        assert.deepEqual(await values(clipped.sort().values.topk(2).values.ge(1)), [1, 1]);
        const bits = x.gt(0);
        assert.deepEqual(await values(bits.logicalXor(x.lt(1)).eq(0)), [0, 0, 0, 0, 1, 0, 0, 0]);
        assert.deepEqual(await values(bits.logicalOr(x.lt(-1)).lt(1)), [0, 1, 1, 1, 0, 0, 0, 0]);
        assert.deepEqual(await values(bits.logicalAnd(x.le(1)).gt(0)), [0, 0, 0, 0, 1, 1, 0, 0]);
      }));

    it('clips at fractions, also of 0/1 tensors and at other precisions', () =>
      run(async (party) => {
        const x = secret(party, [-2, 0.25, 3]);
        assert.deepEqual(await values(x.gt(0).clamp(0.25, 0.75)), [0.25, 0.75, 0.75]);
        assert.deepEqual(await values(x.gt(0).hardtanh(0, 2)), [0, 1, 1]);
        const coarse = party.cryptensor([-2, 0.25, 3], { precision: 4 });
        assert.deepEqual(await values(coarse.clamp(-1.5, 2.5)), [-1.5, 0.25, 2.5]);
        const fine = party.cryptensor([-2, 0.25, 3], { precision: 24 });
        assert.deepEqual(await values(fine.clamp(-1 - 2 ** -20, 2.5)), [-1 - 2 ** -20, 0.25, 2.5]);
        assert.deepEqual(await values(x.mul(x).clamp(0.5, 4.5)), [4, 0.5, 4.5]);
        assert.deepEqual(await values(x.clamp(1, -1)), [-1, -1, -1]);
        assert.deepEqual(await values(fine.maximum(coarse.neg())), [2, 0.25, 3]);
        assert.deepEqual(await values(x.gt(0).maximum(0.5)), [0.5, 1, 1]);
        assert.deepEqual(await values(x.gt(0).eq(0.5)), [0, 0, 0]);
        assert.deepEqual(await values(x.mul(x).eq(9)), [0, 0, 1]);
        assert.deepEqual(await values(fine.eq(coarse)), [1, 1, 1]);
      }));

    it('gradients at ties: maximum() gives all to y, max() to the first, a clip nothing outside', () =>
      run(async (party) => {
        const [x, y] = [leaf(party, [1, 2, 3]), leaf(party, [1, 3, 2])];
        x.maximum(y).sum().backward();
        assert.deepEqual(await gradientOf(x), [0, 0, 1]);
        assert.deepEqual(await gradientOf(y), [1, 1, 0]);
        const [p, q] = [leaf(party, [1, 2, 3]), leaf(party, [1, 3, 2])];
        p.minimum(q).sum().backward();
        assert.deepEqual(await gradientOf(p), [0, 1, 0]);
        assert.deepEqual(await gradientOf(q), [1, 0, 1]);
        const tied = leaf(party, [2, 7, 7, 1, 7]);
        tied.max().backward();
        assert.deepEqual(await gradientOf(tied), [0, 1, 0, 0, 0]);
        const nowhere = leaf(party, [0, 5]);
        nowhere.clamp(1, -1).sum().backward();
        assert.deepEqual(await gradientOf(nowhere), [0, 0]);
      }));

    it('a gradient that is still pending is truncated once and goes where it belongs', () =>
      run(async (party) => {
        const x = leaf(party, [1, 5, 2, 4, 3, 0], [1, 6]);
        const dy = secret(party, [0.5], [1]).mul(secret(party, [0.25], [1]));
        x.max(1).values.backward(dy);
        assert.deepEqual(await gradientOf(x), [0, 0.125, 0, 0, 0, 0]);
        const image = leaf(party, [1, 5, 2, 4, 3, 0], [1, 2, 3]);
        image
          .maxPool2d(2, { stride: 1 })
          .backward(secret(party, [0.5, 3], [1, 1, 2]).mul(secret(party, [0.25, 1], [1, 1, 2])));
        assert.deepEqual(await gradientOf(image), [0, 3.125, 0, 0, 0, 0]);
      }));
  });
}

describe('order: errors and modes', () => {
  it('says at the call what cannot be', () =>
    simulate(1, async (party) => {
      const x = party.cryptensor([[1, 2, 3]]);
      const range = { code: 'ERR_MPC_RANGE' };
      const shape = { code: 'ERR_MPC_SHAPE' };
      const none = party.cryptensor({ shape: [0, 3], data: [] });
      assert.throws(() => none.max(0), {
        ...range,
        message: /max: \[0,3\] has no elements along dim 0/,
      });
      assert.throws(() => none.min(), range);
      assert.throws(() => none.argmax(), range);
      assert.throws(() => x.max(2), shape);
      assert.throws(() => x.max(1, { method: 'treeReduction' as MaxMethod }), {
        code: 'ERR_MPC_UNSUPPORTED',
        message: /"treeReduction"/,
      });
      assert.throws(() => x.sort(2), shape);
      for (const k of [-1, 4, 1.5])
        assert.throws(() => x.topk(k), { ...range, message: /topk: k = / });
      assert.throws(() => x.clamp(), TypeError);
      assert.throws(() => x.clamp(NaN, 1), range);
      assert.throws(() => x.clamp(2 ** 50), range);
      assert.throws(() => x.hardtanh(1, 1), range);
      assert.throws(() => x.leakyRelu(NaN), range);
      assert.throws(() => x.eq([1, 2]), shape);
      assert.throws(() => x.eq(NaN), range);
      assert.throws(() => x.maximum(NaN), range);
      assert.throws(() => x.gt(0).logicalAnd([1, 0, 2]), { ...range, message: /position 2/ });
      const image = party.cryptensor({ shape: [1, 4, 4], data: new Array(16).fill(1) });
      assert.throws(() => image.maxPool2d(2, { padding: 2 }), range);
      assert.throws(() => image.maxPool2d(5), shape);
      assert.throws(() => image.maxPool2d(2, { padding: 1, dilation: 5 }), {
        ...shape,
        message: /lies in the padding/,
      });
      assert.throws(() => image.maxPool2d(2, { stride: 0 }), range);
      assert.throws(() => image.maxPool2d(1.5), TypeError);
      assert.throws(() => x.maxPool2d(1), shape);
      assert.throws(() => image.adaptiveMaxPool2d(0), range);
      assert.throws(() => image.adaptiveAvgPool2d([1, 2, 3]), TypeError);
      assert.throws(() => x.adaptiveAvgPool2d(1), shape);
    }));

  it('no gradient flows through places, comparisons and logic', () =>
    simulate(1, async (party) => {
      const x = party.cryptensor([[1, 2, 3]], { requiresGrad: true });
      const places = [
        x.argmax(1),
        x.argmin(1, { oneHot: false }),
        x.max(1).indices,
        x.sort().indices,
        x.topk(1).indices,
        x.reshape(1, 1, 3).maxPool1d(2, { returnIndices: true }).indices,
        x.eq(2),
        x.ne(2),
        x.gt(1).logicalNot(),
      ];
      for (const place of places) {
        assert.equal(place.requiresGrad, false);
        assert.throws(() => place.sum().backward(), { code: 'ERR_MPC_UNSUPPORTED' });
      }
      const found = x.max(1);
      assert.equal(found.values.requiresGrad, true);
      assert.equal(found.indices, found.indices, 'computed once');
    }));

  it('shadow mode has nothing to say about them, and changes no result', () =>
    simulate(
      2,
      async (party) => {
        const x = party.cryptensor([[1, 5, 2, 4, 3, 0]], { requiresGrad: true });
        const [found, sorted] = [x.max(1), x.sort(1)];
        assert.deepEqual(await values(sorted.values), [0, 1, 2, 3, 4, 5]);
        await new Promise((resolve) => setTimeout(resolve, 50));
        // Read after the replays: what they saved is not ours.
        assert.deepEqual(await values(sorted.indices), [5, 0, 2, 4, 3, 1]);
        assert.deepEqual(await values(found.indices), [0, 1, 0, 0, 0, 0]);
        found.values.backward([1]);
        assert.deepEqual(await gradientOf(x), [0, 1, 0, 0, 0, 0]);
        const pool = x.reshape(1, 1, 6).maxPool1d(2, { returnIndices: true, oneHot: false });
        assert.deepEqual(await values(pool.indices), [1, 3, 4]);
        assert.deepEqual(await values(x.clamp(1, 2.5).eq(x)), [1, 0, 1, 0, 0, 0]);
      },
      { shadow: true },
    ));
});
