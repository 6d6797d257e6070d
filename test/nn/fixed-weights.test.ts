/** Weights keep their masks: what a layer opens once is its weights, what it opens every time is its input. */

import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import { SGD } from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, type Party } from '../../src/tensor/index.ts';

/** Payload bytes that a call sends to the other party. */
async function bytesOf(party: Party, call: () => CrypTensor): Promise<number> {
  party.resetStats();
  // A pending product is not truncated: only its openings count.
  const y = call();
  await party.settle(party.zeros([]));
  const sent = party.stats().online.bytesSent;
  await y.getPlainText();
  return sent;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

interface Row {
  readonly title: string;
  readonly make: () => nn.Module;
  readonly input: readonly number[];
  /** Words of the weights that are multiplied. */
  readonly weights: number;
  /** Words of the input, padding included. */
  readonly words: number;
}

const ROWS: readonly Row[] = [
  {
    title: 'Linear, through .t()',
    make: () => new nn.Linear(6, 5),
    input: [4, 6],
    weights: 30,
    words: 24,
  },
  { title: 'Conv1d', make: () => new nn.Conv1d(2, 3, 3), input: [2, 2, 5], weights: 18, words: 20 },
  {
    title: 'Conv2d',
    make: () => new nn.Conv2d(2, 3, 2),
    input: [2, 2, 3, 4],
    weights: 24,
    words: 48,
  },
  {
    title: 'Conv2d in groups, with padding',
    make: () => new nn.Conv2d(2, 2, 3, { groups: 2, padding: 1 }),
    input: [1, 2, 2, 2],
    weights: 18,
    words: 32,
  },
  {
    title: 'ConvTranspose2d',
    make: () => new nn.ConvTranspose2d(2, 3, 2),
    input: [1, 2, 3, 3],
    weights: 24,
    words: 18,
  },
];

describe('nn: fixed weights', () => {
  for (const { title, make, input, weights, words } of ROWS) {
    it(`${title}: the second forward opens the input alone`, () =>
      simulate(2, async (party) => {
        const layer = make().encrypt(party);
        const x = (): CrypTensor =>
          party.cryptensor(new Float64Array(sizeOf(input)), { shape: input });
        const first = await bytesOf(party, () => layer.forward(x()));
        const second = await bytesOf(party, () => layer.forward(x()));
        assert.equal(second, 8 * words);
        assert.equal(first - second, 8 * weights);
        // The same input again: nothing at all, unless a margin makes another tensor of it.
        if (words > sizeOf(input)) return;
        const same = x();
        await bytesOf(party, () => layer.forward(same));
        assert.equal(await bytesOf(party, () => layer.forward(same)), 0);
      }));
  }

  it('a training step opens each weight once, for the forward and the backward pass', () =>
    simulate(2, async (party) => {
      const layer = new nn.Linear(6, 5, { bias: false }).encrypt(party);
      const optimizer = new SGD(layer.parameters(), { lr: 0.1 });
      const x = party.cryptensor(new Float64Array(24), { shape: [4, 6], requiresGrad: true });
      const step = async (): Promise<number> => {
        party.resetStats();
        layer.forward(x).sum().backward();
        await party.settle(x);
        const sent = party.stats().online.bytesSent;
        optimizer.step();
        await layer.forward(x).getPlainText();
        return sent;
      };
      // x and the weight; the gradient of the sum is public.
      assert.equal(await step(), 8 * (24 + 30));
      // After a step the weight is another one, whose mask the forward above has opened.
      assert.equal(await step(), 0);
    }));
});
