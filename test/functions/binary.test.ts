import assert from 'node:assert/strict';
import {
  broadcastShapes,
  contiguousStrides,
  expandStrides,
  sizeOf,
  type Shape,
} from '../../src/core/shape.ts';
import * as ops from '../../src/functions/binary/index.ts';
import type { Words } from '../../src/kernels/memory.ts';
import type { BinaryOperand } from '../../src/protocol/binary/gates.ts';
import { constantB } from '../../src/protocol/binary/local.ts';
import { BinaryShare } from '../../src/protocol/binary/share.ts';
import type { Context } from '../../src/protocol/context.ts';
import { constantA, type PublicWords } from '../../src/protocol/local/index.ts';
import type { Share } from '../../src/protocol/share.ts';
import { simulateSeats } from '../../src/seats.ts';
import { positions } from '../oracle/ring.ts';
import { bits, narrowed, opened, wordPairs } from '../support/bits.ts';
import { freshLabel, put, randomWords, raw, shuffled, wordsOf } from '../support/seats.ts';

const label = freshLabel();
const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);
const signed = (x: bigint): bigint => BigInt.asIntN(64, x);
const plain = (words: Words, shape: Shape = [words.length], fracBits = 0): PublicWords => ({
  shape,
  words,
  fracBits,
});

type Program = (ctx: Context) => readonly (BinaryShare | Share)[];

async function run(n: number, program: Program): Promise<readonly Words[]> {
  const { results } = await simulateSeats(
    n,
    ({ context }) =>
      Promise.all(
        program(context).map((x) =>
          x instanceof BinaryShare ? opened(context, x) : raw(context, x),
        ),
      ),
    shuffled,
  );
  for (const result of results) assert.deepEqual(result, results[0]);
  return results[0];
}

type Dyad = (ctx: Context, x: BinaryOperand, y: BinaryOperand) => BinaryShare;

/** Operations of two operands and their definitions on unsigned words. */
const DYADS: readonly (readonly [
  name: string,
  op: Dyad,
  twin: (x: bigint, y: bigint) => bigint,
])[] = [
  ['xor', ops.xorBits, (x, y) => x ^ y],
  ['and', ops.andBits, (x, y) => x & y],
  ['or', ops.orBits, (x, y) => x | y],
  ['add', ops.addBits, (x, y) => x + y],
  ['sub', ops.subBits, (x, y) => x - y],
  ['lt', ops.ltBits, (x, y) => BigInt(signed(x) < signed(y))],
  ['le', ops.leBits, (x, y) => BigInt(signed(x) <= signed(y))],
  ['gt', ops.gtBits, (x, y) => BigInt(signed(x) > signed(y))],
  ['ge', ops.geBits, (x, y) => BigInt(signed(x) >= signed(y))],
  ['eq', ops.eqBits, (x, y) => BigInt(x === y)],
  ['ne', ops.neBits, (x, y) => BigInt(x !== y)],
];

/** Rounds for two secret operands of 64 bits. */
const ROUNDS: Record<string, number> = {
  xor: 0,
  and: 1,
  or: 1,
  add: 7,
  sub: 7,
  lt: 7,
  le: 7,
  gt: 7,
  ge: 7,
  eq: 6,
  ne: 6,
};

