/**
 * NumPy's npz: a zip archive with an npy file for each array.
 *
 * Checksums of the archive are not looked at; sizes are, before anything is unpacked.
 * @module
 */

import { unzipSync, type UnzipFileInfo, zipSync } from 'fflate';
import { MpcError } from '../core/errors.ts';
import type { Tensor } from '../tensor/index.ts';
import * as npy from './npy.ts';
import { malformed, plainEntries, quoted, type SavedState, type SaveOptions } from './state.ts';

/** What zip calls its two methods. */
const STORED = 0;
const DEFLATED = 8;
/** Deflate makes at most 258 bytes of 2 bits. */
const MOST_EXPANSION = 1032;
const ENDING = '.npy';
/** Zip has no dates before; a fixed one, so that equal states make equal files. */
const DATE = '1980-01-01';

/**
 * Arrays by name, stored or deflated.
 *
 * Memory: what the archive says, at most 1032 times its size, then 8 bytes an element.
 *
 * @throws {MpcError} ERR_MPC_FILE for archives that are damaged, hold other files, a name twice, or more than they can; and as
 * `npy.load`.
 */
export function load(bytes: Uint8Array): Record<string, Tensor> {
  const names = checkSizes(bytes);
  const files = new Map(Object.entries(unpack(() => unzipSync(bytes))));
  return Object.fromEntries(
    names.map((name) => {
      const file = files.get(name) ?? new Uint8Array(0);
      const array = npy.loadNamed(`npz.load: ${quoted(name)}`, file);
      return [name.slice(0, -ENDING.length), array];
    }),
  );
}

/**
 * An archive as numpy.savez makes it: not compressed.
 *
 * @throws {MpcError} ERR_MPC_MODEL for secret tensors, ERR_MPC_RANGE for values that the type does not hold, ERR_MPC_UNSUPPORTED for
 * bf16.
 */
export function save(state: SavedState, options: SaveOptions = {}): Uint8Array<ArrayBuffer> {
  const files = plainEntries('npz.save', state).map(([name, tensor]) => {
    try {
      return [name + ENDING, npy.save(tensor, options)] as const;
    } catch (error) {
      if (!(error instanceof MpcError)) throw error;
      throw new MpcError(error.code, `npz.save: ${quoted(name)}: ${error.message}`, {
        cause: error,
      });
    }
  });
  return zipSync(Object.fromEntries(files), { level: 0, mtime: DATE });
}

/** Names of the files; the directory of the archive is read, nothing is unpacked. */
function checkSizes(bytes: Uint8Array): string[] {
  const names = new Set<string>();
  let packed = 0;
  const filter = ({ name, size, originalSize, compression }: UnzipFileInfo): boolean => {
    if (!name.endsWith(ENDING)) throw wrong(`${quoted(name)} is no array`);
    if (names.has(name)) throw wrong(`${quoted(name)} is there twice`);
    names.add(name);
    packed += size;
    const most = compression === STORED ? size : MOST_EXPANSION * size;
    const known = compression === STORED || compression === DEFLATED;
    if (!known || packed > bytes.length || originalSize > most) {
      throw wrong(`${quoted(name)}: the archive does not hold what it says`);
    }
    return false;
  };
  unpack(() => unzipSync(bytes, { filter }));
  return [...names];
}

function unpack<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof MpcError) throw cause;
    throw malformed('npz.load', 'not a zip archive, or a damaged one', cause);
  }
}

function wrong(why: string): MpcError {
  return malformed('npz.load', why);
}
