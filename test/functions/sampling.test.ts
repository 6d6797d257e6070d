import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor, Party } from '../../src/tensor/index.ts';

async function valuesOf(tensor: CrypTensor): Promise<Float64Array> {
  const plain = await tensor.getPlainText();
  assert.ok(plain);
  return plain.data;
}

function moments(data: Float64Array): { readonly mean: number; readonly variance: number } {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  return { mean, variance };
}

/** Five standard deviations of the frequency of an event of probability p in n draws. */
const spread = (p: number, n: number): number => 5 * Math.sqrt((p * (1 - p)) / n);

async function each(body: (party: Party) => Promise<void>): Promise<void> {
  for (const n of [1, 2, 3]) await simulate(n, body);
}

describe('functions: sampling', () => {
  it('rand() is uniform on [0, 1) in steps of 2^-precision', async () => {
    const count = 100_000;
    await each(async (party) => {
      const data = await valuesOf(party.rand(count));
      assert.ok(
        data.every((value) => value >= 0 && value < 1 && Number.isInteger(value * 2 ** 16)),
      );
      const { mean, variance } = moments(data);
      assert.ok(Math.abs(mean - 0.5) < 5 * Math.sqrt(1 / 12 / count), `mean ${mean}`);
      assert.ok(
        Math.abs(variance - 1 / 12) < 5 * Math.sqrt(1 / 180 / count),
        `variance ${variance}`,
      );
      assert.ok(new Set(data).size > 2 ** 15, 'all 16 bits are used');
    });
  });

  it('randn() has mean 0, variance 1 and the tails of a normal number; odd counts too', async () => {
    const count = 100_001;
    await each(async (party) => {
      const data = await valuesOf(party.randn([count]));
      const { mean, variance } = moments(data);
      assert.ok(Math.abs(mean) < 5 / Math.sqrt(count), `mean ${mean}`);
      assert.ok(Math.abs(variance - 1) < 5 * Math.sqrt(2 / count), `variance ${variance}`);
      for (const [bound, p] of [
        [1, 0.317311],
        [2, 0.0455],
        [3, 0.0027],
      ]) {
        const share = data.filter((value) => Math.abs(value) > bound).length / count;
        assert.ok(Math.abs(share - p) < spread(p, count), `beyond ${bound}: ${share}`);
      }
    });
  });

  it('draws are new every time, and the same at every party', async () => {
    const seen = await simulate(3, async (party) => {
      const [a, b] = [party.rand(50), party.rand(50)];
      return [await valuesOf(a), await valuesOf(b)];
    });
    assert.deepEqual(seen[0], seen[1]);
    assert.deepEqual(seen[0], seen[2]);
    assert.notDeepEqual(seen[0][0], seen[0][1]);
  });

  it('randperm() is a permutation, every place equally likely', async () => {
    await each(async (party) => {
      assert.deepEqual([...(await valuesOf(party.randperm(1)))], [0]);
      assert.deepEqual([...(await valuesOf(party.randperm(0)))], []);
      assert.throws(() => party.randperm(1.5), { code: 'ERR_MPC_SHAPE' });
      const counts = new Map<string, number>();
      const draws = await Promise.all(
        Array.from({ length: 1200 }, () => valuesOf(party.randperm(3))),
      );
      for (const draw of draws) counts.set(draw.join(), (counts.get(draw.join()) ?? 0) + 1);
      assert.equal(counts.size, 6);
      for (const [order, count] of counts) {
        assert.ok(Math.abs(count / 1200 - 1 / 6) < spread(1 / 6, 1200), `${order}: ${count}`);
      }
    });
  });

  it('bernoulli() gives 0 and 1 with public and secret probabilities', async () => {
    const count = 40_000;
    await each(async (party) => {
      const ps = [0, 0.25, 0.9, 1];
      const table = {
        shape: [4, count / 4],
        data: ps.flatMap((p) => new Array(count / 4).fill(p)),
      };
      const draws = [
        party.bernoulli(table),
        party.cryptensor(table).bernoulli(),
        party.stack(
          ps.map((p) =>
            party.bernoulli({ shape: [count / 4], data: new Array(count / 4).fill(p) }),
          ),
        ),
      ];
      for (const draw of draws) {
        assert.equal(draw.precision, 0);
        const data = await valuesOf(draw);
        ps.forEach((p, i) => {
          const row = data.subarray((i * count) / 4, ((i + 1) * count) / 4);
          assert.ok(row.every((value) => value === 0 || value === 1));
          const { mean } = moments(row);
          assert.ok(Math.abs(mean - p) <= spread(p, row.length), `${p}: ${mean}`);
        });
      }
      assert.throws(() => party.bernoulli([0.5, 1.5]), { code: 'ERR_MPC_RANGE' });
    });
  });

  it('dropout() drops at the rate, scales the rest, and its gradient has the same mask', async () => {
    const count = 40_000;
    await each(async (party) => {
      const x = party.cryptensor(new Float64Array(count).fill(3), { requiresGrad: true });
      const y = x.dropout(0.25);
      const data = await valuesOf(y);
      const kept = data.filter((value) => value !== 0);
      assert.ok(Math.abs(kept.length / count - 0.75) < spread(0.75, count), `${kept.length}`);
      assert.ok(kept.every((value) => Math.abs(value - 4) < 2 ** -12));
      y.sum().backward();
      assert.ok(x.grad);
      const gradient = await valuesOf(x.grad);
      assert.ok(gradient.every((value, i) => Math.abs(value - data[i] / 3) < 2 ** -12));
      assert.deepEqual(await valuesOf(x.dropout(0)), await valuesOf(x));
      assert.deepEqual(await valuesOf(x.dropout(0.5, { training: false })), await valuesOf(x));
      assert.ok((await valuesOf(x.dropout(1))).every((value) => value === 0));
      assert.throws(() => x.dropout(-0.1), { code: 'ERR_MPC_RANGE' });
    });
  });

  it('featureDropout() drops whole channels', async () => {
    await each(async (party) => {
      const x = party.cryptensor({ shape: [40, 30, 2, 2], data: new Float64Array(4800).fill(1) });
      const data = await valuesOf(x.featureDropout(0.5));
      let kept = 0;
      for (let at = 0; at < data.length; at += 4) {
        assert.ok(data.subarray(at, at + 4).every((value) => value === data[at]));
        kept += Number(data[at] === 2);
      }
      assert.ok(Math.abs(kept / 1200 - 0.5) < spread(0.5, 1200), `${kept}`);
      assert.throws(() => x.flatten().featureDropout(), { code: 'ERR_MPC_SHAPE' });
    });
  });

  it('weightedIndex() and weightedSample() choose by weight, one position in every row', async () => {
    const weights = [1, 0, 2, 5];
    const rows = 4000;
    await each(async (party) => {
      const w = party.cryptensor({ shape: [rows, 4], data: new Array(rows).fill(weights).flat() });
      const data = await valuesOf(w.weightedIndex(1));
      const counts = [0, 0, 0, 0];
      for (let row = 0; row < rows; row++) {
        const one = [...data.subarray(4 * row, 4 * row + 4)];
        assert.deepEqual([...one].sort(), [0, 0, 0, 1]);
        counts[one.indexOf(1)]++;
      }
      counts.forEach((count, i) => {
        const p = weights[i] / 8;
        assert.ok(Math.abs(count / rows - p) <= spread(p, rows), `${i}: ${count}`);
      });
      const { values, indices } = party
        .cryptensor([[1, 7, 3]])
        .t()
        .weightedSample();
      assert.deepEqual([values.shape, indices.shape], [[], [3, 1]]);
      const [chosen] = await valuesOf(values);
      const at = (await valuesOf(indices)).indexOf(1);
      assert.ok(Math.abs(chosen - [1, 7, 3][at]) < 2 ** -14);
    });
  });

  it('costs no round, and 8 bytes of material a draw', async () => {
    const parties = await simulate(2, async (party) => {
      const tensors = [
        party.rand(100),
        party.randn(100),
        party.randperm(100),
        party.bernoulli(0.5),
      ];
      await party.settle(...tensors);
      return party;
    });
    const { rounds, online, ops } = parties[1].stats();
    assert.equal(rounds, 0);
    assert.equal(online.bytesReceived, 0);
    assert.equal(
      [...ops.values()].reduce((sum, { dealtBytes }) => sum + dealtBytes, 0),
      8 * 301,
    );
  });
});
