/** Approximated functions at their edges: other precisions and scales, inputs without a value, refusals, skipped losses. */
import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor, Party } from '../../src/tensor/index.ts';

const open = async (x: CrypTensor | null): Promise<number[]> => {
  assert.ok(x !== null);
  return [...(await x.getPlainText()).data];
};

function near(
  got: readonly number[],
  expected: readonly number[],
  absolute: number,
  relative: number,
  what: string,
): void {
  assert.equal(got.length, expected.length, what);
  got.forEach((value, i) => {
    const allowed = absolute + relative * Math.abs(expected[i]);
    const error = Math.abs(value - expected[i]);
    assert.ok(error <= allowed, `${what} [${i}]: ${value} for ${expected[i]}, allowed ${allowed}`);
  });
}

/** Functions of the whole range, with inputs that every scale below holds exactly. */
const WHOLE: Record<string, [(x: CrypTensor) => CrypTensor, (x: number) => number, number[]]> = {
  exp: [(x) => x.exp(), Math.exp, [-4, -0.5, 0, 1, 2.5, 6]],
  log: [(x) => x.log(), Math.log, [0.25, 0.5, 1, 3, 10, 1000]],
  reciprocal: [(x) => x.reciprocal(), (x) => 1 / x, [-100, -0.25, 0.5, 1, 3, 500]],
  sqrt: [(x) => x.sqrt(), Math.sqrt, [0, 0.25, 2, 3, 9, 1000]],
  rsqrt: [(x) => x.rsqrt(), (x) => 1 / Math.sqrt(x), [0.25, 0.5, 2, 3, 9, 1000]],
  sin: [(x) => x.sin(), Math.sin, [-3, 0, 0.5, 1.5, 100]],
  cos: [(x) => x.cos(), Math.cos, [-3, 0, 0.5, 1.5, 100]],
  div: [(x) => x.div(x.mul(x)), (x) => 1 / x, [-30, -0.25, 0.5, 1, 3]],
  posPow: [(x) => x.posPow(1.5), (x) => x ** 1.5, [0.25, 0.5, 1, 3, 10]],
  posPowLarge: [(x) => x.posPow(0.5), Math.sqrt, [1e6, 1e9, 2e9]],
};

