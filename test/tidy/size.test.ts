/** Files stay readable and bundles small. */

import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { librarySources, read, ROOT, sourcesUnder, type Source } from './sources.ts';

const MOST_LINES = 600;
const EXPLAIN_ABOVE = 400;

/** Entry → most gzipped bytes of it and everything it imports, dependencies inlined. */
const BUNDLE_BUDGETS: Record<string, number> = {
  'dist/index.js': 290_000,
  'dist/index.node.js': 380_000,
};
const WASM_BUDGET = 44_000;

function tooLong(sources: readonly Source[]): string[] {
  return sources
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path}: ${lines} lines, more than ${MOST_LINES}`);
}

/** Gzipped size of a bundle and of the chunks it reaches. */
function bundleBytes(entry: string): number {
  const seen = new Set<string>();
  const visit = (path: string): number => {
    if (seen.has(path)) return 0;
    seen.add(path);
    const text = read(path);
    const chunks = [...text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)];
    const own = gzipSync(text).length;
    return chunks.reduce((sum, [, to]) => sum + visit(posix.join(posix.dirname(path), to)), own);
  };
  return visit(entry);
}

describe('tidy: size', () => {
  const all = (): Source[] => [
    ...librarySources(),
    ...sourcesUnder('assembly', '.ts'),
    ...sourcesUnder('test', '.ts'),
    ...sourcesUnder('bench', '.ts'),
    ...sourcesUnder('examples', '.ts', '.mjs', '.js'),
  ];

  it(`no file is longer than ${MOST_LINES} lines`, () => {
    const long = all().filter(({ text }) => text.split('\n').length - 1 > EXPLAIN_ABOVE);
    for (const { path } of long) {
      process.stdout.write(`      note: ${path} is longer than ${EXPLAIN_ABOVE} lines\n`);
    }
    assert.deepEqual(tooLong(all()), []);
  });

  it('bundles and the Wasm binary keep their budgets', () => {
    assert.ok(existsSync(`${ROOT}dist/index.js`), 'dist/ is not built: run npm run build');
    for (const [entry, budget] of Object.entries(BUNDLE_BUDGETS)) {
      const bytes = bundleBytes(entry);
      assert.ok(bytes <= budget, `${entry}: ${bytes} bytes gzipped, budget ${budget}`);
    }
    const wasm = statSync(`${ROOT}dist/kernels.wasm`).size;
    assert.ok(wasm <= WASM_BUDGET, `kernels.wasm: ${wasm} bytes, budget ${WASM_BUDGET}`);
  });

  it('finds a seeded violation', () => {
    const text = 'x\n'.repeat(MOST_LINES + 1);
    assert.equal(tooLong([{ path: 'src/a.ts', text }]).length, 1);
    assert.equal(tooLong([{ path: 'src/a.ts', text: 'x\n'.repeat(MOST_LINES) }]).length, 0);
  });
});
