/**
 * The compiled suite under mocha's command line, in Node or Deno.
 * @module
 */

import { existsSync } from 'node:fs';
import { run } from './processes.mjs';

const LIMIT_S = 600;

/** In this Node. */
export function runNode(options) {
  return runMocha(process.execPath, [], options);
}

/** In Deno. */
export function runDeno(options) {
  const installed = `${options.root}node_modules/deno/deno`;
  const deno = process.env.DENO ?? (existsSync(installed) ? installed : 'deno');
  return runMocha(deno, ['run', '-A', '--no-prompt', '--quiet'], options);
}

async function runMocha(command, flags, { root, compiled, suite }) {
  const files = suite.present.map((name) => `${compiled}test/${name}.test.js`);
  const mocha = `${root}node_modules/mocha/bin/mocha.js`;
  const options = ['--config', `${root}test/runtime/mocha.json`];
  const args = [...flags, mocha, ...options, ...files];
  const env = { DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' };
  const { code, output } = await run(command, args, {
    cwd: root,
    seconds: LIMIT_S,
    show: true,
    env,
  });
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? [undefined, 0, 1];
  if (code !== 0 && Number(failed) === 0) return { passed: Number(passed), failed: 1 };
  return { passed: Number(passed), failed: Number(failed) };
}
