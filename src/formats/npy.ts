/**
 * NumPy's npy: one array.
 *
 *     \x93NUMPY │ major, minor │ u16 n (u32 from version 2 on) │ n bytes: {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), } │ bytes
 *
 * Source  numpy.lib.format; what is written is what numpy.save writes, byte for byte.
 * @module
 */

import { concat, equalBytes, utf8 } from '../core/bytes.ts';
import { MpcError } from '../core/errors.ts';
import { Tensor } from '../tensor/index.ts';
import { type DType, bytesOfShape, decode, encode } from './dtype.ts';
import { malformed, quoted, type SaveOptions } from './state.ts';

const MAGIC = Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]);
/** Headers are padded so that the array starts at a multiple of this. */
const ALIGNMENT = 64;
/** Types of one letter and a size never need more. */
const MOST_HEADER_BYTES = 65_535;

const DESCRIPTIONS: Readonly<Partial<Record<DType, string>>> = {
  f64: '<f8',
  f32: '<f4',
  f16: '<f2',
  i64: '<i8',
  i32: '<i4',
  i16: '<i2',
  i8: '|i1',
  u64: '<u8',
  u32: '<u4',
  u16: '<u2',
  u8: '|u1',
  bool: '|b1',
};
const DTYPES = new Map(
  Object.entries(DESCRIPTIONS).map(([dtype, description]) => [
    description.slice(1),
    dtype as DType,
  ]),
);

/** One `'key': value` of the header's dict literal. */
const FIELD = /\s*(['"])(\w{1,20})\1\s*:\s*('[^']*'|"[^"]*"|True|False|\([\d\s,]*\))\s*(?:,|$)/y;
const TUPLE = /^\(\s*(?:\d+\s*,\s*)*(?:\d+\s*)?\)$/;

/**
 * The array; C and Fortran order, either byte order.
 *
 * @throws {MpcError} ERR_MPC_FILE saying what is wrong with the file, ERR_MPC_UNSUPPORTED for objects (pickles are code), texts,
 * complex and structured types, ERR_MPC_RANGE for whole numbers beyond 2^53.
 */
export function load(bytes: Uint8Array): Tensor {
  return loadNamed('npy.load', bytes);
}

/** `load`, under the name of what called it. */
export function loadNamed(op: string, bytes: Uint8Array): Tensor {
  const { description, fortran, shape, body } = readHeader(op, bytes);
  const dtype = DTYPES.get(description.slice(1));
  if (dtype === undefined || !/^[<>|=]/.test(description)) {
    const known = [...DTYPES.keys()].join(', ');
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      `${op}: elements of type ${quoted(description)}; known are ${known}`,
    );
  }
  const size = bytesOfShape(dtype, shape);
  if (size !== body.length) {
    throw malformed(op, `the shape does not hold the ${body.length} bytes behind the header`);
  }
  const little = description[0] !== '>';
  if (!fortran) return decode(op, dtype, shape, body, little);
  return transposed(decode(op, dtype, [...shape].reverse(), body, little));
}

/**
 * A file of one array, as numpy.save writes it.
 *
 * @throws {MpcError} ERR_MPC_RANGE for values that the type does not hold, ERR_MPC_UNSUPPORTED for bf16, which NumPy has not.
 */
export function save(tensor: Tensor, { dtype = 'f64' }: SaveOptions = {}): Uint8Array<ArrayBuffer> {
  const body = encode('npy.save', dtype, tensor);
  const description = DESCRIPTIONS[dtype];
  if (description === undefined) {
    throw new MpcError('ERR_MPC_UNSUPPORTED', `npy.save: NumPy has no ${dtype}`);
  }
  const { shape } = tensor;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dict = `{'descr': '${description}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const before = MAGIC.length + 4;
  const blanks = (ALIGNMENT - ((before + dict.length + 1) % ALIGNMENT)) % ALIGNMENT;
  const header = utf8(`${dict}${' '.repeat(blanks)}\n`);
  if (header.length > MOST_HEADER_BYTES) {
    throw new MpcError('ERR_MPC_SHAPE', `npy.save: ${shape.length} dims are too many`);
  }
  const version = [1, 0, header.length & 0xff, header.length >> 8];
  return concat([MAGIC, Uint8Array.from(version), header, body]);
}

interface Header {
  readonly description: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  readonly body: Uint8Array;
}

function readHeader(op: string, bytes: Uint8Array): Header {
  if (bytes.length < 12 || !equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) {
    throw malformed(op, 'not an npy file');
  }
  const major = bytes[6];
  if (major < 1 || major > 3 || bytes[7] !== 0) {
    throw malformed(op, `version ${major}.${bytes[7]} of the format; known are 1.0, 2.0 and 3.0`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = major === 1 ? 10 : 12;
  if (length > MOST_HEADER_BYTES || start + length > bytes.length) {
    throw malformed(op, 'the header is longer than the file or than any that is known');
  }
  const fields = readDict(op, bytes.subarray(start, start + length));
  const [description, order, tuple] = ['descr', 'fortran_order', 'shape'].map((key) =>
    fields.get(key),
  );
  if (fields.size !== 3 || !description || !order || !tuple) {
    throw malformed(op, 'the header has not the fields descr, fortran_order and shape');
  }
  if (!/^['"]/.test(description) || !/^(?:True|False)$/.test(order)) {
    throw malformed(op, 'descr is not a text, or fortran_order not True or False');
  }
  // (3) is a number in Python; a tuple of one has a comma.
  if (!TUPLE.test(tuple) || /^\(\s*\d+\s*\)$/.test(tuple)) {
    throw malformed(op, 'shape is not a tuple of whole numbers');
  }
  return {
    description: description.slice(1, -1),
    fortran: order === 'True',
    shape: [...tuple.matchAll(/\d+/g)].map(([digits]) => Number(digits)),
    body: bytes.subarray(start + length),
  };
}

/** The fields of a Python dict literal, as they are written. */
function readDict(op: string, bytes: Uint8Array): Map<string, string> {
  // Latin-1, so that every byte is a character; what is not ASCII fits no field.
  const text = new TextDecoder('latin1').decode(bytes).trim();
  const fields = new Map<string, string>();
  if (!text.startsWith('{') || !text.endsWith('}')) throw malformed(op, 'the header is no dict');
  const inside = text.slice(1, -1).trimEnd();
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < inside.length) {
    const found = FIELD.exec(inside);
    if (found === null) {
      if (!/(['"])descr\1\s*:\s*\[/.test(inside)) throw malformed(op, 'the header is no dict');
      throw new MpcError('ERR_MPC_UNSUPPORTED', `${op}: structured types are not read`);
    }
    const [, , key, value] = found;
    if (fields.has(key)) throw malformed(op, 'the header has a field twice');
    fields.set(key, value);
  }
  return fields;
}

/** The same elements with all dims in reverse order. */
function transposed({ shape, data }: Tensor): Tensor {
  const turned = [...shape].reverse();
  const values = new Float64Array(data.length);
  // Steps through the source of one position up along each of the result's dims: its first dim was the last one.
  const steps = turned.map((_, axis) =>
    shape.slice(shape.length - axis).reduce((product, dim) => product * dim, 1),
  );
  const position = turned.map(() => 0);
  let from = 0;
  for (let i = 0; i < values.length; i++) {
    values[i] = data[from];
    for (let axis = turned.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++position[axis] < turned[axis]) break;
      from -= steps[axis] * turned[axis];
      position[axis] = 0;
    }
  }
  return new Tensor(turned, values);
}
