/**
 * Rates of every kernel on each backend, and their ratio:
 *   node --import tsx bench/kernels.bench.ts [filter] [--json]
 *
 * Before a case is timed its outputs are compared across backends, word for word.
 * @module
 */

import { randomFillSync } from 'node:crypto';
import { cpus } from 'node:os';
import { compareWideWords, type Kernels, type Ptr } from '../src/kernels/contract.ts';
import { createTsKernels } from '../src/kernels/ts/index.ts';
import { createWasmKernels } from '../src/kernels/wasm/index.ts';
import { measure, short } from './support/measure.ts';

/** One case: its inputs have the same random bytes on every backend. */
interface Case {
  readonly name: string;
  readonly unit: string;
  readonly units: number;
  /** Bytes of each block; block 0 is the output. */
  readonly blocks: readonly number[];
  readonly run: (k: Kernels, at: readonly Ptr[]) => void;
  /** Before the first run, not timed. */
  readonly setUp?: (k: Kernels, at: readonly Ptr[]) => void;
}

const N = 1 << 16;
const WORDS = 8 * N;
const M = 16;

/** A case on N words with `inputs` word blocks. */
function words(name: string, inputs: number, run: Case['run']): Case {
  return { name, unit: 'words', units: N, blocks: Array<number>(inputs + 1).fill(WORDS), run };
}

function product(m: number, k: number, n: number): Case {
  return {
    name: `matmul ${m}x${k}x${n}`,
    unit: 'mul-adds',
    units: m * k * n,
    blocks: [8 * m * n, 8 * m * k, 8 * k * n],
    run: (kernels, [out, a, b]) => {
      const scratch = kernels.reserve(kernels.matmulScratch(m, k, n));
      kernels.matmul(out, a, b, m, k, n, 0, scratch);
      kernels.release(scratch);
    },
  };
}

/** Gate cases: n elements, 9 blocks of 7 bits. */
function compareCases(n: number, blocks: number): Case[] {
  const [mono, wide, stream] = [
    16 * blocks * n,
    8 * compareWideWords(blocks) * n,
    Math.ceil((n * (2 * blocks - 1)) / 8) + 8,
  ];
  const bits = Math.ceil(n / 8);
  const unit = 'elements';
  return [
    {
      name: `compareBlocks ${7 * blocks + 1} bits`,
      unit,
      units: n,
      blocks: [stream, 8 * n, mono, wide, 4096],
      setUp: (k, [, , , , tables]) => k.compareTables(tables),
      run: (k, [out, c, m, w, tables]) => k.compareBlocks(out, c, m, w, blocks, tables, n),
    },
    {
      name: `compareCarry ${7 * blocks + 1} bits`,
      unit,
      units: n,
      blocks: [bits, stream, wide],
      run: (k, [out, uv, w]) => k.compareCarry(out, uv, w, blocks, n),
    },
    {
      name: `compareDealMono ${7 * blocks + 1} bits`,
      unit,
      units: n,
      blocks: [mono, 8 * n],
      run: (k, [out, r]) => k.compareDealMono(out, r, blocks, n),
    },
    {
      name: `compareDealWide ${7 * blocks + 1} bits`,
      unit,
      units: n,
      blocks: [wide, 8 * n, 8 * n],
      run: (k, [out, r, coins]) => k.compareDealWide(out, r, coins, blocks, n),
    },
  ];
}

function splineCases(n: number, knots: number): Case[] {
  const [w, hot] = [8 * n, 8 * n * knots];
  const unit = 'elements';
  return [
    {
      name: `splineCoefficients ${knots}`,
      unit,
      units: n,
      blocks: [4 * w, hot, w, 32 * knots],
      run: (k, [out, e, c, table]) => k.splineCoefficients(out, e, c, table, M, knots, n),
    },
    {
      name: 'splineCombine',
      unit,
      units: n,
      blocks: [w, 4 * w, 3 * w, w, 3 * w, 6 * w],
      run: (k, [out, rows, o, c, rl, brl]) => k.splineCombine(out, rows, o, c, rl, brl, M, n),
    },
    {
      name: `splineDeal ${knots}`,
      unit,
      units: n,
      blocks: [hot, 3 * w, 6 * w, w, 3 * w],
      run: (k, [e, rl, brl, r, beta]) => k.splineDeal(e, rl, brl, r, beta, M, knots, n),
    },
  ];
}

