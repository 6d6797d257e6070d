/** Scales: CrypTen's scale-1 traps, public factors, means, pending truncations, room for large values. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { simulate } from '../../src/simulate.ts';
import { CrypTensor, type Party } from '../../src/tensor/index.ts';

const ULP = 2 ** -16;

async function values(x: CrypTensor): Promise<number[]> {
  const plain = await x.getPlainText();
  assert.ok(plain);
  return [...plain.data];
}

function near(got: readonly number[], expected: readonly number[], tolerance = ULP): void {
  assert.equal(got.length, expected.length);
  got.forEach((value, i) => {
    const error = Math.abs(value - expected[i]);
    assert.ok(error <= tolerance, `[${i}] got ${value}, expected ${expected[i]}`);
  });
}

for (const n of [1, 2]) {
  const run = (body: (party: Party) => Promise<void>) => simulate(n, body);

  describe(`functions: scales over ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it('a 0/1 tensor times, plus or over a fraction keeps the fraction', () =>
      run(async (party) => {
        const mask = party.cryptensor([3, -1, 2]).gt(0);
        near(await values(mask.mul(0.5)), [0.5, 0, 0.5], 0);
        near(await values(mask.mul([0.3, 0.3, 1.7])), [0.3, 0, 1.7]);
        near(await values(mask.add(0.25)), [1.25, 0.25, 1.25], 0);
        near(await values(mask.sub(0.1)), [0.9, -0.1, 0.9]);
        near(await values(mask.div(3)), [1 / 3, 0, 1 / 3]);
        near(await values(mask.div(4)), [0.25, 0, 0.25], 0);
        near(await values(mask.mean()), [2 / 3]);
        near(await values(mask.mean().square()), [4 / 9], 2 * ULP);
        near(await values(mask.mul(0.5).square()), [0.25, 0, 0.25], 0);
        near(await values(mask.neg().add(1)), [0, 1, 0], 0);
        near(await values(mask.mul(mask)), [1, 0, 1], 0);
        near(await values(mask.matmul([0.5, 2, 0.25])), [0.75]);
        near(await values(mask.mul(party.cryptensor([1.5, 2.5, -3.5]))), [1.5, 0, -3.5], 0);
        near(await values(mask.lt(0.5)), [0, 1, 0], 0);
        near(await values(party.cat([mask, party.cryptensor([0.5])])), [1, 0, 1, 0.5], 0);
        near(await values(mask.sub(party.cryptensor([0.5]))), [0.5, -0.5, 0.5], 0);
      }));

    it('where() keeps fractions, public or secret, and says when a public condition is no condition', () =>
      run(async (party) => {
        const x = party.cryptensor([3, -1]);
        near(await values(party.where(x.gt(0), 2.5, 1.5)), [2.5, 1.5], 0);
        near(await values(party.where(x.gt(0), 0.1, 0.7)), [0.1, 0.7]);
        near(await values(party.where([1, 0], 0.5, x)), [0.5, -1], 0);
        near(await values(party.where([1, 0], [0.5, 0.5], 0.25)), [0.5, 0.25], 0);
        near(await values(x.where(x.lt(0), 0)), [0, -1], 0);
        assert.throws(() => party.where([1, 0.5], x, 0), {
          code: 'ERR_MPC_RANGE',
          message: /position 1/,
        });
      }));

    it('small public factors keep their relative precision', () =>
      run(async (party) => {
        const x = party.cryptensor([20000, -12345.5]);
        for (const v of [1e-3, 3e-5, -7e-6]) {
          const tolerance = 2 * ULP + Math.abs(20000 * v) * 2 ** -16;
          near(await values(x.mul(v)), [20000 * v, -12345.5 * v], tolerance);
          near(await values(x.mul([v, v])), [20000 * v, -12345.5 * v], tolerance);
          near(await values(x.reshape(1, 2).matmul([[v], [v]])), [7654.5 * v], tolerance);
        }
        near(await values(x.div(2 ** 20)), [20000 / 2 ** 20, -12345.5 / 2 ** 20]);
        near(await values(x.div(-8)), [-2500, 12345.5 / 8], 0);
      }));

    it('powers of two and integers are exact, and owe nothing they need not', () =>
      run(async (party) => {
        const x = party.cryptensor([1.5, -2.25]);
        assert.equal(CrypTensor.shareOf(x.mul(7)).fracBits, 16);
        assert.equal(CrypTensor.shareOf(x.mul([7, -3])).fracBits, 16);
        assert.equal(CrypTensor.shareOf(x.mul(0.25)).fracBits, 18);
        assert.equal(CrypTensor.shareOf(x.mul(1.5)).fracBits, 17);
        near(await values(x.mul(7)), [10.5, -15.75], 0);
        near(await values(x.mul(-1)), [-1.5, 2.25], 0);
        near(await values(x.mul(0)), [0, 0], 0);
        near(await values(x.mul(1.5)), [2.25, -3.375], 0);
        let halved = x;
        for (let i = 0; i < 70; i++) halved = halved.div(2);
        near(await values(halved), [0, 0]);
      }));

    it('large values survive: products that are pending, integers that are large, means of many', () =>
      run(async (party) => {
        const x = party.cryptensor([30000, -30000]);
        near(await values(x.mul(x).add(1)), [9e8 + 1, 9e8 + 1], 0);
        near(await values(x.mul(x).add(x)), [9e8 + 3e4, 9e8 - 3e4], 0);
        near(await values(party.cryptensor([1.5]).mul(1.5).mul(1e6)), [2.25e6], 0);
        near(await values(x.add(x.div(1000).mul(3))), [30090, -30090], 0.02);
        near(await values(x.mean([0], { keepdim: true }).add(x)), [30000, -30000], ULP);
        // A mean owes many bits; the sum with another tensor must settle it before they are aligned.
        const many = party.cryptensor(new Float64Array(3000).fill(1000));
        near(await values(many.mean().add(party.cryptensor(2 ** 20))), [2 ** 20 + 1000], 0.02);
      }));

    it('tensors of different precisions mix, and none is changed by it', () =>
      run(async (party) => {
        const coarse = party.cryptensor([1.5, 2.5], { precision: 4 });
        const fine = party.cryptensor([0.25, 1 / 3], { precision: 24 });
        near(await values(coarse.add(fine)), [1.75, 2.5 + 1 / 3], 2 ** -24);
        near(await values(coarse.mul(fine)), [0.375, 2.5 / 3], 2 ** -22);
        near(await values(coarse.sub(0.1).add(0.1)), [1.5, 2.5], 0.1);
        assert.deepEqual([coarse.precision, fine.precision], [4, 24]);
        near(await values(coarse), [1.5, 2.5], 0);
        near(await values(coarse.gt(fine)), [1, 1], 0);
        assert.throws(
          () => party.cryptensor(1, { precision: 40 }).mul(party.cryptensor(1, { precision: 40 })),
          {
            code: 'ERR_MPC_SCALE',
          },
        );
      }));
  });
}

describe('functions: scales', () => {
  it('law: public factors of any size are right to 2^-17 of the result and 2 ulp', () =>
    simulate(1, async (party) => {
      const real = (max: number) => fc.double({ min: -max, max, noNaN: true });
      await fc.assert(
        fc.asyncProperty(
          fc.array(real(1000), { minLength: 1, maxLength: 4 }),
          real(1000),
          async (x, v) => {
            const exact = x.map((one) => Math.round(one / ULP) * ULP);
            const got = await values(party.cryptensor(x).mul(v));
            got.forEach((y, i) => {
              const allowed = 2 * ULP + Math.abs(exact[i] * v) * 2 ** -16;
              assert.ok(Math.abs(y - exact[i] * v) <= allowed, `${exact[i]} · ${v} = ${y}`);
            });
          },
        ),
        { seed: 7, numRuns: 200 },
      );
    }));

  it('tensors of scale 0 decode to whole numbers, of every size that a double holds', async () => {
    for (const n of [1, 2, 3]) {
      await simulate(n, async (party) => {
        const values = [0, 1, -1, 255, -65537, 2 ** 47 + 1, 2 ** 53 - 1, -(2 ** 53)];
        const x = party.cryptensor(values, { precision: 0 });
        assert.equal(x.precision, 0);
        assert.deepEqual([...(await x.getPlainText()).data], values);
        const { words, fracBits } = await x.reveal();
        assert.deepEqual(
          [fracBits, [...words].map((word) => BigInt.asIntN(64, word))],
          [0, values.map(BigInt)],
        );
        const y = x.gt(0).add(x.gt(1)).mul(3);
        assert.equal(y.precision, 0);
        assert.deepEqual(
          [...(await y.getPlainText()).data],
          values.map((v) => 3 * (Number(v > 0) + Number(v > 1))),
        );
      });
    }
  });

  it('constants are public: products with them send nothing', async () => {
    const [rounds] = await simulate(2, async (party) => {
      const x = party.cryptensor([
        [1.5, 2],
        [3, 4],
      ]);
      const y = x
        .mul(party.ones([2, 2]))
        .add(party.full([2], 0.5))
        .sub(party.zeros([1]));
      const z = y.matmul(party.full([2, 3], 2));
      await party.settle(y, z);
      const { rounds } = party.stats();
      near(await values(z), [9, 9, 9, 16, 16, 16], 0);
      return rounds;
    });
    assert.equal(rounds, 0);
  });
});
