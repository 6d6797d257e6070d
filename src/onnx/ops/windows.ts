/**
 * Where the windows of convolutions and pools lie, by ONNX's attributes.
 * @module
 */

import type { Shape } from '../../core/shape.ts';
import type { CrypTensor } from '../../tensor/index.ts';
import type { Call } from '../call.ts';

/** Windows over the spatial dims of an image. */
export interface Geometry {
  /** Spatial sizes of the image. */
  readonly sizes: Shape;
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Padding before and after each dim. */
  readonly begin: readonly number[];
  readonly end: readonly number[];
  /** Windows along each dim. */
  readonly out: readonly number[];
}

/** Attributes that say how windows lie. */
export const WINDOW_ATTRIBUTES: readonly string[] = [
  'auto_pad',
  'dilations',
  'kernel_shape',
  'pads',
  'strides',
];

/** The spatial sizes of [N,C,…]; one or two dims of them. */
export function spatialSizes(call: Call): Shape {
  const sizes = call.shape().slice(2);
  if (sizes.length !== 1 && sizes.length !== 2) {
    call.fail(`${sizes.length} spatial dims; 1 and 2 are supported`);
  }
  if (sizes.includes(0)) call.fail('an empty image');
  return sizes;
}

/** A list of an attribute, one whole number from `least` up for each spatial dim. */
export function perDim(
  call: Call,
  name: string,
  dims: number,
  fallback: number | undefined,
  least: number,
): readonly number[] {
  const missing = fallback === undefined ? undefined : new Array<number>(dims).fill(fallback);
  const list = call.ints(name, missing);
  if (list.length !== dims || list.some((value) => value < least || value > 2 ** 24)) {
    call.fail(`${name} must hold ${dims} whole numbers from ${least} up`);
  }
  return list;
}

/** How the windows of a node lie over its first input. */
export function geometry(call: Call, kernel: readonly number[], ceil = false): Geometry {
  const sizes = spatialSizes(call);
  const dims = sizes.length;
  const stride = perDim(call, 'strides', dims, 1, 1);
  const dilation = perDim(call, 'dilations', dims, 1, 1);
  const spans = kernel.map((size, i) => dilation[i] * (size - 1) + 1);
  const [begin, end] = paddings(call, sizes, spans, stride);
  const out = sizes.map((size, i) => {
    const steps = (size + begin[i] + end[i] - spans[i]) / stride[i];
    if (steps < 0) call.fail(`windows span ${spans[i]} of ${size + begin[i] + end[i]} places`);
    const up = Math.ceil(steps);
    // A window must not begin in the padding behind the image.
    return (ceil && up * stride[i] < size + begin[i] ? up : Math.floor(steps)) + 1;
  });
  return { sizes, kernel, stride, dilation, begin, end, out };
}

function paddings(
  call: Call,
  sizes: Shape,
  spans: readonly number[],
  stride: readonly number[],
): readonly [readonly number[], readonly number[]] {
  const dims = sizes.length;
  const auto = call.choice('auto_pad', ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'], 'NOTSET');
  if (auto === 'NOTSET') {
    const pads = perDim(call, 'pads', 2 * dims, 0, 0);
    return [pads.slice(0, dims), pads.slice(dims)];
  }
  const total = sizes.map((size, i) =>
    auto === 'VALID'
      ? 0
      : Math.max(0, (Math.ceil(size / stride[i]) - 1) * stride[i] + spans[i] - size),
  );
  const less = total.map((pad) => Math.floor(pad / 2));
  const more = total.map((pad, i) => pad - less[i]);
  return auto === 'SAME_LOWER' ? [more, less] : [less, more];
}

/** Whether both sides of every dim have the same padding. */
export function symmetric({ begin, end }: Pick<Geometry, 'begin' | 'end'>): boolean {
  return begin.every((pad, i) => pad === end[i]);
}

/** x with a margin around its spatial dims. */
export function withMargin(
  x: CrypTensor,
  begin: readonly number[],
  end: readonly number[],
  value = 0,
): CrypTensor {
  const padding = begin.flatMap((pad, i) => [pad, end[i]].reverse()).reverse();
  return padding.every((pad) => pad === 0) ? x : x.pad(padding, { value });
}

/** The first positions of each spatial dim. */
export function cropped(
  x: CrypTensor,
  begin: readonly number[],
  out: readonly number[],
): CrypTensor {
  return out.reduce(
    (y, size, i) => (y.shape[i + 2] === size ? y : y.narrow(i + 2, begin[i], size)),
    x,
  );
}