describe('functions: precisions and scales', () => {
  for (const precision of [8, 12, 16, 20, 24]) {
    it(`keep their accuracy at precision ${precision}`, async () => {
      for (const n of [1, 2, 3]) {
        await simulate(
          n,
          async (party) => {
            for (const [name, [call, truth, values]] of Object.entries(WHOLE)) {
              const expected = values.map(truth);
              const y = call(party.cryptensor(values));
              assert.ok(y.precision >= Math.min(precision, 16), name);
              near(await open(y), expected, 4 * 2 ** -precision, 2 ** -11, `${name}, ${n} parties`);
            }
            const rows = party.cryptensor([
              [1, 2, 3, -4],
              [0, 0, 0, 0],
            ]);
            const total = [1, 2, 3, -4].reduce((sum, x) => sum + Math.exp(x), 0);
            const first = [1, 2, 3, -4].map((x) => Math.exp(x) / total);
            const soft = [...first, 0.25, 0.25, 0.25, 0.25];
            near(await open(rows.softmax(1)), soft, 2 * 2 ** -precision + 4e-5, 0, 'softmax');
            const logs = await open(rows.logSoftmax(1));
            near(logs, soft.map(Math.log), 4 * 2 ** -precision, 2 ** -12, 'logSoftmax');
            const normal = [1, 2, 3, -4].map((x) => (x - 0.5) / Math.sqrt(7.25 + 1e-5));
            const layer = await open(rows.layerNorm([4]));
            near(layer, [...normal, 0, 0, 0, 0], 6 * 2 ** -precision, 2 ** -12, 'layerNorm');
          },
          { precision },
        );
      }
    });
  }

  it('take unscaled, coarse, fine and pending inputs', async () => {
    for (const n of [1, 2]) {
      await simulate(n, async (party) => {
        const values = [0.5, 1, 3];
        const inputs: readonly (readonly [string, CrypTensor, number[]])[] = [
          ['whole', party.cryptensor([1, 2, 7], { precision: 0 }), [1, 2, 7]],
          ['4 bits', party.cryptensor(values, { precision: 4 }), values],
          ['24 bits', party.cryptensor(values, { precision: 24 }), values],
          ['36 bits', party.cryptensor(values, { precision: 36 }), values],
          ['pending', party.cryptensor(values).mul(party.cryptensor([2, 2, 2])), [1, 2, 6]],
          ['public', party.full([2], 0.75), [0.75, 0.75]],
        ];
        for (const [name, input, expected] of inputs) {
          for (const method of ['exp', 'log', 'reciprocal', 'sqrt', 'rsqrt', 'sin'] as const) {
            const [call, truth] = WHOLE[method];
            const y = call(input);
            near(await open(y), expected.map(truth), 2 ** -14, 2 ** -12, `${method} of ${name}`);
          }
          const q = party.cryptensor(expected).div(input);
          near(
            await open(q),
            expected.map(() => 1),
            2 ** -13,
            0,
            `div by ${name}`,
          );
        }
      });
    }
  });

  it('inputs without a value give the stated one', async () => {
    for (const n of [1, 2, 3]) {
      await simulate(n, async (party) => {
        const x = party.cryptensor([0, -1, -0.5, -1e9, -(2 ** 45)], { requiresGrad: true });
        assert.deepEqual(await open(x.sqrt()), [0, 0, 0, 0, 0]);
        assert.deepEqual(await open(x.rsqrt()), [0, 0, 0, 0, 0]);
        const least = Math.log(2 ** -16);
        near(await open(x.log()), [least, least, least, least, least], 2 ** -15, 0, 'log');
        const zero = x.narrow(0, 0, 1);
        assert.deepEqual(await open(zero.reciprocal()), [0]);
        assert.deepEqual(await open(x.div(zero)), [0, 0, 0, 0, 0]);
        assert.deepEqual(await open(party.cryptensor([40, 25, 1000]).exp()), [
          2 ** 26,
          2 ** 26,
          2 ** 26,
        ]);
        assert.deepEqual(await open(party.cryptensor([-12, -25, -1e8]).exp()), [0, 0, 0]);
        x.sqrt().sum().backward();
        assert.deepEqual(await open(x.grad), [0, 0, 0, 0, 0]);
      });
    }
  });

  it('softmax takes rows of 2^16 elements, and says that more are too long', async () => {
    await simulate(2, async (party) => {
      const size = 2 ** 16;
      const values = Float64Array.from({ length: size }, (_, i) => (i === 77 ? 11 : (i % 7) / 4));
      const total = values.reduce((sum, x) => sum + Math.exp(x), 0);
      const x = party.cryptensor(values);
      const y = (await x.softmax(0).getPlainText()).data;
      near([y[77], y[78]], [Math.exp(11) / total, Math.exp(0.25) / total], 5e-5, 0, 'softmax');
      const long = party.cryptensor(new Float64Array(size + 1));
      for (const call of [() => long.softmax(0), () => long.logSoftmax(0)]) {
        assert.throws(call, { code: 'ERR_MPC_UNSUPPORTED', message: /rows of 65537 elements/ });
      }
    });
  });
});

