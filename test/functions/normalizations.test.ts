/** Batch normalisation, its parts, and `elu`, against float64: shapes, edges, large ranges, errors. */

import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, type Party, Tensor } from '../../src/tensor/index.ts';

const ULP = 2 ** -16;
const SHAPE = { code: 'ERR_MPC_SHAPE' };
const RANGE = { code: 'ERR_MPC_RANGE' };

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Numbers of one size, spread and moved. */
const some = (shape: readonly number[], spread = 1, offset = 0): Tensor =>
  new Tensor(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => offset + (spread * (((i * 29) % 31) - 15)) / 8),
  );

async function near(
  got: CrypTensor,
  expected: ArrayLike<number>,
  allowed: (value: number) => number,
): Promise<void> {
  const { data } = await got.getPlainText();
  assert.equal(data.length, expected.length);
  data.forEach((value, i) => {
    const error = Math.abs(value - expected[i]);
    assert.ok(error <= allowed(expected[i]), `[${i}] ${value}, expected ${expected[i]}`);
  });
}

const share = (party: Party, x: Tensor): CrypTensor =>
  party.cryptensor(party.rank === party.world - 1 ? x : null, {
    src: party.world - 1,
    shape: x.shape,
  });

/** Each element's channel, dim 1. */
const channelOf = ([, channels, ...rest]: readonly number[], i: number): number =>
  Math.floor(i / sizeOf(rest)) % channels;

function normalised({ shape, data }: Tensor, eps: number): number[] {
  const of = (channel: number): number[] =>
    [...data].filter((_, i) => channelOf(shape, i) === channel);
  const moments = Array.from({ length: shape[1] }, (_, channel) => {
    const values = of(channel);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length };
  });
  return [...data].map((value, i) => {
    const { mean, variance } = moments[channelOf(shape, i)];
    return (value - mean) / Math.sqrt(variance + eps);
  });
}

