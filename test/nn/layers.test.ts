/** Layers where torch.test.ts does not reach: dropout in training, initial values, what constructors refuse. */

import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import { SGD } from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, Tensor } from '../../src/tensor/index.ts';

const SHAPE = { code: 'ERR_MPC_SHAPE' };
const RANGE = { code: 'ERR_MPC_RANGE' };

describe('nn: dropout in training', () => {
  it('drops elements or whole channels, makes up for it, and hands gradients through the same mask', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor(new Float64Array(600).fill(1), {
        shape: [30, 5, 4],
        requiresGrad: true,
      });
      for (const layer of [
        new nn.Dropout(0.25),
        new nn.DropoutNd(0.25),
        new nn.Dropout2d(0.25),
        new nn.Dropout3d(0.25),
      ]) {
        x.zeroGrad();
        const y = layer.forward(x);
        y.sum().backward();
        const { data } = await y.getPlainText();
        const kept = data.filter((value) => Math.abs(value - 4 / 3) < 1e-3).length;
        const dropped = data.filter((value) => value === 0).length;
        assert.equal(kept + dropped, 600);
        assert.ok(dropped > 60 && dropped < 260, `${dropped}`);
        const gradient = (await x.grad?.getPlainText())?.data;
        data.forEach((value, i) => assert.ok(Math.abs(value - (gradient?.[i] ?? 9)) < 1e-3));
        const channels = Array.from(
          { length: 150 },
          (_, c) => new Set(data.slice(4 * c, 4 * c + 4)).size,
        );
        assert.equal(
          channels.every((values) => values === 1),
          !(layer instanceof nn.Dropout),
        );
      }
      assert.ok(
        (await new nn.Dropout(1).forward(x).getPlainText()).data.every((value) => value === 0),
      );
      assert.equal(new nn.Dropout(0).forward(x).numel(), 600);
      assert.throws(() => new nn.Dropout(1.5), {
        ...RANGE,
        message: /Dropout: a probability lies on \[0, 1\], got 1.5/,
      });
      assert.throws(() => new nn.Dropout2d(-1), { ...RANGE, message: /Dropout2d/ });
    }));
});

describe('nn: initial values', () => {
  const bounds: readonly [title: string, module: nn.Module<unknown>, bound: number][] = [
    ['Linear', new nn.Linear(25, 80), 1 / 5],
    ['Conv1d', new nn.Conv1d(10, 40, 10, { groups: 2 }), 1 / Math.sqrt(50)],
    ['Conv2d', new nn.Conv2d(4, 40, [3, 5]), 1 / Math.sqrt(60)],
    ['ConvTranspose2d', new nn.ConvTranspose2d(10, 40, 3, { groups: 2 }), 1 / Math.sqrt(20 * 9)],
    ['LSTM', new nn.LSTM(5, 16), 1 / 4],
  ];
  for (const [title, module, bound] of bounds) {
    it(`${title}: uniform in ±1/√fanIn, as PyTorch’s`, () => {
      for (const [name, { plain }] of module.allParameters()) {
        const largest = Math.max(...plain.data.map(Math.abs));
        assert.ok(largest <= bound && largest > 0.85 * bound, `${name}: ${largest} of ${bound}`);
      }
    });
  }

  it('Embedding is normal, normalisations start as the identity', () => {
    const { data } = new nn.Embedding(100, 100).weight.plain;
    const mean = data.reduce((a, b) => a + b, 0) / data.length;
    const square = data.reduce((a, b) => a + b * b, 0) / data.length;
    assert.ok(Math.abs(mean) < 0.06 && Math.abs(square - 1) < 0.1);
    for (const layer of [new nn.BatchNorm2d(3), new nn.LayerNorm(3), new nn.GroupNorm(1, 3)]) {
      assert.deepEqual([...(layer.weight?.plain.data ?? [])], [1, 1, 1]);
      assert.deepEqual([...(layer.bias?.plain.data ?? [])], [0, 0, 0]);
    }
    const {
      running_mean: m,
      running_var: v,
      num_batches_tracked: count,
    } = new nn.BatchNorm1d(2).stateDict();
    assert.deepEqual(
      [m, v, count],
      [new Tensor([2], [0, 0]), new Tensor([2], [1, 1]), new Tensor([], [0])],
    );
  });
});