describe('functions: refusals', () => {
  it('say at the call what is wrong', () =>
    simulate(1, (party: Party) => {
      const x = party.cryptensor([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const scalar = party.cryptensor(1);
      const cases: readonly (readonly [() => unknown, string, RegExp])[] = [
        [() => x.softmax(2), 'ERR_MPC_SHAPE', /softmax: dim 2/],
        [() => x.logSoftmax(-3), 'ERR_MPC_SHAPE', /logSoftmax: dim -3/],
        [() => x.layerNorm([2]), 'ERR_MPC_SHAPE', /\[2,3\] does not end in \[2\]/],
        [() => x.layerNorm([]), 'ERR_MPC_SHAPE', /does not end in \[\]/],
        [() => x.layerNorm([3], { weight: [1, 2] }), 'ERR_MPC_SHAPE', /weight has shape \[2\]/],
        [() => x.layerNorm([3], { bias: 1 }), 'ERR_MPC_SHAPE', /bias has shape \[\]/],
        [() => x.layerNorm([3], { eps: -1 }), 'ERR_MPC_RANGE', /eps from 0 up/],
        [() => x.div([1, 2]), 'ERR_MPC_SHAPE', /div/],
        [() => x.div([1, 0, 2]), 'ERR_MPC_RANGE', /flat position 1 is 0/],
        [() => x.div(party.cryptensor([1, 2])), 'ERR_MPC_SHAPE', /div/],
        [() => x.posPow(party.cryptensor([1, 2])), 'ERR_MPC_SHAPE', /posPow/],
        [() => x.posPow(NaN), 'ERR_MPC_RANGE', /not a number/],
        [() => x.norm(0.5), 'ERR_MPC_UNSUPPORTED', /no norm of order 0.5/],
        [() => x.norm('nuc' as 'fro'), 'ERR_MPC_UNSUPPORTED', /no norm of order nuc/],
        [() => x.norm(2, 2), 'ERR_MPC_SHAPE', /norm: dim 2/],
        [() => x.cosineSimilarity([1, 2]), 'ERR_MPC_SHAPE', /cosineSimilarity: input \[2,3\]/],
        [() => x.cosineSimilarity(x, 2), 'ERR_MPC_SHAPE', /cosineSimilarity: dim 2/],
        [
          () => x.crossEntropy([1, 2, 0]),
          'ERR_MPC_SHAPE',
          /class numbers for \[2,3\] have shape \[2\], got \[3\]/,
        ],
        [() => x.crossEntropy([1, 3]), 'ERR_MPC_RANGE', /crossEntropy/],
        [() => scalar.crossEntropy(1), 'ERR_MPC_SHAPE', /no classes/],
        [() => x.binaryCrossEntropy([1]), 'ERR_MPC_SHAPE', /binaryCrossEntropy: input/],
        [() => x.rapporLoss(x, { alpha: 1.5 }), 'ERR_MPC_RANGE', /alpha must be/],
        [() => x.rapporLoss(x, { alpha: NaN }), 'ERR_MPC_RANGE', /alpha must be/],
      ];
      for (const [call, code, message] of cases) assert.throws(call, { code, message });
    }));
});

describe('functions: losses without a value', () => {
  it('skipForward: the value is 0 and free, gradients are those of the whole loss', async () => {
    for (const n of [1, 2, 3]) {
      await simulate(n, async (party) => {
        const values = [
          [0.2, 0.5, 0.9],
          [0.1, 0.7, 0.3],
        ];
        const target = [
          [0, 1, 0],
          [1, 0, 0],
        ];
        const losses: Record<string, (x: CrypTensor, skipForward: boolean) => CrypTensor> = {
          crossEntropy: (x, skipForward) => x.crossEntropy(target, { skipForward }),
          binaryCrossEntropy: (x, skipForward) => x.binaryCrossEntropy(target, { skipForward }),
          rapporLoss: (x, skipForward) => x.rapporLoss(target, { alpha: 0.8, skipForward }),
        };
        for (const [name, loss] of Object.entries(losses)) {
          const [x, y] = [0, 1].map(() => party.cryptensor(values, { requiresGrad: true }));
          party.resetStats();
          const skipped = loss(x, true);
          assert.deepEqual(await open(skipped), [0], name);
          if (name !== 'rapporLoss') assert.ok(party.stats().rounds <= 1, name);
          skipped.backward();
          loss(y, false).backward();
          near(await open(x.grad), await open(y.grad), 2 ** -14, 2 ** -12, `${name}, ${n} parties`);
        }
      });
    }
  });

  it('a target that requires a gradient gets it', async () => {
    for (const n of [1, 2]) {
      await simulate(n, async (party) => {
        const p = party.cryptensor([0.25, 0.5]);
        const slopes: Record<string, [(y: CrypTensor) => CrypTensor, number[]]> = {
          crossEntropy: [
            (y) => p.crossEntropy(y),
            [0.25, 0.5].map((x) => Math.log(Math.exp(0.25) + Math.exp(0.5)) - x),
          ],
          binaryCrossEntropy: [(y) => p.binaryCrossEntropy(y), [Math.log(3) / 2, 0]],
          rapporLoss: [
            (y) => p.rapporLoss(y, { alpha: 0.75, reduction: 'sum' }),
            [0.25, 0.5].map((x) => {
              const r = 0.25 + 0.5 / (1 + Math.exp(-x));
              return Math.log((1 - r) / r);
            }),
          ],
        };
        for (const [name, [loss, expected]] of Object.entries(slopes)) {
          const y = party.cryptensor([0, 1], { requiresGrad: true });
          loss(y).backward();
          near(await open(y.grad), expected, 2 ** -12, 0, `${name}, ${n} parties`);
        }
      });
    }
  });
});
