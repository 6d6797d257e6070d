/**
 * Movement and matrix products of one backend against their oracles.
 * @module
 */

import assert from 'node:assert/strict';
import type { Kernels } from '../../src/kernels/contract.ts';
import * as oracle from '../oracle/ring.ts';
import { LENGTHS, words, type TestMemory } from './kernel-memory.ts';

const { wrap } = oracle;

export function movementTests(k: Kernels, memory: TestMemory): void {
  it('gatherStrided() and scatterStrided() follow any strides and invert each other', () => {
    const views: [shape: number[], strides: number[], offset: number, size: number][] = [
      [[], [], 0, 1],
      [[7], [1], 0, 7],
      [[5], [-2], 8, 9],
      [[3, 4], [1, 3], 0, 12],
      [[3, 4], [4, 1], 0, 12],
      [[2, 3, 5], [0, 5, 1], 0, 15],
      [[2, 0, 3], [3, 3, 1], 0, 6],
      [[2, 1, 3, 17], [-51, 9, 17, -1], 67, 102],
      [[4, 3, 2], [1, 8, 4], 0, 24],
    ];
    for (const [shape, strides, offset, size] of views) {
      const label = `${shape}/${strides}`;
      const source = words(size, label);
      const order = oracle.positions(shape, strides).map((p) => p + offset);
      const n = order.length;
      const flat = order.map((p) => source[p]);
      const [a, out] = [memory.put(source), memory.out(8 * n)];
      k.gatherStrided(
        out,
        a + 8 * offset,
        memory.putInts(shape),
        memory.putInts(strides),
        shape.length,
      );
      assert.deepEqual(memory.take(out, n), flat, label);
      if (new Set(order).size === n) {
        const target = memory.put(source.map(() => 7n));
        k.scatterStrided(
          target + 8 * offset,
          out,
          memory.putInts(shape),
          memory.putInts(strides),
          shape.length,
        );
        const expected = source.map((_, p) => (order.includes(p) ? source[p] : 7n));
        assert.deepEqual(memory.take(target, size), expected, label);
        memory.close(label, [target]);
      } else memory.close(label);
    }
  });

  it('sumAxis() sums the middle axis, also an empty one', () => {
    for (const [outer, len, inner] of [
      [1, 1, 1],
      [3, 5, 1],
      [1, 5, 3],
      [2, 17, 33],
      [4, 0, 3],
      [2, 3, 0],
      [1, 1000, 1],
    ]) {
      const a = words(outer * len * inner, `sum${outer}/${len}/${inner}`);
      const out = memory.out(8 * outer * inner);
      k.sumAxis(out, memory.put(a), outer, len, inner);
      assert.deepEqual(memory.take(out, outer * inner), oracle.sumAxis(a, outer, len, inner));
      memory.close('sumAxis');
    }
  });

  it('packLow() and unpackLow() keep the low bytes, also in place', () => {
    for (const n of LENGTHS) {
      for (let size = 1; size <= 8; size++) {
        const a = words(n, `pack${n}`);
        const low = a.map((x) => BigInt.asUintN(8 * size, x));
        const bytesOf = low.flatMap((x) =>
          Array.from({ length: size }, (_, b) => Number((x >> BigInt(8 * b)) & 255n)),
        );
        const [at, packed, back] = [memory.put(a), memory.out(size * n), memory.out(8 * n)];
        k.packLow(packed, at, size, n);
        assert.deepEqual([...memory.takeBytes(packed, size * n)], bytesOf, `pack ${size} n=${n}`);
        k.unpackLow(back, packed, size, n);
        assert.deepEqual(memory.take(back, n), low, `unpack ${size} n=${n}`);
        k.packLow(at, at, size, n);
        k.unpackLow(at, at, size, n);
        assert.deepEqual(memory.take(at, n), low, `in place ${size} n=${n}`);
        memory.close('pack', [at]);
      }
    }
  });

  it('bitAt() packs one bit of each word', () => {
    for (const n of [...LENGTHS, 7, 8, 9, 65]) {
      for (const bit of [0, 1, 31, 32, 63]) {
        const a = words(n, `bitAt${n}`);
        const out = memory.out(Math.ceil(n / 8));
        k.bitAt(out, memory.put(a), bit, n);
        assert.deepEqual(
          memory.takeBits(out, n),
          a.map((x) => oracle.bitOf(x, bit)),
          `n=${n} bit=${bit}`,
        );
        memory.close('bitAt');
      }
    }
  });
}

export function productTests(k: Kernels, memory: TestMemory): void {
  it('matmul() agrees with BigInt on every shape class, replacing and accumulating', () => {
    const shapes = [
      [0, 3, 4],
      [3, 0, 4],
      [3, 4, 0],
      [1, 1, 1],
      [1, 7, 9],
      [2, 16, 8],
      [3, 5, 13],
      [1, 300, 33],
      [4, 4, 4],
      [5, 3, 6],
      [7, 129, 5],
      [8, 256, 8],
      [9, 257, 7],
      [65, 17, 12],
      [67, 259, 21],
      [130, 513, 9],
      [16, 1, 16],
      [33, 2, 1],
      [64, 64, 64],
      [131, 130, 133],
      [6, 20, 530],
      [300, 10, 5],
    ];
    for (const [m, kk, n] of shapes) {
      const label = `${m}x${kk}x${n}`;
      const [a, b, old] = [
        words(m * kk, `${label}a`),
        words(kk * n, `${label}b`),
        words(m * n, `${label}o`),
      ];
      const product = oracle.matmul(a, b, m, kk, n);
      for (const accumulate of [0, 1]) {
        const out = accumulate ? memory.put(old) : memory.out(8 * m * n);
        const scratch = memory.out(k.matmulScratch(m, kk, n));
        k.matmul(out, memory.put(a), memory.put(b), m, kk, n, accumulate, scratch);
        const expected = accumulate ? product.map((x, i) => wrap(x + old[i])) : product;
        assert.deepEqual(memory.take(out, m * n), expected, `${label} accumulate=${accumulate}`);
        memory.close(label, [out]);
      }
    }
  });
}
