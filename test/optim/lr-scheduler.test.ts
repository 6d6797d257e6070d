import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as optim from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';

const { source, schedules, losses, plateau } = JSON.parse(
  readFileSync(new URL('../vectors/torch-optim.json', import.meta.url), 'utf8'),
) as {
  source: string;
  schedules: readonly { scheduler: 'StepLR'; options: never; rates: number[][] }[];
  losses: number[];
  plateau: readonly { options: optim.PlateauOptions; rates: number[] }[];
};

/** Something with two groups of rates, as the vectors have. */
const rated = (): optim.Rated => ({
  groups: [
    { params: [], lr: 0.1 },
    { params: [], lr: 0.02 },
  ],
});

const close = (got: readonly number[], expected: readonly number[], what: string): void => {
  assert.equal(got.length, expected.length, what);
  got.forEach((rate, i) => {
    assert.ok(Math.abs(rate - expected[i]) < 1e-14, `${what}: ${got} instead of ${expected}`);
  });
};

describe('optim: learning rates', () => {
  for (const { scheduler, options, rates } of schedules) {
    it(`${scheduler}: as ${source}`, () => {
      const optimizer = rated();
      const schedule = new optim[scheduler](optimizer, options);
      for (const [epoch, expected] of rates.entries()) {
        close(schedule.getLastLr(), expected, `epoch ${epoch}`);
        schedule.step();
      }
      assert.equal(schedule.lastEpoch, rates.length);
      const again = rated();
      const later = new optim[scheduler](again, options);
      later.loadStateDict(schedule.stateDict());
      assert.deepEqual(later.getLastLr(), schedule.getLastLr());
    });
  }

  it('LambdaLR: one function, or one for each group', () => {
    const optimizer = rated();
    const schedule = new optim.LambdaLR(optimizer, [(epoch) => 1 / (1 + epoch), () => 2]);
    close(schedule.getLastLr(), [0.1, 0.04], 'epoch 0');
    schedule.step();
    close(schedule.getLastLr(), [0.05, 0.04], 'epoch 1');
    close(new optim.LambdaLR(rated(), () => 3).getLastLr(), [0.3, 0.06], 'one function');
    assert.throws(() => new optim.LambdaLR(rated(), [() => 1]), { code: 'ERR_MPC_RANGE' });
  });

  it('SequentialLR: a warm-up, then a cosine from its own start', () => {
    const optimizer = rated();
    const schedule = new optim.SequentialLR(
      optimizer,
      [
        (o) => new optim.LinearLR(o, { startFactor: 0.5, totalIters: 2 }),
        (o) => new optim.CosineAnnealingLR(o, { tMax: 4 }),
      ],
      [2],
    );
    const found: number[] = [];
    for (let epoch = 0; epoch < 7; epoch++) {
      found.push(optimizer.groups[0].lr);
      schedule.step();
    }
    const half = 0.1 * (0.5 + Math.SQRT2 / 4);
    close(found, [0.05, 0.075, 0.1, half, 0.05, 0.1 - half, 0], 'rates');
    assert.throws(() => new optim.SequentialLR(rated(), [], [1]), { code: 'ERR_MPC_RANGE' });
  });

  for (const { options, rates } of plateau) {
    it(`ReduceLROnPlateau ${JSON.stringify(options)}: as ${source}`, () => {
      const optimizer = rated();
      let schedule = new optim.ReduceLROnPlateau(optimizer, options);
      for (const [epoch, loss] of losses.entries()) {
        schedule.step(loss);
        close(schedule.getLastLr().slice(0, 1), [rates[epoch]], `epoch ${epoch}`);
        const state = schedule.stateDict();
        schedule = new optim.ReduceLROnPlateau(optimizer, options);
        schedule.loadStateDict(state);
      }
      assert.throws(() => schedule.step(NaN), { code: 'ERR_MPC_RANGE' });
    });
  }

  it('refuses sizes that are no counts', () => {
    for (const bad of [
      () => new optim.StepLR(rated(), { stepSize: 0 }),
      () => new optim.CosineAnnealingLR(rated(), { tMax: 1.5 }),
      () => new optim.LinearLR(rated(), { totalIters: -1 }),
      () => new optim.ExponentialLR(rated(), { gamma: -1 }),
      () => new optim.ReduceLROnPlateau(rated(), { factor: 1 }),
      () => new optim.StepLR(rated(), { stepSize: 1 }).loadStateDict({ lastEpoch: -1 }),
    ]) {
      assert.throws(bad, { code: 'ERR_MPC_RANGE' });
    }
  });

  it('sets the rates that an optimizer uses', () =>
    simulate(2, async (party) => {
      const p = party.cryptensor(1, { requiresGrad: true });
      const optimizer = new optim.SGD([p], { lr: 0.5 });
      const schedule = new optim.ExponentialLR(optimizer, { gamma: 0.5 });
      for (let i = 0; i < 2; i++) {
        p.grad = party.cryptensor(1);
        optimizer.step();
        schedule.step();
      }
      assert.equal((await p.getPlainText()).item(), 0.25);
      optimizer.groups[0].lr = NaN;
      assert.throws(() => optimizer.step(), { code: 'ERR_MPC_RANGE', message: /lr/ });
    }));
});
