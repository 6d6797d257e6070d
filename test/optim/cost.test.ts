/** What the comments say that a step costs is what the meter counts: the second step of two parties, gradients settled. */

import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import * as optim from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor } from '../../src/tensor/index.ts';

const SIZE = 1000;

type Step = (params: CrypTensor[]) => () => void;

const stepsOf =
  (make: (params: CrypTensor[]) => { step(): unknown }): Step =>
  (params) => {
    const optimizer = make(params);
    return () => void optimizer.step();
  };

const CASES: readonly (readonly [title: string, step: Step, rounds: number, bytes: number])[] = [
  ['SGD', stepsOf((p) => new optim.SGD(p, { lr: 0.1 })), 1, 0.125],
  ['SGD, momentum', stepsOf((p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 })), 2, 0.25],
  ['SGD, threshold', stepsOf((p) => new optim.SGD(p, { lr: 0.1, gradThreshold: 1 })), 5, 36.625],
  ['Adam', stepsOf((p) => new optim.Adam(p)), 17, 95.5],
  ['Adam, amsgrad', stepsOf((p) => new optim.Adam(p, { amsgrad: true })), 20, 105.8],
  ['Adam, large eps', stepsOf((p) => new optim.Adam(p, { eps: 0.01 })), 31, 194.2],
  ['RMSprop', stepsOf((p) => new optim.RMSprop(p)), 16, 87.3],
  ['RMSprop, momentum', stepsOf((p) => new optim.RMSprop(p, { momentum: 0.9 })), 17, 87.6],
  ['RMSprop, centered', stepsOf((p) => new optim.RMSprop(p, { centered: true })), 19, 95.8],
  ['clipping by value', (p) => () => nn.utils.clipGradValue_(p, 1), 3, 12.5],
  ['clipping by norm', (p) => () => nn.utils.clipGradNorm_(p, 1), 24, 16.3],
];

describe('optim: costs', () => {
  for (const [title, make, rounds, bytes] of CASES) {
    it(`${title}: ${rounds} rounds, ${bytes} B an element`, () =>
      simulate(2, async (party) => {
        const p = party.cryptensor(new Float64Array(SIZE), { requiresGrad: true });
        const step = make([p]);
        for (let i = 0; i < 2; i++) {
          p.grad = party.cryptensor(new Float64Array(SIZE).fill(0.5), { precision: 24 });
          await party.settle(p.grad);
          party.resetStats();
          step();
          await party.settle(p, p.grad);
        }
        const { rounds: counted, online } = party.stats();
        assert.equal(counted, rounds);
        const each = online.bytesReceived / SIZE;
        assert.ok(Math.abs(each - bytes) < 0.1, `${each} B an element`);
      }));
  }
});
