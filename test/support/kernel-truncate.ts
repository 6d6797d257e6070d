/**
 * Truncation of one backend: each kernel against its formula, and both protocols end to end.
 * @module
 */

import assert from 'node:assert/strict';
import type { Kernels } from '../../src/kernels/contract.ts';
import * as oracle from '../oracle/ring.ts';
import { bits, LENGTHS, pack, share, words, type TestMemory } from './kernel-memory.ts';

const { wrap, signed } = oracle;
const SHIFTS = [1, 13, 16, 32, 61];
const TWO_62 = 2n ** 62n;
const EDGES = [-TWO_62, TWO_62 - 1n, 0n, 1n, -1n];

/** Numbers in [−2^62, 2^62) with all edges. */
const inRange = (n: number, label: string): bigint[] => [
  ...EDGES,
  ...words(n, label).map((x) => signed(x) >> 2n),
];

const sumUp = (shares: bigint[][]): bigint[] =>
  shares[0].map((_, i) => wrap(shares.reduce((sum, s) => sum + s[i], 0n)));

/** y − floor(x/2^m) must be 0 or 1, and 0 when nothing is shifted out. */
function assertTruncated(x: bigint[], y: bigint[], m: number, label: string): void {
  x.forEach((value, i) => {
    const error = signed(wrap(y[i] - (value >> BigInt(m))));
    const exact = value % (1n << BigInt(m)) === 0n;
    assert.ok(error === 0n || (error === 1n && !exact), `${label} i=${i}: error ${error}`);
  });
}

export function truncateTests(k: Kernels, memory: TestMemory): void {
  it('truncate kernels agree with their formulas', () => {
    for (const n of LENGTHS) {
      const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((label) => words(n, `trunc${n}${label}`));
      const [t, e0, e1] = ['t', '0', '1'].map((label) => bits(n, `trunc${n}${label}`));
      const map = (f: (i: number) => bigint): bigint[] => Array.from({ length: n }, (_, i) => f(i));
      for (const m of SHIFTS) {
        for (const party of [0, 1]) {
          const label = `n=${n} m=${m} party=${party}`;
          const at = [a, b, c, d].map((list) => memory.put(list));
          const flags = [t, e0, e1].map((list) => memory.putBytes(pack(list)));
          const [out, out2, bitsOut] = [
            memory.out(8 * n),
            memory.out(8 * n),
            memory.out(Math.ceil(n / 8)),
          ];

          k.truncateSplit(out, bitsOut, at[0], m, party, n);
          const split = a.map((x) => oracle.truncateSplit(x, m, party));
          assert.deepEqual(
            memory.take(out, n),
            split.map(([half]) => half),
            `split ${label}`,
          );
          assert.deepEqual(
            memory.takeBits(bitsOut, n),
            split.map(([, bit]) => bit),
            `split bits ${label}`,
          );

          k.truncateJoin(out, at[0], at[1], flags[0], flags[1], flags[2], m, party, n);
          const join = map((i) => oracle.truncateJoin(a[i], b[i], t[i], e0[i], e1[i], m, party));
          assert.deepEqual(memory.take(out, n), join, `join ${label}`);

          k.truncateOpened(out, at[0], at[1], at[2], m, party, n);
          const opened = map((i) => oracle.truncateOpened(a[i], b[i], c[i], m, party));
          assert.deepEqual(memory.take(out, n), opened, `opened ${label}`);

          k.bitOpened(out, flags[0], at[0], party, n);
          assert.deepEqual(
            memory.take(out, n),
            map((i) => oracle.bitOpened(t[i], a[i], party)),
            `bit ${label}`,
          );

          k.selectOpened(out, at[0], at[1], flags[0], at[2], at[3], at[0], m, n);
          const select = map((i) => oracle.selectOpened(a[i], b[i], t[i], c[i], d[i], a[i], m));
          assert.deepEqual(memory.take(out, n), select, `select ${label}`);

          k.truncateDeal(out, out2, at[0], m, n);
          assert.deepEqual(
            memory.take(out, n),
            a.map((x) => (x % 2n ** 63n) >> BigInt(m)),
            `deal ${label}`,
          );
          assert.deepEqual(
            memory.take(out2, n),
            a.map((x) => x >> 63n),
            `deal ${label}`,
          );

          k.truncateOpened(at[0], at[0], at[1], at[2], m, party, n);
          assert.deepEqual(memory.take(at[0], n), opened, `in place ${label}`);
          memory.close(label, [at[0]]);
        }
      }
    }
  });

  it('truncateOpened() and selectOpened() accept m = 0', () => {
    const [c, b, r] = ['c', 'b', 'r'].map((label) => words(17, `zero${label}`));
    const out = memory.out(8 * 17);
    k.truncateOpened(out, memory.put(c), memory.put(b), memory.put(r), 0, 0, 17);
    assert.deepEqual(
      memory.take(out, 17),
      c.map((x, i) => oracle.truncateOpened(x, b[i], r[i], 0, 0)),
    );
    memory.close('m = 0');
  });

  it('truncateSplit() then truncateJoin() is exact to {0, +1} for two parties', () => {
    for (const m of SHIFTS) {
      const x = inRange(200, `split${m}`);
      const n = x.length;
      const shares = share(x, 2, `split${m}`);
      const a = [bits(n, `${m}a0`), bits(n, `${m}a1`)];
      const ab = share(
        a[0].map((bit, i) => BigInt(bit & a[1][i])),
        2,
        `split${m}ab`,
      );
      const halves = shares.map((s, party) => {
        const [out, bitsOut] = [memory.out(8 * n), memory.out(Math.ceil(n / 8))];
        k.truncateSplit(out, bitsOut, memory.put(s), m, party, n);
        const result = {
          y: memory.take(out, n),
          d: memory.takeBits(bitsOut, n).map((bit, i) => bit ^ a[party][i]),
        };
        memory.close('split');
        return result;
      });
      const y = halves.map((half, party) => {
        const out = memory.out(8 * n);
        const [own, d0, d1] = [a[party], halves[0].d, halves[1].d].map((list) =>
          memory.putBytes(pack(list)),
        );
        k.truncateJoin(out, memory.put(half.y), memory.put(ab[party]), own, d0, d1, m, party, n);
        const result = memory.take(out, n);
        memory.close('join');
        return result;
      });
      assertTruncated(x, sumUp(y), m, `m=${m}`);
    }
  });

  it('truncateDeal() then truncateOpened() is exact to {0, +1} for any number of parties', () => {
    for (const world of [1, 2, 3]) {
      for (const m of SHIFTS) {
        const x = inRange(200, `open${m}`);
        const n = x.length;
        const r = words(n, `open${m}r`);
        const [rc, r63] = [memory.out(8 * n), memory.out(8 * n)];
        k.truncateDeal(rc, r63, memory.put(r), m, n);
        const [rcs, r63s] = [rc, r63].map((at, i) =>
          share(memory.take(at, n), world, `open${m}${i}`),
        );
        memory.close('deal');
        const c = x.map((value, i) => wrap(value + TWO_62 + r[i]));
        const y = rcs.map((_, party) => {
          const out = memory.out(8 * n);
          k.truncateOpened(
            out,
            memory.put(c),
            memory.put(rcs[party]),
            memory.put(r63s[party]),
            m,
            party,
            n,
          );
          const result = memory.take(out, n);
          memory.close('opened');
          return result;
        });
        assertTruncated(x, sumUp(y), m, `world=${world} m=${m}`);
      }
    }
  });
}
