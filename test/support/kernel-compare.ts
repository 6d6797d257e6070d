/**
 * The comparison gate of one backend: each kernel against its definition, and the gate end to end.
 * @module
 */

import assert from 'node:assert/strict';
import { compareWideWords, type Kernels } from '../../src/kernels/contract.ts';
import * as oracle from '../oracle/ring.ts';
import { joinWords, pack, share, splitWords, words, type TestMemory } from './kernel-memory.ts';

const { wrap, bitOf } = oracle;

export function compareTests(k: Kernels, memory: TestMemory): void {
  definitionTests(k, memory);
  gateTests(k, memory);
  groupTests(k, memory);
}

/** Inputs of one comparison and what they mean. */
function compareInputs(
  n: number,
  blocks: number,
  label: string,
): { r: bigint[]; coins: bigint[]; mono: bigint[]; wide: bigint[] } {
  const [r, coins] = [words(n, `${label}r`), words(n, `${label}coins`)];
  const mono = r.flatMap((x) =>
    Array.from({ length: blocks }, (_, j) => oracle.monomials(oracle.blockOf(x, j))),
  );
  const wide = r.map((x, i) => oracle.wideTable(blocks, bitOf(x, 7 * blocks), coins[i]));
  return { r, coins, mono, wide };
}

function definitionTests(k: Kernels, memory: TestMemory): void {
  for (let blocks = 1; blocks <= 9; blocks++) {
    it(`compare kernels agree with their definitions, ${blocks} blocks`, () => {
      for (const n of [0, 1, 2, 3, 15, 16, 17, 70]) {
        const label = `compare${blocks}/${n}`;
        const size = compareWideWords(blocks);
        const { r, coins, mono, wide } = compareInputs(n, blocks, label);
        const [monoAt, wideAt] = [memory.out(16 * blocks * n), memory.out(8 * size * n)];
        k.compareDealMono(monoAt, memory.put(r), blocks, n);
        k.compareDealWide(wideAt, memory.put(r), memory.put(coins), blocks, n);
        assert.deepEqual(
          memory.take(monoAt, 2 * blocks * n),
          mono.flatMap((x) => splitWords(x, 2)),
          label,
        );
        assert.deepEqual(
          memory.take(wideAt, size * n),
          wide.flatMap((x) => splitWords(x, size)),
          label,
        );
        memory.close(label);

        // On shares: any words will do.
        const [c, m, w] = [
          words(n, `${label}c`),
          words(2 * blocks * n, `${label}m`),
          words(size * n, `${label}w`),
        ];
        const wideOf = (i: number): bigint => joinWords(w.slice(size * i, size * (i + 1)));
        const monoOf = (i: number, j: number): bigint =>
          joinWords(m.slice(2 * (blocks * i + j), 2 * (blocks * i + j) + 2));
        const width = 2 * blocks - 1;
        const [tables, stream] = [
          memory.out(k.compareTablesBytes()),
          memory.out(Math.ceil((n * width) / 8) + 8),
        ];
        k.compareTables(tables);
        k.compareBlocks(stream, memory.put(c), memory.put(m), memory.put(w), blocks, tables, n);
        const uv = c.map((x, i) => {
          const tablesOf = Array.from({ length: blocks }, (_, j) => monoOf(i, j));
          return oracle.compareBlocks(x, tablesOf, wideOf(i), blocks);
        });
        assert.deepEqual(memory.takeBits(stream, n * width), uv.flat(), label);

        const out = memory.out(Math.ceil(n / 8));
        const uvAt = memory.putBytes(pack(uv.flat()), 8);
        k.compareCarry(out, uvAt, memory.put(w), blocks, n);
        assert.deepEqual(
          memory.takeBits(out, n),
          uv.map((list, i) => oracle.compareCarry(list, wideOf(i), blocks)),
          label,
        );
        memory.close(label);
      }
    });
  }
}

function gateTests(k: Kernels, memory: TestMemory): void {
  it('deal, share, blocks, carry give [x < τ] for 1, 2, 3 parties and 1 to 9 blocks', () => {
    for (let blocks = 1; blocks <= 9; blocks++) {
      const ring = 7 * blocks + 1;
      const limit = 1n << BigInt(ring - 2); // x and τ in [−limit, limit): their difference does not wrap
      const clip = (x: bigint): bigint => (((x % limit) + limit) % limit) - (x & 1n) * limit;
      const edges = [-limit, limit - 1n, 0n, 1n, -1n];
      const random = words(40, `gate${blocks}x`).map(clip);
      const x = [...edges.flatMap((v) => edges.map(() => v)), ...edges, ...random];
      const tau = [
        ...edges.flatMap(() => edges),
        ...edges,
        ...words(40, `gate${blocks}τ`).map(clip),
      ];
      const n = x.length;
      const size = compareWideWords(blocks);
      const { r, coins, mono, wide } = compareInputs(n, blocks, `gate${blocks}`);
      const c = x.map((value, i) => wrap(value - tau[i] + r[i]));
      for (const world of [1, 2, 3]) {
        const label = `gate${blocks}/${world}`;
        const monos = share(
          mono.flatMap((table) => splitWords(table, 2)),
          world,
          `${label}m`,
          true,
        );
        const wides = share(
          wide.flatMap((table) => splitWords(table, size)),
          world,
          `${label}w`,
          true,
        );
        const tables = memory.out(k.compareTablesBytes());
        k.compareTables(tables);
        const width = 2 * blocks - 1;
        const streams = monos.map((m, party) => {
          const stream = memory.out(Math.ceil((n * width) / 8) + 8);
          k.compareBlocks(
            stream,
            memory.put(c),
            memory.put(m),
            memory.put(wides[party]),
            blocks,
            tables,
            n,
          );
          return memory.takeBits(stream, n * width);
        });
        const opened = streams.reduce((sum, s) => sum.map((bit, i) => bit ^ s[i]));
        const results = wides.map((w) => {
          const out = memory.out(Math.ceil(n / 8));
          k.compareCarry(out, memory.putBytes(pack(opened), 8), memory.put(w), blocks, n);
          return memory.takeBits(out, n);
        });
        memory.close(label);
        const t = results.reduce((sum, s) => sum.map((bit, i) => bit ^ s[i]));
        t.forEach((bit, i) => {
          const less = bit ^ bitOf(c[i], ring - 1) ^ bitOf(coins[i], 32);
          assert.equal(less, +(x[i] < tau[i]), `${label}: ${x[i]} < ${tau[i]}`);
        });
      }
    }
  });
}

