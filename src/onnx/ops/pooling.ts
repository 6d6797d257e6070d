/**
 * Pools of one and two spatial dims.
 *
 * Windows that the tensor's own pools know (the same padding on both sides, at most half the kernel) go to them; for others the
 * image gets its margin first: zeros for means, −2^24 for maxima.
 * @module
 */

import type { CrypTensor } from '../../tensor/index.ts';
import type { Call } from '../call.ts';
import { Fixed } from '../fixed.ts';
import { ALL, type OnnxOp, type Step } from '../op.ts';
import {
  cropped,
  geometry,
  perDim,
  spatialSizes,
  symmetric,
  WINDOW_ATTRIBUTES,
  withMargin,
  type Geometry,
} from './windows.ts';

const NEVER_LARGEST = -(2 ** 24);

function pooled(call: Call): { readonly g: Geometry; readonly ceil: boolean; native: boolean } {
  const dims = spatialSizes(call).length;
  const ceil = call.flag('ceil_mode', false);
  const g = geometry(call, perDim(call, 'kernel_shape', dims, undefined, 1), ceil);
  const [n, channels] = call.shape();
  call.sized([n, channels, ...g.sizes.map((size, i) => size + g.begin[i] + tail(g, i))]);
  const native = symmetric(g) && g.begin.every((pad, i) => 2 * pad <= g.kernel[i]);
  return { g, ceil, native };
}

/** Padding behind a dim, so that the last window fits. */
function tail({ sizes, kernel, stride, dilation, begin, end, out }: Geometry, i: number): number {
  const last = (out[i] - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1;
  return Math.max(end[i], last - sizes[i] - begin[i]);
}

/** One number for each window: one over its places. */
function shares(g: Geometry, countPadding: boolean): Fixed {
  const counts = g.out.map((windows, i) =>
    Array.from({ length: windows }, (_, at) => {
      const start = at * g.stride[i] - g.begin[i];
      const stop = Math.min(start + g.kernel[i], g.sizes[i] + (countPadding ? g.end[i] : 0));
      return stop - (countPadding ? start : Math.max(start, 0));
    }),
  );
  const [rows, columns = [1]] = counts;
  const data = rows.flatMap((h) => columns.map((w) => 1 / (h * w)));
  return new Fixed(g.out, Float64Array.from(data), 'float');
}

function planAveragePool(call: Call): Step {
  const { g, ceil, native } = pooled(call);
  if (g.dilation.some((step) => step !== 1)) call.fail('dilations other than 1');
  const countPadding = call.flag('count_include_pad', false);
  const average = (x: CrypTensor, options: object): CrypTensor =>
    g.out.length === 1
      ? x.avgPool1d(g.kernel, { stride: g.stride, ...options })
      : x.avgPool2d(g.kernel, { stride: g.stride, ...options });
  const [n, channels] = call.shape();
  return call.secret([n, channels, ...g.out], (x) => {
    if (native) {
      return average(x, { padding: g.begin, ceilMode: ceil, countIncludePad: countPadding });
    }
    const margin = g.out.map((_, i) => tail(g, i));
    const sums = average(withMargin(x, g.begin, margin), { divisorOverride: 1 });
    return cropped(
      sums,
      g.begin.map(() => 0),
      g.out,
    ).mul(shares(g, countPadding));
  });
}

function planMaxPool(call: Call): Step {
  const { g, ceil, native } = pooled(call);
  const [n, channels] = call.shape();
  const largest = (x: CrypTensor, options: object): CrypTensor => {
    const all = { stride: g.stride, dilation: g.dilation, ...options };
    return g.out.length === 1 ? x.maxPool1d(g.kernel, all) : x.maxPool2d(g.kernel, all);
  };
  return call.secret([n, channels, ...g.out], (x) => {
    if (native) return largest(x, { padding: g.begin, ceilMode: ceil });
    const margin = g.out.map((_, i) => tail(g, i));
    const y = largest(withMargin(x, g.begin, margin, NEVER_LARGEST), {});
    return cropped(
      y,
      g.begin.map(() => 0),
      g.out,
    );
  });
}

function global(name: string, run: (rows: CrypTensor) => CrypTensor): OnnxOp {
  return {
    name,
    opsets: ALL,
    inputs: [1, 1],
    attributes: [],
    plan: (call) => {
      const [n, channels, ...sizes] = call.shape();
      if (sizes.length === 0 || sizes.includes(0)) call.fail('nothing to pool');
      const shape = [n, channels, ...sizes.map(() => 1)];
      return call.secret(shape, (x) => run(x.flatten(2)).reshape(shape));
    },
  };
}

/** Operators of this area. */
export const poolingOps: readonly OnnxOp[] = [
  {
    name: 'AveragePool',
    opsets: ALL,
    inputs: [1, 1],
    attributes: [...WINDOW_ATTRIBUTES, 'ceil_mode', 'count_include_pad'],
    plan: planAveragePool,
  },
  {
    name: 'MaxPool',
    opsets: ALL,
    inputs: [1, 1],
    attributes: [...WINDOW_ATTRIBUTES, 'ceil_mode', 'storage_order'],
    plan: planMaxPool,
  },
  global('GlobalAveragePool', (rows) => rows.mean(-1)),
  global('GlobalMaxPool', (rows) => rows.max(-1).values),
];
