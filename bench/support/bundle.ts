/**
 * A process of a benchmark as users run the library: compiled, in one file. Under a loader that compiles as it goes, its maps
 * and source texts would triple the heap that the collector walks.
 * @module
 */

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** tweetnacl asks for node:crypto by `require`. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/** Compiles `bench/support/<name>.ts` to `build/bench/<name>.mjs`; returns its path. */
export async function bundled(name: string): Promise<string> {
  const outfile = `${ROOT}build/bench/${name}.mjs`;
  await build({
    entryPoints: [`${ROOT}bench/support/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['ws'],
    banner: { js: REQUIRE },
    logLevel: 'warning',
  });
  return outfile;
}
