/** Adam and RMSprop where fixed point is hard: gradients from below the last bit to the largest; state; refused options. */

import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import { Adam, AdamW, RMSprop, SGD } from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import { Tensor, type CrypTensor, type Party } from '../../src/tensor/index.ts';

type Adaptive = Adam | RMSprop;

const LR = 1 / 64;
const STEPS = 12;

/** How far each parameter moved, in steps of lr, under gradients that never change. */
async function moved(
  party: Party,
  make: (params: CrypTensor[]) => Adaptive,
  gradients: readonly number[],
): Promise<number[]> {
  const p = party.cryptensor(new Float64Array(gradients.length), { requiresGrad: true });
  const optimizer = make([p]);
  for (let i = 0; i < STEPS; i++) {
    p.grad = party.cryptensor(gradients, { precision: 24 });
    optimizer.step();
  }
  const { data } = await p.getPlainText();
  return [...data].map((value) => -value / LR);
}

describe('optim: adaptive steps', () => {
  for (const n of [1, 2]) {
    it(`${n}: Adam goes lr a step whatever the size of the gradient, from 1e-3 to 16`, () =>
      simulate(n, async (party) => {
        const sizes = [1e-3, 0.01, 0.1, 1, 15.9, -1e-3, -0.03, -15.9];
        const steps = await moved(party, (params) => new Adam(params, { lr: LR }), sizes);
        steps.forEach((got, i) => {
          const error = Math.abs(got - Math.sign(sizes[i]) * STEPS);
          assert.ok(error < 2e-3 * STEPS + 0.02, `gradient ${sizes[i]}: ${got} of ${STEPS} steps`);
        });
      }));

    for (const precision of [12, 20, 24]) {
      it(`${n}: so it does at ${precision} fractional bits, from 0.01 to 3`, () =>
        simulate(
          n,
          async (party) => {
            const sizes = [0.01, -0.1, 1, 3, -3];
            const steps = await moved(party, (params) => new Adam(params, { lr: LR }), sizes);
            steps.forEach((got, i) => {
              const error = Math.abs(got - Math.sign(sizes[i]) * STEPS);
              const rounding = 2 ** (8 - precision) * STEPS;
              assert.ok(error < 0.01 * STEPS + rounding, `${sizes[i]}: ${got} of ${STEPS} steps`);
            });
          },
          { precision },
        ));
    }

    it(`${n}: gradients below what can be squared move a parameter no further than others do, and 0 not at all`, () =>
      simulate(n, async (party) => {
        const sizes = [1e-6, 3e-6, 1e-5, 3e-5, 6e-5, 0];
        for (const make of [
          (params: CrypTensor[]) => new Adam(params, { lr: LR }),
          (params: CrypTensor[]) => new RMSprop(params, { lr: LR / 10 }),
        ]) {
          const steps = await moved(party, make, sizes);
          assert.equal(Math.abs(steps[5]), 0);
          for (const got of steps) assert.ok(got > -0.1 && got < 1.2 * STEPS, `${steps}`);
        }
      }));
  }

  it('goes on from a state as if nothing had been in between; the state is not changed by it', () =>
    simulate(2, async (party) => {
      for (const make of [
        (params: CrypTensor[]) => new Adam(params, { lr: 0.1, amsgrad: true }),
        (params: CrypTensor[]) => new RMSprop(params, { lr: 0.1, momentum: 0.5, centered: true }),
      ]) {
        const grads = [0.5, -0.25, 1, 0.125];
        const step = (p: CrypTensor, optimizer: Adaptive, g: number): void => {
          p.grad = party.cryptensor([g, 1]);
          optimizer.step();
        };
        const p = party.cryptensor([1, 2], { requiresGrad: true });
        const optimizer = make([p]);
        for (const g of grads.slice(0, 2)) step(p, optimizer, g);
        const state = optimizer.stateDict();
        const q = party.cryptensor([0, 0], { requiresGrad: true });
        party.noGrad(() => q.copy_(p));
        for (const g of grads.slice(2)) step(p, optimizer, g);
        const other = make([q]);
        other.groups[0].lr = 7;
        other.loadStateDict(state);
        for (const g of grads.slice(2)) step(q, other, g);
        const [a, b] = await Promise.all([p.getPlainText(), q.getPlainText()]);
        a.data.forEach((value, i) => assert.ok(Math.abs(value - b.data[i]) < 1e-3));
        const two = make([party.cryptensor([1, 2, 3]), party.cryptensor(1)]);
        assert.throws(() => two.loadStateDict(state), { code: 'ERR_MPC_MODEL' });
        const long = make([party.cryptensor([1, 2, 3])]);
        assert.throws(() => long.loadStateDict(state), { code: 'ERR_MPC_SHAPE' });
      }
    }));

  for (const n of [1, 2, 3]) {
    it(`${n}: parameters of no dims or no elements, public gradients, and gradients of zeros`, () =>
      simulate(n, async (party) => {
        for (const make of [
          (params: CrypTensor[]) => new Adam(params, { lr: 0.25, amsgrad: true }),
          (params: CrypTensor[]) => new RMSprop(params, { lr: 0.025, centered: true }),
          (params: CrypTensor[]) => new SGD(params, { lr: 0.25, momentum: 0.5, gradThreshold: 2 }),
        ]) {
          const values = [3, new Tensor([0, 2], []), [[1], [2]]];
          const params = values.map((value) => party.cryptensor(value, { requiresGrad: true }));
          const optimizer = make(params);
          for (const p of params) p.sum().backward();
          nn.utils.clipGradNorm_(params, 100);
          nn.utils.clipGradValue_(params, 1.5);
          optimizer.step();
          optimizer.zeroGrad();
          for (const p of params) p.sum().backward();
          optimizer.step();
          optimizer.zeroGrad({ setToNone: false });
          optimizer.step();
          const [scalar, empty, column] = await Promise.all(params.map((p) => p.getPlainText()));
          assert.deepEqual([scalar.shape, empty.shape, column.shape], [[], [0, 2], [2, 1]]);
          const moved = [scalar.item() - 3, column.data[0] - 1, column.data[1] - 2];
          for (const by of moved)
            assert.ok(by < -0.2 && Math.abs(by - moved[0]) < 1e-3, `${moved}`);
        }
      }));
  }

  it('refuses options that torch refuses', () =>
    simulate(1, (party) => {
      const p = party.cryptensor(1, { requiresGrad: true });
      for (const bad of [
        () => new Adam([p], { lr: -1 }),
        () => new Adam([p], { betas: [1, 0.9] }),
        () => new Adam([p], { betas: [0.9, -0.1] }),
        () => new AdamW([p], { eps: -1 }),
        () => new AdamW([p], { weightDecay: NaN }),
        () => new RMSprop([p], { alpha: 1 }),
        () => new RMSprop([p], { momentum: -1 }),
      ]) {
        assert.throws(bad, { code: 'ERR_MPC_RANGE' });
      }
    }));
});
