/**
 * Where the windows of pools lie, dim by dim: for each window the positions it reads. Pure arithmetic on public sizes.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { showShape, type Shape } from '../core/shape.ts';
import { spatial, type SpatialSizes } from './conv-sizes.ts';

/** How the windows of a max pool lie. */
export interface MaxPoolOptions {
  /** The kernel's size unless said. */
  readonly stride?: SpatialSizes | undefined;
  /** Places put around the image that never win, at most half the kernel; 0 unless said. */
  readonly padding?: SpatialSizes | undefined;
  /** Steps between the places of the kernel; 1 unless said. */
  readonly dilation?: SpatialSizes | undefined;
  /** A last window that begins inside and ends outside counts. */
  readonly ceilMode?: boolean | undefined;
}

/** Sizes of an adaptive pool's result; null keeps the image's. */
export type OutputSizes = number | null | readonly (number | null)[];

/** The windows along one dim. */
export interface Line {
  /** Size of the dim. */
  readonly size: number;
  /** Places of a window. */
  readonly kernel: number;
  /** For each window its first place that is no padding, and the positions that it reads from there on, ascending. */
  readonly windows: readonly { readonly place: number; readonly reads: readonly number[] }[];
}

/**
 * The windows of a max pool along each spatial dim.
 *
 * @throws {TypeError} for sizes that are no whole numbers.
 * @throws {MpcError} ERR_MPC_SHAPE when windows do not fit or one would read nothing, ERR_MPC_RANGE for an option outside its range.
 */
export function maxPoolLines(
  op: string,
  dims: number,
  shape: Shape,
  kernelSize: SpatialSizes,
  opts: MaxPoolOptions,
): readonly Line[] {
  const sizes = spatialSizes(op, dims, shape);
  const kernel = spatial(op, 'kernelSize', kernelSize, dims, 1);
  const stride = spatial(op, 'stride', opts.stride ?? kernel, dims, 1);
  const padding = spatial(op, 'padding', opts.padding ?? 0, dims, 0);
  const dilation = spatial(op, 'dilation', opts.dilation ?? 1, dims, 1);
  return sizes.map((size, i) => {
    const fail = (why: string): never => {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${op}: ${showShape(shape)} along a dim of ${size}: ${why}`,
      );
    };
    if (2 * padding[i] > kernel[i]) {
      throw new MpcError(
        'ERR_MPC_RANGE',
        `${op}: padding ${padding[i]} is more than half of the kernel's ${kernel[i]}`,
      );
    }
    const span = dilation[i] * (kernel[i] - 1) + 1;
    const steps = (size + 2 * padding[i] - span) / stride[i];
    if (steps < 0) fail(`windows span ${span} of ${size + 2 * padding[i]} padded places; pad more`);
    const up = Math.ceil(steps);
    // A window must not begin in the padding behind the image.
    const counts = opts.ceilMode === true && up * stride[i] < size + padding[i];
    const windows = Array.from({ length: (counts ? up : Math.floor(steps)) + 1 }, (_, at) => {
      const places = Array.from(
        { length: kernel[i] },
        (__, place) => at * stride[i] - padding[i] + place * dilation[i],
      );
      const reads = places.filter((position) => position >= 0 && position < size);
      if (reads.length === 0) fail(`window ${at} lies in the padding; use a smaller dilation`);
      return { place: places.indexOf(reads[0]), reads };
    });
    return { size, kernel: kernel[i], windows };
  });
}

/**
 * The windows of an adaptive pool along each spatial dim: window i of n reads from ⌊i·size/n⌋ to ⌈(i + 1)·size/n⌉.
 *
 * @throws {TypeError} for sizes that are neither whole numbers nor null.
 * @throws {MpcError} ERR_MPC_SHAPE for an image of other dims, ERR_MPC_RANGE for a size below 1.
 */
export function adaptiveLines(
  op: string,
  dims: number,
  shape: Shape,
  output: OutputSizes,
): readonly Line[] {
  const sizes = spatialSizes(op, dims, shape);
  const list = output === null || typeof output === 'number' ? [output] : output;
  const asked = list.length === 1 ? sizes.map(() => list[0]) : list;
  const known = asked.map((count, i) => count ?? sizes[i]);
  const counts = spatial(op, 'outputSize', known, dims, 1);
  return sizes.map((size, i) => {
    const windows = Array.from({ length: counts[i] }, (_, at) => {
      const start = Math.floor((at * size) / counts[i]);
      const end = Math.ceil(((at + 1) * size) / counts[i]);
      return { place: 0, reads: Array.from({ length: end - start }, (__, j) => start + j) };
    });
    return { size, kernel: Math.max(...windows.map(({ reads }) => reads.length)), windows };
  });
}

/** The last `dims` sizes of [N,C,…] or [C,…]. */
function spatialSizes(op: string, dims: number, shape: Shape): readonly number[] {
  const rank = shape.length;
  if ((rank === dims + 1 || rank === dims + 2) && !shape.slice(-dims - 1).includes(0)) {
    return shape.slice(-dims);
  }
  throw new MpcError(
    'ERR_MPC_SHAPE',
    `${op}: expected ${dims + 2} dims, or ${dims + 1}, and nothing but the batch empty, got ${showShape(shape)}`,
  );
}
