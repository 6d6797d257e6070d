import assert from 'node:assert/strict';
import { SIGMOID, SOFTPLUS_TAIL } from '../../src/functions/smooth.ts';
import { CURVE_SCALE, type Curve, curveTable } from '../../src/protocol/curve.ts';
import { simulate } from '../../src/simulate.ts';

/** The largest error of a curve's cubics on [from, L), for either of the two knots that the gate may use. */
function worst(curve: Curve, from: number): number {
  const table = curveTable(curve, 16);
  const h = 2 ** curve.stepLog2;
  const end = (curve.knots / 2 - 1) * h;
  let error = 0;
  for (let x = from; x < end; x += 2 ** -7) {
    for (const knot of [Math.floor(x / h), Math.floor(x / h) + 1]) {
      const j = (knot + curve.knots) % curve.knots;
      const t = x - knot * h;
      let y = 0;
      for (let p = 0; p < 4; p++) {
        const word = BigInt.asIntN(64, table[p * curve.knots + j]);
        y += (Number(word) / 2 ** (CURVE_SCALE - 16 * p)) * t ** p;
      }
      error = Math.max(error, Math.abs(y - curve.f(x)));
    }
  }
  return error;
}

describe('functions: smooth', () => {
  it('sigmoid: the table is within 5.3e-5 everywhere, tails included', () => {
    const error = worst(SIGMOID, -16);
    assert.ok(error < 5.3e-5, `table: ${error}`);
    assert.ok(SIGMOID.f(-16) < 2e-7 && 1 - SIGMOID.f(15.5) < 2e-7);
  });

  it('softplusTail: the table is within 5.3e-5 for t ≥ 0', () => {
    const error = worst(SOFTPLUS_TAIL, 0);
    assert.ok(error < 5.3e-5, `table: ${error}`);
    assert.ok(SOFTPLUS_TAIL.f(15.5) < 2e-7);
  });

  it('sigmoid() is within 1e-4 of the truth over two parties, and exact in the tails', async () => {
    const x = Float64Array.from({ length: 1500 }, (_, i) => (i - 750) / 41);
    const far = [-1e12, -500, -16.001, 16, 500, 1e12];
    const [y, tails] = (
      await simulate(2, async (party) => [
        await party.cryptensor(x).sigmoid().getPlainText(),
        await party.cryptensor(far).sigmoid().getPlainText(),
      ])
    )[0];
    assert.ok(y && tails);
    const errors = y.data.map((value, i) => Math.abs(value - 1 / (1 + Math.exp(-x[i]))));
    const error = Math.max(...errors);
    assert.ok(error <= 5.3e-5 + 2 ** -16 + 2 ** -17, `measured ${error}`);
    assert.deepEqual([...tails.data], [0, 0, 0, 1, 1, 1]);
  });

  it('sigmoid() takes unscaled, coarse and fine inputs, and sessions of other precisions', async () => {
    for (const precision of [12, 16, 20]) {
      await simulate(
        1,
        async (party) => {
          const x = party.cryptensor([-2, 0, 1.5]);
          for (const [input, expected] of [
            [x, [-2, 0, 1.5]],
            [x.gt(0), [0, 0, 1]],
            [party.cryptensor([-2, 0.5, 3], { precision: 4 }), [-2, 0.5, 3]],
            [party.cryptensor([-2, 0.5, 3], { precision: 24 }), [-2, 0.5, 3]],
            [x.mul(x), [4, 0, 2.25]],
          ] as const) {
            const y = input.sigmoid();
            const got = await y.getPlainText();
            expected.forEach((v, i) => {
              const error = Math.abs((got?.data[i] ?? NaN) - 1 / (1 + Math.exp(-v)));
              assert.ok(error < 2 ** -Math.min(precision, 16) * 2, `${precision}: ${error}`);
            });
            assert.ok(y.precision >= Math.min(precision, 16));
          }
        },
        { precision },
      );
    }
  });
});
