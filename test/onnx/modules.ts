/**
 * Modules whose every value counts, inputs for them, and how near results are.
 * @module
 */

import assert from 'node:assert/strict';
import type * as nn from '../../src/nn/index.ts';
import { Tensor } from '../../src/tensor/index.ts';

/** Values in ±2 that no two positions of the first 101 share. */
export function spread(shape: readonly number[]): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return new Tensor(
    shape,
    Float64Array.from({ length: size }, (_, i) => (((i * 37) % 101) - 50) / 25),
  );
}

/** A module with other statistics and affine parameters than those it starts with. */
export function shaken<M extends nn.Module>(module: M): M {
  const state = Object.fromEntries(
    Object.entries(module.stateDict()).map(([name, value]) => {
      const shift = name.endsWith('running_var') || name.endsWith('weight') ? 0.25 : 0.125;
      assert.ok(value instanceof Tensor);
      return [
        name,
        new Tensor(
          value.shape,
          value.data.map((v, i) => v + shift * ((i % 3) - 0.5)),
        ),
      ];
    }),
  );
  module.loadStateDict(state);
  return module.eval();
}

/** Checks that values lie within a tolerance of what is expected. */
export function close(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  assert.equal(got.length, expected.length);
  Array.from(expected).forEach((value, i) =>
    assert.ok(Math.abs(value - got[i]) <= tolerance, `at ${i}: ${got[i]} instead of ${value}`),
  );
}
