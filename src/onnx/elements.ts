/**
 * Tensors of a file → shape and doubles, for every element type that is a real number.
 * @module
 */

import { sizeOf } from '../core/shape.ts';
import { Fixed, type ElementType } from './fixed.ts';
import { isReasonable, modelError, quoted } from './limits.ts';
import type { TensorProto } from './schema.ts';

type Field = 'floats' | 'int32s' | 'int64s' | 'doubles' | 'uint64s';

interface Encoding {
  readonly type: ElementType;
  /** Where elements lie that are not raw. */
  readonly field: Field;
  /** Bytes of a raw element, and how it is read. */
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
  /** What the field holds, if not the number itself. */
  readonly decode?: (bits: number) => number;
}

/** ONNX's numbers of element types. */
const ENCODINGS: Readonly<Record<number, Encoding>> = {
  1: { type: 'float', field: 'floats', bytes: 4, read: (v, at) => v.getFloat32(at, true) },
  2: { type: 'int', field: 'int32s', bytes: 1, read: (v, at) => v.getUint8(at) },
  3: { type: 'int', field: 'int32s', bytes: 1, read: (v, at) => v.getInt8(at) },
  4: { type: 'int', field: 'int32s', bytes: 2, read: (v, at) => v.getUint16(at, true) },
  5: { type: 'int', field: 'int32s', bytes: 2, read: (v, at) => v.getInt16(at, true) },
  6: { type: 'int', field: 'int32s', bytes: 4, read: (v, at) => v.getInt32(at, true) },
  7: { type: 'int', field: 'int64s', bytes: 8, read: (v, at) => Number(v.getBigInt64(at, true)) },
  9: {
    type: 'bool',
    field: 'int32s',
    bytes: 1,
    read: (v, at) => Number(v.getUint8(at) !== 0),
    decode: (value) => Number(value !== 0),
  },
  10: {
    type: 'float',
    field: 'int32s',
    bytes: 2,
    read: (v, at) => half(v.getUint16(at, true)),
    decode: half,
  },
  11: { type: 'float', field: 'doubles', bytes: 8, read: (v, at) => v.getFloat64(at, true) },
  12: { type: 'int', field: 'uint64s', bytes: 4, read: (v, at) => v.getUint32(at, true) },
  13: {
    type: 'int',
    field: 'uint64s',
    bytes: 8,
    read: (v, at) => Number(v.getBigUint64(at, true)),
    decode: (value) => (value < 0 ? value + 2 ** 64 : value),
  },
  16: {
    type: 'float',
    field: 'int32s',
    bytes: 2,
    read: (v, at) => bfloat(v.getUint16(at, true)),
    decode: bfloat,
  },
};

/** What elements of an ONNX type mean; null for text, complex numbers and types this does not know. */
export function elementType(type: number): ElementType | null {
  return ENCODINGS[type]?.type ?? null;
}

/**
 * Checks all of a tensor but its elements, which may be `absent`.
 *
 * @throws {MpcError} ERR_MPC_MODEL for another type, an absurd shape, data elsewhere, or more or fewer elements than the shape has.
 */
export function checkTensor(what: string, tensor: TensorProto, absent = false): void {
  const fail = (why: string): never => {
    throw modelError(`${what} ${quoted(tensor.name)} ${why}`);
  };
  if (tensor.external) fail('keeps its data in another file; save the model with its data inside');
  if (tensor.segmented) fail('is one segment of a tensor');
  const encoding = ENCODINGS[tensor.type];
  if (encoding === undefined)
    return fail(`has elements of type ${tensor.type}, which is no number`);
  if (!isReasonable(tensor.dims)) fail('has a shape that is too large or none at all');
  if (absent && !hasValues(tensor)) return;
  const count = sizeOf(tensor.dims);
  const given =
    tensor.raw === null ? tensor[encoding.field].length : tensor.raw.length / encoding.bytes;
  if (given !== count) fail(`holds ${given} elements, its shape ${count}`);
}

/** Whether the file holds the elements of a tensor. */
export function hasValues({
  raw,
  floats,
  int32s,
  int64s,
  doubles,
  uint64s,
  dims,
}: TensorProto): boolean {
  const lists = [floats, int32s, int64s, doubles, uint64s];
  return raw !== null || lists.some((list) => list.length > 0) || sizeOf(dims) === 0;
}

/** The elements of a tensor that `checkTensor` accepts. */
export function valuesOf(tensor: TensorProto): Fixed {
  const { type, field, bytes, read, decode } = ENCODINGS[tensor.type];
  const { raw } = tensor;
  if (raw === null) {
    const data = Float64Array.from(tensor[field], decode ?? Number);
    return new Fixed([...tensor.dims], data, type);
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const data = new Float64Array(raw.length / bytes);
  for (let i = 0; i < data.length; i++) data[i] = read(view, i * bytes);
  return new Fixed([...tensor.dims], data, type);
}

/** A 16-bit floating-point number of IEEE 754. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The upper half of a 32-bit floating-point number. */
function bfloat(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0];
}