for (const n of [1, 2, 3, 5]) {
  describe(`functions on bits, ${n} parties (seed ${label})`, function () {
    it('every dyad of secret and public operands: random words and ring extremes', async () => {
      const [x, y] = wordPairs(60, `${label} dyads`);
      const size = [x.length];
      const results = await run(n, (ctx) =>
        DYADS.flatMap(([name, op]) => {
          const [a, b] = [bits(ctx, 0, size, x), bits(ctx, 1, size, y)];
          const both = op(ctx, a, b);
          if (n > 1) assert.equal(both.depth, ROUNDS[name], `${name}: rounds`);
          return [both, op(ctx, a, plain(y)), op(ctx, plain(x), b)];
        }),
      );
      results.forEach((result, i) => {
        const [name, , twin] = DYADS[Math.floor(i / 3)];
        const expected = x.map((word, at) => wrap(twin(word, y[at])));
        assert.deepEqual(result, expected, `${name}, operands ${i % 3}`);
      });
    });

    it('every dyad broadcasts', async () => {
      for (const [left, right] of [
        [[3, 1], [2]],
        [[], [4]],
        [[0, 2], [2]],
        [[], []],
      ]) {
        const [x, y] = [left, right].map((shape, i) =>
          randomWords(sizeOf(shape), `${label} broadcast ${i}`),
        );
        const shape = broadcastShapes('test', left, right);
        const at = [left, right].map((own) =>
          positions(shape, expandStrides(own, contiguousStrides(own), shape)),
        );
        const results = await run(n, (ctx) =>
          DYADS.flatMap(([name, op]) => {
            const [a, b] = [bits(ctx, 0, left, x), bits(ctx, 1, right, y)];
            const both = [op(ctx, a, b), op(ctx, a, plain(y, right))];
            for (const result of both) assert.deepEqual(result.shape, shape, name);
            return both;
          }),
        );
        results.forEach((result, i) => {
          const [name, , twin] = DYADS[Math.floor(i / 2)];
          const expected = at[0].map((p, e) => wrap(twin(x[p], y[at[1][e]])));
          assert.deepEqual(
            [...result],
            expected,
            `${name} of [${left.join()}] and [${right.join()}]`,
          );
        });
      }
    });

    it('every dyad takes narrow words and constants', async () => {
      const [x, y] = ['x', 'y'].map((text) => randomWords(9, `${label} narrow ${text}`));
      const cut = (words: Words, width: number): Words =>
        words.map((word) => BigInt.asUintN(width, word));
      const [five, seven] = [5, 7].map((value) => wordsOf(Array<number>(9).fill(value)));
      const operands: [Words, Words][] = [
        [cut(x, 5), cut(y, 3)],
        [cut(x, 5), y],
        [five, cut(y, 3)],
        [five, seven],
      ];
      const results = await run(n, (ctx) => {
        const [a, b] = [narrowed(ctx, 0, x, 5), narrowed(ctx, 1, y, 3)];
        const wide = bits(ctx, 0, [9], y);
        const [p, q] = [5n, 7n].map((value) => constantB(ctx, [9], value, 0));
        return DYADS.flatMap(([, op]) => [
          op(ctx, a, b),
          op(ctx, a, wide),
          op(ctx, p, b),
          op(ctx, p, q),
        ]);
      });
      results.forEach((result, i) => {
        const [name, , twin] = DYADS[Math.floor(i / 4)];
        const [p, q] = operands[i % 4];
        assert.deepEqual(
          result,
          p.map((word, at) => wrap(twin(word, q[at]))),
          `${name}, operands ${i % 4}`,
        );
      });
    });

    it('not(), neg() and the shifts', async () => {
      const [x] = wordPairs(60, `${label} shifts`);
      const distances = [0, 1, 31, 32, 33, 63];
      const results = await run(n, (ctx) => {
        const a = bits(ctx, 0, [x.length], x);
        const b = narrowed(ctx, 0, x, 40);
        const shifts = [a, b].flatMap((own) =>
          distances.flatMap((by) => [
            ops.shiftLeftBits(ctx, own, by),
            ops.shiftRightBits(ctx, own, by),
            ops.shiftRightLogicalBits(ctx, own, by),
            // Arithmetic counts on the width that the shift says.
            ops.toArithmetic(ctx, ops.shiftRightBits(ctx, own, by)),
            ops.toArithmetic(ctx, ops.shiftLeftBits(ctx, own, by)),
          ]),
        );
        return [ops.notBits(ctx, a), ops.negBits(ctx, a), ...shifts];
      });
      const expected = [x.map((word) => wrap(~word)), x.map((word) => wrap(-word))];
      for (const own of [x, x.map((word) => BigInt.asUintN(40, word))]) {
        for (const by of distances.map(BigInt)) {
          expected.push(
            own.map((word) => wrap(word << by)),
            own.map((word) => wrap(signed(word) >> by)),
            own.map((word) => word >> by),
            own.map((word) => wrap(signed(word) >> by)),
            own.map((word) => wrap(word << by)),
          );
        }
      }
      results.forEach((result, i) => assert.deepEqual(result, expected[i], `result ${i}`));
    });

    it('where() of secret and public conditions and choices', async () => {
      const [x, y] = wordPairs(20, `${label} where`);
      const size = [x.length];
      const condition = randomWords(x.length, `${label} condition`).map((word) => word & 1n);
      const results = await run(n, (ctx) => {
        const [a, b] = [bits(ctx, 0, size, x), bits(ctx, 1, size, y)];
        const conditions = [
          narrowed(ctx, 1, condition, 1),
          bits(ctx, 1, size, condition),
          plain(condition),
        ];
        return conditions.flatMap((own, i) => {
          const chosen = ops.whereBits(ctx, own, a, b);
          if (n > 1) assert.equal(chosen.depth, i === 2 ? 0 : 1, 'rounds');
          const rest = [ops.whereBits(ctx, own, a, plain(y)), ops.whereBits(ctx, own, plain(x), b)];
          if (i < 2) rest.push(ops.whereBits(ctx, own, plain(x), plain(y)));
          return [chosen, ...rest];
        });
      });
      const expected = x.map((word, i) => (condition[i] === 1n ? word : y[i]));
      results.forEach((result, i) => assert.deepEqual(result, expected, `result ${i}`));
    });

    it('sum() over dims of odd and even lengths', async () => {
      const shape = [3, 4, 5];
      const x = randomWords(60, `${label} sum`);
      const ones = x.map((word) => word & 1n);
      const total = (list: readonly bigint[]): bigint => wrap(list.reduce((a, b) => a + b, 0n));
      const [all, last, two, kept, count, single, none] = await run(n, (ctx) => {
        const a = bits(ctx, 0, shape, x);
        const counted = ops.sumBits(ctx, narrowed(ctx, 0, ones, 1));
        assert.deepEqual(counted.shape, []);
        assert.ok(counted.bits <= 16, `${counted.bits} bits`);
        const kept = ops.sumBits(ctx, a, [0, 1], true);
        assert.deepEqual(kept.shape, [1, 1, 5]);
        const empty = ops.sumBits(ctx, bits(ctx, 0, [0, 2], new BigUint64Array(0)), 0);
        assert.deepEqual(empty.shape, [2]);
        return [
          ops.sumBits(ctx, a),
          ops.sumBits(ctx, a, -1),
          ops.sumBits(ctx, a, [2, 0]),
          kept,
          counted,
          ops.sumBits(ctx, bits(ctx, 0, [1], x.slice(0, 1))),
          empty,
        ];
      });
      const at = (i: number, j: number, k: number): bigint => x[20 * i + 5 * j + k];
      const [p, q, r] = [3, 4, 5].map((size) => [...Array(size).keys()]);
      assert.deepEqual([...all], [total([...x])]);
      assert.deepEqual(
        [...last],
        p.flatMap((i) => q.map((j) => total(r.map((k) => at(i, j, k))))),
      );
      assert.deepEqual(
        [...two],
        q.map((j) => total(p.flatMap((i) => r.map((k) => at(i, j, k))))),
      );
      assert.deepEqual(
        [...kept],
        r.map((k) => total(p.flatMap((i) => q.map((j) => at(i, j, k))))),
      );
      assert.deepEqual([...count], [total([...ones])]);
      assert.deepEqual([...single], [x[0]]);
      assert.deepEqual([...none], [0n, 0n]);
    });

    it('conversions keep values and scales, and take a precision', async () => {
      const values = [1.5, -2.25, 0, 1000.0625, -3];
      const x = wordsOf(values.map((value) => value * 2 ** 16));
      const scaled = (f: number): Words =>
        wordsOf(values.map((value) => Math.floor(value * 2 ** f)));
      const [same, finer, coarser, whole, constant, one] = await run(n, (ctx) => {
        const a = ops.toBinary(ctx, put(ctx, 0, [5], x));
        const finer = ops.toArithmetic(ctx, a, { precision: 20 });
        const coarser = ops.toArithmetic(ctx, a, { precision: 4 });
        assert.deepEqual([finer.fracBits, finer.nominal], [20, 20]);
        assert.deepEqual([coarser.fracBits, coarser.nominal], [16, 4]);
        const known = ops.toBinary(ctx, constantA(ctx, [2], -1.5, 16));
        assert.equal(known.depth, 0, 'a constant needs nobody');
        const view = { shape: [1], strides: [0], offset: 0 };
        assert.equal(known.view(view).constant, known.constant, 'and stays one');
        const bit = ops.ltBits(ctx, a, plain(wordsOf([0]), []));
        assert.deepEqual([bit.bits, bit.fracBits], [1, 0]);
        return [
          ops.toArithmetic(ctx, a),
          finer,
          coarser,
          ops.toArithmetic(ctx, a, { bits: 8 }),
          ops.toArithmetic(ctx, known),
          ops.toArithmetic(ctx, bit),
        ];
      });
      assert.deepEqual(same, x);
      assert.deepEqual(finer, scaled(20));
      assert.deepEqual(coarser, x);
      assert.deepEqual(
        whole,
        x.map((word) => word & 255n),
      );
      assert.deepEqual(constant, wordsOf([-1.5 * 2 ** 16, -1.5 * 2 ** 16]));
      assert.deepEqual(one, wordsOf([0, 1, 0, 0, 1]));
    });

    it('operands of different scales meet at the finer one', async () => {
      const [sum, less, chosen, joined] = await run(n, (ctx) => {
        const a = bits(ctx, 0, [2], wordsOf([3, -5]));
        const b = bits(ctx, 1, [2], wordsOf([3.5 * 16, -5 * 16]), 4);
        const sum = ops.addBits(ctx, a, b);
        assert.equal(sum.fracBits, 4);
        const half = plain(wordsOf([1]), [], 1);
        const condition = plain(wordsOf([1, 0]));
        return [
          sum,
          ops.ltBits(ctx, a, b),
          ops.whereBits(ctx, condition, a, b),
          ops.subBits(ctx, half, a),
        ];
      });
      assert.deepEqual(sum, wordsOf([6.5 * 16, -10 * 16]));
      assert.deepEqual(less, wordsOf([1, 0]));
      assert.deepEqual(chosen, wordsOf([3 * 16, -5 * 16]));
      assert.deepEqual(joined, wordsOf([-2.5 * 2, 5.5 * 2]));
    });
  });
}

describe('functions on bits refuse', () => {
  it('shifts and widths outside a word, conditions that are not 0/1, two public operands', async () => {
    await simulateSeats(2, ({ context: ctx }) => {
      const a = bits(ctx, 0, [2], wordsOf([1, 2]));
      for (const by of [-1, 64, 0.5]) {
        const error = { code: 'ERR_MPC_RANGE' };
        assert.throws(() => ops.shiftLeftBits(ctx, a, by), error);
        assert.throws(() => ops.shiftRightBits(ctx, a, by), error);
        assert.throws(() => ops.shiftRightLogicalBits(ctx, a, by), error);
        assert.throws(() => ops.toArithmetic(ctx, a, { bits: by === 64 ? 65 : by }), error);
      }
      assert.throws(() => ops.whereBits(ctx, plain(wordsOf([0, 2])), a, a), {
        code: 'ERR_MPC_RANGE',
        message: /position 1/,
      });
      assert.throws(() => ops.andBits(ctx, plain(wordsOf([1])), plain(wordsOf([1]))), TypeError);
      assert.throws(() => ops.addBits(ctx, a, bits(ctx, 0, [3], wordsOf([1, 2, 3]))), {
        code: 'ERR_MPC_SHAPE',
      });
    });
  });
});
