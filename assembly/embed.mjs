/**
 * Builds both binaries and puts them where they are used: `node assembly/embed.mjs [--update]`.
 *
 *   asc, target simd and scalar  →  build/kernels.{simd,scalar}.wasm
 *   both, base64                 →  src/kernels/wasm/binary.gen.ts   (not committed)
 *   simd                         →  dist/kernels.wasm
 *   hash and size of both        →  compared with assembly/kernels.sha256; --update rewrites it
 *
 * The build is reproducible (pinned compiler, no paths inside), so a mismatch means that a kernel changed: exit code 1.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const TARGETS = ['simd', 'scalar'];
const HASHES = `${root}assembly/kernels.sha256`;
const EMBEDDED = `${root}src/kernels/wasm/binary.gen.ts`;

function compile(target) {
  const asc = `${root}node_modules/assemblyscript/bin/asc`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [asc, '--target', target], {
      cwd: root,
      stdio: ['inherit', 'inherit', 'pipe'],
    });
    // What the optimiser mumbles when it stops before it has converged is nothing to act on.
    child.stderr.on('data', (text) => {
      process.stderr.write(String(text).replace(/^Last converge was suboptimial\.\n/gm, ''));
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`asc --target ${target}: exit code ${code}`)),
    );
  });
}

for (const folder of ['build', 'dist']) mkdirSync(`${root}${folder}`, { recursive: true });
await Promise.all(TARGETS.map(compile));

const binaries = TARGETS.map((target) => readFileSync(`${root}build/kernels.${target}.wasm`));
const constants = TARGETS.map(
  (target, i) => `export const ${target}Base64: string =\n  '${binaries[i].toString('base64')}';\n`,
);
writeFileSync(
  EMBEDDED,
  `// Written by assembly/embed.mjs. Not for eyes, not for git.\n${constants.join('')}`,
);
writeFileSync(`${root}dist/kernels.wasm`, binaries[0]);

const lines = TARGETS.map((target, i) => {
  const hash = createHash('sha256').update(binaries[i]).digest('hex');
  return `${hash}  ${binaries[i].length}  kernels.${target}.wasm\n`;
});
const found = lines.join('');
if (process.argv.includes('--update')) {
  writeFileSync(HASHES, found);
  process.stdout.write(found);
} else if (!existsSync(HASHES) || readFileSync(HASHES, 'utf8') !== found) {
  process.stderr.write(`the kernels are not those of assembly/kernels.sha256; now:\n${found}`);
  process.stderr.write('if that is meant, run: node assembly/embed.mjs --update\n');
  process.exitCode = 1;
}
