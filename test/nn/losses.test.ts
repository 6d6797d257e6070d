import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, type LossOptions, Tensor } from '../../src/tensor/index.ts';

const X = [
  [0.5, -1.25, 2],
  [3, -0.5, 0.25],
];
const P = [
  [0.25, 0.75, 0.5],
  [0.125, 0.875, 0.625],
];
const BITS = [
  [1, 0, 1],
  [0, 1, 1],
];
const SIGNS = BITS.map((row) => row.map((bit) => 2 * bit - 1));

interface Row {
  readonly name: string;
  readonly make: (options: LossOptions) => nn.Loss;
  readonly x: number[][];
  readonly y: number[][] | number[];
}

const ROWS: readonly Row[] = [
  { name: 'MSELoss', make: (options) => new nn.MSELoss(options), x: X, y: P },
  { name: 'L1Loss', make: (options) => new nn.L1Loss(options), x: X, y: P },
  {
    name: 'SmoothL1Loss',
    make: (options) => new nn.SmoothL1Loss({ ...options, beta: 0.5 }),
    x: X,
    y: P,
  },
  {
    name: 'HuberLoss',
    make: (options) => new nn.HuberLoss({ ...options, delta: 0.5 }),
    x: X,
    y: P,
  },
  { name: 'BCELoss', make: (options) => new nn.BCELoss(options), x: P, y: BITS },
  {
    name: 'BCEWithLogitsLoss',
    make: (options) => new nn.BCEWithLogitsLoss(options),
    x: X,
    y: BITS,
  },
  { name: 'CrossEntropyLoss', make: (options) => new nn.CrossEntropyLoss(options), x: X, y: BITS },
  {
    name: 'CrossEntropyLoss of class numbers',
    make: (options) => new nn.CrossEntropyLoss(options),
    x: X,
    y: [2, 0],
  },
  { name: 'NLLLoss', make: (options) => new nn.NLLLoss(options), x: X, y: [2, 0] },
  { name: 'HingeLoss', make: (options) => new nn.HingeLoss(options), x: X, y: SIGNS },
  {
    name: 'HingeEmbeddingLoss',
    make: (options) => new nn.HingeEmbeddingLoss(options),
    x: X,
    y: SIGNS,
  },
  {
    name: 'RAPPORLoss',
    make: (options) => new nn.RAPPORLoss(0.75, options),
    x: X,
    y: BITS,
  },
];

describe('nn: losses, the value skipped', () => {
  for (const { name, make, x: values, y: target } of ROWS) {
    it(`${name}: 0, and the gradient of the whole`, () =>
      simulate(2, async (party) => {
        const results = [false, true].map((skipForward) => {
          const x = party.cryptensor(values, { requiresGrad: true });
          const loss = make({ skipForward }).forward(x, party.cryptensor(target, { src: 1 }));
          loss.backward();
          return { value: loss.getPlainText(), gradient: x.grad?.getPlainText() };
        });
        const [whole, skipped] = results;
        assert.ok(Math.abs((await whole.value).item()) > 0.05);
        assert.equal((await skipped.value).item(), 0);
        const [exact, same] = [await whole.gradient, await skipped.gradient];
        assert.ok(exact !== undefined);
        assert.ok(exact.data.some((value) => Math.abs(value) > 0.01));
        exact.data.forEach((value, i) => assert.ok(Math.abs(value - (same?.data[i] ?? 9)) < 1e-4));
      }));
  }

  it('shapes: without reduction a value for each element, or for each row of classes', () =>
    simulate(1, (party) => {
      for (const { name, make, x, y } of ROWS) {
        const { shape } = make({ reduction: 'none', skipForward: true }).forward(
          party.cryptensor(x),
          y,
        );
        assert.deepEqual(shape, /^(Cross|NLL)/.test(name) ? [2] : [2, 3], name);
      }
    }));
});

describe('nn: without gradients', () => {
  it('losses, cosine similarity and batch norm give the same values and no graph', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor(P, { requiresGrad: true });
      const calls = [
        ...ROWS.map(
          ({ make, y }) =>
            () =>
              make({}).forward(x, y),
        ),
        () => x.cosineSimilarity(X),
        () => x.batchNorm([1, 2, 3], null, { training: true }),
      ];
      for (const call of calls) {
        const [recorded, free] = [call(), party.noGrad(call)];
        assert.deepEqual([recorded.requiresGrad, free.requiresGrad], [true, false]);
        const [a, b] = await Promise.all([recorded.getPlainText(), free.getPlainText()]);
        a.data.forEach((value, i) => assert.ok(Math.abs(value - b.data[i]) < 1e-3));
      }
    }));
});

describe('nn: losses, errors', () => {
  it('say what was expected and what to do', () =>
    simulate(2, (party) => {
      const x = party.cryptensor(X);
      const shape = { code: 'ERR_MPC_SHAPE' };
      for (const { name, make } of ROWS) {
        if (/^(Cross|NLL)/.test(name)) continue;
        assert.throws(
          () => make({}).forward(x, [1, 0, 1]),
          { ...shape, message: /same shape/ },
          name,
        );
        assert.throws(() => make({}).forward(X as never, P), {
          name: 'TypeError',
          message: /Loss.forward: expected a CrypTensor, got Array/,
        });
      }
      for (const Loss of [nn.CrossEntropyLoss, nn.NLLLoss]) {
        const loss = new Loss();
        assert.throws(() => loss.forward(x, [0, 1, 2]), {
          ...shape,
          message: /class numbers for \[2,3\] have shape \[2\], got \[3\]/,
        });
        assert.throws(() => loss.forward(x, [[1, 0]]), { ...shape, message: /same shape/ });
        assert.throws(() => loss.forward(x, [0, 3]), {
          code: 'ERR_MPC_RANGE',
          message: /from 0 to 2, got 3 at flat position 1/,
        });
        assert.throws(() => loss.forward(x, [0.5, 1]), { code: 'ERR_MPC_RANGE' });
        assert.throws(() => loss.forward(party.zeros([]), 0), shape);
      }
      assert.throws(() => new nn.SmoothL1Loss({ beta: 0 }).forward(x, P), {
        code: 'ERR_MPC_RANGE',
        message: /above 0, got 0; use l1Loss/,
      });
      assert.throws(() => new nn.HuberLoss({ delta: -1 }).forward(x, P), { code: 'ERR_MPC_RANGE' });
      assert.throws(() => party.cryptensor([1]).oneHot(0), { code: 'ERR_MPC_RANGE' });
    }));
});

describe('nn: one-hot', () => {
  for (const n of [1, 2, 3]) {
    it(`${n}: class numbers of any shape; none for what is no class`, () =>
      simulate(n, async (party) => {
        const at = async (x: CrypTensor): Promise<unknown> =>
          (await x.oneHot(3).getPlainText()).toArray();
        assert.deepEqual(
          await at(
            party.cryptensor(
              [
                [2, 0],
                [1, 7],
              ],
              { src: n - 1 },
            ),
          ),
          [
            [
              [0, 0, 1],
              [1, 0, 0],
            ],
            [
              [0, 1, 0],
              [0, 0, 0],
            ],
          ],
        );
        assert.deepEqual(await at(party.cryptensor(1)), [0, 1, 0]);
        assert.deepEqual(await at(party.cryptensor([-1, 0.5])), [
          [0, 0, 0],
          [0, 0, 0],
        ]);
        assert.deepEqual(await at(party.cryptensor(new Tensor([0], []))), []);
        // Of scale 0 it is a 0/1 tensor: a product with it owes no truncation.
        assert.equal(party.cryptensor([1]).oneHot(2).precision, 0);
      }));
  }
});
