/**
 * Bundles build/js (tsc's output) into dist/.
 *
 * Two builds of the same entries. The default one runs in browsers and from a CDN: every dependency is inlined. The one for
 * Node and Deno leaves dependencies to the runtime, adds TCP, files and the command line. as-bind's runtime is inlined in both:
 * it is a development dependency whose peers must not reach users.
 */

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import ts from 'typescript';

const dependencies = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies);
const SUBPATHS = ['nn', 'optim', 'formats', 'onnx'];

const subpaths = Object.fromEntries(SUBPATHS.map((name) => [name, `build/js/${name}/index.js`]));

/** Fails where a warning would mean a broken bundle. */
function onwarn(warning, warn) {
  const fatal = ['UNRESOLVED_IMPORT', 'MISSING_EXPORT', 'CIRCULAR_DEPENDENCY', 'EMPTY_BUNDLE'];
  const inDependency = (warning.ids ?? [warning.id ?? '']).some((id) =>
    id.includes('node_modules'),
  );
  if (fatal.includes(warning.code) && !inDependency) throw new Error(warning.message);
  // tsc's helper for import() of a computed path falls back on `this`, which a module has not.
  if (!inDependency && warning.code !== 'THIS_IS_UNDEFINED') warn(warning);
}

/** Removes bundles of earlier builds, so that what is packed depends on the sources alone. */
function prune(mine) {
  return {
    name: 'prune',
    generateBundle(_options, bundle) {
      for (const folder of ['dist', 'dist/chunks']) {
        const files = existsSync(folder) ? readdirSync(folder) : [];
        for (const file of files.filter((name) => name.endsWith('.js') && mine(name))) {
          const kept = Object.keys(bundle).some((name) => basename(name) === file);
          if (!kept) rmSync(`${folder}/${file}`);
        }
      }
    },
  };
}

/** Takes comments out of bundles that are downloaded; declarations keep them. */
const withoutComments = {
  name: 'without-comments',
  renderChunk(code) {
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    const options = { compilerOptions: { ...compilerOptions, removeComments: true } };
    return { code: ts.transpileModule(code, options).outputText, map: null };
  },
};

const browser = {
  input: { index: 'build/js/index.js', ...subpaths },
  output: {
    dir: 'dist',
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
  },
  plugins: [
    resolve({ browser: true, preferBuiltins: false }),
    commonjs(),
    withoutComments,
    prune((name) => name !== 'cli.js' && !name.endsWith('.node.js')),
  ],
  onwarn,
};

const node = {
  input: { index: 'build/js/index.node.js', ...subpaths, cli: 'build/js/cli/main.js' },
  output: {
    dir: 'dist',
    format: 'es',
    entryFileNames: ({ name }) => (name === 'cli' ? 'cli.js' : '[name].node.js'),
    chunkFileNames: 'chunks/[name].node.js',
  },
  external: (id) =>
    id.startsWith('node:') || dependencies.some((name) => id === name || id.startsWith(`${name}/`)),
  plugins: [
    resolve({ preferBuiltins: true }),
    commonjs(),
    prune((name) => name === 'cli.js' || name.endsWith('.node.js')),
  ],
  onwarn,
};

export default [browser, node];
