import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, Tensor } from '../../src/tensor/index.ts';

const SHAPE = { code: 'ERR_MPC_SHAPE' };

const near = (a: Tensor, b: Tensor, allowed: number): void => {
  assert.deepEqual(a.shape, b.shape);
  a.data.forEach((value, i) =>
    assert.ok(Math.abs(value - b.data[i]) <= allowed, `[${i}] ${value} and ${b.data[i]}`),
  );
};

const ramp = (...shape: number[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return new Tensor(
    shape,
    Array.from({ length: size }, (_, i) => ((i * 5) % 13) / 8 - 0.75),
  );
};

describe('nn: Embedding', () => {
  for (const n of [1, 2, 3]) {
    it(`${n}: secret and public numbers give the same rows and gradients; a number that is none gives zeros`, () =>
      simulate(n, async (party) => {
        const layer = new nn.Embedding(4, 2);
        layer.loadStateDict({ weight: ramp(4, 2) });
        layer.encrypt(party);
        const results = [
          party.cryptensor(
            [
              [3, 0],
              [3, 3],
            ],
            { src: n - 1 },
          ),
          [
            [3, 0],
            [3, 3],
          ],
        ].map((index) => {
          layer.zeroGrad();
          const y = layer.forward(index);
          y.sum().backward();
          return [
            y.getPlainText(),
            layer.weight.tensor.grad?.getPlainText() as Promise<Tensor>,
          ] as const;
        });
        const [[secret, gradient], [open, other]] = results;
        near(await secret, await open, 0);
        near(await gradient, await other, 0);
        assert.deepEqual((await gradient).toArray(), [
          [1, 1],
          [0, 0],
          [0, 0],
          [3, 3],
        ]);
        assert.deepEqual((await layer.forward(party.cryptensor([9])).getPlainText()).toArray(), [
          [0, 0],
        ]);
        assert.throws(() => layer.forward([9]), /9/);
        assert.throws(() => new nn.Embedding(0, 2), SHAPE);
      }));
  }
});

describe('nn: MultiheadAttention', () => {
  it('masks may be secret or public, 0/1 or −Infinity; what is masked has weight 0', () =>
    simulate(2, async (party) => {
      const layer = new nn.MultiheadAttention(4, 2).encrypt(party);
      const x = party.cryptensor(ramp(3, 1, 4));
      const causal = [
        [0, 1, 1],
        [0, 0, 1],
        [0, 0, 0],
      ];
      const infinite = causal.map((row) => row.map((bit) => (bit === 1 ? -Infinity : 0)));
      const masks = [
        causal,
        infinite,
        new Tensor([3, 3], causal.flat()),
        party.cryptensor(causal, { src: 1 }),
      ];
      const weights = await Promise.all(
        masks.map((mask) => layer.forward(x, x, x, undefined, mask)[1].getPlainText()),
      );
      for (const one of weights) {
        near(one, weights[0], 1e-3);
        causal
          .flat()
          .forEach((bit, i) =>
            assert.equal(Math.abs(one.data[i]) < 1e-3, bit === 1, `${i}: ${one.data[i]}`),
          );
      }
      const [, padded] = layer.forward(x, x, x, [[0, 1, 0]]);
      const { data } = await padded.getPlainText();
      assert.ok([1, 4, 7].every((i) => Math.abs(data[i]) < 1e-3));
    }));

  it('starts as PyTorch’s: projections by Xavier, biases 0', () => {
    const { inProjWeight, inProjBias, outProj } = new nn.MultiheadAttention(32, 4);
    const bound = Math.sqrt(6 / (32 + 96));
    const largest = Math.max(...inProjWeight.plain.data.map(Math.abs));
    assert.ok(largest <= bound && largest > 0.9 * bound);
    for (const bias of [inProjBias, outProj.bias])
      assert.ok(bias?.plain.data.every((value) => value === 0));
  });

  it('refuses what does not fit, and says what is expected', () =>
    simulate(1, (party) => {
      assert.throws(() => new nn.MultiheadAttention(5, 2), {
        ...SHAPE,
        message: /2 heads do not divide/,
      });
      const layer = new nn.MultiheadAttention(4, 2, { batchFirst: true }).encrypt(party);
      const x = party.ones([2, 3, 4]);
      assert.throws(() => layer.forward(party.ones([2, 3, 5])), {
        ...SHAPE,
        message: /\[N,L,E\].*E = 4, got \[2,3,5\]/,
      });
      assert.throws(() => layer.forward(x, x, x, undefined, [[0, 1]]), {
        ...SHAPE,
        message: /attnMask of shape \[1,2\]/,
      });
      assert.throws(
        () =>
          layer.forward(x, x, x, [
            [0, 0.5, 0],
            [0, 0, 0],
          ]),
        { code: 'ERR_MPC_RANGE', message: /keyPaddingMask.*got 0.5/ },
      );
      assert.throws(() => layer.forward(x.getPlainText() as never), {
        name: 'TypeError',
        message: /a Promise \(await it first\)/,
      });
    }));
});

describe('nn: recurrent layers', () => {
  it('dropout works between layers, in training only', () =>
    simulate(2, async (party) => {
      const layer = new nn.GRU(2, 3, { numLayers: 2, dropout: 1 }).encrypt(party);
      const x = party.cryptensor(ramp(2, 1, 2));
      const last = async (): Promise<Tensor> => layer.forward(x)[0].getPlainText();
      const [dropped, whole] = [await last(), await (layer.eval(), last())];
      // With p = 1 the second layer reads zeros: another input changes nothing.
      layer.train();
      near(
        await layer
          .forward(party.cryptensor(new Tensor([2, 1, 2], [5, 5, 5, 5])))[0]
          .getPlainText(),
        dropped,
        1e-3,
      );
      assert.ok(whole.data.some((value, i) => Math.abs(value - dropped.data[i]) > 1e-3));
    }));

  it('a sequence in two parts gives what it gives in one', () =>
    simulate(3, async (party) => {
      const layer = new nn.LSTM(2, 3, { numLayers: 2 }).encrypt(party);
      const x = party.cryptensor(ramp(4, 2, 2));
      const [whole, h, c] = layer.forward(x);
      const [first, h1, c1] = layer.forward(x.narrow(0, 0, 2));
      const [second, h2, c2] = layer.forward(x.narrow(0, 2, 2), h1, c1);
      const opened = await Promise.all(
        [whole, party.cat([first, second]), h, h2, c, c2].map((y) => y.getPlainText()),
      );
      for (const i of [0, 2, 4]) near(opened[i], opened[i + 1], 1e-3);
    }));

  it('refuses what does not fit, and says what is expected', () =>
    simulate(1, (party) => {
      const layer = new nn.RNN(2, 3).encrypt(party);
      const x = party.ones([4, 2, 2]);
      assert.throws(() => layer.forward(party.ones([4, 2, 3])), {
        ...SHAPE,
        message: /RNN: expected \[L,N,I\].*I = 2, got \[4,2,3\]/,
      });
      assert.throws(() => layer.forward(party.ones([0, 2, 2])), { ...SHAPE, message: /L > 0/ });
      assert.throws(() => layer.forward(x, party.ones([2, 2, 3])), {
        ...SHAPE,
        message: /state of shape \[1,2,3\], got \[2,2,3\]/,
      });
      assert.throws(() => new nn.RNN(2, 3, { nonlinearity: 'sin' as never }), {
        code: 'ERR_MPC_UNSUPPORTED',
      });
      assert.throws(() => new nn.LSTM(0, 3), SHAPE);
      assert.throws(() => new nn.GRU(2, 3, { dropout: 2 }), { code: 'ERR_MPC_RANGE' });
    }));
});

describe('nn: forks', () => {
  it('a model answers in a fork, whichever party’s fork is first', () =>
    simulate(2, async (party) => {
      const model = new nn.Sequential(
        new nn.Linear(2, 3),
        new nn.BatchNorm1d(3),
        new nn.ReLU(),
        new nn.Linear(3, 1),
      );
      model.encrypt(party).eval();
      const x = party.cryptensor([[1, 2]]);
      const forks = [0, 1].map((initiator) => party.fork(initiator));
      const answer = (at: typeof party): CrypTensor =>
        at.noGrad(() => model.forward(at.zeros([]).add(x)));
      // Each party serves the forks, and its own program, in another order.
      const spaces = [party, ...forks];
      const order = party.rank === 0 ? [0, 1, 2] : [2, 1, 0];
      const answers = await Promise.all(order.map((i) => answer(spaces[i]).getPlainText()));
      const expected = await model.forward(x).getPlainText();
      for (const one of answers) near(one, expected, 1e-3);
    }));
});
