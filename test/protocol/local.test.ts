import assert from 'node:assert/strict';
import fc from 'fast-check';
import { contiguousStrides, sizeOf } from '../../src/core/shape.ts';
import type { Words } from '../../src/kernels/memory.ts';
import type { Context } from '../../src/protocol/context.ts';
import * as local from '../../src/protocol/local/index.ts';
import type { Share } from '../../src/protocol/share.ts';
import { simulateSeats } from '../../src/seats.ts';
import { arbitraryInjectiveView, arbitraryView, viewed } from '../oracle/gates.ts';
import * as ring from '../oracle/ring.ts';
import { put, randomWords, raw, shuffled, wordsOf } from '../support/seats.ts';

const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);
const worlds = fc.constantFrom(1, 2, 3);
const label = fc.nat();

/** What the parties' shares open to; each program gives one list of shares. */
async function opened(n: number, program: (ctx: Context) => Share[]): Promise<Words[]> {
  const { results } = await simulateSeats(
    n,
    ({ context }) => Promise.all(program(context).map((share) => raw(context, share))),
    shuffled,
  );
  return results[0];
}

describe('linear steps against naive twins', () => {
  it('addAA(), subAA(), negA() and scaleA() on any view, all 64 bits', async () => {
    const property = fc.asyncProperty(
      worlds,
      arbitraryView,
      fc.bigInt(),
      label,
      async (n, v, k, seed) => {
        const words = randomWords(v.length, `linear ${seed}`);
        const x = viewed(words, v.view);
        const y = [...randomWords(x.length, `linear y ${seed}`)];
        const [sum, difference, negated, scaled] = await opened(n, (ctx) => {
          const a = put(ctx, 0, [v.length], words).view(v.view);
          const b = put(ctx, n - 1, v.view.shape, wordsOf(y));
          return [
            local.addAA(ctx, a, b),
            local.subAA(ctx, a, b),
            local.negA(ctx, a),
            local.scaleA(ctx, a, k),
          ];
        });
        assert.deepEqual(
          [...sum],
          x.map((word, i) => wrap(word + y[i])),
        );
        assert.deepEqual(
          [...difference],
          x.map((word, i) => wrap(word - y[i])),
        );
        assert.deepEqual(
          [...negated],
          x.map((word) => wrap(-word)),
        );
        assert.deepEqual(
          [...scaled],
          x.map((word) => wrap(word * k)),
        );
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });

  it('addAA() aligns scales exactly, in either order', async () => {
    const property = fc.asyncProperty(
      worlds,
      fc.nat(20),
      fc.nat(20),
      label,
      async (n, f, g, seed) => {
        const [x, y] = ['x', 'y'].map((name) => randomWords(5, `scales ${name} ${seed}`));
        const results = await opened(n, (ctx) => {
          const [a, b] = [put(ctx, 0, [5], x, f), put(ctx, 0, [5], y, g)];
          const pair = [local.addAA(ctx, a, b), local.addAA(ctx, b, a)];
          for (const share of pair) assert.equal(share.fracBits, Math.max(f, g));
          return pair;
        });
        const top = Math.max(f, g);
        const expected = [...x].map((word, i) =>
          wrap((word << BigInt(top - f)) + (y[i] << BigInt(top - g))),
        );
        for (const result of results) assert.deepEqual([...result], expected);
      },
    );
    await fc.assert(property, { numRuns: 20 });
  });

  it('addAP(), mulAP() and publicShare() use public words once, not once per party', async () => {
    for (const n of [1, 2, 3, 5]) {
      const x = randomWords(6, 'public x');
      const p = { shape: [3], words: wordsOf([5, -7, 2n ** 63n]), fracBits: 0 };
      const [sum, product, itself] = await opened(n, (ctx) => {
        const a = put(ctx, 0, [2, 3], x, 0);
        return [local.addAP(ctx, a, p), local.mulAP(ctx, a, p), local.publicShare(ctx, p, 0)];
      });
      assert.deepEqual(
        [...sum],
        [...x].map((word, i) => wrap(word + p.words[i % 3])),
      );
      assert.deepEqual(
        [...product],
        [...x].map((word, i) => wrap(word * p.words[i % 3])),
      );
      assert.deepEqual(itself, p.words);
    }
  });

  it('matmulAP() multiplies from either side, batches and odd sizes included', async () => {
    for (const n of [1, 2, 3]) {
      for (const [batch, m, k, c] of [
        [1, 3, 5, 7],
        [3, 3, 3, 3],
        [2, 1, 4, 1],
        [2, 2, 0, 3],
      ]) {
        const [x, y] = [randomWords(batch * m * k, 'mp x'), randomWords(batch * k * c, 'mp y')];
        const open = (shape: number[], words: Words): local.PublicWords => ({
          shape,
          words,
          fracBits: 0,
        });
        const [right, left] = await opened(n, (ctx) => {
          const a = put(ctx, 0, [batch, m, k], x, 0);
          const b = put(ctx, 0, [batch, k, c], y, 0);
          return [
            local.matmulAP(ctx, a, open([batch, k, c], y), 'right'),
            local.matmulAP(ctx, b, open([batch, m, k], x), 'left'),
          ];
        });
        const expected = Array.from({ length: batch }, (_, i) => {
          const rows = [...x].slice(i * m * k, (i + 1) * m * k);
          return ring.matmul(rows, [...y].slice(i * k * c, (i + 1) * k * c), m, k, c);
        }).flat();
        assert.deepEqual([...right], expected);
        assert.deepEqual([...left], expected);
      }
    }
  });

  it('sumA(), reshapeA(), placeA() and catA() on any view', async () => {
    const property = fc.asyncProperty(
      worlds,
      arbitraryInjectiveView,
      fc.nat(15),
      label,
      async (n, v, which, seed) => {
        const { view, length } = v;
        const words = randomWords(length, `movement ${seed}`);
        const x = viewed(words, view);
        const axes = view.shape.map((_, axis) => axis).filter((axis) => (which >> axis) & 1);
        const results = await opened(n, (ctx) => {
          const a = put(ctx, 0, [length], words).view(view);
          const flat = local.reshapeA(ctx, a, [x.length]);
          const twice = local.catA(ctx, [flat, local.negA(ctx, flat)], 0);
          return [
            local.sumA(ctx, a, axes, true),
            flat,
            local.placeA(ctx, a, [length], view),
            twice,
          ];
        });
        const [sum, flat, placed, twice] = results.map((list) => [...list]);
        assert.deepEqual(sum, naiveSum(x, view.shape, axes));
        assert.deepEqual(flat, x);
        assert.deepEqual(viewed(wordsOf(placed), view), x);
        assert.equal(
          placed.filter((word) => word !== 0n).length,
          x.filter((word) => word !== 0n).length,
        );
        assert.deepEqual(twice, [...x, ...x.map((word) => wrap(-word))]);
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });

  it('pickA(), addRowsA(), runningSumsA() and overwriteA() on any view', async () => {
    const property = fc.asyncProperty(
      worlds,
      arbitraryView,
      fc.array(fc.nat(1000), { maxLength: 8 }),
      fc.nat(3),
      label,
      async (n, v, list, which, seed) => {
        const { view, length } = v;
        const words = randomWords(length, `rows ${seed}`);
        const x = viewed(words, view);
        const axis = view.shape.length === 0 ? 0 : which % view.shape.length;
        const shape = view.shape.length === 0 ? [1] : view.shape;
        const inner = sizeOf(shape.slice(1));
        const rows = Int32Array.from(shape[0] === 0 ? [] : list, (row) => row % shape[0]);
        const picked = [rows.length, ...shape.slice(1)];
        // Every other word, up to the last one.
        const half = { shape: [x.length >> 1], strides: [2], offset: x.length % 2 };
        const results = await opened(n, (ctx) => {
          const a = put(ctx, 0, [length], words).view(view);
          const some = local.pickA(ctx, a, { rows, width: inner }, picked);
          const flat = local.reshapeA(ctx, a, [x.length]);
          return [
            some,
            local.addRowsA(ctx, some, { rows, width: inner }, shape),
            local.runningSumsA(
              ctx,
              a.view({ ...a, shape, strides: [...a.strides, 1].slice(0, shape.length) }),
              axis,
            ),
            local.overwriteA(ctx, flat, half, local.negA(ctx, flat).view(half)),
          ];
        });
        const [some, back, sums, over] = results.map((words) => [...words]);
        assert.deepEqual(some, ring.gatherRows(x, [...rows], inner));
        const zeros = Array<bigint>(x.length).fill(0n);
        assert.deepEqual(back, ring.addRows(zeros, some, [...rows], inner));
        const [outer, last] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
        assert.deepEqual(sums, ring.runningSums(x, outer, shape[axis], last));
        const written = x.map((word, i) => (i % 2 === half.offset ? wrap(-word) : word));
        assert.deepEqual(over, written);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });
});

/** Sums over axes, by walking every element. */
function naiveSum(
  x: readonly bigint[],
  shape: readonly number[],
  axes: readonly number[],
): bigint[] {
  const kept = shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const strides = contiguousStrides(kept).map((step, axis) => (axes.includes(axis) ? 0 : step));
  const out = Array<bigint>(sizeOf(kept)).fill(0n);
  ring.positions([...shape], strides).forEach((at, i) => (out[at] = wrap(out[at] + x[i])));
  return out;
}
