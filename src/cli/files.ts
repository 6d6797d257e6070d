/**
 * Session files, and what belongs to the installed package.
 * @module
 */

import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert, MpcError } from '../core/errors.ts';
import { type Manifest, manifestJson, parseManifest } from '../net/manifest.ts';

const MAX_SESSION_FILE_BYTES = 1024 * 1024;

/**
 * Reads and checks a session file.
 *
 * @throws {MpcError} ERR_MPC_FILE if it cannot be read or is not JSON; ERR_MPC_MANIFEST if a field is wrong.
 */
export async function loadManifest(path: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new MpcError('ERR_MPC_FILE', `session file ${path} cannot be read${why}`, { cause });
  }
  if (text.length > MAX_SESSION_FILE_BYTES) throw notJson(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message quotes the text: a key file given by mistake must not be shown.
    throw notJson(path);
  }
  return parseManifest(json);
}

/**
 * Writes a session file; never over another file unless told.
 *
 * @throws {MpcError} ERR_MPC_FILE if it exists or cannot be written.
 */
export async function saveManifest(
  path: string,
  manifest: Manifest,
  overwrite = false,
): Promise<void> {
  try {
    const text = `${JSON.stringify(manifestJson(manifest), null, 2)}\n`;
    await writeFile(path, text, { flag: overwrite ? 'w' : 'wx' });
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new MpcError('ERR_MPC_FILE', `session file ${path} cannot be written${why}`, { cause });
  }
}

/** The root folder of this package, from wherever this module was built to. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    assert(parent !== folder, 'the package has no package.json');
    folder = parent;
  }
  return folder;
}

/** The version in package.json. */
export function packageVersion(): string {
  const json: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  const found = typeof json === 'object' && json !== null && 'version' in json ? json.version : '?';
  return String(found);
}

function notJson(path: string): MpcError {
  return new MpcError('ERR_MPC_FILE', `session file ${path} is not JSON`);
}
