import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { SGD, type SGDOptions } from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import { CrypTensor } from '../../src/tensor/index.ts';

const { source, cases } = JSON.parse(
  readFileSync(new URL('../vectors/torch-sgd.json', import.meta.url), 'utf8'),
) as {
  source: string;
  cases: readonly {
    options: SGDOptions;
    start: number[];
    grads: number[][];
    after: number[][];
  }[];
};

/** Three steps of dithered updates. */
const TOLERANCE = 8 * 2 ** -16;

describe('optim: SGD', () => {
  for (const n of [1, 2]) {
    it(`${n}: every combination of options as ${source}`, () =>
      simulate(n, async (party) => {
        const results = cases.map(({ options, start, grads }) => {
          const p = party.cryptensor(start, { requiresGrad: true });
          const optimizer = new SGD([p], options);
          return grads.map((grad) => {
            optimizer.zeroGrad();
            p.grad = party.cryptensor(grad);
            optimizer.step();
            const share = CrypTensor.shareOf(p);
            assert.equal(share.fracBits, 16, 'a step leaves nothing owed');
            return p.getPlainText();
          });
        });
        for (const [i, { options, after }] of cases.entries()) {
          for (const [step, expected] of after.entries()) {
            const got = await results[i][step];
            expected.forEach((value, at) => {
              const error = Math.abs((got?.data[at] ?? NaN) - value);
              assert.ok(error <= TOLERANCE, `${JSON.stringify(options)} step ${step}: ${error}`);
            });
          }
        }
      }));
  }

  it('refuses options and parameters that torch refuses', () =>
    simulate(1, async (party) => {
      const p = party.cryptensor(1, { requiresGrad: true });
      const make = (options: SGDOptions) => () => new SGD([p], options);
      for (const bad of [
        { lr: -1 },
        { lr: NaN },
        { lr: 0.1, momentum: -1 },
        { lr: 0.1, weightDecay: -1 },
        { lr: 0.1, nesterov: true },
        { lr: 0.1, nesterov: true, momentum: 0.9, dampening: 0.1 },
      ]) {
        assert.throws(make(bad), { code: 'ERR_MPC_RANGE', message: /SGD/ });
      }
      assert.throws(() => new SGD([], { lr: 1 }), { code: 'ERR_MPC_MODEL' });
      assert.throws(() => new SGD([p, p], { lr: 1 }), { code: 'ERR_MPC_MODEL' });
      assert.throws(() => new SGD([1 as never], { lr: 1 }), { name: 'TypeError' });
    }));

  it('groups have options of their own; parameters without a gradient stay', () =>
    simulate(1, async (party) => {
      const [a, b, c] = [1, 1, 1].map((value) => party.cryptensor(value, { requiresGrad: true }));
      const optimizer = new SGD([{ params: [a, c] }, { params: [b], lr: 0.25 }], { lr: 0.5 });
      a.mul(b).backward();
      optimizer.step();
      const values = await Promise.all([a, b, c].map((p) => p.getPlainText()));
      assert.deepEqual(
        values.map((value) => value?.item()),
        [0.5, 0.75, 1],
      );
      optimizer.zeroGrad();
      assert.deepEqual([a.grad, b.grad], [null, null]);
      assert.deepEqual([a.version, c.version, a.isLeaf, a.requiresGrad], [1, 0, true, true]);
    }));

  it('small steps add up: a learning rate of 1e-4 over 200 steps is not lost to rounding', () =>
    simulate(2, async (party) => {
      const p = party.cryptensor(new Float64Array(64), { requiresGrad: true });
      const optimizer = new SGD([p], { lr: 1e-4 });
      const grad = new Float64Array(64).fill(0.05);
      for (let i = 0; i < 200; i++) {
        // Shared anew each time: the rounding of a truncation depends on the shares, and must not repeat.
        p.grad = party.cryptensor(grad);
        optimizer.step();
      }
      const got = await p.getPlainText();
      assert.ok(got);
      const average = got.data.reduce((sum, value) => sum + value, 0) / 64;
      assert.ok(Math.abs(average + 0.001) < 1e-4, `average ${average}`);
    }));

  for (const n of [1, 2]) {
    it(`${n}: a threshold drops elements of its magnitude or more, before weight decay`, () =>
      simulate(n, async (party) => {
        const p = party.cryptensor([1, 1, 1, 1, 1, 1], { requiresGrad: true });
        const optimizer = new SGD([p], { lr: 0.5, weightDecay: 0.25, gradThreshold: 0.5 });
        p.grad = party.cryptensor([0.25, -0.25, 0.5, -0.5, 3, -100]);
        optimizer.step();
        const got = await p.getPlainText();
        // p − 0.5·(g + 0.25·p), or without g.
        assert.deepEqual([...got.data], [0.75, 1, 0.875, 0.875, 0.875, 0.875]);
      }));
  }

  it('a threshold below the roots of the last bit still tells gradients apart', () =>
    simulate(2, async (party) => {
      const p = party.cryptensor([0, 0, 0], { requiresGrad: true });
      const optimizer = new SGD([p], { lr: 64, gradThreshold: 2 ** -10 });
      p.grad = party.cryptensor([2 ** -11, -(2 ** -11), 2 ** -9]);
      optimizer.step();
      assert.deepEqual([...(await p.getPlainText()).data], [-(2 ** -5), 2 ** -5, 0]);
    }));

  it('a closure computes the loss, recorded inside noGrad as well; groups are added later', () =>
    simulate(2, async (party) => {
      const [a, b] = [3, 5].map((value) => party.cryptensor(value, { requiresGrad: true }));
      const optimizer = new SGD([a], { lr: 0.5 });
      optimizer.addParamGroup({ params: [b], lr: 0.25 });
      assert.throws(() => optimizer.addParamGroup({ params: [a] }), { code: 'ERR_MPC_MODEL' });
      assert.throws(() => optimizer.addParamGroup({ params: [] }), { code: 'ERR_MPC_MODEL' });
      const fresh = party.cryptensor(1, { requiresGrad: true });
      assert.throws(() => optimizer.addParamGroup({ params: [fresh], lr: -1 }), {
        code: 'ERR_MPC_RANGE',
      });
      assert.deepEqual(optimizer.parameters(), [a, b]);
      const loss = party.noGrad(() =>
        optimizer.step(() => {
          optimizer.zeroGrad();
          const product = a.mul(b);
          product.backward();
          return product;
        }),
      );
      const values = await Promise.all([loss, a, b].map((x) => x.getPlainText()));
      assert.deepEqual(
        values.map((value) => value.item()),
        [15, 0.5, 4.25],
      );
    }));

  it('zeroGrad forgets gradients, or makes them zero: then momentum goes on', () =>
    simulate(2, async (party) => {
      const [p, q] = [1, 1].map((value) => party.cryptensor(value, { requiresGrad: true }));
      const optimizer = new SGD([p, q], { lr: 0.5, momentum: 0.5 });
      p.grad = party.cryptensor(1);
      optimizer.step();
      optimizer.zeroGrad({ setToNone: false });
      assert.equal(q.grad, null);
      optimizer.step();
      assert.equal((await p.getPlainText()).item(), 0.25);
      optimizer.zeroGrad();
      optimizer.step();
      assert.equal((await p.getPlainText()).item(), 0.25);
    }));
});
