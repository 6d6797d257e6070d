/** Steps add up exactly: what truncation takes off a parameter goes into the next step. */

import assert from 'node:assert/strict';
import { Adam, RMSprop, SGD } from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor, Party } from '../../src/tensor/index.ts';

const ULP = 2 ** -16;
const STEPS = 200;
const SIZE = 16;

/** Takes steps along a constant gradient; resolves to the values then, in ulp. */
async function walked(
  party: Party,
  make: (params: CrypTensor[]) => { step(): unknown },
  gradient: number,
): Promise<number[]> {
  const p = party.cryptensor(new Float64Array(SIZE), { requiresGrad: true });
  const optimizer = make([p]);
  p.grad = party.cryptensor(new Float64Array(SIZE).fill(gradient), { precision: 24 });
  for (let step = 0; step < STEPS; step++) {
    optimizer.step();
    if (step % 20 === 19) await party.settle(p);
  }
  const { data } = await p.getPlainText();
  return Array.from(data, (value) => value / ULP);
}

describe('optim: roundings of many steps', () => {
  for (const n of [1, 2, 3]) {
    it(`${n}: ${STEPS} steps of 0.3 ulp are ${0.3 * STEPS} ulp`, () =>
      simulate(n, async (party) => {
        for (const value of await walked(party, (p) => new SGD(p, { lr: 0.3 }), ULP)) {
          // The rate keeps 16 significant bits, the last rounding is up or down.
          assert.ok(Math.abs(value + 0.3 * STEPS) <= 1.01, `${value}`);
        }
      }));
  }

  it('of Adam and RMSprop, too', () =>
    simulate(2, async (party) => {
      // Along a constant gradient every step is the rate.
      const lr = 0.3 * ULP;
      for (const value of await walked(party, (p) => new Adam(p, { lr }), 0.25)) {
        assert.ok(Math.abs(value + 0.3 * STEPS) <= 1.2, `${value}`);
      }
      const sums = await walked(party, (p) => new RMSprop(p, { lr, alpha: 0 }), 0.25);
      for (const value of sums) assert.ok(Math.abs(value + 0.3 * STEPS) <= 1.2, `${value}`);
    }));

  it('a parameter that was changed in between goes on from there', () =>
    simulate(2, async (party) => {
      const p = party.cryptensor([0.5, 0.5], { requiresGrad: true });
      const optimizer = new SGD([p], { lr: 0.25 });
      p.grad = party.cryptensor([1, 1]);
      optimizer.step();
      party.noGrad(() => p.copy_(party.cryptensor([2, -2])));
      optimizer.step();
      assert.deepEqual(Array.from((await p.getPlainText()).data), [1.75, -2.25]);
    }));
});
