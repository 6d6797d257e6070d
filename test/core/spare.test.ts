import assert from 'node:assert/strict';
import { keepAfter, keepSpare, takeSpare, wasRead } from '../../src/core/spare.ts';

/** Sizes that nobody else has. */
const SIZE = 64 * 1024 + 24;
const MIB = 2 ** 20 + 40;

const filled = (bytes: number): Uint8Array<ArrayBuffer> => new Uint8Array(bytes).fill(7);

describe('spare memory', () => {
  it('is kept for arrays of the same size, once', () => {
    const words = new BigUint64Array(SIZE / 8);
    keepSpare(words);
    assert.equal(words.length, 0, 'nobody writes to what another may have by now');
    assert.equal(takeSpare(SIZE + 8), undefined);
    assert.equal(takeSpare(SIZE)?.byteLength, SIZE);
    assert.equal(takeSpare(SIZE), undefined);
  });

  it('is not taken of arrays that are a part, small, shared or empty already', () => {
    const whole = filled(SIZE);
    keepSpare(whole.subarray(8));
    keepSpare(whole.subarray(0, SIZE - 8));
    keepSpare(new Uint8Array(1000));
    if (typeof SharedArrayBuffer !== 'undefined') {
      keepSpare(new Uint8Array(new SharedArrayBuffer(SIZE)));
    }
    assert.equal(whole[SIZE - 1], 7);
    assert.equal(takeSpare(SIZE), undefined);
    assert.equal(takeSpare(1000), undefined);
    keepSpare(whole);
    keepSpare(whole);
    takeSpare(SIZE);
    assert.equal(takeSpare(SIZE), undefined);
  });

  it('is bounded: what was asked for longest ago goes first', () => {
    keepSpare(filled(SIZE));
    for (let i = 0; i < 40; i++) keepSpare(filled(MIB));
    assert.equal(takeSpare(SIZE), undefined);
    let count = 0;
    while (takeSpare(MIB) !== undefined) count++;
    assert.ok(count > 20 && count * MIB <= 32 * 2 ** 20, `${count} are left`);
  });

  it('begins when all readers have read all of an array', () => {
    const bytes = filled(SIZE);
    keepAfter(2, bytes);
    for (const [from, to] of [
      [0, SIZE],
      [0, 100],
      [100, SIZE - 8],
    ] as const) {
      wasRead(bytes.subarray(from, to));
      assert.equal(bytes.length, SIZE);
    }
    wasRead(bytes.subarray(SIZE - 8));
    assert.equal(bytes.length, 0);
    assert.equal(takeSpare(SIZE)?.byteLength, SIZE);
  });

  it('is none of an array that nobody registered', () => {
    const bytes = filled(SIZE);
    wasRead(bytes);
    assert.equal(bytes.length, SIZE);
  });
});
