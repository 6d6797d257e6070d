/**
 * State dicts as JSON, for eyes and for programs that have nothing else.
 *
 *     {"format": "cryptensor-state-dict", "version": 1, "tensors": {"0.weight": {"shape": [1, 2], "data": [0.5, -3]}}}
 *
 * Doubles survive exactly, except that −0 becomes 0.
 * @module
 */

import { utf8 } from '../core/bytes.ts';
import { MpcError } from '../core/errors.ts';
import { Tensor } from '../tensor/index.ts';
import { bytesOfShape } from './dtype.ts';
import { readJson } from './json-text.ts';
import { malformed, plainEntries, quoted, type SavedState } from './state.ts';

const FORMAT = 'cryptensor-state-dict';
const VERSION = 1;

/**
 * Tensors by name.
 *
 * @throws {MpcError} ERR_MPC_FILE saying what is wrong, ERR_MPC_VERSION for another version of the format.
 */
export function load(bytes: Uint8Array): Record<string, Tensor> {
  const root = fieldsOf(readJson('json.load', bytes));
  if (root.format !== FORMAT) throw wrong(`format is not ${quoted(FORMAT)}`);
  if (root.version !== VERSION) {
    throw new MpcError('ERR_MPC_VERSION', `json.load: only version ${VERSION} is known`);
  }
  const tensors = Object.entries(fieldsOf(root.tensors)).map(([name, entry]) => {
    const { shape, data } = fieldsOf(entry);
    if (!Array.isArray(shape) || !Array.isArray(data)) {
      throw wrong(`${quoted(name)} lacks shape or data`);
    }
    if (bytesOfShape('f64', shape) !== 8 * data.length) {
      throw wrong(`${quoted(name)}: the shape does not hold ${data.length} elements`);
    }
    // 1e999 is read as Infinity.
    if (!data.every(Number.isFinite)) throw wrong(`${quoted(name)} has data that are no numbers`);
    return [name, new Tensor(shape as number[], data as number[])] as const;
  });
  return Object.fromEntries(tensors);
}

/**
 * All tensors as UTF-8 JSON.
 *
 * @throws {MpcError} ERR_MPC_MODEL for secret tensors, ERR_MPC_RANGE for NaN and infinite values, which JSON has not.
 */
export function save(state: SavedState): Uint8Array<ArrayBuffer> {
  const tensors = plainEntries('json.save', state).map(([name, { shape, data }]) => {
    if (!data.every(Number.isFinite)) {
      const why = 'JSON has no NaN and no infinite numbers';
      throw new MpcError('ERR_MPC_RANGE', `json.save: ${quoted(name)}: ${why}`);
    }
    return [name, { shape, data: Array.from(data) }] as const;
  });
  const root = { format: FORMAT, version: VERSION, tensors: Object.fromEntries(tensors) };
  return utf8(`${JSON.stringify(root)}\n`);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw wrong('an object is missing');
}

function wrong(why: string): MpcError {
  return malformed('json.load', why);
}
