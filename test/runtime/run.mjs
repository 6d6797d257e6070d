/**
 * The tests of another runtime: node test/runtime/run.mjs deno|chromium|node
 *
 * Needs `npm run build:wasm` to have run; deno from `npm install --no-save deno@2.9.6` or $DENO; Debian's chromium or
 * $CHROMIUM. The last line is `N passed, N failed`.
 * @module
 */

import { fileURLToPath } from 'node:url';
import { compile } from './compile.mjs';
import { killAll } from './processes.mjs';
import { suiteOf } from './suite.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const RUNNERS = {
  node: () => import('./mocha.mjs').then(({ runNode }) => runNode),
  deno: () => import('./mocha.mjs').then(({ runDeno }) => runDeno),
  chromium: () => import('./chromium.mjs').then(({ runChromium }) => runChromium),
};

const runtime = process.argv[2];
if (!(runtime in RUNNERS)) {
  process.stderr.write('use: node test/runtime/run.mjs deno|chromium|node\n');
  process.exit(2);
}
const began = performance.now();
const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
const suite = suiteOf(runtime, ROOT);
process.stdout.write(`${runtime}: ${suite.present.length} test files\n`);
for (const [name, reason] of Object.entries(suite.absent)) {
  process.stdout.write(`  absent: ${name}: ${reason}\n`);
}
let counts = { passed: 0, failed: 1 };
try {
  const compiled = await compile(ROOT);
  process.stdout.write(`compiled after ${seconds()}\n`);
  const runner = await RUNNERS[runtime]();
  counts = await runner({ root: ROOT, compiled, suite });
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n`);
} finally {
  killAll();
}
process.stdout.write(`${runtime}: ended after ${seconds()}\n`);
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
