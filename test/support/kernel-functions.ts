/**
 * The kernels behind functions of one variable: harmonics, powers of two, the test for zero.
 *
 * Factors that a kernel computes in doubles are read by unit shares and compared with float64; what it does with shares is exact.
 * @module
 */

import assert from 'node:assert/strict';
import { zeroTableWords, type Kernels, type Ptr } from '../../src/kernels/contract.ts';
import * as oracle from '../oracle/ring.ts';
import { bytes, joinWords, pack, share, words, type TestMemory } from './kernel-memory.ts';

const { wrap, signed, bitOf } = oracle;

export function functionTests(k: Kernels, memory: TestMemory): void {
  harmonicsTests(k, memory);
  powerTests(k, memory);
  zeroTests(k, memory);
}

/** Σ_j factors[i·row + j]·shares[i·row + j] mod 2^64. */
function dot(factors: readonly bigint[], shares: readonly bigint[], row: number): bigint[] {
  return Array.from({ length: shares.length / row }, (_, i) => {
    let sum = 0n;
    for (let j = 0; j < row; j++) sum += factors[i * row + j] * shares[i * row + j];
    return wrap(sum);
  });
}

/** What a linear kernel multiplies each of `row` words of an element by: its result for unit vectors. */
function factorsOf(
  memory: TestMemory,
  n: number,
  row: number,
  run: (out: Ptr, shares: Ptr) => void,
): bigint[] {
  const factors = Array<bigint>(n * row).fill(0n);
  for (let j = 0; j < row; j++) {
    const out = memory.out(8 * n);
    run(out, memory.put(factors.map((_, at) => BigInt(+(at % row === j)))));
    memory.take(out, n).forEach((factor, i) => (factors[i * row + j] = factor));
  }
  return factors;
}

function harmonicsTests(k: Kernels, memory: TestMemory): void {
  const turns = (angle: bigint): number => Number(BigInt.asIntN(32, angle >> 32n)) / 2 ** 32;

  it('harmonicsDeal() is 2^30 times cos and sin to the nearest integer', () => {
    for (const n of [0, 1, 2, 3, 17, 200]) {
      for (const terms of [1, 13, 64]) {
        const label = `deal ${n}/${terms}`;
        const angles = words(n, label);
        const out = memory.out(16 * n * terms);
        k.harmonicsDeal(out, memory.put(angles), terms, n);
        memory.take(out, 2 * n * terms).forEach((word, at) => {
          const i = Math.floor(at / (2 * terms));
          const x = 2 * Math.PI * (1 + ((at >> 1) % terms)) * turns(angles[i]);
          const want = 2 ** 30 * (at % 2 === 0 ? Math.cos(x) : Math.sin(x));
          const off = Math.abs(Number(signed(word)) - want);
          assert.ok(off <= 0.5 + 2 ** -10, `${label}: word ${at} off by ${off}`);
        });
        memory.close(label);
      }
    }
  });

  it('harmonicsSum() multiplies by the rotated coefficients and adds up, exactly', () => {
    for (const n of [1, 2, 5]) {
      for (const [terms, row] of [
        [1, 2],
        [3, 6],
        [3, 10],
        [20, 40],
      ]) {
        const label = `sum ${n}/${terms}/${row}`;
        const angles = words(n, label);
        const size = 2 ** (terms === 3 ? 48 : 30);
        const factors = [...new Int32Array(bytes(8 * terms, label).buffer)].map(
          (x) => (x / 2 ** 31) * size,
        );
        const run = (out: Ptr, waves: Ptr): void =>
          k.harmonicsSum(out, memory.put(angles), waves, memory.putDoubles(factors), terms, row, n);
        const found = factorsOf(memory, n, row, run);
        found.forEach((word, at) => {
          const [i, j] = [Math.floor(at / row), at % row];
          if (j >= 2 * terms) return assert.equal(word, 0n);
          const [a, b] = [factors[j & ~1], factors[j | 1]];
          const x = 2 * Math.PI * ((j >> 1) + 1) * turns(angles[i]);
          const want =
            j % 2 === 0 ? a * Math.cos(x) + b * Math.sin(x) : a * Math.sin(x) - b * Math.cos(x);
          const off = Math.abs(Number(signed(word)) - want);
          assert.ok(off <= 0.5 + size * 2 ** -38, `${label}: factor ${at} off by ${off}`);
        });
        const waves = words(row * n, `${label} waves`);
        const out = memory.out(8 * n);
        run(out, memory.put(waves));
        assert.deepEqual(memory.take(out, n), dot(found, waves, row), label);
        memory.close(label);
      }
    }
  });
}

