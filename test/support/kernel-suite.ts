/**
 * One suite for every backend: elementwise kernels and memory here, the other families in kernel-*.ts.
 *
 * Each test compares with an oracle (test/oracle/ring.ts), on lengths that meet every tail, between canaries.
 * @module
 */

import assert from 'node:assert/strict';
import type { Kernels, Ptr } from '../../src/kernels/contract.ts';
import * as oracle from '../oracle/ring.ts';
import { binaryTests } from './kernel-binary.ts';
import { compareTests } from './kernel-compare.ts';
import { fixedTests, prgTests } from './kernel-fixed.ts';
import { functionTests } from './kernel-functions.ts';
import { LENGTHS, SEED, TestMemory, words } from './kernel-memory.ts';
import { movementTests, productTests } from './kernel-movement.ts';
import { rowTests } from './kernel-rows.ts';
import { truncateTests } from './kernel-truncate.ts';

const { wrap } = oracle;

type Op = readonly [
  inputs: number,
  run: (k: Kernels, out: Ptr, p: Ptr[], n: number) => void,
  twin: Twin,
];
type Twin = (...x: bigint[]) => bigint;

const ELEMENTWISE: Record<string, Op> = {
  add: [2, (k, o, [a, b], n) => k.add(o, a, b, n), (a, b) => a + b],
  sub: [2, (k, o, [a, b], n) => k.sub(o, a, b, n), (a, b) => a - b],
  mul: [2, (k, o, [a, b], n) => k.mul(o, a, b, n), (a, b) => a * b],
  neg: [1, (k, o, [a], n) => k.neg(o, a, n), (a) => -a],
  xor: [2, (k, o, [a, b], n) => k.xor(o, a, b, n), (a, b) => a ^ b],
  and: [2, (k, o, [a, b], n) => k.and(o, a, b, n), (a, b) => a & b],
  beaver: [
    5,
    (k, o, [c, a, dy, dx, y], n) => k.beaver(o, c, a, dy, dx, y, n),
    (c, a, dy, dx, y) => c + a * dy + dx * y,
  ],
};

/** Declares the suite for one backend. */
export function kernelSuite(name: string, k: Kernels): void {
  describe(`kernels: ${name} (KERNEL_SEED=${SEED})`, () => {
    const memory = new TestMemory(k);
    elementwiseTests(k, memory);
    movementTests(k, memory);
    productTests(k, memory);
    rowTests(k, memory);
    fixedTests(k, memory);
    prgTests(k, memory);
    truncateTests(k, memory);
    compareTests(k, memory);
    functionTests(k, memory);
    binaryTests(k, memory);
    allocationTests(k);
  });
}

function elementwiseTests(k: Kernels, memory: TestMemory): void {
  for (const [op, [inputs, run, twin]] of Object.entries(ELEMENTWISE)) {
    it(`${op}() agrees with BigInt on every tail, and in place`, () => {
      for (const n of LENGTHS) {
        const lists = Array.from({ length: inputs }, (_, i) => words(n, `${op}${n}/${i}`));
        const expected = Array.from({ length: n }, (_, i) =>
          wrap(twin(...lists.map((list) => list[i]))),
        );
        for (let alias = -1; alias < inputs; alias++) {
          const at = lists.map((list) => memory.put(list));
          const out = alias < 0 ? memory.out(8 * n) : at[alias];
          run(k, out, at, n);
          assert.deepEqual(memory.take(out, n), expected, `n=${n} alias=${alias}`);
          memory.close(op, [out]);
        }
      }
    });
  }

  it('addScalar(), mulScalar(), shiftLeft(), shiftRight() agree with BigInt', () => {
    for (const n of LENGTHS) {
      const a = words(n, `scalar${n}`);
      const s = words(3, `scalar${n}/s`)[2];
      const check = (
        run: (out: Ptr, at: Ptr, s: Ptr) => void,
        twin: (x: bigint) => bigint,
        label: string,
      ): void => {
        for (const inPlace of [false, true]) {
          const at = memory.put(a);
          const out = inPlace ? at : memory.out(8 * n);
          run(out, at, memory.put([s]));
          assert.deepEqual(
            memory.take(out, n),
            a.map((x) => wrap(twin(x))),
            `${label} n=${n}`,
          );
          memory.close(label, [out]);
        }
      };
      check(
        (o, p, q) => k.addScalar(o, p, q, n),
        (x) => x + s,
        'addScalar',
      );
      check(
        (o, p, q) => k.mulScalar(o, p, q, n),
        (x) => x * s,
        'mulScalar',
      );
      for (const by of [0, 1, 13, 31, 32, 33, 63]) {
        check(
          (o, p) => k.shiftLeft(o, p, by, n),
          (x) => x << BigInt(by),
          `shiftLeft ${by}`,
        );
        check(
          (o, p) => k.shiftRight(o, p, by, n),
          (x) => x >> BigInt(by),
          `shiftRight ${by}`,
        );
      }
    }
  });
}

function allocationTests(k: Kernels): void {
  it('reserve() gives aligned, disjoint blocks that survive growth', () => {
    const sizes = [1, 64, 1000, 3 << 20, 5, 9 << 20];
    const blocks = sizes.map((size, i) => {
      const at = k.reserve(size);
      assert.equal(at % 64, 0);
      new Uint8Array(k.buffer(), at, size).fill(i + 1);
      return at;
    });
    blocks.forEach((at, i) => {
      assert.ok(new Uint8Array(k.buffer(), at, sizes[i]).every((byte) => byte === i + 1));
    });
    const size = k.buffer().byteLength;
    blocks.forEach((at) => k.release(at));
    for (let round = 0; round < 50; round++) k.release(k.reserve(9 << 20));
    assert.equal(k.buffer().byteLength, size, 'released memory is not used again');
  });

  it('reserve() throws a RangeError for what cannot be had', () => {
    assert.throws(() => k.reserve(2 ** 33), RangeError);
    assert.throws(() => k.reserve(-1), RangeError);
  });
}
