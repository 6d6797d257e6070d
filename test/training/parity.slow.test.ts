/**
 * Whole trainings end where PyTorch's do: every weight, and as many right answers on the test rows, at the usual 16 fractional bits
 * and, for networks, whose training multiplies small differences where an input of a ReLU has another sign, at 20.
 */

import assert from 'node:assert/strict';
import { distance, train, vectors } from './training-support.ts';

/** Allowed difference of weights, and of the mean accuracy over the seeds. */
const WEIGHTS = 0.02;
const ACCURACY = 0.01;

const CONVEX = ['logistic', 'softmax'];

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const rootMeanSquare = (a: readonly number[], b: readonly number[]): number =>
  Math.sqrt(mean(a.map((value, i) => (value - b[i]) ** 2)));

describe(`training: whole, as ${vectors.source}`, () => {
  for (const trained of vectors.models) {
    const convex = CONVEX.includes(trained.model);
    for (const [n, precision] of convex
      ? [
          [2, 16],
          [3, 16],
        ]
      : [
          [2, 16],
          [2, 20],
        ]) {
      it(`${trained.model} with ${trained.optimizer} over ${n} parties, ${precision} fractional bits: weights and accuracy`, async () => {
        const accuracies: number[] = [];
        const largest: number[] = [];
        const typical: number[] = [];
        for (const [i, final] of trained.final.entries()) {
          const { weights, accuracy } = await train(n, trained, i + 1, { precision });
          largest.push(distance(weights, final));
          typical.push(rootMeanSquare(weights, final));
          accuracies.push(accuracy);
        }
        const [got, expected] = [mean(accuracies), mean(trained.accuracies)];
        const [most, usual] = [largest, typical].map((each) => Math.max(...each).toFixed(4));
        process.stdout.write(
          `      weights within ${most}, root mean square ${usual}; accuracy ${got.toFixed(4)}, PyTorch ${expected.toFixed(4)}\n`,
        );
        assert.ok(Math.max(...largest) <= WEIGHTS, `weights: ${largest}`);
        assert.ok(Math.abs(got - expected) <= ACCURACY, `accuracies: ${accuracies}`);
      });
    }
  }
});
