/**
 * What files of ours share: errors with the system's code, and names that are on disk.
 * @module
 */

import { open } from 'node:fs/promises';
import { MpcError } from '../core/errors.ts';

/**
 * What `body` gives; what the system reports becomes an error of ours.
 *
 * @throws {MpcError} ERR_MPC_FILE with the system's code.
 */
export async function failing<T>(what: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (cause) {
    if (cause instanceof MpcError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new MpcError('ERR_MPC_FILE', `${what}${code}`, { cause });
  }
}

/** A name is on disk when its folder is; Windows has no such thing. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
