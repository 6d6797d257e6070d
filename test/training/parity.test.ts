/** The first steps of training are those of PyTorch; the whole trainings are in parity.slow.test.ts. */

import assert from 'node:assert/strict';
import { distance, train, vectors, type Trained } from './training-support.ts';

/** Largest difference of a weight. Adam takes a whole step by the sign of a gradient, however small: three of those. */
function allowed({ optimizer, options }: Trained): number {
  return optimizer === 'Adam' ? 3 * options.lr : 0.003;
}

describe(`training: the first ${vectors.few} steps`, () => {
  for (const trained of vectors.models) {
    for (const n of trained.model === 'logistic' ? [2, 3] : [2]) {
      it(`${trained.model} with ${trained.optimizer} over ${n} parties: weights as ${vectors.source}`, async () => {
        const { weights } = await train(n, trained, 1, { most: vectors.few });
        const far = distance(weights, trained.few);
        assert.ok(far <= allowed(trained), `${far}`);
      });
    }
  }
});
