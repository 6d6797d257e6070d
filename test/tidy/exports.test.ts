/** What package.json promises is what dist/ holds. Needs a build. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { read, ROOT } from './sources.ts';

interface Manifest {
  readonly exports: Record<string, unknown>;
  readonly bin: Record<string, string>;
  readonly files: readonly string[];
  readonly scripts: Record<string, string>;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

const manifest = (): Manifest => JSON.parse(read('package.json')) as Manifest;
const inDist = (): string[] => readdirSync(`${ROOT}dist`).map((file) => `./dist/${file}`);

/** Files that an exports map names, by conditions. */
function targets(node: unknown): string[] {
  if (typeof node === 'string') return [node];
  return Object.values(node as Record<string, unknown>).flatMap(targets);
}

/** Where the map, the bin and the bundles disagree. */
function disagreements(pkg: Pick<Manifest, 'exports' | 'bin'>, dist: readonly string[]): string[] {
  const bad: string[] = [];
  const named = [...targets(pkg.exports), ...Object.values(pkg.bin).map((file) => `./${file}`)];
  for (const [subpath, node] of Object.entries(pkg.exports)) {
    if (subpath.includes('*')) bad.push(`${subpath}: a wildcard`);
    const files = targets(node);
    const code = files.some((file) => file.endsWith('.js'));
    if (code && !files.some((file) => file.endsWith('.d.ts'))) bad.push(`${subpath}: no types`);
    if (
      code &&
      typeof node === 'object' &&
      node !== null &&
      Object.keys(node).at(-1) !== 'default'
    ) {
      bad.push(`${subpath}: default is not the last condition`);
    }
  }
  for (const file of named.filter((name) => /^\.\/dist\/[^/]+$/.test(name))) {
    if (!dist.includes(file)) bad.push(`${file}: named but not built`);
  }
  for (const file of dist.filter((name) => /\.(?:js|wasm)$/.test(name))) {
    if (!named.includes(file)) bad.push(`${file}: built but not named`);
  }
  return bad;
}

/** Modules that a bundle imports from outside itself. */
function foreignImports(text: string): string[] {
  return [...text.matchAll(/^(?:import|export)\b[^'"\n]*['"]([^.'"][^'"]*)['"];?$/gm)].map(
    ([, name]) => name,
  );
}

function bundles(keep: (path: string) => boolean): string[] {
  const chunks = existsSync(`${ROOT}dist/chunks`) ? readdirSync(`${ROOT}dist/chunks`) : [];
  const all = [...readdirSync(`${ROOT}dist`), ...chunks.map((file) => `chunks/${file}`)];
  return all.filter((path) => path.endsWith('.js') && keep(path)).map((path) => `dist/${path}`);
}

describe('tidy: exports', () => {
  it('package.json, bundles and types agree', () => {
    const pkg = manifest();
    assert.deepEqual(disagreements(pkg, inDist()), []);
    for (const target of targets(pkg.exports))
      assert.ok(existsSync(ROOT + target), `${target} is missing`);
    for (const file of pkg.files) assert.ok(existsSync(ROOT + file), `files: ${file} is missing`);
  });

  it('the default entry imports nothing but its own chunks', () => {
    const browser = bundles((path) => path !== 'cli.js' && !path.endsWith('.node.js'));
    assert.ok(browser.length > 0);
    assert.deepEqual(
      browser.filter((path) => foreignImports(read(path)).length > 0),
      [],
    );
  });

  it('the Node entry imports only dependencies and node: modules', () => {
    const allowed = Object.keys(manifest().dependencies);
    const node = bundles((path) => path === 'cli.js' || path.endsWith('.node.js'));
    const foreign = node.flatMap((path) => foreignImports(read(path)));
    const known = (name: string): boolean =>
      name.startsWith('node:') || allowed.some((dep) => name === dep || name.startsWith(`${dep}/`));
    assert.deepEqual(
      foreign.filter((name) => !known(name)),
      [],
    );
  });

  it('both entries load, and the Node entry has everything the default one has', async () => {
    const load = async (file: string): Promise<object> =>
      (await import(pathToFileURL(`${ROOT}dist/${file}`).href)) as object;
    const common = Object.keys(await load('index.js'));
    const node = Object.keys(await load('index.node.js'));
    assert.ok(common.includes('simulate'));
    assert.deepEqual(
      common.filter((name) => !node.includes(name)),
      [],
    );
    assert.ok(node.includes('connect'));
  });

  it('nn and optim of the main entry are those of the subpaths', async () => {
    for (const name of ['nn', 'optim']) {
      const whole = (await import(pathToFileURL(`${ROOT}dist/index.node.js`).href)) as Record<
        string,
        object
      >;
      const part = (await import(pathToFileURL(`${ROOT}dist/${name}.node.js`).href)) as object;
      assert.deepEqual({ ...part }, { ...whole[name] });
    }
  });

  it('the command has a shebang', () => {
    assert.match(read(manifest().bin.cryptensor), /^#!\/usr\/bin\/env node\n/);
  });

  it('at most twelve scripts, exact versions, and a lock file without hosts', () => {
    const pkg = manifest();
    assert.ok(Object.keys(pkg.scripts).length <= 12);
    const versions = Object.values({ ...pkg.dependencies, ...pkg.devDependencies });
    const exact = /^(?:npm:@[\w/-]+@)?\d+\.\d+\.\d+$/;
    assert.deepEqual(
      versions.filter((version) => !exact.test(version)),
      [],
    );
    assert.doesNotMatch(read('package-lock.json'), /"resolved"|"https?:[^"]*\.tgz/);
  });

  it('finds seeded violations', () => {
    const bin = {};
    const at = (exports: Record<string, unknown>, ...dist: string[]): string[] =>
      disagreements({ exports, bin }, dist);
    const good = { types: './dist/types/a.d.ts', default: './dist/a.js' };
    assert.deepEqual(at({ '.': good }, './dist/a.js'), []);
    assert.deepEqual(at({ '.': good }), ['./dist/a.js: named but not built']);
    assert.deepEqual(at({ '.': good }, './dist/a.js', './dist/b.js'), [
      './dist/b.js: built but not named',
    ]);
    assert.deepEqual(at({ '.': { default: './dist/a.js' } }, './dist/a.js'), ['.: no types']);
    assert.deepEqual(at({ './*': './data.json' }), ['./*: a wildcard']);
    assert.deepEqual(foreignImports(`import a from 'node:fs';\nimport { b } from './b.js';\n`), [
      'node:fs',
    ]);
  });
});
