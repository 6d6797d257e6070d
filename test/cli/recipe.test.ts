import assert from 'node:assert/strict';
import { batchesOf, initialWeights, splitRows } from '../../src/cli/programs/recipe.ts';
import { flatten, largestDifference, trainInTheClear } from '../../src/cli/twin.ts';

describe('cli: recipe and twin', () => {
  it('splitRows() is a permutation that everybody finds again', () => {
    const { train, test } = splitRows(569, 1);
    assert.deepEqual([train.length, test.length], [455, 114]);
    const all = [...train, ...test].sort((a, b) => a - b);
    assert.deepEqual(all, [...Array(569).keys()]);
    assert.deepEqual(splitRows(569, 1).test, test);
    assert.notDeepEqual(splitRows(569, 2).test, test);
    assert.deepEqual(test.slice(0, 4), [...splitRows(569, 1).test].slice(0, 4));
  });

  it('batchesOf() covers every row once', () => {
    assert.deepEqual(batchesOf(70, 32), [
      [0, 32],
      [32, 64],
      [64, 70],
    ]);
  });

  it('initialWeights() stay within 1/√inputs and use both signs', () => {
    const layers = initialWeights(30, 16, 1);
    assert.deepEqual(
      layers.map(({ weight, bias }) => [weight.length, weight[0].length, bias.length]),
      [
        [16, 30, 16],
        [1, 16, 1],
      ],
    );
    const first = layers[0].weight.flat();
    assert.ok(Math.max(...first.map(Math.abs)) <= 1 / Math.sqrt(30));
    assert.ok(Math.min(...first) < -0.1 && Math.max(...first) > 0.1);
  });

  it('trainInTheClear() takes the steps that the numeric gradient says', () => {
    const train = {
      x: [
        [1, -2],
        [0.5, 0.3],
        [-1, 1],
      ],
      y: [1, 0, 1],
    };
    const loss = (layers: ReturnType<typeof initialWeights>): number =>
      train.x.reduce((sum, row, i) => {
        let z = row;
        layers.forEach(({ weight, bias }, at) => {
          const out = weight.map((w, o) => w.reduce((s, v, j) => s + v * z[j], bias[o]));
          z = at < layers.length - 1 ? out.map((v) => Math.max(v, 0)) : out;
        });
        return sum + (Math.log1p(Math.exp(z[0])) - train.y[i] * z[0]) / train.y.length;
      }, 0);
    for (const hidden of [0, 3]) {
      const start = initialWeights(2, hidden, 5);
      const recipe = { epochs: 1, batch: 3, lr: 0.5, hidden, seed: 5 };
      const { layers } = trainInTheClear(recipe, start, train, train);
      const numeric = structuredClone(start);
      start.forEach(({ weight, bias }, at) => {
        const slope = (change: (layers: typeof start, by: number) => void): number => {
          const [up, down] = [1e-5, -1e-5].map((by) => {
            const moved = structuredClone(start);
            change(moved, by);
            return loss(moved);
          });
          return (up - down) / 2e-5;
        };
        weight.forEach((row, o) =>
          row.forEach((_, j) => {
            numeric[at].weight[o][j] -= 0.5 * slope((m, by) => (m[at].weight[o][j] += by));
          }),
        );
        bias.forEach((_, o) => {
          numeric[at].bias[o] -= 0.5 * slope((m, by) => (m[at].bias[o] += by));
        });
      });
      assert.ok(largestDifference(layers, numeric) < 1e-6, `hidden ${hidden}`);
      assert.ok(largestDifference(layers, start) > 1e-3);
      assert.equal(flatten(layers).length, hidden === 0 ? 3 : 13);
    }
    assert.equal(largestDifference([], initialWeights(2, 0, 1)), Infinity);
  });
});