/** Cuts that the gates use, and the ends of what is allowed: fracBits, group, span, low, scale of parts, of factors. */
const CUTS = [
  [16, 1, 6, -31, 16, 17],
  [16, 4, 6, -17, 43, 17],
  [0, 0, 5, -10, 16, 1],
  [32, 2, 6, -20, 20, 20],
  [48, 5, 6, -25, 46, 46],
  [33, 3, 7, -5, 1, 25],
];

function powerTests(k: Kernels, memory: TestMemory): void {
  it('powerDeal() puts 2^−(rest + fraction) at the place of the group', () => {
    for (const [f, group, span, , scale] of CUTS) {
      for (const n of [0, 1, 3, 50]) {
        const label = `power ${f}/${group}/${span}/${n}`;
        const r = words(n, label);
        const count = 2 ** (span - group);
        const out = memory.out(8 * n * count);
        k.powerDeal(out, memory.put(r), f, group, span, scale, n);
        memory.take(out, n * count).forEach((word, at) => {
          const number = r[Math.floor(at / count)] % (1n << BigInt(f + span));
          const index = Number(number >> BigInt(f + group));
          const rest = Number(number % (1n << BigInt(f + group))) / 2 ** f;
          const want = index === at % count ? 2 ** (scale - rest) : 0;
          const off = Math.abs(Number(signed(word)) - want);
          assert.ok(off <= 0.5 + want * 2 ** -38, `${label}: word ${at} off by ${off}`);
        });
        memory.close(label);
      }
    }
  });

  it('powerSum() multiplies by 2^y brought into its range and adds up, exactly', () => {
    for (const [f, group, span, low, , scale] of CUTS) {
      const n = 5;
      const label = `power sum ${f}/${group}/${span}`;
      const c = words(n, label);
      const count = 2 ** (span - group);
      const run = (out: Ptr, parts: Ptr): void =>
        k.powerSum(out, memory.put(c), parts, f, group, span, low, scale, n);
      const found = factorsOf(memory, n, count, run);
      found.forEach((word, at) => {
        const c0 = c[Math.floor(at / count)];
        const fraction = Number(c0 % (1n << BigInt(f))) / 2 ** f;
        const integer = (c0 >> BigInt(f)) - BigInt(2 ** group * (at % count) + low);
        const y = low + Number(BigInt.asUintN(span, integer)) + fraction;
        const want = 2 ** (y + scale);
        if (want >= 2 ** 63) return;
        const off = Math.abs(Number(word) - want);
        assert.ok(off <= 0.5 + want * 2 ** -30, `${label}: factor ${at} off by ${off} of ${want}`);
      });
      const parts = words(count * n, `${label} parts`);
      const out = memory.out(8 * n);
      run(out, memory.put(parts));
      assert.deepEqual(memory.take(out, n), dot(found, parts, count), label);
      memory.close(label);
    }
  });
}

/** Block j of 5 bits. */
const blockOf = (x: bigint, j: number): number => Number((x >> BigInt(5 * j)) & 31n);

/** One element's tables as a bit string, by definition. */
function zeroTables(r: bigint, coins: bigint, blocks: number): bigint {
  const pi = coins & ((1n << BigInt(blocks)) - 1n);
  const second = (coins >> 16n) & (blocks > 6 ? 3n : 1n);
  let table = 0n;
  for (let j = 0; j < blocks; j++) table |= 1n << BigInt(32 * j + blockOf(r, j));
  table |= (pi | (second << 16n)) << BigInt(32 * blocks);
  const at = headBits(blocks);
  table |= 1n << BigInt(at + Number(pi & 63n));
  return blocks > 6 ? table | (1n << BigInt(at + 64 + Number(pi >> 6n))) : table;
}

const headBits = (blocks: number): number => 64 * Math.ceil((blocks + 1) / 2);

