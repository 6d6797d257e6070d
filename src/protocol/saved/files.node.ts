/**
 * Files of a party on disk: readable by their owner alone, replaced as a whole or not at all.
 * @module
 */

import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MpcError } from '../../core/errors.ts';
import type { Files } from './vault.ts';

/** What Node and Deno offer. */
export const nodeFiles: Files = {
  read: (path) => failing(`cannot read ${path}`, () => readFile(path)),
  stage: async (path, bytes) => {
    const part = `${path}.part`;
    await failing(`cannot write ${path}`, async () => {
      const file = await open(part, 'w', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
    });
    return {
      keep: () =>
        failing(`cannot write ${path}`, async () => {
          await rename(part, path);
          await syncFolder(dirname(path));
        }),
      drop: () => rm(part, { force: true }),
    };
  },
};

/** A name is on disk when its folder is; Windows has no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function failing<T>(what: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new MpcError('ERR_MPC_FILE', `${what}${code}`, { cause });
  }
}
