/**
 * Windows: how a kernel lies over images, and the views through which a convolution is a matrix product.
 *
 * An image is [N,C,…], a kernel [F,C/G,…] for G groups, a result [N,F,…]; … is one or two spatial dims. With K = C/G·|kernel| and
 * P = N·|result|, each group multiplies F/G × K by K × P. The K × P side is the image read through overlapping strides: nothing is
 * copied and nothing but the image is masked. Pure arithmetic on public sizes.
 * @module
 */

import { contiguousStrides, type Shape } from '../core/shape.ts';
import type { View } from '../ring/view.ts';
import { permuteView } from './views.ts';

/** A kernel sliding over images. */
export interface Windows {
  /** [N,C,…] without padding. */
  readonly image: Shape;
  /** [N,C,…] with it. */
  readonly padded: Shape;
  /** Spatial sizes of the kernel, and numbers of windows. */
  readonly kernel: Shape;
  readonly out: Shape;
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

/** A convolution from images to results; its adjoint is the transposed one. */
export interface Convolution extends Windows {
  readonly op: string;
  readonly groups: number;
  /** [F,C/G,…]. */
  readonly weight: Shape;
  /** The input came without a batch dim. */
  readonly single: boolean;
}

/** Every window of a padded image: [N,C,…kernel,…out]. */
export function windowsView(image: View, w: Windows): View {
  const [batch, channel, ...steps] = image.strides;
  return {
    shape: [...w.image.slice(0, 2), ...w.kernel, ...w.out],
    strides: [
      batch,
      channel,
      ...steps.map((step, i) => step * w.dilation[i]),
      ...steps.map((step, i) => step * w.stride[i]),
    ],
    offset: image.offset,
  };
}

/** Axes of the kernel in [N,C,…kernel,…out] along which windows share places. */
export function sharedAxes({ kernel, stride, dilation }: Windows): number[] {
  return kernel.flatMap((size, i) => (dilation[i] * (size - 1) >= stride[i] ? [i + 2] : []));
}

/** The image inside its padding, as a view of the contiguous padded shape. */
export function insideView({ image, padded, padding }: Windows): View {
  const strides = contiguousStrides(padded);
  const offset = padding.reduce((sum, before, i) => sum + before * strides[i + 2], 0);
  return { shape: image, strides, offset };
}

/** The windows as K × P for each group: [G,C/G,…kernel,N,…out]. */
export function columnsView(image: View, c: Convolution): View {
  const view = splitDim(windowsView(image, c), 1, c.groups);
  const inner = c.kernel.map((_, i) => 3 + i);
  const outer = c.out.map((_, i) => 3 + inner.length + i);
  return permuteView(view, [1, 2, ...inner, 0, ...outer]);
}

/** A kernel as F/G × K: [G,F/G,C/G,…kernel]. */
export function filtersView(weight: View, c: Convolution): View {
  return splitDim(weight, 0, c.groups);
}

/** A result as F/G × P: [G,F/G,N,…out]. */
export function resultView(result: View, c: Convolution): View {
  const view = splitDim(result, 1, c.groups);
  return permuteView(view, [1, 2, 0, ...c.out.map((_, i) => 3 + i)]);
}

/** F/G at the end instead: the transpose of the matrix. */
export function filtersLast(view: View): View {
  return permuteView(view, [0, ...view.shape.slice(2).map((_, i) => i + 2), 1]);
}

function splitDim(view: View, axis: number, parts: number): View {
  const { shape, strides, offset } = view;
  const size = shape[axis] / parts;
  return {
    shape: [...shape.slice(0, axis), parts, size, ...shape.slice(axis + 1)],
    strides: [...strides.slice(0, axis), size * strides[axis], ...strides.slice(axis)],
    offset,
  };
}
