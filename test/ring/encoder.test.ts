import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MpcError } from '../../src/core/errors.ts';
import { Arena } from '../../src/kernels/memory.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { decode, encode, encodeScalar } from '../../src/ring/encoder.ts';
import * as oracle from '../oracle/ring.ts';
import { backend, freshLabel, randomWords } from '../support/seats.ts';

const fracBits = fc.integer({ min: 0, max: 40 });

describe('encoder', () => {
  let arena: Arena;
  before(async () => {
    arena = new Arena(await selectKernels({ backend }));
  });
  const one = (x: number, f: number): bigint => encode(arena, Float64Array.of(x), f, 'test')[0];

  it('encode() rounds to nearest, ties to even', () => {
    const ulp = 2 ** -16;
    for (const [x, expected] of [
      [0.5 * ulp, 0n],
      [1.5 * ulp, 2n],
      [2.5 * ulp, 2n],
      [-0.5 * ulp, 0n],
      [-1.5 * ulp, -2n],
      [-2.5 * ulp, -2n],
      [0.5000001 * ulp, 1n],
      [-0.4999999 * ulp, 0n],
      [2 ** 31 * ulp + 0.5 * ulp, 2n ** 31n],
      [(2 ** 32 - 0.5) * ulp, 2n ** 32n],
      [-(2 ** 32 - 0.5) * ulp, -(2n ** 32n)],
      [(2 ** 32 + 1.5) * ulp, 2n ** 32n + 2n],
      [-0, 0n],
      [Number.MIN_VALUE, 0n],
      [1 / 3, 21845n],
      [-1 / 3, -21845n],
    ] as const) {
      assert.equal(BigInt.asIntN(64, one(x, 16)), expected, `${x / ulp} ulp`);
      assert.equal(BigInt.asIntN(64, encodeScalar(x, 16)), expected, `${x / ulp} ulp, scalar`);
    }
  });

  it('encode() takes exactly [−2^(63−f), 2^(63−f))', () => {
    for (const f of [0, 1, 13, 16, 31, 32, 40]) {
      const limit = 2 ** (63 - f);
      const below = limit * (1 - 2 ** -53);
      assert.equal(one(-limit, f), 2n ** 63n);
      assert.equal(BigInt.asIntN(64, one(below, f)), BigInt(below * 2 ** f));
      const past = -limit * (1 + 2 ** -52);
      for (const bad of [limit, past, Infinity, -Infinity, NaN, Number.MAX_VALUE]) {
        assert.throws(() => one(bad, f), { code: 'ERR_MPC_RANGE' }, `${bad} at ${f}`);
      }
    }
    assert.equal(one(-(2 ** 47), 16), 2n ** 63n);
    assert.throws(() => one(2 ** 47, 16), { code: 'ERR_MPC_RANGE' });
  });

  it('encode() names the position of the first bad value, never the value', () => {
    const values = new Float64Array(100);
    values[41] = 987654321987654.5;
    values[77] = NaN;
    const check = (position: number, why: string) => (error: unknown) => {
      assert.ok(error instanceof MpcError);
      assert.match(error.message, new RegExp(`flat position ${position} ${why}`));
      assert.ok(!/98765|NaN/.test(error.message));
      return true;
    };
    assert.throws(() => encode(arena, values, 16, 'x'), check(41, 'is out of range'));
    values[41] = 0;
    assert.throws(() => encode(arena, values, 16, 'x'), check(77, 'is not a number'));
  });

  it('encode() agrees with exact rational arithmetic on any double', () => {
    fc.assert(
      fc.property(fc.double(), fracBits, (x, f) => {
        const exact = oracle.encode(x, f);
        const inRange = exact !== undefined && exact >= -(2n ** 63n) && exact < 2n ** 63n;
        if (!inRange) assert.throws(() => one(x, f), { code: 'ERR_MPC_RANGE' });
        else assert.equal(BigInt.asIntN(64, one(x, f)), exact);
      }),
      { numRuns: 2000 },
    );
  });

  it('encodeScalar() equals encode()', () => {
    const small = fc.double({ min: -(2 ** 22), max: 2 ** 22, noNaN: true });
    fc.assert(
      fc.property(small, fracBits, (x, f) => assert.equal(encodeScalar(x, f), one(x, f))),
      { numRuns: 2000 },
    );
  });

  it('decode() gives every raw value rounded once', () => {
    const label = freshLabel();
    const edges = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -(2n ** 53n) - 1n];
    for (const f of [0, 16, 31, 32, 40]) {
      const words = BigUint64Array.from([
        ...edges.map((word) => BigInt.asUintN(64, word)),
        ...randomWords(2000, `decode ${label}`),
      ]);
      const got = decode(arena, words, f);
      const expected = Float64Array.from(words, (word) => oracle.decode(word, f));
      assert.deepEqual(got, expected, `f = ${f}, seed ${label}`);
    }
  });

  it('encode(decode()) is the identity below 2^53, decode(encode()) within half an ulp', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 53n), 2n ** 53n), fracBits, (raw, f) => {
        const word = BigInt.asUintN(64, raw);
        const real = decode(arena, BigUint64Array.of(word), f);
        assert.equal(encode(arena, real, f, 'x')[0], word);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: -8e6, max: 8e6, noNaN: true }), fracBits, (x, f) => {
        const back = decode(arena, BigUint64Array.of(one(x, f)), f)[0];
        assert.ok(Math.abs(back - x) <= 2 ** -(f + 1));
      }),
    );
  });

  it('encode() and decode() of nothing are nothing', () => {
    assert.equal(encode(arena, new Float64Array(0), 16, 'x').length, 0);
    assert.equal(decode(arena, new BigUint64Array(0), 16).length, 0);
  });
});
