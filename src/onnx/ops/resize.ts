/**
 * Resizing: nearest reads positions, linear multiplies each dim by a public matrix. Sizes and factors are public.
 * @module
 */

import type { Shape } from '../../core/shape.ts';
import type { CrypTensor } from '../../tensor/index.ts';
import { counted, type Call } from '../call.ts';
import { since, type OnnxOp, type Step } from '../op.ts';

/** One dim: its sizes, and the factor between them. */
interface Line {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

type Coordinates = (at: number, line: Line) => number;

const COORDINATES: Readonly<Record<string, Coordinates>> = {
  half_pixel: (at, { scale }) => (at + 0.5) / scale - 0.5,
  pytorch_half_pixel: (at, { scale, to }) => (to > 1 ? (at + 0.5) / scale - 0.5 : 0),
  align_corners: (at, { from, to }) => (to > 1 ? (at * (from - 1)) / (to - 1) : 0),
  asymmetric: (at, { scale }) => at / scale,
  half_pixel_symmetric: (at, { scale, from, to }) => {
    const centre = from / 2;
    const adjusted = to / (scale * from);
    return centre * (1 - adjusted) + (at + 0.5) / scale - 0.5;
  },
};

const ROUNDINGS: Readonly<Record<string, (at: number) => number>> = {
  round_prefer_floor: (at) => Math.ceil(at - 0.5),
  round_prefer_ceil: (at) => Math.floor(at + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

function clamp(at: number, { from }: Line): number {
  return Math.min(Math.max(at, 0), from - 1);
}

/** The weights of every position of the result: rows of a [to, from] matrix. */
function linearMatrix(line: Line, coordinates: Coordinates): Float64Array<ArrayBuffer> {
  const matrix = new Float64Array(line.to * line.from);
  for (let at = 0; at < line.to; at++) {
    const x = clamp(coordinates(at, line), line);
    const low = Math.floor(x);
    matrix[at * line.from + low] += 1 - (x - low);
    matrix[at * line.from + Math.min(low + 1, line.from - 1)] += x - low;
  }
  return matrix;
}

function alongDim(x: CrypTensor, dim: number, line: Line, matrix: Float64Array): CrypTensor {
  const last = x.dim() - 1;
  const turned = x.transpose(dim, last);
  const data = new Float64Array(matrix.length);
  for (let i = 0; i < line.to; i++) {
    for (let j = 0; j < line.from; j++) data[j * line.to + i] = matrix[i * line.from + j];
  }
  return turned.matmul({ shape: [line.from, line.to], data }).transpose(dim, last);
}

/** The lines of all dims, from factors or sizes for some axes. */
function linesOf(
  call: Call,
  factors: readonly number[] | null,
  sizes: readonly number[] | null,
): readonly Line[] {
  const shape = call.shape();
  const axes = call.says('axes')
    ? call.ints('axes').map((axis) => call.axis(axis))
    : counted(shape.length);
  const given = factors ?? sizes ?? call.fail('neither scales nor sizes');
  if (given.length !== axes.length) call.fail('one scale or size for each axis is expected');
  return shape.map((from, dim) => {
    const i = axes.indexOf(dim);
    if (i < 0) return { from, to: from, scale: 1 };
    if (!(given[i] > 0)) call.fail('a scale or size that is not above 0');
    return factors === null
      ? { from, to: given[i], scale: given[i] / from }
      : { from, to: Math.floor(from * given[i]), scale: given[i] };
  });
}

function resized(
  call: Call,
  lines: readonly Line[],
  run: (x: CrypTensor, changed: readonly number[]) => CrypTensor,
): Step {
  const shape: Shape = lines.map(({ to }) => to);
  if (call.shape().includes(0)) call.fail('an empty input');
  call.sized(shape);
  const changed = counted(lines.length).filter(
    (dim) => lines[dim].from !== lines[dim].to || lines[dim].scale !== 1,
  );
  // Between the dims an image is as large as the larger of both.
  call.sized(lines.map(({ from, to }) => Math.max(from, to)));
  return call.secret(shape, (x) => run(x, changed));
}

function planResize(call: Call): Step {
  const [scalesAt, sizesAt] = call.opset === 10 ? [1, 3] : [2, 3];
  const scales = call.has(scalesAt) ? Array.from(call.fixed(scalesAt).data) : [];
  const sizes = call.has(sizesAt) ? call.list(sizesAt) : null;
  if (call.string('keep_aspect_ratio_policy', 'stretch') !== 'stretch') {
    call.fail('keep_aspect_ratio_policy other than stretch');
  }
  if (call.flag('antialias', false)) call.fail('antialias');
  if (call.flag('exclude_outside', false)) call.fail('exclude_outside');
  const old = call.opset === 10;
  const transformation = old
    ? 'asymmetric'
    : call.string('coordinate_transformation_mode', 'half_pixel');
  const coordinates =
    (Object.hasOwn(COORDINATES, transformation) ? COORDINATES[transformation] : undefined) ??
    call.fail('this coordinate_transformation_mode');
  const rounding = call.string('nearest_mode', old ? 'floor' : 'round_prefer_floor');
  const round =
    (Object.hasOwn(ROUNDINGS, rounding) ? ROUNDINGS[rounding] : undefined) ??
    call.fail('this nearest_mode');
  const lines = linesOf(call, scales.length > 0 ? scales : null, sizes);
  return interpolated(call, lines, coordinates, round);
}

function interpolated(
  call: Call,
  lines: readonly Line[],
  coordinates: Coordinates,
  round: (at: number) => number,
): Step {
  if (call.choice('mode', ['nearest', 'linear'], 'nearest') === 'nearest') {
    return resized(call, lines, (x, changed) =>
      changed.reduce((y, dim) => {
        const line = lines[dim];
        const index = counted(line.to).map((at) => clamp(round(coordinates(at, line)), line));
        return y.indexSelect(dim, index);
      }, x),
    );
  }
  for (const { from, to } of lines) call.sized([from, to]);
  return resized(call, lines, (x, changed) =>
    changed.reduce(
      (y, dim) => alongDim(y, dim, lines[dim], linearMatrix(lines[dim], coordinates)),
      x,
    ),
  );
}

/** Operators of this area. */
export const resizeOps: readonly OnnxOp[] = [
  {
    name: 'Resize',
    opsets: since(10),
    inputs: [1, 4],
    attributes: [
      'antialias',
      'axes',
      'coordinate_transformation_mode',
      'cubic_coeff_a',
      'exclude_outside',
      'extrapolation_value',
      'keep_aspect_ratio_policy',
      'mode',
      'nearest_mode',
    ],
    open: [1, 2, 3],
    plan: planResize,
  },
  {
    name: 'Upsample',
    opsets: [9, 9],
    inputs: [2, 2],
    attributes: ['mode'],
    open: [1],
    plan: (call) => {
      const lines = linesOf(call, Array.from(call.fixed(1).data), null);
      return interpolated(call, lines, COORDINATES.asymmetric, Math.floor);
    },
  },
];
