/**
 * The ring matrix product against PyTorch's int64 product, one thread each, in turns:
 *   node --import tsx bench/matmul-vs-torch.bench.ts [pairs] [size…]
 *
 * A pair is one product here and one there, right after each other, so that a slow spell of the machine meets both; the order
 * alternates. PYTHON names an interpreter with torch; without one this says so and measures nothing.
 * @module
 */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createWasmKernels } from '../src/kernels/wasm/index.ts';
import { median } from './support/measure.ts';
import { PYTHON } from './support/python.ts';

const [pairs = 21, ...given] = process.argv.slice(2).map(Number).filter(Number.isInteger);
const sizes = given.length > 0 ? given : [64, 128, 256, 512, 1024];
const script = fileURLToPath(new URL('torch-matmul.py', import.meta.url));
const child = spawn(PYTHON, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
child.on('error', () => {}); // reported below: there is no first line
child.stdin.on('error', () => {});
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

const version = await lines.next();
if (version.done === true) {
  console.error(`SKIPPED: ${PYTHON} has no torch (apt-get install python3-torch, or set PYTHON)`);
  process.exit(0);
}

async function torchSeconds(n: number): Promise<number> {
  child.stdin.write(`${n}\n`);
  return Number((await lines.next()).value);
}

const k = await createWasmKernels();

console.log(
  `${cpus()[0].model}, Node ${process.version}, torch ${version.value}, ${pairs} pairs, G mul-adds/s\n`,
);
console.log('size   torch    here   here/torch: median (quartiles)');
for (const n of sizes) {
  const blocks = [8 * n * n, 8 * n * n, 8 * n * n, k.matmulScratch(n, n, n)].map((bytes) =>
    k.reserve(bytes),
  );
  const [out, a, b, scratch] = blocks;
  for (const at of [a, b]) {
    const words = new BigUint64Array(k.buffer(), at, n * n);
    for (let i = 0; i < n * n; i++)
      words[i] = BigInt.asUintN(64, BigInt(i + at) * 0x9e3779b97f4a7c15n);
  }
  const once = (): number => {
    const start = performance.now();
    k.matmul(out, a, b, n, n, n, 0, scratch);
    return (performance.now() - start) / 1000;
  };
  for (let warm = 0; warm < (n > 512 ? 2 : 20); warm++) once();
  await torchSeconds(n);
  const [here, there]: [number[], number[]] = [[], []];
  for (let pair = 0; pair < pairs; pair++) {
    if (pair & 1) there.push(await torchSeconds(n));
    here.push(once());
    if (!(pair & 1)) there.push(await torchSeconds(n));
  }
  const ratios = there.map((seconds, i) => seconds / here[i]).sort((x, y) => x - y);
  const quartile = (q: number): string => ratios[Math.floor((ratios.length - 1) * q)].toFixed(2);
  const rate = (list: number[]): string => (n ** 3 / median(list) / 1e9).toFixed(2).padStart(6);
  console.log(
    `${String(n).padStart(4)}  ${rate(there)}  ${rate(here)}   ${quartile(0.5)} (${quartile(0.25)}–${quartile(0.75)})`,
  );
  for (const block of blocks) k.release(block);
}
child.stdin.end();
