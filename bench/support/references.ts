/**
 * What workloads should give, in doubles.
 * @module
 */

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
export const product: Reference = ([a, b]) => {
  const [m, k] = a.shape;
  const n = b.shape[1];
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    const row = out.subarray(i * n, (i + 1) * n);
    for (let l = 0; l < k; l++) {
      const left = a.values[i * k + l];
      const right = b.values.subarray(l * n, (l + 1) * n);
      for (let j = 0; j < n; j++) row[j] += left * right[j];
    }
  }
  return out;
};

/** A convolution of one image with padding 1, stride 1. */
export const convolution: Reference = ([image, kernel]) => {
  const [channels, height, width] = image.shape.slice(1);
  const [filters, , h, w] = kernel.shape;
  const out = new Float64Array(filters * height * width);
  for (const at of kernel.values.keys()) {
    const [f, c, i, j] = [
      Math.floor(at / (channels * h * w)),
      Math.floor(at / (h * w)) % channels,
      (Math.floor(at / w) % h) - 1,
      (at % w) - 1,
    ];
    for (let y = Math.max(0, -i); y < Math.min(height, height - i); y++) {
      const from = (c * height + y + i) * width + j;
      const to = (f * height + y) * width;
      for (let x = Math.max(0, -j); x < Math.min(width, width - j); x++) {
        out[to + x] += kernel.values[at] * image.values[from + x];
      }
    }
  }
  return out;
};

/** Largest elements of windows of 2×2. */
export const pooled: Reference = ([{ shape, values }]) => {
  const width = shape[shape.length - 1];
  return Float64Array.from({ length: values.length / 4 }, (_, i) => {
    const at = 2 * width * Math.floor((2 * i) / width) + ((2 * i) % width);
    return Math.max(values[at], values[at + 1], values[at + width], values[at + width + 1]);
  });
};

/** The largest absolute difference; NaN where there is no result of the right size. */
export function maxAbsError(got: Float64Array | null, want: Float64Array): number {
  if (got === null || got.length !== want.length) return NaN;
  return want.reduce((max, value, i) => Math.max(max, Math.abs(value - got[i])), 0);
}