describe('nn: fixed parameters', () => {
  it('are shared and saved with the others, take no gradient and are not changed by an optimizer', () =>
    simulate(2, async (party) => {
      class Scaled extends nn.Module {
        readonly scale = nn.Parameter.of(new Tensor([2], [2, 3]), false);
        readonly offset = nn.Parameter.of(new Tensor([2], [0, 0]));
        override forward(x: CrypTensor): CrypTensor {
          return x.mul(this.scale.tensor).add(this.offset.tensor);
        }
      }
      const model = new Scaled().encrypt(party);
      assert.deepEqual(Object.keys(model.stateDict()), ['scale', 'offset']);
      const optimizer = new SGD(model.parameters(), { lr: 1 });
      model
        .forward(party.cryptensor([[1, 1]]))
        .sum()
        .backward();
      assert.equal(model.scale.tensor.grad, null);
      optimizer.step();
      await model.decrypt();
      assert.deepEqual(model.scale.plain.toArray(), [2, 3]);
      assert.deepEqual(model.offset.plain.toArray(), [-1, -1]);
    }));
});

describe('nn: shadow mode', () => {
  it('follows a training step through normalisation, and answers in evaluation', () =>
    simulate(
      2,
      async (party) => {
        const model = new nn.Sequential(
          new nn.Linear(2, 3),
          new nn.BatchNorm1d(3),
          new nn.ELU(),
          new nn.Linear(3, 2),
        );
        model.encrypt(party);
        const x = party.cryptensor([
          [1, 2],
          [-1, 0.5],
          [0, 3],
        ]);
        const optimizer = new SGD(model.parameters(), { lr: 0.1 });
        new nn.CrossEntropyLoss()
          .forward(model.forward(x), party.cryptensor([0, 1, 0], { src: 1 }))
          .backward();
        optimizer.step();
        const y = party.noGrad(() => model.eval().forward(x));
        assert.ok((await y.getPlainText()).data.every(Number.isFinite));
      },
      { shadow: true },
    ));
});

describe('nn: what constructors and layers refuse', () => {
  it('says what was expected', () =>
    simulate(1, (party) => {
      assert.throws(() => new nn.Linear(2, 0), {
        ...SHAPE,
        message: /Linear: outFeatures must be a whole number from 1 up, got 0/,
      });
      assert.throws(() => new nn.Conv2d(3, 4, 3, { groups: 2 }), {
        ...SHAPE,
        message: /Conv2d: 2 groups do not divide 3 and 4 channels/,
      });
      assert.throws(() => new nn.Conv1d(3, 4, [3, 3]), {
        ...SHAPE,
        message: /Conv1d: kernelSize must be a whole number from 1 up, or 1 of them, got 3,3/,
      });
      assert.throws(() => new nn.ConvTranspose1d(0.5, 4, 3), {
        ...SHAPE,
        message: /ConvTranspose1d: inChannels/,
      });
      assert.throws(() => new nn.MaxPool2d(0), { ...SHAPE, message: /MaxPool2d: kernelSize/ });
      assert.throws(() => new nn.ConstantPad2d([1, 2, 3], 0), {
        ...SHAPE,
        message: /ConstantPad2d: expected a whole number or 4 of them as padding, got 1,2,3/,
      });
      assert.throws(() => new nn.LayerNorm([2, 0]), SHAPE);
      const x = party.ones([2, 3]);
      assert.throws(() => new nn.Linear(4, 1).encrypt(party).forward(x), SHAPE);
      assert.throws(() => new nn.Linear(3, 1).forward(x), {
        code: 'ERR_MPC_MODEL',
        message: /encrypt/,
      });
      for (const layer of [
        new nn.ReLU(),
        new nn.Flatten(),
        new nn.MaxPool2d(2),
        new nn.Softmax(1),
        new nn.Dropout(),
        new nn.Identity(),
      ]) {
        const message = new RegExp(
          `${layer.constructor.name}.forward: expected a CrypTensor, got Tensor; share it with party.cryptensor`,
        );
        assert.throws(() => layer.forward(new Tensor([1], [1]) as never), {
          name: 'TypeError',
          message,
        });
      }
    }));
});
