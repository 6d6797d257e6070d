/** Formatting, lint and types, as tests: one list of results, one exit code. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { ROOT } from './sources.ts';

const MINUTE = 60_000;

/** Runs a tool of node_modules; returns its exit code and what it printed. */
function run(script: string, ...args: string[]): Promise<{ code: number; output: string }> {
  const command = [`${ROOT}node_modules/${script}`, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: ROOT, maxBuffer: 2 ** 26 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : 1, output: out + err });
    });
  });
}

async function passes(script: string, ...args: string[]): Promise<void> {
  const { code, output } = await run(script, ...args);
  assert.equal(code, 0, `\n${output.split('\n').slice(-60).join('\n')}`);
}

const PRETTIER = 'prettier/bin/prettier.cjs';
const ESLINT = 'eslint/bin/eslint.js';
const TSC = 'typescript/bin/tsc';

describe('tidy: toolchain', function () {
  this.timeout(5 * MINUTE);

  it('prettier has nothing to change', () => passes(PRETTIER, '--check', '--log-level=warn', '.'));

  it('eslint finds nothing', () => passes(ESLINT, '.'));

  it('tsc finds no type error', () => passes(TSC, '-p', 'tsconfig.json', '--pretty', 'false'));

  it('every exported type of src is written down, so that tools need not infer it', () =>
    passes(TSC, '-p', 'tsconfig.src.json', '--pretty', 'false'));

  it('each of them finds a seeded violation', async () => {
    const folder = `${ROOT}build`;
    const file = `${folder}/seeded.ts`;
    try {
      writeFileSync(file, `const a : number = "1";\nif (a == 1) throw a;\n`);
      const seeded: [tool: string, args: string[], says: RegExp][] = [
        [PRETTIER, ['--no-config', '--ignore-path', '/dev/null', '--check', file], /seeded\.ts/],
        [ESLINT, ['--no-ignore', file], /eqeqeq/],
        [TSC, ['--noEmit', '--ignoreConfig', '--pretty', 'false', file], /TS2322/],
      ];
      for (const [tool, args, says] of seeded) {
        const { code, output } = await run(tool, ...args);
        assert.equal(code, 1);
        assert.match(output, says);
      }
    } finally {
      rmSync(file, { force: true });
    }
  });
});