function zeroTests(k: Kernels, memory: TestMemory): void {
  for (const blocks of [1, 2, 5, 6, 7, 8, 12, 13]) {
    const size = zeroTableWords(blocks);
    const count = blocks > 6 ? 4 : 2;
    const width = blocks > 6 ? 2 : 1;

    it(`zero kernels agree with their definitions, ${blocks} blocks`, () => {
      for (const n of [0, 1, 2, 3, 15, 16, 17, 70]) {
        const label = `zero${blocks}/${n}`;
        const [r, c, coins] = ['r', 'c', 'coins'].map((name) => words(n, label + name));
        const [tables, ones] = [memory.out(8 * size * n), memory.out(8 * count * n)];
        k.zeroDeal(tables, ones, memory.put(r), memory.put(coins), blocks, n);
        const dealt = memory.take(tables, size * n);
        const place = (i: number): number => Number((coins[i] >> 16n) & BigInt(count - 1));
        r.forEach((x, i) => {
          const want = zeroTables(x, coins[i], blocks);
          assert.equal(joinWords(dealt.slice(size * i, size * (i + 1))), want, label);
        });
        const list = memory.take(ones, count * n);
        list.forEach((one, at) => {
          assert.equal(one, BigInt(+(at % count === place(Math.floor(at / count)))), label);
        });
        memory.close(label);

        // On shares: any words will do.
        const t = words(size * n, `${label}t`);
        const tableOf = (i: number): bigint => joinWords(t.slice(size * i, size * (i + 1)));
        const stream = memory.out(Math.ceil((n * blocks) / 8) + 8);
        k.zeroBlocks(stream, memory.put(c), memory.put(t), blocks, n);
        const v = c.flatMap((x, i) =>
          Array.from({ length: blocks }, (_, j) => {
            const table = tableOf(i);
            return bitOf(table, 32 * j + blockOf(x, j)) ^ bitOf(table, 32 * blocks + j);
          }),
        );
        assert.deepEqual(memory.takeBits(stream, n * blocks), v, label);

        const joined = memory.out(Math.ceil((n * width) / 8));
        k.zeroJoin(joined, memory.putBytes(pack(v), 8), memory.put(t), blocks, n);
        const w = c.flatMap((_, i) => {
          const index = v
            .slice(blocks * i, blocks * (i + 1))
            .reduce((sum, bit, j) => sum + ((1 - bit) << j), 0);
          const at = headBits(blocks);
          const places = [at + (index & 63), at + 64 + (index >> 6)].slice(0, width);
          return places.map(
            (bit, e) => bitOf(tableOf(i), bit) ^ bitOf(tableOf(i), 32 * blocks + 16 + e),
          );
        });
        assert.deepEqual(memory.takeBits(joined, n * width), w, label);

        const shares = words(count * n, `${label}ones`);
        const out = memory.out(8 * n);
        k.zeroSelect(out, memory.putBytes(pack(w)), memory.put(shares), blocks, n);
        const chosen = c.map((_, i) => {
          const bits = w.slice(width * i, width * (i + 1));
          return shares[count * i + bits.reduce((sum, bit, e) => sum + ((1 - bit) << e), 0)];
        });
        assert.deepEqual(memory.take(out, n), chosen, label);
        memory.close(label);
      }
    });

    it(`deal, share, blocks, join, select give [x = 0] for 1, 2, 3 parties, ${blocks} blocks`, () => {
      const bits = BigInt(Math.min(64, 5 * blocks));
      const label = `zero gate ${blocks}`;
      const single = Array.from({ length: Number(bits) }, (_, i) => 1n << BigInt(i));
      const x = [...Array<bigint>(20).fill(0n), ...single, ...words(20, label)];
      const n = x.length;
      const [r, coins] = [words(n, `${label}r`), words(n, `${label}c`)];
      const c = x.map((word, i) => wrap(word + r[i]));
      for (const world of [1, 2, 3]) {
        const [tables, ones] = [memory.out(8 * size * n), memory.out(8 * count * n)];
        k.zeroDeal(tables, ones, memory.put(r), memory.put(coins), blocks, n);
        const t = share(memory.take(tables, size * n), world, `${label}t`, true);
        const o = share(memory.take(ones, count * n), world, `${label}o`);
        const streams = t.map((own) => {
          const stream = memory.out(Math.ceil((n * blocks) / 8) + 8);
          k.zeroBlocks(stream, memory.put(c), memory.put(own), blocks, n);
          return memory.takeBits(stream, n * blocks);
        });
        const v = streams.reduce((sum, list) => sum.map((bit, i) => bit ^ list[i]));
        const joins = t.map((own) => {
          const out = memory.out(Math.ceil((n * width) / 8));
          k.zeroJoin(out, memory.putBytes(pack(v), 8), memory.put(own), blocks, n);
          return memory.takeBits(out, n * width);
        });
        const w = joins.reduce((sum, list) => sum.map((bit, i) => bit ^ list[i]));
        const results = o.map((own) => {
          const out = memory.out(8 * n);
          k.zeroSelect(out, memory.putBytes(pack(w)), memory.put(own), blocks, n);
          return memory.take(out, n);
        });
        memory.close(label);
        results
          .reduce((sum, list) => sum.map((word, i) => wrap(word + list[i])))
          .forEach((bit, i) => {
            assert.equal(bit, BigInt(+(BigInt.asUintN(Number(bits), x[i]) === 0n)), `word ${i}`);
          });
      }
    });
  }
}
