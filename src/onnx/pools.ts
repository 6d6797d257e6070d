/**
 * How pools of nn are written, so that every runtime takes the same windows and divides by the same counts.
 *
 * Runtimes disagree where `ceil_mode` adds a window: whether one counts that begins in the padding behind the image, and what
 * a mean divides by that reaches past it. Neither question arises in what is written here.
 * @module
 */

import type * as nn from '../nn/index.ts';
import { batched, each, knownSizes, NotWritten, type Place } from './place.ts';

type MaxPool = nn.MaxPool1d | nn.MaxPool2d;
type AvgPool = nn.AvgPool1d | nn.AvgPool2d;

/** Windows along each spatial dim. */
interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly number[];
  readonly ceil: boolean;
}

/** How rounding up is written: `ceil_mode`, the padding behind each dim, and what of every window's count is no padding. */
interface Ends {
  readonly ceil: number;
  readonly padding: readonly number[];
  readonly parts: readonly (readonly number[])[];
}

function windowsOf({ kernelSize, options }: MaxPool | AvgPool): Windows {
  const dims = kernelSize.length;
  return {
    kernel: kernelSize,
    stride: options.stride === undefined ? kernelSize : each(options.stride, dims, 1),
    dilation: each('dilation' in options ? options.dilation : undefined, dims, 1),
    padding: each(options.padding, dims, 0),
    ceil: options.ceilMode ?? false,
  };
}

/** Null where rounding up adds no window; where it adds some along one dim and none along another, they are had by padding. */
function endsOf(w: Windows, x: string, place: Place): Ends | null {
  if (!w.ceil) return null;
  const lines = knownSizes(place, x, 2).map((size, i) => {
    const [kernel, step, padding] = [w.kernel[i], w.stride[i], w.padding[i]];
    const span = w.dilation[i] * (kernel - 1) + 1;
    const steps = (size + 2 * padding - span) / step;
    const [up, down] = [Math.ceil(steps), Math.floor(steps)];
    const last = up * step < size + padding ? up : down;
    const parts = Array.from({ length: last + 1 }, (_, at) => {
      const [start, stop] = [at * step - padding, at * step - padding + kernel];
      return (Math.min(stop, size) - Math.max(start, 0)) / (Math.min(stop, size + padding) - start);
    });
    const behind = Math.max(0, last * step + span - size - padding);
    return { up: last === up, down: last === down, behind, parts };
  });
  if (lines.every(({ down }) => down)) return null;
  const parts = lines.map((line) => line.parts);
  if (lines.every(({ up }) => up)) return { ceil: 1, padding: w.padding, parts };
  return { ceil: 0, padding: lines.map(({ behind }) => behind), parts };
}

function attributesOf(w: Windows, ends: Ends | null) {
  return {
    kernel_shape: w.kernel,
    strides: w.stride,
    pads: [...w.padding, ...(ends?.padding ?? w.padding)],
    ceil_mode: ends?.ceil ?? 0,
  };
}

/** A max pool. */
export function writeMaxPool(module: MaxPool, x: string, place: Place): string {
  const w = windowsOf(module);
  batched(place, x, w.kernel.length + 2);
  const attributes = attributesOf(w, endsOf(w, x, place));
  return place.builder.add('MaxPool', [x], { ...attributes, dilations: w.dilation });
}

/** A mean over windows. Where rounding up adds some, it is that of the image's places, and padding that counts is divided by after it. */
export function writeAvgPool(module: AvgPool, x: string, place: Place): string {
  if (module.options.divisorOverride !== undefined) throw new NotWritten('divisorOverride');
  const { builder } = place;
  const w = windowsOf(module);
  batched(place, x, w.kernel.length + 2);
  const ends = endsOf(w, x, place);
  const include = module.options.countIncludePad ?? true;
  const mean = builder.add('AveragePool', [x], {
    ...attributesOf(w, ends),
    count_include_pad: Number(include && ends === null),
  });
  if (!include || ends === null || w.padding.every((size) => size === 0)) return mean;
  const [rows, columns] = ends.parts;
  const parts =
    columns === undefined ? rows : rows.flatMap((row) => columns.map((one) => row * one));
  const shape = ends.parts.map((line) => line.length);
  return builder.add('Mul', [mean, builder.constants(shape, parts)]);
}

/** Adaptive windows are written where all of them have one size. */
export function writeAdaptivePool(dims: number, kind: 'Average' | 'Max') {
  return ({ outputSize }: nn.AdaptiveAvgPool2d, x: string, place: Place): string => {
    batched(place, x, dims + 2);
    const { builder } = place;
    const asked = outputSize === null || typeof outputSize === 'number' ? [outputSize] : outputSize;
    if (asked.every((size) => size === 1)) return builder.add(`Global${kind}Pool`, [x]);
    const sizes = knownSizes(place, x, 2);
    const out = sizes.map((size, i) => asked[asked.length === 1 ? 0 : i] ?? size);
    if (sizes.some((size, i) => size % out[i] !== 0)) {
      throw new NotWritten(`an adaptive pool of ${sizes.join('×')} to ${out.join('×')} places`);
    }
    const kernel = sizes.map((size, i) => size / out[i]);
    return builder.add(`${kind}Pool`, [x], { kernel_shape: kernel, strides: kernel });
  };
}
