/**
 * Compiled tests and page programs as one file each, for pages.
 * @module
 */

import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Module of Node → its place for pages, in test/runtime/browser. */
const IN_PAGES = {
  'node:assert/strict': 'assert.js',
  'node:fs': 'node-parts.js',
  'node:crypto': 'node-parts.js',
};

/** Node's modules and the file of AES-GCMs replaced; anything else of Node is an error. */
function replace(compiled) {
  const browser = `${compiled}test/runtime/browser/`;
  return {
    name: 'replace',
    resolveId(id, from) {
      if (id in IN_PAGES) return browser + IN_PAGES[id];
      if (/\/aeads\.js$/.test(id) && !from?.startsWith(browser)) return `${browser}aeads.js`;
      if (id.startsWith('node:')) throw new Error(`${from} imports ${id}: no page has that`);
      return null;
    },
    // Tests find their vectors beside themselves.
    resolveImportMeta(property, { moduleId }) {
      if (property !== 'url' || !moduleId.startsWith(compiled)) return null;
      return `new URL('/${moduleId.slice(compiled.length)}', location.origin).href`;
    },
  };
}

/** Bundles modules whose texts are given by name, importing from `compiled`: `/name.js` and chunks, by path. */
export async function bundle(compiled, texts) {
  const virtual = {
    name: 'virtual',
    resolveId: (id) => (id.startsWith('\0entry/') ? id : null),
    load: (id) => (id.startsWith('\0entry/') ? texts[id.slice('\0entry/'.length)] : null),
  };
  const build = await rollup({
    input: Object.fromEntries(Object.keys(texts).map((name) => [name, `\0entry/${name}`])),
    // package.json says that no module has side effects: true of src, not of tests.
    treeshake: false,
    plugins: [
      virtual,
      replace(compiled),
      resolve({ browser: true, preferBuiltins: false, rootDir: ROOT }),
      commonjs(),
    ],
    onwarn(warning, warn) {
      if (warning.code === 'UNRESOLVED_IMPORT') throw new Error(warning.message);
      if (!['CIRCULAR_DEPENDENCY', 'THIS_IS_UNDEFINED', 'EVAL'].includes(warning.code)) {
        warn(warning);
      }
    },
  });
  try {
    const { output } = await build.generate({
      format: 'es',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
    });
    return Object.fromEntries(output.map(({ fileName, code }) => [`/${fileName}`, code]));
  } finally {
    await build.close();
  }
}
