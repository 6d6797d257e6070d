/** Every optimizer with every option against torch.optim: the same start, the same gradients. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as optim from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import { CrypTensor } from '../../src/tensor/index.ts';

type Name = 'SGD' | 'Adam' | 'AdamW' | 'RMSprop';

const { source, start, grads, cases } = JSON.parse(
  readFileSync(new URL('../vectors/torch-optim.json', import.meta.url), 'utf8'),
) as {
  source: string;
  start: number[];
  grads: number[][];
  cases: readonly { optimizer: Name; options: object; after: number[][] }[];
};

/** Of parameters, after any number of the steps; on the plain scheme truncations round down, all in one direction. */
const TOLERANCE = 96 * 2 ** -16;
const PLAIN_TOLERANCE = 128 * 2 ** -16;

describe('optim: torch', () => {
  for (const n of [1, 2, 3]) {
    const some = cases.filter((_, i) => n < 3 || i % 3 === 0);
    it(`${n}: ${grads.length} steps with each option as ${source}`, () =>
      simulate(n, async (party) => {
        const results = some.map(({ optimizer: name, options }) => {
          const p = party.cryptensor(start, { requiresGrad: true });
          const Kind = optim[name] as new (params: CrypTensor[], options: object) => optim.Adam;
          const optimizer = new Kind([p], options);
          return grads.map((grad, step) => {
            optimizer.zeroGrad();
            // As gradients come from a backward pass: finer than the session's precision.
            p.grad = party.cryptensor(grad, { precision: 24, src: party.world - 1 });
            optimizer.step();
            assert.equal(CrypTensor.shareOf(p).fracBits, 16, 'a step leaves nothing owed');
            return step % 4 === 3 ? p.getPlainText() : null;
          });
        });
        for (const [i, { optimizer, options, after }] of some.entries()) {
          for (const [step, expected] of after.entries()) {
            const got = await results[i][step];
            if (got === null) continue;
            expected.forEach((value, at) => {
              const error = Math.abs(got.data[at] - value);
              const allowed = n === 1 ? PLAIN_TOLERANCE : TOLERANCE;
              if (error <= allowed) return;
              const what = `${optimizer} ${JSON.stringify(options)} step ${step} at ${at}`;
              assert.fail(`${what}: got ${got.data[at]}, torch ${value}`);
            });
          }
        }
      }));
  }
});
