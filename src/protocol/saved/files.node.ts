/**
 * Files of a party on disk: readable by their owner alone, replaced as a whole or not at all.
 * @module
 */

import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failing, syncFolder } from '../disk.node.ts';
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
