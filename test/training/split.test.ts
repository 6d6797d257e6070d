/**
 * Split learning with private labels on the medical table: party 0 has the features and a plain model, party 1 the diagnoses. The twin
 * has both and is trained by the same code without noise, clipping and shares, with the exact gradients of the logits.
 */

import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import { simulate } from '../../src/simulate.ts';
import { Tensor } from '../../src/tensor/index.ts';
import { accuracyOf, begin, load, type Rows } from './training-support.ts';

const WIDTH = 12;
const EPOCHS = 6;
const BATCH = 64;
const LR = 0.3;
const SEEDS = [1, 2, 3];
const SHAPES = [[WIDTH, 30], [WIDTH], [1, WIDTH], [1]];

const { train, test } = load('breast_cancer.csv');

const tensorOf = ({ x }: Rows): Tensor => new Tensor([x.length, 30], x.flat());

/** A model with the initial weights of a seed, and its batches. */
function started(seed: number) {
  const { weights, order } = begin(SHAPES, train.y.length, seed);
  const model = new nn.PlainMLP([30, WIDTH, 1]);
  const names = Object.keys(model.stateDict());
  model.loadStateDict(Object.fromEntries(names.map((name, i) => [name, weights[i]])));
  const batches: Rows[] = [];
  for (let at = 0; at < order.length; at += BATCH) {
    const rows = order.slice(at, at + BATCH);
    batches.push({ x: rows.map((row) => train.x[row]), y: rows.map((row) => train.y[row]) });
  }
  return { model, batches };
}

function accuracy(model: nn.PlainMLP): number {
  const { logits } = model.forward(tensorOf(test));
  return accuracyOf(new Tensor([logits.length, 1], logits), test.y);
}

function twin(seed: number): number {
  const { model, batches } = started(seed);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const batch of batches) {
      const { inputs, logits } = model.forward(tensorOf(batch));
      const rows = batch.y.length;
      const slopes = logits.map((z, i) => (1 / (1 + Math.exp(-z)) - batch.y[i]) / rows);
      const last = new Float64Array(WIDTH + 1);
      slopes.forEach((slope, i) => {
        for (let k = 0; k < WIDTH; k++) last[k] += slope * inputs.data[i * WIDTH + k];
        last[WIDTH] += slope;
      });
      model.backward(last, slopes);
      model.step(LR);
    }
  }
  return accuracy(model);
}

/** The accuracy that the feature party's model reaches. */
async function split(seed: number, options: Partial<nn.DPSplitOptions> = {}): Promise<number> {
  const { model, batches } = started(seed);
  await simulate(2, async (party) => {
    const learning = new nn.DPSplit(party, party.rank === 0 ? model : null, {
      ...{ featureSrc: 0, labelSrc: 1, width: WIDTH },
      ...options,
    });
    const labels = batches.map(({ y }) =>
      learning.shareLabels(party.rank === 1 ? y : null, y.length),
    );
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      for (const [i, batch] of batches.entries()) {
        learning.forward(party.rank === 0 ? tensorOf(batch) : null, batch.y.length);
        await learning.backward(labels[i]);
        learning.step(LR);
      }
    }
  });
  return accuracy(model);
}

async function mean(of: (seed: number) => Promise<number> | number): Promise<number> {
  const values = await Promise.all(SEEDS.map(of));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('training: split learning on the medical table', () => {
  for (const [title, options, worst] of [
    ['without noise', {}, 0.02],
    ['clipped', { clipNorm: 2 }, 0.02],
    ['with labels changed, and RAPPOR', { randomizedResponseProb: 0.1, rapporProb: 0.9 }, 0.1],
    ['with noise', { clipNorm: 2, noiseMultiplier: 2 }, 0.1],
  ] as const) {
    it(`${title}: right answers within ${100 * worst} points of the twin's`, async () => {
      const [expected, got] = [await mean(twin), await mean((seed) => split(seed, options))];
      assert.ok(got >= expected - worst, `${got} instead of ${expected}`);
    });
  }
});
