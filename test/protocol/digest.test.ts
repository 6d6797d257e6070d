import assert from 'node:assert/strict';
import { digestOf } from '../../src/protocol/digest.ts';

/** Bits in which two digests differ. */
function distance(a: bigint, b: bigint): number {
  let bits = 0;
  for (let rest = a ^ b; rest > 0n; rest >>= 1n) bits += Number(rest & 1n);
  return bits;
}

describe('digestOf()', () => {
  it('is what the other parties compute: fixed values, part of the wire format', () => {
    assert.equal(digestOf('', []), 3596747613155015694n);
    assert.equal(digestOf('0 input 0 [2,3] 16', []), 16212142324493902951n);
    assert.equal(digestOf('7 mul [2,3]·[2,3]', [1n, 2n ** 64n - 1n]), 2818336803918139434n);
  });

  it('differs for every step of many like programs', () => {
    const seen = new Set<bigint>();
    let count = 0;
    for (const op of ['mul', 'matmul', 'mask', 'truncate', 'reveal', 'view']) {
      for (const shape of ['[]', '[0]', '[1]', '[10]', '[1,0]', '[2,3]', '[3,2]', '[64,64]']) {
        for (let seq = 0; seq < 1000; seq++) {
          for (const inputs of [[], [0n], [1n], [0n, 1n], [1n, 0n]]) {
            seen.add(digestOf(`${seq} ${op} ${shape}`, inputs));
            count += 1;
          }
        }
      }
    }
    assert.equal(seen.size, count);
  });

  it('tells the order of inputs, and where the text ends', () => {
    const [a, b] = [digestOf('0 input', []), digestOf('1 input', [])];
    assert.notEqual(digestOf('2 sub', [a, b]), digestOf('2 sub', [b, a]));
    assert.notEqual(digestOf('2 sub', [a]), digestOf('2 sub', [a, a]));
    assert.notEqual(digestOf('ab', []), digestOf('a', [BigInt('b'.charCodeAt(0))]));
    assert.notEqual(digestOf('a\0', []), digestOf('a', [0n]));
  });

  it('changes half of its bits with any bit of its inputs, whatever else there is', () => {
    for (const text of ['', '7 mul [2,3]·[2,3]']) {
      for (const place of [0, 1, 2]) {
        let total = 0;
        for (let bit = 0n; bit < 64n; bit++) {
          const inputs = [3n, 2n ** 63n + 5n, 0n];
          const before = digestOf(text, inputs);
          inputs[place] ^= 1n << bit;
          const changed = distance(before, digestOf(text, inputs));
          assert.ok(changed >= 12 && changed <= 52, `bit ${bit} of ${place}: ${changed}`);
          total += changed;
        }
        // 64 samples of 64 fair bits: standard deviation 0.5.
        assert.ok(Math.abs(total / 64 - 32) < 2.5, `${total / 64} bits on average`);
      }
    }
  });
});
