/**
 * The tree as the tidy tests see it: paths with forward slashes, and texts.
 * @module
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The project's root folder, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** One file: its path from the root (or from wherever the caller counts) and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** All files under a folder whose name ends in one of `endings`; generated ones left out. */
export function sourcesUnder(folder: string, ...endings: string[]): Source[] {
  if (!existsSync(ROOT + folder)) return [];
  return readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => endings.some((ending) => path.endsWith(ending)) && !/\.gen\./.test(path))
    .sort()
    .map((path) => ({ path, text: read(path) }));
}

/** The library's own TypeScript. */
export function librarySources(): Source[] {
  return sourcesUnder('src', '.ts');
}

/** The text of one file. */
export function read(path: string): string {
  return readFileSync(ROOT + path, 'utf8');
}

/** The text without comments; strings stay. Line numbers are kept. */
export function withoutComments(text: string): string {
  const token =
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replace(token, (found) =>
    /^\/[/*]/.test(found) ? found.replace(/[^\n]/g, '') : found,
  );
}
