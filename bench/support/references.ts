/**
 * What workloads should give, in doubles.
 * @module
 */

import { convolved, maxPooled, multiplied } from './float-layers.ts';
import type { Input } from './inputs.ts';

/** The right result for given inputs, row-major. */
export type Reference = (inputs: readonly Input[]) => Float64Array;

/** Elementwise. */
export function each(f: (...xs: number[]) => number): Reference {
  return (inputs) => inputs[0].values.map((_, i) => f(...inputs.map(({ values }) => values[i])));
}

/** Row by row, along the last dim. */
export function byRow(f: (row: Float64Array) => ArrayLike<number>): Reference {
  return ([{ shape, values }]) => {
    const length = shape[shape.length - 1];
    const out: number[] = [];
    for (let at = 0; at < values.length; at += length) {
      out.push(...Array.from(f(values.subarray(at, at + length))));
    }
    return Float64Array.from(out);
  };
}

/** 1 where the first of the largest elements is. */
export function largest(row: Float64Array): Float64Array {
  const best = row.indexOf(Math.max(...row));
  return row.map((_, i) => (i === best ? 1 : 0));
}

/** Logarithms of a row's softmax. */
export function logSoftmax(row: Float64Array): Float64Array {
  const sum = row.reduce((total, x) => total + Math.exp(x), 0);
  return row.map((x) => x - Math.log(sum));
}

/** The error function, by its series: for |x| < 3. */
export function erf(x: number): number {
  let [sum, power] = [0, x];
  for (let k = 0; k < 60; k++, power *= (-x * x) / k) sum += power / (2 * k + 1);
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** A matrix product. */
export const product: Reference = ([a, b]) => multiplied(a, b).values;

/** A convolution with padding 1, stride 1. */
export const convolution: Reference = ([image, kernel]) =>
  convolved(image, kernel, null, { padding: 1 }).values;

/** Largest elements of windows of 2×2. */
export const pooled: Reference = ([image]) => maxPooled(image, 2, {}).values;

/** The largest absolute difference; NaN where there is no result of the right size. */
export function maxAbsError(got: Float64Array | null, want: Float64Array): number {
  if (got === null || got.length !== want.length) return NaN;
  return want.reduce((max, value, i) => Math.max(max, Math.abs(value - got[i])), 0);
}
