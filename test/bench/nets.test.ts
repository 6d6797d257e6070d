/** The benchmark's models have the published sizes, and their doubles are right where strides, padding and shortcuts meet. */

import assert from 'node:assert/strict';
import { evaluated } from '../../bench/support/float-nets.ts';
import { drawn, normal, type Input } from '../../bench/support/inputs.ts';
import { sharedModel } from '../../bench/support/models.ts';
import {
  lenet5,
  logisticRegression,
  mlp,
  ResidualBlock,
  resnet18,
} from '../../bench/support/nets.ts';
import { maxAbsError } from '../../bench/support/references.ts';
import { sizeOf } from '../../src/core/shape.ts';
import * as nn from '../../src/nn/index.ts';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor } from '../../src/tensor/index.ts';

/** All that ResNet-18 is made of, in small: strides that leave a remainder, an odd image, a wide shortcut and a bare one. */
function smallResnet(): nn.Module {
  return new nn.Sequential(
    new nn.Conv2d(2, 4, 7, { stride: 2, padding: 3 }),
    new nn.ReLU(),
    new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
    new ResidualBlock(4, 6, 2),
    new ResidualBlock(6, 6, 1),
    new nn.GlobalAveragePool(),
    new nn.Flatten(),
    new nn.Linear(6, 3),
  );
}

function weightsOf(module: nn.Module): Input[] {
  return module.allParameters().map(([, { shape }], i) => drawn(i, shape, 0, normal(0.3)));
}

describe('bench: nets', () => {
  it('have as many parameters as the published ones; ResNet-18 without its normalisations, with their shifts', () => {
    const count = (module: nn.Module): number =>
      module.allParameters().reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
    assert.equal(count(logisticRegression()), 30);
    assert.equal(count(mlp()), 118_282);
    assert.equal(count(lenet5()), 61_706);
    // torchvision: 11,689,512, of which 4800 factors and 4800 shifts.
    assert.equal(count(resnet18()), 11_689_512 - 4800);
  });

  it('a small residual network gives in doubles what it gives in fixed point', async () => {
    const x = drawn(99, [2, 2, 21, 18], 0, normal());
    const weights = weightsOf(smallResnet());
    const want = evaluated(smallResnet(), x, weights.values());
    assert.deepEqual(want.shape, [2, 3]);
    const [got] = await simulate(1, async (party) => {
      const forward = sharedModel(party, smallResnet(), weights);
      const y = forward(party.cryptensor({ shape: x.shape, data: x.values })) as CrypTensor;
      return y.getPlainText();
    });
    const error = maxAbsError(got.data, want.values);
    assert.ok(error < 2e-3, `${error}`);
    assert.ok(want.values.every((value) => Math.abs(value) > 0.01));
  });

  it('doubles take all weights, and refuse too few and unknown modules', () => {
    const x = drawn(99, [1, 2, 21, 18], 0, normal());
    const own = weightsOf(smallResnet());
    const left = [...own, own[0]].values();
    evaluated(smallResnet(), x, left);
    assert.equal(left.next().value, own[0]);
    assert.ok(left.next().done);
    assert.throws(() => evaluated(smallResnet(), x, own.slice(0, -1).values()), /no weights of 3/);
    assert.throws(() => evaluated(new nn.Tanh(), x, own.values()), /no Tanh in doubles/);
  });
});