function groupTests(k: Kernels, memory: TestMemory): void {
  it('groupDeal() puts the products of coins where assembly/groups.ts draws them', () => {
    for (const n of [0, 1, 2, 3, 17]) {
      const [r, coins] = [words(n, `groups${n}r`), words(n, `groups${n}coins`)];
      const at = memory.out(8 * n);
      k.groupDeal(at, memory.put(r), memory.put(coins), n);
      assert.deepEqual(
        memory.take(at, n),
        r.map((word, i) => groupWord(coins[i], bitOf(word, 63))),
      );
      memory.close(`groups ${n}`);
    }
  });

  it('deal, share, blocks, join, carry in groups give [x < τ] for 1, 2, 3 parties', () => {
    const limit = 1n << 62n;
    const edges = [-limit, limit - 1n, 0n, 1n, -1n, 127n, 128n, (1n << 21n) - 1n, 1n << 42n];
    const random = words(300, 'groups x').map((x) => (x >> 2n) - (x & 1n) * limit);
    const x = [...edges.flatMap((v) => edges.map(() => v)), ...random];
    const tau = [...edges.flatMap(() => edges), ...random.map((v, i) => v + BigInt((i % 5) - 2))];
    const n = x.length;
    const { r, coins, mono } = compareInputs(n, 9, 'groups');
    const dealt = r.map((word, i) => groupWord(coins[i], bitOf(word, 63)));
    const c = x.map((value, i) => wrap(value - tau[i] + r[i]));
    const all = mono.flatMap((table) => splitWords(table, 2));
    for (const world of [1, 2, 3]) {
      const label = `groups/${world}`;
      const monos = share(all, world, `${label}m`, true);
      const shares = share(dealt, world, `${label}w`, true);
      const [tables, masks] = [memory.out(k.compareTablesBytes()), memory.out(k.groupMasksBytes())];
      k.compareTables(tables);
      k.groupMasks(masks);
      const opened = (bits: number, body: (party: number, out: number) => void): number[] => {
        const lists = shares.map((_, party) => {
          const out = memory.out(Math.ceil((n * bits) / 8) + 8);
          body(party, out);
          return memory.takeBits(out, n * bits);
        });
        return lists.reduce((sum, list) => sum.map((bit, i) => bit ^ list[i]));
      };
      const uv = opened(17, (party, out) => {
        const [m, w] = [memory.put(monos[party]), memory.put(shares[party])];
        k.groupBlocks(out, memory.put(c), m, w, tables, n);
      });
      const joined = opened(5, (party, out) => {
        k.groupJoin(out, memory.putBytes(pack(uv), 8), memory.put(shares[party]), masks, n);
      });
      const t = opened(1, (party, out) => {
        k.groupCarry(out, memory.putBytes(pack(joined), 8), memory.put(shares[party]), masks, n);
      });
      t.forEach((bit, i) => {
        const less = bit ^ bitOf(c[i], 63) ^ bitOf(coins[i], 32);
        assert.equal(less, +(x[i] < tau[i]), `${label}: ${x[i]} < ${tau[i]}`);
      });
      memory.close(label);
    }
  });
}

/** The dealer's word of one element: each bit is the AND of the coins that its name lists. */
function groupWord(coin: bigint, sign: number): bigint {
  const names = 'ga gb gc pa pb pc one pcgb pbpc pcga pbga pbpcga papb papc papbpc'.split(' ');
  const fields = [0, 1, 2, 3].map((g) => {
    const gamma = (at: number): number => bitOf(coin, g < 3 ? 3 * g + at : 33 + at);
    const pi = (at: number): number => {
      if (g === 3) return at === 0 ? 0 : bitOf(coin, 36 + at);
      return g + at === 0 ? 0 : bitOf(coin, 15 + 3 * g + at);
    };
    const bits = names.map((name) => {
      const factors = name === 'one' ? [] : (name.match(/../g) ?? []);
      return factors.every((factor) => {
        const at = 'abc'.indexOf(factor[1]);
        return (factor.startsWith('g') ? gamma(at) : pi(at)) === 1;
      });
    });
    if (g === 3) bits.splice(12, 3, (sign ^ bitOf(coin, 32)) === 1);
    return bits.reduce((sum, bit, at) => (bit ? sum | (1n << BigInt(at)) : sum), 0n);
  });
  return fields.reduce((word, field, g) => word | (field << BigInt(15 * g)), 0n);
}
