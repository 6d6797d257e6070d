/**
 * Sizes of convolutions: options, what PyTorch asks of them, and the windows that follow. Pure arithmetic on public sizes.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { showShape, sizeOf, type Shape } from '../core/shape.ts';
import { MAX_REQUEST_WORDS } from '../protocol/provider/descriptor.ts';
import type { Convolution } from './windows.ts';

/** One number for every spatial dim, or one for each. */
export type SpatialSizes = number | readonly number[];

/** How a kernel slides. */
export interface ConvOptions {
  /** 1 unless said. */
  readonly stride?: SpatialSizes | undefined;
  /** Zeros put around the image; 0 unless said. */
  readonly padding?: SpatialSizes | undefined;
  /** Steps between the places of the kernel; 1 unless said. */
  readonly dilation?: SpatialSizes | undefined;
  /** Parts into which the channels fall; 1 unless said. */
  readonly groups?: number | undefined;
}

/** How a kernel slides over the result of a transposed convolution. */
export interface ConvTransposeOptions extends ConvOptions {
  /** Added to one side of the result; below the stride or the dilation; 0 unless said. */
  readonly outputPadding?: SpatialSizes | undefined;
}

/**
 * A convolution of `dims` spatial dims.
 *
 * @throws {TypeError} for options that are no whole numbers.
 * @throws {MpcError} ERR_MPC_SHAPE when sizes do not fit, ERR_MPC_RANGE for an option below its least value.
 */
export function convolution(
  op: string,
  dims: number,
  x: Shape,
  w: Shape,
  opts: ConvOptions,
): Convolution {
  const { fail, n, channels, sizes, ...c } = common(op, dims, x, w, opts);
  const [filters, perGroup, ...kernel] = w;
  const { groups, padding, dilation } = c;
  if (perGroup * groups !== channels || filters % groups !== 0) {
    const wanted = Number.isInteger(channels / groups)
      ? channels / groups
      : `${channels}/${groups}`;
    fail(`${groups} groups of ${channels} channels need a kernel [k·${groups},${wanted},…]`);
  }
  const padded = sizes.map((size, i) => size + 2 * padding[i]);
  const out = padded.map((size, i) => {
    const span = dilation[i] * (kernel[i] - 1) + 1;
    if (span > size) fail(`the kernel spans ${span} of ${size} padded places; pad the input more`);
    return Math.floor((size - span) / c.stride[i]) + 1;
  });
  const image = [n, channels, ...sizes];
  return checked(fail, { ...c, image, padded: [n, channels, ...padded], out });
}

/**
 * The convolution whose adjoint a transposed one of `dims` spatial dims is: its windows are x, its image is the result.
 *
 * @throws {TypeError} for options that are no whole numbers.
 * @throws {MpcError} ERR_MPC_SHAPE when sizes do not fit, ERR_MPC_RANGE for an option outside its range.
 */
export function transposed(
  op: string,
  dims: number,
  x: Shape,
  w: Shape,
  opts: ConvTransposeOptions,
): Convolution {
  const { fail, n, channels, sizes, ...c } = common(op, dims, x, w, opts);
  const [filters, perGroup, ...kernel] = w;
  const { groups, stride, padding, dilation } = c;
  if (filters !== channels || filters % groups !== 0) {
    fail(`${groups} groups of ${channels} channels need a kernel [${channels},k,…]`);
  }
  const extra = spatial(op, 'outputPadding', opts.outputPadding ?? 0, dims, 0);
  const image = sizes.map((size, i) => {
    if (extra[i] >= Math.max(stride[i], dilation[i])) {
      throw new MpcError(
        'ERR_MPC_RANGE',
        `${op}: outputPadding ${extra[i]} must be below the stride ${stride[i]} or the dilation ${dilation[i]}`,
      );
    }
    const whole = (size - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + extra[i] + 1;
    if (whole <= 2 * padding[i]) fail(`padding ${padding[i]} leaves nothing of ${whole} places`);
    return whole - 2 * padding[i];
  });
  const padded = image.map((size, i) => size + 2 * padding[i]);
  const before = [n, perGroup * groups];
  const whole = { image: [...before, ...image], padded: [...before, ...padded], out: sizes };
  return checked(fail, { ...c, ...whole });
}

interface Parts {
  readonly op: string;
  readonly fail: (why: string) => never;
  readonly n: number;
  readonly channels: number;
  readonly sizes: readonly number[];
  readonly groups: number;
  readonly weight: Shape;
  readonly kernel: Shape;
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly single: boolean;
}

/** What both kinds check. */
function common(op: string, dims: number, x: Shape, w: Shape, opts: ConvOptions): Parts {
  const fail = (why: string): never => {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: input ${showShape(x)} and kernel ${showShape(w)} do not fit: ${why}`,
    );
  };
  const single = x.length === dims + 1;
  if (!single && x.length !== dims + 2) fail(`the input has ${dims + 2} dims, or ${dims + 1}`);
  if (w.length !== dims + 2) fail(`the kernel has ${dims + 2} dims`);
  const [n, channels, ...sizes] = single ? [1, ...x] : x;
  if ([channels, ...sizes, ...w].includes(0)) fail('nothing but the batch may be empty');
  const [groups] = spatial(op, 'groups', opts.groups ?? 1, 1, 1);
  const option = (name: 'stride' | 'padding' | 'dilation', usual: number): number[] =>
    spatial(op, name, opts[name] ?? usual, dims, usual);
  const [stride, padding, dilation] = [
    option('stride', 1),
    option('padding', 0),
    option('dilation', 1),
  ];
  const kernel = w.slice(2);
  return {
    op,
    fail,
    n,
    channels,
    sizes,
    groups,
    weight: w,
    kernel,
    stride,
    padding,
    dilation,
    single,
  };
}

function checked(fail: (why: string) => never, c: Convolution): Convolution {
  const words = c.image[0] * c.image[1] * sizeOf(c.kernel) * sizeOf(c.out);
  if (words > MAX_REQUEST_WORDS) {
    fail(`the windows hold ${words} words, more than ${MAX_REQUEST_WORDS}; split the batch`);
  }
  return c;
}

/**
 * An option as one whole number for each spatial dim.
 *
 * @throws {TypeError} when it is no whole number or there are too few.
 * @throws {MpcError} ERR_MPC_RANGE for one below `least`.
 */
export function spatial(
  op: string,
  name: string,
  value: SpatialSizes,
  dims: number,
  least: number,
): number[] {
  const list = typeof value === 'number' ? [value] : [...value];
  const sizes = list.length === 1 ? new Array<number>(dims).fill(list[0]) : list;
  if (sizes.length !== dims || !sizes.every(Number.isInteger)) {
    throw new TypeError(
      `${op}: "${name}" expected a whole number or ${dims} of them, got ${value}`,
    );
  }
  const low = sizes.find((size) => size < least);
  if (low === undefined) return sizes;
  throw new MpcError('ERR_MPC_RANGE', `${op}: ${name} ${low} must be ${least} at least`);
}
