/** Whole powers, products and polynomials: exact exponents, few rounds, few openings, what is refused. */

import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor, Party } from '../../src/tensor/index.ts';

const open = async (x: CrypTensor): Promise<number[]> => [...(await x.getPlainText()).data];

/** Rounds, words this party opened and products of a computation, until its result is settled. */
async function costs(party: Party, compute: () => CrypTensor): Promise<[number, number]> {
  party.resetStats();
  await party.settle(compute());
  const { rounds, online } = party.stats();
  return [rounds, online.bytesSent];
}

for (const n of [1, 2, 3]) {
  describe(`functions: powers over ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it('pow() has the exponent it is given, for every whole number (CrypTen: 5 → 6, 7 → 9, …)', () =>
      simulate(n, async (party) => {
        const x = party.cryptensor([2, -1, 1, 0, -2], { precision: 0 });
        for (let exponent = 0; exponent <= 20; exponent++) {
          const expected = [2, -1, 1, 0, -2].map((value) => value ** exponent);
          assert.deepEqual(await open(x.pow(exponent)), expected, `exponent ${exponent}`);
        }
      }));

    it('its gradient has one less (CrypTen: wrong for 6, 8, 10, 11, 12, …)', () =>
      simulate(n, async (party) => {
        for (let exponent = 0; exponent <= 16; exponent++) {
          const x = party.cryptensor([2, -1, 1], { precision: 0, requiresGrad: true });
          x.pow(exponent).sum().backward();
          const expected = [2, -1, 1].map((value) =>
            exponent === 0 ? 0 : exponent * value ** (exponent - 1),
          );
          assert.ok(x.grad);
          assert.deepEqual(await open(x.grad), expected, `exponent ${exponent}`);
        }
      }));

    it('pow() and polynomial() refuse at the call what they cannot do', () =>
      simulate(n, async (party) => {
        const x = party.cryptensor([1, 2]);
        for (const exponent of [-1.5, 0.5, NaN, Infinity]) {
          assert.throws(() => x.pow(exponent), {
            code: 'ERR_MPC_UNSUPPORTED',
            message: new RegExp(`pow: exponent ${exponent} is not supported`),
          });
        }
        for (const coefficients of [[], 2, [[1, 2]]]) {
          assert.throws(() => x.polynomial(coefficients), {
            code: 'ERR_MPC_SHAPE',
            message: /polynomial: expected a list/,
          });
        }
      }));

    it('prod() of nothing is 1, and its gradient holds where elements are 0', () =>
      simulate(n, async (party) => {
        const x = party.cryptensor([[2, 0, 3]], { requiresGrad: true });
        x.prod(1).sum().backward();
        assert.ok(x.grad);
        assert.deepEqual(await open(x.grad), [0, 6, 0]);
        assert.deepEqual(await open(party.zeros([0]).prod()), [1]);
        assert.deepEqual(await open(party.full([2, 3], 2).prod(0)), [4, 4, 4]);
        assert.throws(() => x.prod(2), { code: 'ERR_MPC_SHAPE', message: /prod: dim 2/ });
      }));
  });
}

describe('functions: costs of powers', () => {
  it('pow() and prod() take as many rounds of products as the logarithm says', () =>
    simulate(2, async (party) => {
      for (const [count, levels] of [
        [2, 1],
        [3, 2],
        [4, 2],
        [5, 3],
        [7, 3],
        [8, 3],
        [15, 4],
        [16, 4],
      ]) {
        const x = party.cryptensor(new Float64Array(count).fill(0.5));
        // A level is an opening and, for two parties, one more round for the truncation.
        assert.equal((await costs(party, () => x.pow(count)))[0], 2 * levels, `x^${count}`);
        const y = party.cryptensor(new Float64Array(count).fill(0.5));
        assert.equal((await costs(party, () => y.prod()))[0], 2 * levels, `${count} factors`);
        const z = party.cryptensor([0.5]);
        const ones = new Float64Array(count).fill(0.5);
        const rounds = (await costs(party, () => z.polynomial(ones)))[0];
        // The sum of the terms is truncated after the last power.
        assert.ok(rounds <= 2 * levels + 1, `polynomial of degree ${count}: ${rounds}`);
      }
    }));

  it('a power is opened once, whoever uses it', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor(new Float64Array(64));
      const [, squared] = await costs(party, () => x.square());
      const y = party.cryptensor(new Float64Array(64));
      const [, seventh] = await costs(party, () => y.pow(7));
      const truncation = 64 / 8;
      assert.equal(squared, 8 * 64 + truncation);
      // x², x³, x⁴ and x⁷: four products on the masks of x, x², x³ and x⁴.
      assert.equal(seventh, 4 * 8 * 64 + 4 * truncation);
    }));
});