describe('functions: batchNorm', () => {
  for (const n of [1, 2, 3]) {
    it(`${n}: mean 0 and variance 1 for each channel, of spreads from 1/16 to 64, far from 0`, () =>
      simulate(n, async (party) => {
        for (const shape of [
          [2, 1],
          [7, 3],
          [2, 3, 4],
          [2, 2, 3, 2],
          [1, 2, 1, 2, 3],
          [300, 2],
        ]) {
          for (const [spread, offset] of [
            [1, 0],
            [1 / 32, 5],
            [32, -1000],
          ]) {
            const x = some(shape, spread, offset);
            const y = share(party, x).batchNorm(null, null, { training: true });
            assert.deepEqual(y.shape, shape);
            await near(y, normalised(x, 1e-5), (value) => 2e-3 + 2e-3 * Math.abs(value));
          }
        }
        const weighted = share(party, some([4, 2])).batchNorm([2, -3], party.cryptensor([0.5, 1]), {
          training: true,
        });
        const plain = normalised(some([4, 2]), 1e-5);
        await near(
          weighted,
          plain.map((value, i) => (i % 2 === 0 ? 2 * value + 0.5 : -3 * value + 1)),
          () => 1e-3,
        );
        const shifted = share(party, some([4, 2])).batchNorm(null, [0.5, 1], { training: true });
        await near(
          shifted,
          plain.map((value, i) => value + (i % 2 === 0 ? 0.5 : 1)),
          () => 1e-3,
        );
      }));
  }

  it('running statistics move towards the batch’s, and are used in evaluation', () =>
    simulate(2, async (party) => {
      const x = some([6, 2], 4, 3);
      const runningMean = party.cryptensor([1, -1]);
      const runningVar = party.cryptensor([2, 0.5]);
      const statistics = { runningMean, runningVar };
      share(party, x).batchNorm(null, null, { ...statistics, training: true, momentum: 0.25 });
      const columns = [0, 1].map((c) => [...x.data].filter((_, i) => i % 2 === c));
      const means = columns.map((column) => column.reduce((a, b) => a + b, 0) / 6);
      const variances = columns.map(
        (column, c) => column.reduce((a, b) => a + (b - means[c]) ** 2, 0) / 5,
      );
      const [mean, variance] = [
        [0.75 + 0.25 * means[0], -0.75 + 0.25 * means[1]],
        [1.5 + 0.25 * variances[0], 0.375 + 0.25 * variances[1]],
      ];
      await near(runningMean, mean, () => 4 * ULP);
      await near(runningVar, variance, () => 1e-3);
      const y = share(party, x).batchNorm([3, 1], null, statistics);
      const expected = [...x.data].map(
        (value, i) =>
          ((value - mean[i % 2]) / Math.sqrt(variance[i % 2] + 1e-5)) * (i % 2 === 0 ? 3 : 1),
      );
      await near(y, expected, (value) => 1e-3 + 1e-3 * Math.abs(value));
    }));

  it('inverseDeviation: 1/√(x + eps) from 0 to 2^20, 8 bits finer than other results', () =>
    simulate(2, async (party) => {
      const x = [0, 2 ** -16, 0.001, 0.25, 1, 77, 5000, 2 ** 20];
      const y = party.cryptensor(x).inverseDeviation();
      assert.equal(y.precision, 24);
      const truth = x.map((value) => 1 / Math.sqrt(Math.round(value * 2 ** 16) / 2 ** 16 + 1e-5));
      await near(y, truth, (value) => 2 * 2 ** -24 + 2e-3 * value * (value > 100 ? 1 : 1e-2));
      assert.throws(() => party.cryptensor(x).inverseDeviation(-1), RANGE);
    }));

  it('channelAffine: any dim, negative ones too, empty tensors, public sides', () =>
    simulate(3, async (party) => {
      const x = party.cryptensor([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const fine = party.cryptensor([0.25, -2], { precision: 24 });
      const y = x.channelAffine(fine, [1, 0], 0);
      assert.equal(y.precision, 16);
      await near(y, [1.25, 1.5, 1.75, -8, -10, -12], () => ULP);
      await near(
        x.channelAffine([1, 0, -1], party.cryptensor([0, 1, 2]), -1),
        [1, 1, -1, 4, 1, -4],
        () => ULP,
      );
      await near(x.channelAffine([2, 2, 2]), [2, 4, 6, 8, 10, 12], () => 0);
      assert.deepEqual(
        party.cryptensor(new Tensor([0, 2], [])).channelAffine([1, 2]).shape,
        [0, 2],
      );
      assert.throws(() => x.channelAffine([1, 2]), {
        ...SHAPE,
        message: /expected 3 numbers for dim 1 of \[2,3\], got a tensor of shape \[2\]/,
      });
      assert.throws(() => x.channelAffine([1, 2], null, 2), SHAPE);
      assert.throws(() => party.cryptensor(1).channelAffine([1]), SHAPE);
    }));

  it('refuses batches without statistics', () =>
    simulate(1, (party) => {
      const training = { training: true };
      assert.throws(() => party.ones([3]).batchNorm(null, null, training), SHAPE);
      assert.throws(() => party.ones([1, 3]).batchNorm(null, null, training), {
        ...RANGE,
        message: /need two/,
      });
      assert.throws(() => party.ones([0, 3]).batchNorm(null, null, training), RANGE);
      assert.throws(() => party.ones([2, 3]).batchNorm([1, 2], null, training), SHAPE);
      assert.throws(
        () => party.ones([2, 3]).batchNorm(null, null, { training: true, eps: -1 }),
        RANGE,
      );
    }));
});

describe('functions: elu', () => {
  for (const n of [1, 2, 3]) {
    it(`${n}: within the stated error from −2^12 to 2^29, at 0 and around it`, () =>
      simulate(n, async (party) => {
        const powers = Array.from({ length: 45 }, (_, k) => 2 ** (k - 16));
        const steps = Array.from({ length: 200 }, (_, i) => -12 + i * 0.0625);
        const x = [0, ...powers, ...powers.slice(0, 29).map((value) => -value), ...steps];
        for (const alpha of [1, 0.5]) {
          const truth = x.map((value) => (value > 0 ? value : alpha * Math.expm1(value)));
          await near(
            share(party, new Tensor([x.length], x)).elu(alpha),
            truth,
            () => 2.2 * ULP + 4e-5,
          );
        }
        const shapes = [[], [0, 3], [2, 1, 2]];
        for (const shape of shapes) assert.deepEqual(share(party, some(shape)).elu().shape, shape);
        await near(
          party.cryptensor([1, 0, 1], { precision: 0 }).neg().elu(),
          [Math.expm1(-1), 0, Math.expm1(-1)],
          () => 1e-4,
        );
      }));
  }

  it('the slope at 0 is alpha, above it 1', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([-1, 0, ULP, 3], { requiresGrad: true });
      x.elu(0.5).sum().backward();
      const expected = [0.5 * Math.exp(-1), 0.5, 1, 1];
      await near(x.grad as CrypTensor, expected, () => 1e-4);
      assert.throws(() => x.elu(NaN), RANGE);
    }));
});