const CASES: readonly Case[] = [
  words('add', 2, (k, [o, a, b]) => k.add(o, a, b, N)),
  words('sub', 2, (k, [o, a, b]) => k.sub(o, a, b, N)),
  words('mul', 2, (k, [o, a, b]) => k.mul(o, a, b, N)),
  words('neg', 1, (k, [o, a]) => k.neg(o, a, N)),
  words('addScalar', 2, (k, [o, a, s]) => k.addScalar(o, a, s, N)),
  words('mulScalar', 2, (k, [o, a, s]) => k.mulScalar(o, a, s, N)),
  words('shiftLeft', 1, (k, [o, a]) => k.shiftLeft(o, a, M, N)),
  words('shiftRight', 1, (k, [o, a]) => k.shiftRight(o, a, M, N)),
  words('xor', 2, (k, [o, a, b]) => k.xor(o, a, b, N)),
  words('and', 2, (k, [o, a, b]) => k.and(o, a, b, N)),
  words('beaver', 5, (k, [o, c, a, dy, dx, y]) => k.beaver(o, c, a, dy, dx, y, N)),
  words('gatherStrided (transpose)', 3, (k, [o, a, shape, strides]) => {
    new Int32Array(k.buffer(), shape, 2).set([256, 256]);
    new Int32Array(k.buffer(), strides, 2).set([1, 256]);
    k.gatherStrided(o, a, shape, strides, 2);
  }),
  words('scatterStrided (transpose)', 3, (k, [o, a, shape, strides]) => {
    new Int32Array(k.buffer(), shape, 2).set([256, 256]);
    new Int32Array(k.buffer(), strides, 2).set([1, 256]);
    k.scatterStrided(o, a, shape, strides, 2);
  }),
  words('sumAxis (last)', 1, (k, [o, a]) => k.sumAxis(o, a, 256, 256, 1)),
  words('sumAxis (first)', 1, (k, [o, a]) => k.sumAxis(o, a, 1, 256, 256)),
  words('bitAt', 1, (k, [o, a]) => k.bitAt(o, a, 63, N)),
  words('packLow 5', 1, (k, [o, a]) => k.packLow(o, a, 5, N)),
  words('unpackLow 5', 1, (k, [o, a]) => k.unpackLow(o, a, 5, N)),
  words('encode', 1, (k, [o, a]) => {
    const list = new Float64Array(k.buffer(), a, N);
    if (list[0] !== 0.5)
      list.forEach((_, i) => (list[i] = (i + 0.5) * (i & 1 ? 1 : -1) + (i ? i / 3 : 1)));
    k.encode(o, a, M, N);
  }),
  words('decode', 1, (k, [o, a]) => k.decode(o, a, M, N)),
  product(16, 16, 16),
  product(64, 64, 64),
  product(128, 784, 128),
  product(1, 784, 128),
  product(512, 512, 1),
  product(256, 256, 256),
  product(512, 512, 512),
  product(1024, 1024, 1024),
  {
    name: 'blake3Xof',
    unit: 'B',
    units: WORDS,
    blocks: [WORDS, 64],
    run: (k, [o, key]) => k.blake3Xof(o, key, 7, 0, WORDS / 64),
  },
  words('truncateSplit', 2, (k, [o, bits, x]) => k.truncateSplit(o, bits, x, M, 1, N)),
  words('truncateJoin', 5, (k, [o, y, ab, own, d0, d1]) =>
    k.truncateJoin(o, y, ab, own, d0, d1, M, 0, N),
  ),
  words('truncateOpened', 3, (k, [o, c, rc, r63]) => k.truncateOpened(o, c, rc, r63, M, 0, N)),
  words('selectOpened', 6, (k, [o, y, c, t, rho, rc, r63]) =>
    k.selectOpened(o, y, c, t, rho, rc, r63, M, N),
  ),
  words('bitOpened', 2, (k, [o, t, rho]) => k.bitOpened(o, t, rho, 0, N)),
  words('truncateDeal', 2, (k, [rc, r63, r]) => k.truncateDeal(rc, r63, r, M, N)),
  ...compareCases(1 << 13, 9),
  ...compareCases(1 << 13, 5),
  ...splineCases(1 << 12, 64),
];

const filter = process.argv.slice(2).find((arg) => !arg.startsWith('--')) ?? '';
const backends: Kernels[] = [
  await createWasmKernels({ simd: true }),
  await createWasmKernels({ simd: false }),
  createTsKernels(),
];

console.log(`${cpus()[0].model}, Node ${process.version}\n`);
console.log(
  ['kernel'.padEnd(28), ...backends.map((k) => k.backend.padStart(16)), 'wasm/ts'.padStart(9)].join(
    '',
  ),
);
const results: Record<string, Record<string, number>> = {};
for (const test of CASES.filter((c) => c.name.includes(filter))) {
  const sources = test.blocks.map((bytes) => randomFillSync(new Uint8Array(bytes)));
  const row: Record<string, number> = {};
  let expected: Uint8Array | undefined;
  for (const k of backends) {
    const at = test.blocks.map((bytes) => k.reserve(bytes + 64));
    at.forEach((block, i) => new Uint8Array(k.buffer(), block, test.blocks[i]).set(sources[i]));
    test.setUp?.(k, at);
    test.run(k, at);
    const result = new Uint8Array(k.buffer().slice(at[0], at[0] + test.blocks[0]));
    expected ??= result;
    if (Buffer.compare(expected, result) !== 0)
      throw new Error(`${test.name}: ${k.backend} differs`);
    row[k.backend] = measure({ units: test.units, budgetMs: 150 }, () => test.run(k, at)).median;
    for (const block of at) k.release(block);
  }
  results[test.name] = row;
  const rates = backends.map((k) =>
    `${short(row[k.backend])}${test.unit === 'B' ? 'B' : ''}/s`.padStart(16),
  );
  console.log(
    [test.name.padEnd(28), ...rates, (row['wasm-simd'] / row['ts']).toFixed(1).padStart(9)].join(
      '',
    ),
  );
}
if (process.argv.includes('--json')) console.log(JSON.stringify(results, null, 2));
