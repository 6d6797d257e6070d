import assert from 'node:assert/strict';
import { exp2 } from '../../src/core/elementary.ts';

describe('core/elementary', () => {
  it('exp2() agrees with the engine to a few ulp, and is exact for integers', () => {
    for (let x = -60; x <= 60; x += 0.0625) {
      assert.ok(Math.abs(exp2(x) / Math.pow(2, x) - 1) < 1e-15, `x = ${x}`);
      if (Number.isInteger(x)) assert.equal(exp2(x), Math.pow(2, x));
    }
  });
});
