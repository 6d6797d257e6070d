/**
 * Fixed point and PRG of one backend: against BigInt, the published BLAKE3 vector, and noble.
 * @module
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { blake3 } from '@noble/hashes/blake3.js';
import fc from 'fast-check';
import type { Kernels } from '../../src/kernels/contract.ts';
import * as oracle from '../oracle/ring.ts';
import { bits, bytes, LENGTHS, words, type TestMemory } from './kernel-memory.ts';

const { wrap } = oracle;

export function fixedTests(k: Kernels, memory: TestMemory): void {
  const TIES = [
    0.5,
    1.5,
    2.5,
    -0.5,
    -1.5,
    -2.5,
    0,
    -0,
    1 / 3,
    2 ** 51 - 0.5,
    2 ** 51 + 0.5,
    2 ** 52 - 0.5,
    2 ** 52 + 1,
  ];
  const LARGE = [
    2 ** 53 + 2,
    2 ** 62,
    -(2 ** 62),
    2 ** 63 - 1024,
    -(2 ** 63),
    5e-324,
    -5e-324,
    4294967295.5,
    -4294967296.5,
  ];

  it('encode() rounds once to nearest even over the whole range', () => {
    for (const fracBits of [0, 1, 16, 40, 62]) {
      for (const n of LENGTHS) {
        const random = [...new Float64Array(bytes(8 * n, `encode${n}`).buffer)];
        const list = random.map((x, i) => {
          const limit = 2 ** (63 - fracBits);
          const small = ((bits(1, `${i}`)[0] ? 1 : -1) * i * i) / 7;
          const raw =
            i % 4 === 0
              ? [...TIES, ...LARGE][(i / 4) % 22] / 2 ** fracBits
              : i % 4 === 1
                ? small
                : x;
          return Math.abs(raw) < limit || raw === -limit ? raw : raw / 2 ** 1000 / 2 ** 100 || 0.25;
        });
        const safe = list.map((x) =>
          Math.abs(x) * 2 ** fracBits < 2 ** 63 || x * 2 ** fracBits === -(2 ** 63) ? x : 0.75,
        );
        const [a, out] = [memory.putDoubles(safe), memory.out(8 * n)];
        assert.equal(k.encode(out, a, fracBits, n), 0, `flag n=${n} f=${fracBits}`);
        assert.deepEqual(
          memory.take(out, n),
          safe.map((x) => wrap(oracle.encode(x, fracBits) ?? 0n)),
          `n=${n} f=${fracBits}`,
        );
        assert.equal(k.encode(a, a, fracBits, n), 0);
        assert.deepEqual(memory.take(a, n), memory.take(out, n));
        memory.close('encode', [a]);
      }
    }
  });

  it('encode() flags NaN, infinities and what does not fit, at any position', () => {
    for (const bad of [NaN, -NaN, Infinity, -Infinity, 2 ** 63, -(2 ** 63) - 2048, 1e300]) {
      for (const at of [0, 1, 2, 16]) {
        const list = Array.from({ length: 17 }, (_, i) => (i === at ? bad : i - 8.5));
        const out = memory.out(8 * 17);
        assert.equal(k.encode(out, memory.putDoubles(list), 0, 17), 1, `${bad} at ${at}`);
        memory.close('encode');
      }
    }
  });

  it('decode() rounds once, for every word', () => {
    for (const fracBits of [0, 16, 63]) {
      for (const n of LENGTHS) {
        const list = words(n, `decode${n}`).map((x, i) =>
          i % 3 ? x : wrap(oracle.signed(x) >> BigInt(i % 60)),
        );
        const [a, out] = [memory.put(list), memory.out(8 * n)];
        k.decode(out, a, fracBits, n);
        assert.deepEqual(
          memory.takeDoubles(out, n),
          list.map((x) => oracle.decode(x, fracBits)),
        );
        k.decode(a, a, fracBits, n);
        assert.deepEqual(memory.takeDoubles(a, n), memory.takeDoubles(out, n));
        memory.close('decode', [a]);
      }
    }
  });
}

export function prgTests(k: Kernels, memory: TestMemory): void {
  const run = (key: Uint8Array, low: number, high: number, blocks: number): Uint8Array => {
    const out = memory.out(64 * blocks);
    k.blake3Xof(out, memory.putBytes(key), low, high, blocks);
    const result = memory.takeBytes(out, 64 * blocks);
    memory.close(`blake3Xof ${low} ${high} ${blocks}`);
    return result;
  };

  it('blake3Xof() equals the published vector of the empty message', () => {
    const file = new URL('../vectors/blake3-keyed-empty.json', import.meta.url);
    const vector = JSON.parse(readFileSync(file, 'utf8')) as { key: string; keyed_hash: string };
    const out = run(new TextEncoder().encode(vector.key), 0, 0, 3);
    assert.equal(
      Buffer.from(out).toString('hex').slice(0, vector.keyed_hash.length),
      vector.keyed_hash,
    );
  });

  it('blake3Xof() equals noble from any block on, for any number of blocks', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.nat(300),
        fc.nat(19),
        (key, counter, blocks) => {
          const whole = blake3(new Uint8Array(), { key, dkLen: 64 * (counter + blocks) + 1 });
          assert.deepEqual(
            [...run(key, counter, 0, blocks)],
            [...whole.subarray(64 * counter, -1)],
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('blake3Xof() carries its counter past 2^32', () => {
    const key = bytes(32, 'carry');
    for (const [high, before] of [
      [0, 1],
      [0, 2],
      [0, 3],
      [4, 5],
      [0x7fffffff, 3],
    ]) {
      const start = 2 ** 32 - before;
      const whole = run(key, start, high, 9);
      assert.deepEqual(whole.subarray(64 * before), run(key, 0, high + 1, 9 - before));
      for (let i = 0; i < before; i++)
        assert.deepEqual(whole.subarray(64 * i, 64 * i + 64), run(key, start + i, high, 1));
      assert.notDeepEqual(run(key, 0, high, 1), run(key, 0, high + 1, 1));
    }
  });
}
