/** Smooth functions as users call them: every scale of input and session, pending products, tails, gradients that are curves. */
import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import { sigmoid as sigmoidOf, sin } from '../../src/functions/index.ts';
import { settle } from '../../src/protocol/settle.ts';
import type { Share } from '../../src/protocol/share.ts';
import { CrypTensor, type Party } from '../../src/tensor/index.ts';
import { erf, normalCdf, sigmoid, softplus } from '../oracle/functions.ts';

type Method = 'sigmoid' | 'tanh' | 'erf' | 'gelu' | 'silu' | 'softplus';

const TRUTH: Record<Method, (x: number) => number> = {
  sigmoid,
  tanh: Math.tanh,
  erf,
  gelu: (x) => x * normalCdf(x),
  silu: (x) => x * sigmoid(x),
  softplus,
};
const METHODS = Object.keys(TRUTH) as Method[];

/** What the fits leave, and a unit of rounding on either side. */
const FIT = 4e-5;

async function near(
  y: CrypTensor,
  expected: readonly number[],
  tolerance: number,
  what: string,
): Promise<void> {
  const got = await y.getPlainText();
  assert.equal(got.data.length, expected.length, what);
  got.data.forEach((value, i) => {
    const error = Math.abs(value - expected[i]);
    assert.ok(error <= tolerance, `${what} [${i}]: ${value} for ${expected[i]}`);
  });
}

describe('functions: smooth', () => {
  for (const precision of [8, 12, 16, 20, 24]) {
    it(`take unscaled, coarse, fine and pending inputs at precision ${precision}`, async () => {
      const run = async (party: Party): Promise<void> => {
        const ulp = 2 ** -precision;
        const x = party.cryptensor([-2, 0, 1.5]);
        const inputs: readonly (readonly [string, CrypTensor, number[]])[] = [
          ['as it is', x, [-2, 0, 1.5]],
          ['0/1', x.gt(0), [0, 0, 1]],
          ['4 bits', party.cryptensor([-2, 0.5, 3], { precision: 4 }), [-2, 0.5, 3]],
          ['24 bits', party.cryptensor([-2, 0.5, 3], { precision: 24 }), [-2, 0.5, 3]],
          ['pending', x.mul(x), [4, 0, 2.25]],
          ['a scalar', x.index(2), [1.5]],
          ['nothing', x.narrow(0, 1, 0), []],
          ['public', party.full([2], 0.75), [0.75, 0.75]],
          ['reversed', x.flip(0), [1.5, 0, -2]],
        ];
        for (const method of METHODS) {
          for (const [name, input, values] of inputs) {
            const y = input[method]();
            assert.equal(y.precision, precision, `${method} of ${name}`);
            assert.deepEqual(y.shape, input.shape);
            await near(y, values.map(TRUTH[method]), FIT + 2 * ulp, `${method} of ${name}`);
          }
        }
      };
      for (const n of precision === 16 ? [1, 2, 3] : [1, 2]) await simulate(n, run, { precision });
    });
  }

  it('a product goes into a curve without flat slopes untruncated: one round less', async () => {
    const rounds = async (method: Method): Promise<number> => {
      const [count] = await simulate(2, async (party) => {
        const x = party.cryptensor([0.5]).mul(party.cryptensor([1.5]));
        const y = x[method]();
        await party.settle(y);
        return party.stats().rounds;
      });
      return count;
    };
    assert.equal(await rounds('sigmoid'), 4);
    assert.equal(await rounds('gelu'), 5);
  });

  it('a product that was truncated before is read as it was truncated, not dithered anew (H5)', async () => {
    await simulate(2, (party) => {
      const { context: ctx } = party;
      const product = (): Share =>
        CrypTensor.shareOf(party.cryptensor([0.5, -3]).mul(party.cryptensor([1.5, 1.5])));
      const [fresh, used] = [product(), product()];
      const { depth } = settle(ctx, used);
      assert.equal(depth, used.depth + 1);
      for (const f of [sigmoidOf, sin]) {
        const rounds = f(ctx, fresh).depth - fresh.depth;
        assert.equal(f(ctx, used).depth, depth + rounds);
      }
    });
  });

  it('tails are exact: constants, 0 and x itself, up to the ends of the ring', async () => {
    const far = [-(2 ** 45), -1e9, -500, -13.001, 13, 13.75, 500, 1e9, 2 ** 45];
    for (const n of [1, 2, 3]) {
      await simulate(n, async (party) => {
        const x = party.cryptensor(far);
        const kept = (await x.getPlainText()).data;
        const below = (v: number): number => [0, -1][Number(v)];
        for (const method of METHODS) {
          const { data } = await x[method]().getPlainText();
          const rises = ['gelu', 'silu', 'softplus'].includes(method);
          const low = method === 'tanh' || method === 'erf' ? below(1) : 0;
          const expected = [...kept].map((v) => (v < 0 ? low : rises ? v : 1));
          assert.deepEqual([...data], expected, `${method}, ${n} parties`);
        }
      });
    }
  });

  it('cossin() is cos() and sin() from one opening, with gradients', async () => {
    for (const n of [1, 2, 3]) {
      await simulate(n, async (party) => {
        const values = [-3, -0.5, 0, 2, 1000];
        const x = party.cryptensor(values, { requiresGrad: true });
        const [cos, sin] = x.cossin();
        await near(cos, values.map(Math.cos), 2 ** -15, 'cos');
        await near(sin, values.map(Math.sin), 2 ** -15, 'sin');
        cos.mul(2).sub(sin.mul(3)).sum().backward();
        const slopes = values.map((v) => -2 * Math.sin(v) - 3 * Math.cos(v));
        await near(x.grad as CrypTensor, slopes, 2 ** -12, 'gradient');
      });
    }
  });
});
