/**
 * Cases of the kernels that know no protocol: arithmetic, movement, products, fixed point, the PRG.
 * @module
 */

import type { Kernels, Ptr } from '../../../src/kernels/contract.ts';
import { doubles, integers, M, N, words, type Cases, type KernelCase } from './case.ts';

/** Rows of 64 words. */
const ROW = 64;
const SIDE = 256;

function transposed(k: Kernels, [, , shape, strides]: readonly Ptr[]): void {
  integers(k, shape, 2, () => SIDE);
  integers(k, strides, 2, (i) => SIDE ** i);
}

function permuted(k: Kernels, [, , rows]: readonly Ptr[]): void {
  integers(k, rows, N / ROW, (i) => (733 * i) % (N / ROW));
}

function product(m: number, k: number, n: number): KernelCase {
  return {
    label: `${m}x${k}x${n}`,
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

/** Rows by kernel. */
export const LINEAR = {
  add: [words(2, (k, [o, a, b]) => k.add(o, a, b, N))],
  sub: [words(2, (k, [o, a, b]) => k.sub(o, a, b, N))],
  mul: [words(2, (k, [o, a, b]) => k.mul(o, a, b, N))],
  neg: [words(1, (k, [o, a]) => k.neg(o, a, N))],
  addScalar: [words(2, (k, [o, a, s]) => k.addScalar(o, a, s, N))],
  mulScalar: [words(2, (k, [o, a, s]) => k.mulScalar(o, a, s, N))],
  shiftLeft: [words(1, (k, [o, a]) => k.shiftLeft(o, a, M, N))],
  shiftRight: [words(1, (k, [o, a]) => k.shiftRight(o, a, M, N))],
  xor: [words(2, (k, [o, a, b]) => k.xor(o, a, b, N))],
  and: [words(2, (k, [o, a, b]) => k.and(o, a, b, N))],
  beaver: [words(5, (k, [o, c, a, dy, dx, y]) => k.beaver(o, c, a, dy, dx, y, N))],
  gatherStrided: [
    words(
      3,
      (k, [o, a, ...view]) => k.gatherStrided(o, a, view[0], view[1], 2),
      'transpose',
      transposed,
    ),
  ],
  scatterStrided: [
    words(
      3,
      (k, [o, a, ...view]) => k.scatterStrided(o, a, view[0], view[1], 2),
      'transpose',
      transposed,
    ),
  ],
  sumAxis: [
    words(1, (k, [o, a]) => k.sumAxis(o, a, SIDE, SIDE, 1), 'last'),
    words(1, (k, [o, a]) => k.sumAxis(o, a, 1, SIDE, SIDE), 'first'),
  ],
  bitAt: [words(1, (k, [o, a]) => k.bitAt(o, a, 63, N))],
  packLow: [words(1, (k, [o, a]) => k.packLow(o, a, 5, N), '5 bytes')],
  unpackLow: [words(1, (k, [o, a]) => k.unpackLow(o, a, 5, N), '5 bytes')],
  gatherRows: [
    words(
      2,
      (k, [o, a, rows]) => k.gatherRows(o, a, rows, ROW, N / ROW),
      `rows of ${ROW}`,
      permuted,
    ),
  ],
  addRows: [
    words(2, (k, [o, a, rows]) => k.addRows(o, a, rows, ROW, N / ROW), `rows of ${ROW}`, permuted),
  ],
  runningSums: [
    words(1, (k, [o, a]) => k.runningSums(o, a, SIDE, SIDE, 1), 'last'),
    words(1, (k, [o, a]) => k.runningSums(o, a, 1, SIDE, SIDE), 'first'),
  ],
  matmul: [
    product(16, 16, 16),
    product(64, 64, 64),
    product(128, 784, 128),
    product(1, 784, 128),
    product(512, 512, 1),
    product(256, 256, 256),
    product(512, 512, 512),
    product(1024, 1024, 1024),
  ],
  encode: [
    words(
      1,
      (k, [o, a]) => k.encode(o, a, M, N),
      '',
      (k, [, a]) => doubles(k, a, N, (i) => (i / 3 + 0.7) * (i & 1 ? 1 : -1)),
    ),
  ],
  decode: [words(1, (k, [o, a]) => k.decode(o, a, M, N))],
  blake3Xof: [
    {
      label: '',
      unit: 'B',
      units: 8 * N,
      blocks: [8 * N, 32],
      run: (k, [o, key]) => k.blake3Xof(o, key, 0, 0, N / 8),
    },
  ],
} satisfies Partial<Cases>;
