/**
 * Compiles sources and tests once, for every runtime, into build/runtime.
 * @module
 */

import { cpSync, existsSync, rmSync } from 'node:fs';
import { run } from './processes.mjs';

const FILES = [
  'test/vectors',
  'examples/data',
  'dist/kernels.wasm',
  'src/kernels/wasm/binary.gen.ts',
];

/** Leaves `root`build/runtime/{src,test}. */
export async function compile(root) {
  for (const file of FILES) {
    if (!existsSync(root + file)) throw new Error(`${file} is missing: npm run build:wasm`);
  }
  const out = `${root}build/runtime/`;
  rmSync(out, { recursive: true, force: true });
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const args = [tsc, '-p', `${root}test/runtime/tsconfig.json`];
  const { code, output } = await run(process.execPath, args, { cwd: root, seconds: 180 });
  if (code !== 0) throw new Error(`tsc failed:\n${output}`);
  for (const file of FILES) cpSync(root + file, out + file, { recursive: true });
  return out;
}
