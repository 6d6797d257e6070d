import assert from 'node:assert/strict';
import { exp, log1p, logistic, logOnePlusExpMinus } from '../../src/core/elementary.ts';

/** Relative difference, absolute below 1. */
const apart = (a: number, b: number): number => Math.abs(a - b) / Math.max(1, Math.abs(b));

describe('core/elementary', () => {
  it('exp() agrees with the engine to a few ulp from −700 to 700', () => {
    for (let x = -700; x <= 700; x += 0.37) {
      const want = Math.exp(x);
      assert.ok(Math.abs(exp(x) / want - 1) < 2e-15, `x = ${x}`);
    }
    assert.equal(exp(0), 1);
  });

  it('log1p() agrees with the engine on [0, 1]', () => {
    for (let x = 0; x <= 1; x += 0.001)
      assert.ok(apart(log1p(x), Math.log1p(x)) < 1e-15, `x = ${x}`);
  });

  it('logistic() and logOnePlusExpMinus() agree with their definitions', () => {
    for (let x = -40; x <= 40; x += 0.13) {
      assert.ok(apart(logistic(x), 1 / (1 + Math.exp(-x))) < 1e-15, `logistic ${x}`);
      const want = x >= 0 ? Math.log1p(Math.exp(-x)) : -x + Math.log1p(Math.exp(x));
      assert.ok(apart(logOnePlusExpMinus(x), want) < 1e-15, `softplus ${x}`);
    }
  });
});
