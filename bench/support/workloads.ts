/**
 * The workloads of `ops`: names and inputs of the published CrypTen baseline, so that rows can be laid side by side.
 * @module
 */

import * as ops from '../../src/functions/index.ts';
import type { Context } from '../../src/protocol/context.ts';
import type { Share } from '../../src/protocol/share.ts';

/** One secret input. */
export interface Input {
  readonly shape: readonly number[];
  /** Party that knows it. */
  readonly src: number;
  readonly values: Float64Array;
}

/** One row of the table. */
export interface Workload {
  readonly name: string;
  readonly inputs: () => readonly Input[];
  readonly run: (ctx: Context, inputs: readonly Share[]) => Share;
  readonly expected: (inputs: readonly Input[]) => Float64Array;
  /** Largest error that is not a bug. */
  readonly tolerance: number;
}

/** A reproducible generator of inputs; nothing secret is made from it. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/** N(0, std²) values. */
function normal(seed: number, shape: readonly number[], src: number, std = 1): Input {
  const next = generator(seed);
  const n = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: n }, () => {
    return std * Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
  });
  return { shape, src, values };
}

function uniform(seed: number, shape: readonly number[], low: number, high: number): Input {
  const next = generator(seed);
  const n = shape.reduce((a, b) => a * b, 1);
  return {
    shape,
    src: 0,
    values: Float64Array.from({ length: n }, () => low + (high - low) * next()),
  };
}

function quarters(input: Input): Input {
  return { ...input, values: input.values.map((v) => Math.round(v * 4) / 4) };
}

function each(f: (...xs: number[]) => number): (inputs: readonly Input[]) => Float64Array {
  return (inputs) => inputs[0].values.map((_, i) => f(...inputs.map((input) => input.values[i])));
}

function product([a, b]: readonly Input[]): Float64Array {
  const [m, k] = a.shape;
  const n = b.shape[1];
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const left = a.values[i * k + l];
      for (let j = 0; j < n; j++) out[i * n + j] += left * b.values[l * n + j];
    }
  }
  return out;
}

function matmul(name: string, m: number, k: number, n: number): Workload {
  return {
    name,
    inputs: () => [normal(1, [m, k], 0), normal(2, [k, n], 1)],
    run: (ctx, [x, y]) => ops.matmul(ctx, x, y),
    expected: product,
    tolerance: 0.02,
  };
}

/** Convolution with padding 1, in doubles. */
function windowSums([image, kernel]: readonly Input[]): Float64Array {
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
}

function conv(channels: number, filters: number, size: number): Workload {
  const std = 1 / Math.sqrt(9 * channels);
  return {
    name: `conv:${channels}-${filters}k3-${size}x${size}`,
    inputs: () => [
      normal(9, [1, channels, size, size], 0),
      normal(10, [filters, channels, 3, 3], 1, std),
    ],
    run: (ctx, [x, w]) => ops.conv2d(ctx, x, w, null, { padding: 1 }),
    expected: windowSums,
    tolerance: 0.005,
  };
}

function elementwise(size: string, n: number): Workload[] {
  const pair = (): Input[] => [normal(3, [n], 0), normal(4, [n], 1)];
  const coarse = (): Input[] => [quarters(normal(5, [n], 0, 3)), quarters(normal(6, [n], 1, 3))];
  const one = (): Input[] => [normal(7, [n], 0)];
  const row = (
    name: string,
    inputs: () => Input[],
    run: Workload['run'],
    f: (...xs: number[]) => number,
    tolerance: number,
  ): Workload => ({ name: `${name}:${size}`, inputs, run, expected: each(f), tolerance });
  return [
    row(
      'ew:mul',
      pair,
      (ctx, [x, y]) => ops.mul(ctx, x, y),
      (x, y) => x * y,
      1e-3,
    ),
    row(
      'ew:add',
      pair,
      (ctx, [x, y]) => ops.add(ctx, x, y),
      (x, y) => x + y,
      1e-4,
    ),
    row(
      'ew:square',
      one,
      (ctx, [x]) => ops.square(ctx, x),
      (x) => x * x,
      1e-3,
    ),
    row(
      'cmp:gt',
      coarse,
      (ctx, [x, y]) => ops.gt(ctx, x, y),
      (x, y) => (x > y ? 1 : 0),
      0,
    ),
    row(
      'cmp:relu',
      one,
      (ctx, [x]) => ops.relu(ctx, x),
      (x) => Math.max(x, 0),
      1e-4,
    ),
    row('cmp:abs', one, (ctx, [x]) => ops.abs(ctx, x), Math.abs, 1e-4),
    row(
      'fn:sigmoid',
      () => [uniform(8, [n], -6, 6)],
      (ctx, [x]) => ops.sigmoid(ctx, x),
      (x) => 1 / (1 + Math.exp(-x)),
      1.5e-4,
    ),
  ];
}

/** All rows. */
export const WORKLOADS: readonly Workload[] = [
  ...elementwise('1e3', 1000),
  ...elementwise('1e4', 10_000),
  ...elementwise('1e5', 100_000),
  ...elementwise('1e6', 1_000_000).filter(({ name }) => name.startsWith('ew')),
  matmul('mm:64', 64, 64, 64),
  matmul('mm:256', 256, 256, 256),
  matmul('mm:512', 512, 512, 512),
  matmul('mm:1024', 1024, 1024, 1024),
  matmul('mm:1x784x128', 1, 784, 128),
  matmul('mm:128x784x128', 128, 784, 128),
  conv(3, 16, 64),
  conv(16, 32, 32),
  conv(64, 64, 56),
];
