/**
 * safetensors: a JSON header that names types, shapes and byte ranges, then the bytes.
 *
 *     u64 n │ n bytes: {"name": {"dtype": "F32", "shape": [2,3], "data_offsets": [begin, end]}, …} │ bytes
 *
 * The ranges cover all bytes behind the header, without holes or overlaps; the header has no key twice.
 *
 * Source  the format section of https://github.com/huggingface/safetensors (README.md), and the checks of its reader.
 * @module
 */

import { concat, u64le, utf8 } from '../core/bytes.ts';
import { MpcError } from '../core/errors.ts';
import { showShape } from '../core/shape.ts';
import type { Tensor } from '../tensor/index.ts';
import { type DType, bytesOfShape, decode, encode } from './dtype.ts';
import { readJson } from './json-text.ts';
import { malformed, plainEntries, quoted, type SavedState, type SaveOptions } from './state.ts';

/** Longest header that the safetensors library reads. */
const MOST_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

const NAMES: Readonly<Record<DType, string>> = {
  f64: 'F64',
  f32: 'F32',
  f16: 'F16',
  bf16: 'BF16',
  i64: 'I64',
  i32: 'I32',
  i16: 'I16',
  i8: 'I8',
  u64: 'U64',
  u32: 'U32',
  u16: 'U16',
  u8: 'U8',
  bool: 'BOOL',
};
const DTYPES = new Map(Object.entries(NAMES).map(([dtype, name]) => [name, dtype as DType]));

/** One tensor of a header that was checked. */
interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Options of `save`. */
export interface SafetensorsOptions extends SaveOptions {
  /** Texts by name for the header, e.g. `{ format: 'pt' }`, which some programs ask for. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Tensors by name, in the order of their bytes; `module.loadStateDict` takes them.
 *
 * Memory: 8 bytes an element.
 *
 * @throws {MpcError} ERR_MPC_FILE saying what is wrong with the file, ERR_MPC_UNSUPPORTED for 8-bit floats and other types that
 * `DType` has not, ERR_MPC_RANGE for whole numbers beyond 2^53.
 */
export function load(bytes: Uint8Array): Record<string, Tensor> {
  const { entries, body } = readHeader(bytes);
  return Object.fromEntries(
    entries.map(({ name, dtype, shape, begin, end }) => {
      const tensor = decode(op(name), dtype, shape, body.subarray(begin, end));
      return [name, tensor];
    }),
  );
}

/**
 * The texts that stand in the header beside the tensors.
 *
 * @throws {MpcError} as `load`; no tensor is read.
 */
export function metadata(bytes: Uint8Array): Record<string, string> {
  return readHeader(bytes).metadata;
}

/**
 * A file of all tensors, in the order of the state.
 *
 * @throws {MpcError} ERR_MPC_MODEL for secret tensors and for the reserved name `__metadata__`, ERR_MPC_RANGE for values that the
 * type does not hold.
 */
export function save(
  state: SavedState,
  { dtype = 'f64', metadata }: SafetensorsOptions = {},
): Uint8Array<ArrayBuffer> {
  const header: [string, object][] = metadata === undefined ? [] : [[METADATA, metadata]];
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [name, tensor] of plainEntries('safetensors.save', state)) {
    if (name === METADATA) {
      throw new MpcError('ERR_MPC_MODEL', `safetensors.save: the name ${METADATA} is reserved`);
    }
    const part = encode(`safetensors.save: ${quoted(name)}`, dtype, tensor);
    const range = [at, at + part.length];
    header.push([name, { dtype: NAMES[dtype], shape: tensor.shape, data_offsets: range }]);
    parts.push(part);
    at += part.length;
  }
  const text = JSON.stringify(Object.fromEntries(header));
  const padded = utf8(text + ' '.repeat(-utf8(text).length & 7));
  return concat([u64le(padded.length), padded, ...parts]);
}

/** Everything that can be known without touching the tensors. */
function readHeader(bytes: Uint8Array): {
  entries: Entry[];
  metadata: Record<string, string>;
  body: Uint8Array;
} {
  if (bytes.length < 8) throw wrong(`${bytes.length} bytes are too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true) + 2 ** 32 * view.getUint32(4, true);
  if (length > bytes.length - 8) throw wrong('the header is longer than the file');
  if (length > MOST_HEADER_BYTES) throw wrong(`a header above ${MOST_HEADER_BYTES} bytes`);
  const body = bytes.subarray(8 + length);
  const header = readJson('safetensors.load', bytes.subarray(8, 8 + length));
  if (bytes[8] !== 0x7b || !isRecord(header)) throw wrong('the header is not a JSON object');
  const entries: Entry[] = [];
  let texts: Record<string, string> = {};
  for (const [name, info] of Object.entries(header)) {
    if (name === METADATA) texts = readMetadata(info);
    else entries.push(readEntry(name, info));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at) throw wrong(`the bytes of ${quoted(name)} overlap others, or leave a hole`);
    at = end;
  }
  if (at !== body.length) {
    throw wrong(`the header describes ${at} bytes of tensors, the file has ${body.length}`);
  }
  return { entries, metadata: texts, body };
}

function readEntry(name: string, info: unknown): Entry {
  const fields: Record<string, unknown> = isRecord(info) ? info : {};
  const { dtype: type, shape, data_offsets: range } = fields;
  if (typeof type !== 'string' || !Array.isArray(shape) || !Array.isArray(range)) {
    throw wrong(`${quoted(name)} lacks dtype, shape or data_offsets`);
  }
  const dtype = DTYPES.get(type);
  if (dtype === undefined) {
    const known = [...DTYPES.keys()].join(', ');
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      `${op(name)}: dtype ${quoted(type)}; known are ${known}`,
    );
  }
  const bytes = bytesOfShape(dtype, shape);
  const [begin, end] = range as unknown[];
  const offsets = range.length === 2 && Number.isSafeInteger(begin) && Number.isSafeInteger(end);
  if (bytes === null) throw wrong(`${quoted(name)} has a shape that no tensor has`);
  if (!offsets || Number(begin) < 0 || Number(end) - Number(begin) !== bytes) {
    throw wrong(
      `${quoted(name)}: data_offsets do not span the ${bytes} bytes of ${type} ${showShape(shape)}`,
    );
  }
  return { name, dtype, shape, begin: Number(begin), end: Number(end) };
}

function readMetadata(info: unknown): Record<string, string> {
  const entries = isRecord(info) ? Object.entries(info) : null;
  if (entries === null || !entries.every((pair) => typeof pair[1] === 'string')) {
    throw wrong(`${METADATA} is not an object of texts`);
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function op(name: string): string {
  return `safetensors.load: ${quoted(name)}`;
}

function wrong(why: string): MpcError {
  return malformed('safetensors.load', why);
}
