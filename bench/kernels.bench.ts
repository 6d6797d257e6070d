/**
 * Rates of every kernel on each backend, and their ratio:
 *   node --import tsx bench/kernels.bench.ts [filter…] [--json FILE]
 *
 * Before a case is timed its outputs are compared across backends, word for word. The PRG is measured beside @noble/hashes too.
 * @module
 */

import { randomFillSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { blake3 } from '@noble/hashes/blake3.js';
import type { Kernels } from '../src/kernels/contract.ts';
import { createTsKernels } from '../src/kernels/ts/index.ts';
import { createWasmKernels } from '../src/kernels/wasm/index.ts';
import { KERNEL_CASES, type KernelCase } from './support/kernels/index.ts';
import { measure, short } from './support/measure.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' } },
});
const backends: Kernels[] = [
  await createWasmKernels({ simd: true }),
  await createWasmKernels({ simd: false }),
  createTsKernels(),
];
const TURNS = 3;
const TURN_MS = 40;
const [simd] = backends;
const results: Record<string, Record<string, number>> = {};

console.log(`${cpus()[0].model}, Node ${process.version}\n`);
printRow('kernel', [...backends.map(({ backend }) => backend), 'wasm/ts']);
for (const [kernel, cases] of Object.entries(KERNEL_CASES)) {
  for (const one of cases) {
    const name = `${kernel} ${one.label}`.trimEnd();
    if (!asked(name)) continue;
    const rates = compare(name, one);
    printRates(name, one.unit, Object.values(rates), rates[simd.backend] / rates['ts']);
    results[name] = rates;
  }
}
if (asked('blake3Xof')) besideNoble();
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`);

function asked(name: string): boolean {
  return positionals.length === 0 || positionals.some((part) => name.includes(part));
}

/** Units per second by backend, once all of them gave the same bytes. */
function compare(name: string, { units, blocks, setUp, run }: KernelCase): Record<string, number> {
  const sources = blocks.map((bytes) => randomFillSync(new Uint8Array(bytes)));
  let expected: Uint8Array | undefined;
  const places = backends.map((k) => {
    const at = blocks.map((bytes) => k.reserve(bytes + 64));
    at.forEach((block, i) => new Uint8Array(k.buffer(), block, blocks[i]).set(sources[i]));
    setUp?.(k, at);
    run(k, at);
    const result = new Uint8Array(k.buffer().slice(at[0], at[0] + blocks[0]));
    expected ??= result;
    if (Buffer.compare(expected, result) !== 0) throw new Error(`${name}: ${k.backend} differs`);
    return { k, at };
  });
  const bodies = places.map(
    ({ k, at }) =>
      () =>
        run(k, at),
  );
  const rates = inTurns(units, bodies);
  for (const { k, at } of places) at.forEach((block) => k.release(block));
  return Object.fromEntries(backends.map(({ backend }, i) => [backend, rates[i]]));
}

/** The PRG beside the reference implementation, on the same key and as many bytes. */
function besideNoble(): void {
  const [{ units, blocks, run }] = KERNEL_CASES.blake3Xof;
  const at = blocks.map((bytes) => simd.reserve(bytes));
  const key = randomFillSync(new Uint8Array(32));
  new Uint8Array(simd.buffer(), at[1], 32).set(key);
  run(simd, at);
  const noble = (): Uint8Array => blake3(new Uint8Array(), { key, dkLen: units });
  if (Buffer.compare(noble(), new Uint8Array(simd.buffer(), at[0], units)) !== 0) {
    throw new Error('blake3Xof: @noble/hashes differs');
  }
  const rates = inTurns(units, [() => run(simd, at), noble]);
  console.log('');
  printRow('PRG', [simd.backend, '@noble/hashes', 'ratio']);
  printRates('blake3Xof', 'B', rates, rates[0] / rates[1]);
  results['blake3Xof beside noble'] = { [simd.backend]: rates[0], noble: rates[1] };
}

/** Rates of bodies that take turns, each at its best turn: a slow spell of the machine should not decide a ratio. */
function inTurns(units: number, bodies: readonly (() => void)[]): number[] {
  const best = bodies.map(() => 0);
  for (let turn = 0; turn < TURNS; turn++) {
    bodies.forEach((body, i) => {
      best[i] = Math.max(best[i], measure({ units, budgetMs: TURN_MS }, body).median);
    });
  }
  return best;
}

function printRates(name: string, unit: string, rates: readonly number[], ratio: number): void {
  const cells = rates.map((rate) => `${short(rate)}${unit === 'B' ? 'B' : ''}/s`);
  printRow(name, [...cells, ratio.toFixed(1)]);
}

function printRow(name: string, cells: readonly string[]): void {
  console.log([name.padEnd(28), ...cells.map((cell) => cell.padStart(16))].join(''));
}
