/** The code in README.md runs and prints what README.md says. Needs a build: it imports the package by its name. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fencesOf, type Fence } from './readme.ts';
import { read, ROOT } from './sources.ts';

const FOLDER = `${ROOT}build/readme`;
const TSC = `${ROOT}node_modules/typescript/bin/tsc`;

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'ARCHITECTURE.md'];

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly all: string;
}

function node(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, timeout: 60_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : 1, out, all: out + err });
    });
  });
}

/** Type-checks code against the built types; returns what the compiler says. */
async function typeErrors(name: string, text: string): Promise<string> {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}/${name}`, `${text}\nexport {};\n`);
  const options = '--noEmit --ignoreConfig --pretty false --skipLibCheck --strict --types node';
  const target = '--target es2022 --lib es2023,dom --module nodenext --moduleResolution nodenext';
  const { code, all } = await node(TSC, ...`${options} ${target}`.split(' '), `${FOLDER}/${name}`);
  return code === 0 ? '' : all;
}

/** Paths and local links of a document that lead nowhere. */
function deadPaths(markdown: string, exists: (path: string) => boolean): string[] {
  const named = [...markdown.matchAll(/`((?:src|test|assembly|examples|bench)\/[\w./-]+)`/g)];
  const linked = [...markdown.matchAll(/\]\((?!https?:|#)([^)#]+)/g)];
  return [...named, ...linked].map(([, path]) => path).filter((path) => !exists(path));
}

/** A fence that is complete in itself runs; one that shows a piece of a program is only type-checked. */
const runs = ({ text, output }: Fence): boolean =>
  output !== undefined || text.includes('simulate(');

describe('tidy: readme', function () {
  this.timeout(120_000);

  before(() => rmSync(FOLDER, { recursive: true, force: true }));
  after(() => rmSync(FOLDER, { recursive: true, force: true }));

  for (const document of DOCUMENTS) {
    const code = fencesOf(read(document)).filter(({ language }) => language === 'ts');
    code.forEach((fence, i) => {
      const name = `${document.toLowerCase().replace('.md', '')}-${i + 1}.ts`;
      it(`${document}, code ${i + 1}: ${runs(fence) ? 'runs' : 'type-checks'}`, async () => {
        assert.equal(await typeErrors(name, fence.text), '');
        if (!runs(fence)) return;
        const { code: failed, out, all } = await node('--import', 'tsx', `${FOLDER}/${name}`);
        assert.equal(failed, 0, all);
        if (fence.output !== undefined) assert.equal(out.trim(), fence.output.trim());
      });
    });
  }

  for (const document of [...DOCUMENTS, 'FEATURES.md', 'CHANGELOG.md']) {
    it(`${document}: every path and local link leads somewhere`, () => {
      assert.deepEqual(
        deadPaths(read(document), (path) => existsSync(ROOT + path)),
        [],
      );
    });
  }

  it('README.md shows code, and the two commands', () => {
    const fences = fencesOf(read('README.md'));
    assert.ok(fences.some(({ language }) => language === 'ts'));
    const shell = fences.filter(({ language }) => language === 'sh').map(({ text }) => text);
    for (const command of ['npm test', 'npm start']) {
      assert.ok(
        shell.some((text) => text.includes(command)),
        `no fence with ${command}`,
      );
    }
  });

  it('finds seeded violations', async () => {
    const bad = `import { simulate } from 'cryptensor';\nawait simulate('two', () => 1);`;
    assert.match(await typeErrors('seeded.ts', bad), /TS2345/);
    assert.match(await typeErrors('seeded.ts', `import 'cryptensor/nothing';`), /TS2307|TS2882/);
    assert.deepEqual(
      deadPaths('`src/no.ts` [x](NO.md) [y](#z) [w](https://w)', () => false),
      ['src/no.ts', 'NO.md'],
    );
    const [first] = fencesOf('```ts\na\n```\n\n```text\nb\n```\n');
    assert.deepEqual(first, { language: 'ts', text: 'a\n', output: 'b\n' });
  });
});
