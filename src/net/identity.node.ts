/**
 * Key files: readable by their owner alone.
 * @module
 */

import { open, readFile, stat } from 'node:fs/promises';
import { MpcError } from '../core/errors.ts';
import { type Identity, identityJson, parseIdentity } from './identity.ts';

const MAX_KEY_FILE_BYTES = 4096;

/**
 * Writes a new key file with mode 0600; never overwrites one.
 *
 * @throws {MpcError} ERR_MPC_FILE if the file exists or cannot be written.
 */
export async function saveIdentity(path: string, identity: Identity): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(identityJson(identity), null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw fileError(path, 'cannot be written', cause);
  }
}

/**
 * Reads a key file.
 *
 * @throws {MpcError} ERR_MPC_FILE if it is missing, not a key file, or open to other users (POSIX).
 */
export async function loadIdentity(path: string): Promise<Identity> {
  let text: string;
  try {
    const { mode, size } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new MpcError(
        'ERR_MPC_FILE',
        `key file ${path} can be read by other users: chmod 600 ${path}`,
      );
    }
    if (size > MAX_KEY_FILE_BYTES) throw new MpcError('ERR_MPC_FILE', `${path} is not a key file`);
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof MpcError) throw cause;
    throw fileError(path, 'cannot be read', cause);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which is secret.
    throw new MpcError('ERR_MPC_FILE', `key file ${path} is not JSON`);
  }
  return parseIdentity(json);
}

function fileError(path: string, why: string, cause: unknown): MpcError {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new MpcError('ERR_MPC_FILE', `key file ${path} ${why}${code}`, { cause });
}
