/** Defects of CrypTen that must not come back: each test names the one it watches. Those of pow stand in powers.test.ts. */

import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor } from '../../src/tensor/index.ts';

const open = async (x: CrypTensor): Promise<number[]> => [...(await x.getPlainText()).data];

describe('functions: defects that must not come back', () => {
  it('var divides by n − 1 when it is unbiased, which is the default, and by n when it is not', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([1, 2, 3, 6]); // mean 3, squares 14
      const near = async (y: CrypTensor, expected: number): Promise<void> =>
        assert.ok(Math.abs((await open(y))[0] - expected) <= 2 ** -12);
      await near(x.var(), 14 / 3);
      await near(x.var(0, { unbiased: true }), 14 / 3);
      await near(x.var(0, { unbiased: false }), 14 / 4);
      for (const unbiased of [true, false]) {
        const y = party.cryptensor([1, 2, 3, 6], { requiresGrad: true });
        y.var(0, { unbiased }).backward();
        assert.ok(y.grad);
        const divisor = unbiased ? 3 : 4;
        const gradient = await open(y.grad);
        [-2, -1, 0, 3].forEach((distance, i) =>
          assert.ok(Math.abs(gradient[i] - (2 * distance) / divisor) <= 2 ** -12, `${gradient}`),
        );
      }
    }));

  it('var of fewer than two elements throws, unless it is biased', () =>
    simulate(1, async (party) => {
      const x = party.cryptensor([[1, 2]]);
      assert.throws(() => x.var(0), { code: 'ERR_MPC_RANGE', message: /var: .*unbiased: false/ });
      assert.deepEqual(await open(x.var(0, { unbiased: false })), [0, 0]);
      assert.throws(() => x.narrow(1, 0, 0).var(1, { unbiased: false }), { code: 'ERR_MPC_RANGE' });
    }));

  it('cat and stack keep the places of public parts, and join along the dim that is named', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([[1, 2]]);
      const parts = [x, [[3, 4]], x.mul(10), [[5, 6]]];
      assert.deepEqual(await open(party.cat(parts)), [1, 2, 3, 4, 10, 20, 5, 6]);
      assert.deepEqual(party.cat(parts, 1).shape, [1, 8]);
      assert.deepEqual(
        await open(
          party.stack(
            [
              [1, 2],
              [3, 4],
            ],
            1,
          ),
        ),
        [1, 3, 2, 4],
      );
      const open2 = party.cat(
        [
          [[1], [2]],
          [[3], [4]],
        ],
        1,
      );
      assert.deepEqual(open2.shape, [2, 2]);
      assert.deepEqual(await open(open2), [1, 3, 2, 4]);
      assert.deepEqual(
        await open(
          party.cat(
            [
              [[1], [2]],
              [[3], [4]],
            ],
            -2,
          ),
        ),
        [1, 2, 3, 4],
      );
    }));

  it('a tensor of one public number broadcasts as any other does', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([1, 2, 3]);
      assert.deepEqual(party.full([2, 3], 2).mul(x).shape, [2, 3]);
      assert.deepEqual(await open(x.mul(party.full([2, 3], 2))), [2, 4, 6, 2, 4, 6]);
      const one = party.cryptensor([5]);
      assert.deepEqual(await open(party.ones([2, 2]).mul(one)), [5, 5, 5, 5]);
    }));
});
