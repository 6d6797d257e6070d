/**
 * Element types of files, and how each is read into doubles and written from them.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sizeOf, type Shape } from '../core/shape.ts';
import { Tensor } from '../tensor/index.ts';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './half.ts';
import { quoted } from './state.ts';

/** Types of elements in files; in memory all are doubles. */
export type DType =
  | 'f64'
  | 'f32'
  | 'f16'
  | 'bf16'
  | 'i64'
  | 'i32'
  | 'i16'
  | 'i8'
  | 'u64'
  | 'u32'
  | 'u16'
  | 'u8'
  | 'bool';

/** How one element is read and written; NaN for a whole number beyond 2^53, which no double has. */
interface Codec {
  readonly bytes: number;
  readonly get: (view: DataView, at: number, little: boolean) => number;
  readonly set: (view: DataView, at: number, value: number) => void;
  readonly takes: (value: number) => boolean;
}

const finite = Number.isFinite;
/** Whether a float type has a finite number next to a finite double; what is not finite stays as it is. */
const float =
  (rounded: (value: number) => number) =>
  (value: number): boolean =>
    !finite(value) || finite(rounded(value));
const whole =
  (low: number, high: number) =>
  (value: number): boolean =>
    Number.isInteger(value) && value >= low && value <= high;
const exact = (word: bigint): number => {
  const value = Number(word);
  return Number.isSafeInteger(value) ? value : NaN;
};

/** All of them. */
const CODECS: Readonly<Record<DType, Codec>> = {
  f64: {
    bytes: 8,
    get: (view, at, little) => view.getFloat64(at, little),
    set: (view, at, value) => view.setFloat64(at, value, true),
    takes: () => true,
  },
  f32: {
    bytes: 4,
    get: (view, at, little) => view.getFloat32(at, little),
    set: (view, at, value) => view.setFloat32(at, value, true),
    takes: float(Math.fround),
  },
  f16: {
    bytes: 2,
    get: (view, at, little) => fromFloat16(view.getUint16(at, little)),
    set: (view, at, value) => view.setUint16(at, toFloat16(value), true),
    takes: float((value) => fromFloat16(toFloat16(value))),
  },
  bf16: {
    bytes: 2,
    get: (view, at, little) => fromBfloat16(view.getUint16(at, little)),
    set: (view, at, value) => view.setUint16(at, toBfloat16(value), true),
    takes: float((value) => fromBfloat16(toBfloat16(value))),
  },
  i64: {
    bytes: 8,
    get: (view, at, little) => exact(view.getBigInt64(at, little)),
    set: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
    takes: Number.isSafeInteger,
  },
  i32: {
    bytes: 4,
    get: (view, at, little) => view.getInt32(at, little),
    set: (view, at, value) => view.setInt32(at, value, true),
    takes: whole(-(2 ** 31), 2 ** 31 - 1),
  },
  i16: {
    bytes: 2,
    get: (view, at, little) => view.getInt16(at, little),
    set: (view, at, value) => view.setInt16(at, value, true),
    takes: whole(-(2 ** 15), 2 ** 15 - 1),
  },
  i8: {
    bytes: 1,
    get: (view, at) => view.getInt8(at),
    set: (view, at, value) => view.setInt8(at, value),
    takes: whole(-128, 127),
  },
  u64: {
    bytes: 8,
    get: (view, at, little) => exact(view.getBigUint64(at, little)),
    set: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
    takes: whole(0, Number.MAX_SAFE_INTEGER),
  },
  u32: {
    bytes: 4,
    get: (view, at, little) => view.getUint32(at, little),
    set: (view, at, value) => view.setUint32(at, value, true),
    takes: whole(0, 2 ** 32 - 1),
  },
  u16: {
    bytes: 2,
    get: (view, at, little) => view.getUint16(at, little),
    set: (view, at, value) => view.setUint16(at, value, true),
    takes: whole(0, 2 ** 16 - 1),
  },
  u8: {
    bytes: 1,
    get: (view, at) => view.getUint8(at),
    set: (view, at, value) => view.setUint8(at, value),
    takes: whole(0, 255),
  },
  bool: {
    bytes: 1,
    get: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
    set: (view, at, value) => view.setUint8(at, value),
    takes: whole(0, 1),
  },
};

/** As many dims as NumPy allows. */
const MOST_DIMS = 64;

/**
 * Number of bytes of a tensor, or null for a shape that no file can hold: a size that is not a whole number from 0 up, more
 * than 64 of them, or more than 2^53 bytes on the way through the sizes.
 */
export function bytesOfShape(dtype: DType, shape: readonly unknown[]): number | null {
  let { bytes } = CODECS[dtype];
  if (shape.length > MOST_DIMS) return null;
  for (const dim of shape) {
    if (!Number.isSafeInteger(dim) || Number(dim) < 0) return null;
    bytes *= Number(dim);
    if (!Number.isSafeInteger(bytes)) return null;
  }
  return bytes;
}

/**
 * The tensor that bytes stand for, in row-major order; there are exactly as many as the shape needs.
 *
 * @throws {MpcError} ERR_MPC_RANGE for a whole number beyond ±2^53: doubles do not have all of them.
 */
export function decode(
  what: string,
  dtype: DType,
  shape: Shape,
  bytes: Uint8Array,
  little = true,
): Tensor {
  const { bytes: step, get } = CODECS[dtype];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(sizeOf(shape));
  const whole = dtype === 'i64' || dtype === 'u64';
  for (let i = 0; i < values.length; i++) {
    values[i] = get(view, i * step, little);
    if (whole && Number.isNaN(values[i])) {
      throw new MpcError(
        'ERR_MPC_RANGE',
        `${what}: ${dtype} holds a number beyond 2^53, which a double has not`,
      );
    }
  }
  return new Tensor(shape, values);
}

/**
 * The values of a tensor as little-endian bytes; floats are rounded to the nearest, ties to even.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for a type that does not exist; ERR_MPC_RANGE for a finite value beyond a float type, or
 * one that is no element of a whole type.
 */
export function encode(what: string, dtype: DType, { data }: Tensor): Uint8Array<ArrayBuffer> {
  if (!Object.hasOwn(CODECS, dtype)) {
    const known = Object.keys(CODECS).join(', ');
    throw new MpcError('ERR_MPC_UNSUPPORTED', `${what}: dtype ${quoted(dtype)}; use ${known}`);
  }
  const { bytes: step, set, takes } = CODECS[dtype];
  const bytes = new Uint8Array(data.length * step);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) {
    if (!takes(data[i])) {
      throw new MpcError('ERR_MPC_RANGE', `${what}: ${dtype} does not hold all of its values`);
    }
    set(view, i * step, data[i]);
  }
  return bytes;
}
