/**
 * The packed file, installed into an empty folder, works: imports, types, command. Needs a build and no network: the
 * dependencies come from this project's node_modules.
 */

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('package: the packed file in an empty folder', function () {
  this.timeout(180_000);
  let folder = '';
  let packed: string[] = [];

  const run = (args: readonly string[]): Promise<{ code: number; out: string; all: string }> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [...args],
        { cwd: folder, timeout: 150_000 },
        (error, out, err) => {
          resolve({ code: error === null ? 0 : 1, out, all: out + err });
        },
      );
    });

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cryptensor-package-'));
    const options = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const [report] = JSON.parse(
      execFileSync('npm', options, {
        cwd: ROOT,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ) as [{ filename: string; files: { path: string }[] }];
    packed = report.files.map(({ path }) => path);
    const home = join(folder, 'node_modules', 'cryptensor');
    mkdirSync(home, { recursive: true });
    execFileSync('tar', ['xzf', join(folder, report.filename), '-C', home, '--strip-components=1']);
    const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const name of Object.keys(dependencies)) {
      const target = join(folder, 'node_modules', name);
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(ROOT, 'node_modules', name), target, { recursive: true });
    }
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what users need and nothing else', () => {
    const roots = new Set(packed.map((path) => path.split('/')[0]));
    for (const needed of ['package.json', 'README.md', 'LICENSE', 'dist', 'examples']) {
      assert.ok(roots.has(needed), `${needed} is not packed`);
    }
    for (const kept of ['src', 'test', 'assembly', 'build', 'node_modules']) {
      assert.ok(!roots.has(kept), `${kept} is packed`);
    }
  });

  const program = (entry: string): string => `
    import { simulate } from '${entry}';
    const results = await simulate(2, async (party) => {
      const x = party.cryptensor([[1, 2], [3, 4]], { src: 0 });
      const y = party.cryptensor([[1], [-1]], { src: 1 });
      return Array.from((await x.matmul(y).relu().getPlainText()).data);
    });
    console.log(JSON.stringify(results));
  `;

  it('imports by name and computes', async () => {
    writeFileSync(join(folder, 'main.mjs'), program('cryptensor'));
    const { code, out, all } = await run(['main.mjs']);
    assert.equal(code, 0, all);
    const results = JSON.parse(out) as number[][];
    assert.equal(results.length, 2);
    for (const result of results)
      assert.ok(
        result.every((value) => Math.abs(value) <= 2 ** -14),
        out,
      );
  });

  it('the browser entry computes without Node and without dependencies', async () => {
    writeFileSync(join(folder, 'page.mjs'), program('./node_modules/cryptensor/dist/index.js'));
    const { code, all } = await run(['page.mjs']);
    assert.equal(code, 0, all);
  });

  it('require() gets the same module', async () => {
    writeFileSync(join(folder, 'main.cjs'), `console.log(typeof require('cryptensor').simulate);`);
    const { code, out, all } = await run(['--no-warnings', 'main.cjs']);
    assert.equal(code, 0, all);
    assert.equal(out.trim(), 'function');
  });

  it('its types check in a strict project without the types of Node', async () => {
    const text = `import { simulate, nn } from 'cryptensor';\nimport * as same from 'cryptensor/nn';\nexport const a: typeof nn.Linear = same.Linear;\nexport const b: Promise<readonly number[]> = simulate(2, async (party) => party.rank);\n`;
    writeFileSync(join(folder, 'types.ts'), text);
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const shared = '--noEmit --strict --pretty false --target es2022 --lib es2023,dom';
    for (const modules of ['--module nodenext', '--module esnext --moduleResolution bundler']) {
      const { code, all } = await run([tsc, ...`${shared} ${modules}`.split(' '), 'types.ts']);
      assert.equal(code, 0, `${modules}\n${all}`);
    }
  });

  it('the command starts', async () => {
    const command = join('node_modules', 'cryptensor', 'dist', 'cli.js');
    const { code, out, all } = await run([command, '--help']);
    assert.equal(code, 0, all);
    assert.match(out, /demo/);
  });

  it('the demo runs from the installed package', async () => {
    const { code, all } = await run([join('node_modules', 'cryptensor', 'dist', 'cli.js'), 'demo']);
    assert.equal(code, 0, all);
    assert.deepEqual(
      readdirSync(folder)
        .sort()
        .filter((name) => name.startsWith('cryptensor-')).length,
      1,
    );
  });
});
