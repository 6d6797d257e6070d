/**
 * The spline gate's kernels of one backend against their definitions.
 * @module
 */

import assert from 'node:assert/strict';
import type { Kernels } from '../../src/kernels/contract.ts';
import * as oracle from '../oracle/ring.ts';
import { words, type TestMemory } from './kernel-memory.ts';

const { wrap } = oracle;

export function splineTests(k: Kernels, memory: TestMemory): void {
  it('spline kernels agree with their definitions', () => {
    for (const knots of [1, 2, 8, 64, 256]) {
      for (const m of [1, 15, 32, 40]) {
        const n = knots === 256 ? 3 : 9;
        const label = `spline${knots}/${m}`;
        const make = (count: number, name: string): bigint[] => words(count, `${label}${name}`);
        const rows = (list: bigint[], i: number): bigint[] =>
          Array.from({ length: list.length / n }, (_, row) => list[row * n + i]);
        const [r, c, beta, onehot, table] = [
          make(n, 'r'),
          make(n, 'c'),
          make(3 * n, 'b'),
          make(n * knots, 'e'),
          make(4 * knots, 't'),
        ];
        const [kRows, o, rl, brl] = [
          make(4 * n, 'k'),
          make(3 * n, 'o'),
          make(3 * n, 'l'),
          make(6 * n, 'm'),
        ];

        const out4 = memory.out(32 * n);
        k.splineCoefficients(
          out4,
          memory.put(onehot),
          memory.put(c),
          memory.put(table),
          m,
          knots,
          n,
        );
        const coefficients = [0, 1, 2, 3].flatMap((p) =>
          c.map((x, i) =>
            oracle.splineCoefficient(
              onehot.slice(i * knots, (i + 1) * knots),
              x,
              table,
              m,
              knots,
              p,
            ),
          ),
        );
        assert.deepEqual(memory.take(out4, 4 * n), coefficients, label);

        const out = memory.out(8 * n);
        const at = [kRows, o, c, rl, brl].map((list) => memory.put(list));
        k.splineCombine(out, at[0], at[1], at[2], at[3], at[4], m, n);
        const combined = c.map((x, i) =>
          oracle.splineCombine(rows(kRows, i), rows(o, i), x, rows(rl, i), rows(brl, i), m),
        );
        assert.deepEqual(memory.take(out, n), combined, label);

        const [hot, rlOut, brlOut] = [
          memory.out(8 * n * knots),
          memory.out(24 * n),
          memory.out(48 * n),
        ];
        k.splineDeal(hot, rlOut, brlOut, memory.put(r), memory.put(beta), m, knots, n);
        const low = r.map((x) => x % (1n << BigInt(m)));
        const index = r.map((x) => Number((x >> BigInt(m)) % BigInt(knots)));
        const expectedHot = index.flatMap((at) =>
          Array.from({ length: knots }, (_, j) => BigInt(+(j === at))),
        );
        assert.deepEqual(memory.take(hot, n * knots), expectedHot, label);
        const power = (p: number): bigint[] => low.map((x) => wrap(x ** BigInt(p)));
        assert.deepEqual(memory.take(rlOut, 3 * n), [1, 2, 3].flatMap(power), label);
        const order = [
          [1, 1],
          [2, 1],
          [2, 2],
          [3, 1],
          [3, 2],
          [3, 3],
        ];
        const masked = order.flatMap(([q, p]) =>
          low.map((x, i) => wrap(beta[(q - 1) * n + i] * x ** BigInt(p))),
        );
        assert.deepEqual(memory.take(brlOut, 6 * n), masked, label);
        memory.close(label);
      }
    }
  });
}
