/**
 * Public operands as users write them: numbers, nested arrays, typed arrays, `{ data, shape }`, `Tensor`.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Plain } from '../functions/index.ts';
import { Tensor, type NestedNumbers } from './plain.ts';

/** Numbers in a typed array. */
export type NumberArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array
  | Uint8ClampedArray;

/** Values with their shape; `data` in row-major order. */
export interface ShapedData {
  readonly shape: Shape;
  readonly data: NumberArray | readonly number[];
}

/** Whatever stands for public values. A typed array is a vector unless a shape comes with it. */
export type PublicTensor = NestedNumbers | NumberArray | ShapedData | Tensor;

/**
 * A public operand as shape and doubles.
 *
 * @throws {TypeError} for anything that holds no numbers.
 * @throws {MpcError} ERR_MPC_SHAPE when arrays are ragged or a shape does not hold its elements.
 */
export function toPlain(op: string, value: unknown, shape?: Shape): Plain {
  const found = parse(op, value);
  if (shape === undefined) return found;
  checkSizes(op, shape);
  if (sizeOf(shape) !== found.data.length) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${op}: shape ${showShape(shape)} holds ${sizeOf(shape)} elements, got ${found.data.length}`,
    );
  }
  return { shape: [...shape], data: found.data };
}

/**
 * Checks that a shape can be one.
 *
 * @throws {MpcError} ERR_MPC_SHAPE unless every size is a whole number from 0 up.
 */
export function checkSizes(op: string, shape: Shape): void {
  if (Array.isArray(shape) && shape.every((dim) => Number.isInteger(dim) && dim >= 0)) return;
  throw new MpcError('ERR_MPC_SHAPE', `${op}: a shape is an array of whole numbers from 0 up`);
}

function parse(op: string, value: unknown): Plain {
  if (value instanceof Tensor) return value;
  if (typeof value === 'number') return { shape: [], data: Float64Array.of(value) };
  if (Array.isArray(value)) return parseNested(op, value);
  if (isNumberArray(value)) return { shape: [value.length], data: new Float64Array(value) };
  if (isShaped(value)) return toPlain(op, value.data, value.shape);
  throw new TypeError(
    `${op}: expected a number, nested arrays, a typed array, a Tensor or a CrypTensor, got ${kindOf(value)}`,
  );
}

function parseNested(op: string, value: readonly unknown[]): Plain {
  const shape: number[] = [];
  for (let inner: unknown = value; Array.isArray(inner); inner = inner[0]) shape.push(inner.length);
  const data = new Float64Array(sizeOf(shape));
  let at = 0;
  const path: number[] = [];
  const walk = (item: unknown, axis: number): void => {
    if (axis < shape.length) {
      if (!Array.isArray(item) || item.length !== shape[axis]) {
        const got = Array.isArray(item) ? `${item.length} elements` : kindOf(item);
        throw ragged(op, path, `${shape[axis]} elements`, got);
      }
      item.forEach((inner, i) => {
        path.push(i);
        walk(inner, axis + 1);
        path.pop();
      });
    } else if (typeof item === 'number') {
      data[at++] = item;
    } else if (Array.isArray(item)) {
      throw ragged(op, path, 'a number', `${item.length} elements`);
    } else {
      throw new TypeError(`${op}: expected numbers, got ${kindOf(item)} at ${showPath(path)}`);
    }
  };
  walk(value, 0);
  return { shape, data };
}

function ragged(op: string, path: readonly number[], expected: string, got: string): MpcError {
  return new MpcError(
    'ERR_MPC_SHAPE',
    `${op}: ragged array: expected ${expected} at ${showPath(path)}, got ${got}`,
  );
}

function showPath(path: readonly number[]): string {
  return path.length === 0 ? 'the top' : path.map((i) => `[${i}]`).join('');
}

function isNumberArray(value: unknown): value is NumberArray {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}

function isShaped(value: unknown): value is ShapedData {
  return typeof value === 'object' && value !== null && 'data' in value && 'shape' in value;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Promise) return 'a Promise (await it first)';
  if (typeof value === 'object') return value.constructor?.name ?? 'an object';
  return typeof value;
}
