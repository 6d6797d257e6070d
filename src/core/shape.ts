/**
 * Shapes, strides and axes: pure arithmetic on public sizes.
 *
 * Strides and offsets count elements, not bytes.
 * @module
 */

import { MpcError } from './errors.ts';

/** Sizes of a tensor's dimensions; `[]` is a 0-d tensor of one element. */
export type Shape = readonly number[];

/** Number of elements of a tensor of this shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dim of shape) size *= dim;
  return size;
}

/** Row-major strides of a contiguous tensor. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= Math.max(shape[axis], 1);
  }
  return strides;
}

/** Whether a strided view walks its elements in row-major order without gaps. */
export function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 0) return true;
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis];
  }
  return true;
}

/** `[2,3]` as it stands in messages. */
export function showShape(shape: Shape): string {
  return `[${shape.join(',')}]`;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/**
 * The shape two operands broadcast to, by PyTorch's rules.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when a pair of sizes neither agrees nor holds a 1.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${op}: shapes ${showShape(a)} and ${showShape(b)} do not broadcast: ` +
          `sizes ${left} and ${right} at axis ${axis - rank} must be equal or 1`,
      );
    }
    out[axis] = left === 1 ? right : left;
  }
  return out;
}

/** Strides that read a tensor of `shape` and `strides` as if it had the shape `target`. */
export function expandStrides(shape: Shape, strides: readonly number[], target: Shape): number[] {
  const lead = target.length - shape.length;
  return target.map((dim, axis) => {
    if (axis < lead) return 0;
    return shape[axis - lead] === 1 && dim !== 1 ? 0 : strides[axis - lead];
  });
}

/**
 * A dimension as a non-negative axis; negative dims count from the end.
 *
 * @throws {TypeError} if `dim` is not an integer.
 * @throws {MpcError} ERR_MPC_SHAPE when it is outside the tensor.
 */
export function normalizeDim(op: string, dim: number, rank: number): number {
  if (!Number.isInteger(dim)) throw new TypeError(`${op}: "dim" expected an integer, got ${dim}`);
  const span = Math.max(rank, 1);
  if (dim < -span || dim >= span) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: dim ${dim} is outside a ${rank}-d tensor; use ${-span} to ${span - 1}`,
    );
  }
  return dim < 0 ? dim + span : dim;
}

/**
 * Dims as sorted, distinct axes; `undefined` means all.
 *
 * @throws {MpcError} ERR_MPC_SHAPE when a dim is outside the tensor or named twice.
 */
export function normalizeDims(
  op: string,
  dims: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (dims === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = (typeof dims === 'number' ? [dims] : dims).map((dim) => normalizeDim(op, dim, rank));
  if (new Set(list).size !== list.length) {
    throw new MpcError('ERR_MPC_SHAPE', `${op}: a dim is named twice in ${showShape(list)}`);
  }
  return list.sort((a, b) => a - b);
}
