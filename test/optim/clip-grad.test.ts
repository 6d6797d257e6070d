import assert from 'node:assert/strict';
import { makeParty } from '../../src/make-party.ts';
import * as nn from '../../src/nn/index.ts';
import { simulateSeats } from '../../src/seats.ts';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor, Party } from '../../src/tensor/index.ts';
import { openings, record, shuffled } from '../support/seats.ts';

const { clipGradNorm_, clipGradValue_ } = nn.utils;

const withGrads = (party: Party, grads: readonly (readonly number[])[]): CrypTensor[] =>
  grads.map((grad) => {
    const p = party.cryptensor(new Float64Array(grad.length), { requiresGrad: true });
    p.grad = party.cryptensor(grad, { precision: 24 });
    return p;
  });

const opened = async (params: readonly CrypTensor[]): Promise<number[]> => {
  const grads = await Promise.all(params.map((p) => (p.grad as CrypTensor).getPlainText()));
  return grads.flatMap(({ data }) => [...data]);
};

const close = (got: readonly number[], expected: readonly number[], tolerance: number): void => {
  assert.equal(got.length, expected.length);
  got.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]) <= tolerance, `${got} instead of ${expected}`);
  });
};

const sizeOf = (values: readonly number[], order: number): number =>
  order === Infinity
    ? Math.max(...values.map(Math.abs))
    : values.reduce((sum, value) => sum + Math.abs(value) ** order, 0) ** (1 / order);

describe('nn: clipping of gradients', () => {
  for (const n of [1, 2, 3]) {
    it(`${n}: by value`, () =>
      simulate(n, async (party) => {
        const params = withGrads(party, [[0.5, -3, 0.125], [2]]);
        const [, still] = [params, party.cryptensor(1, { requiresGrad: true })];
        clipGradValue_([...params, still], 0.75);
        close(await opened(params), [0.5, -0.75, 0.125, 0.75], 2 ** -16);
        assert.equal(still.grad, null);
      }));

    for (const order of [1, 2, Infinity]) {
      it(`${n}: by the norm of order ${order} of all of them together`, () =>
        simulate(n, async (party) => {
          for (const grads of [
            [[0.5, -3, 0.125], [2]],
            [[0.01, 0.002], [-0.003], [0.001]],
            [[100], [-50, 20]],
            [[0], [0, 0]],
          ]) {
            for (const maxNorm of [0.005, 1, 64]) {
              const params = withGrads(party, grads);
              const still = party.cryptensor(1, { requiresGrad: true });
              const norm = clipGradNorm_([...params, still], maxNorm, { normType: order });
              const all = grads.flat();
              const expected = sizeOf(all, order);
              const factor = Math.min(1, maxNorm / (expected + 1e-6));
              close([(await norm.getPlainText()).item()], [expected], 2e-4 * expected + 1e-4);
              const clipped = all.map((value) => value * factor);
              close(
                await opened(params),
                clipped,
                (5e-4 + 2e-5 / (expected + 1e-6)) * factor * expected + 2 ** -20,
              );
              assert.equal(still.grad, null);
            }
          }
        }));
    }
  }

  it('opens nothing: neither the norm nor the factor is revealed', async () => {
    const { results } = await simulateSeats(
      2,
      async (seat) => {
        const recording = record(seat);
        const party = makeParty(seat);
        const params = withGrads(party, [[3, 4]]);
        clipGradNorm_(params, 1);
        clipGradValue_(params, 0.5);
        await opened(params);
        await seat.context.session.outstanding.idle();
        return openings(recording.sent).filter(({ text }) => text.includes('reveal')).length;
      },
      shuffled,
    );
    // The one that the test asks for.
    assert.deepEqual(results, [1, 1]);
  });

  it('refuses limits that are none, and nothing to clip', () =>
    simulate(1, (party) => {
      const params = withGrads(party, [[1]]);
      for (const bad of [0, -1, NaN, Infinity]) {
        assert.throws(() => clipGradNorm_(params, bad), { code: 'ERR_MPC_RANGE' });
        assert.throws(() => clipGradValue_(params, bad), { code: 'ERR_MPC_RANGE' });
      }
      assert.throws(() => clipGradNorm_([], 1), { code: 'ERR_MPC_MODEL' });
      assert.throws(() => clipGradNorm_(params, 1, { normType: 0.5 }), {
        code: 'ERR_MPC_UNSUPPORTED',
      });
    }));
});
