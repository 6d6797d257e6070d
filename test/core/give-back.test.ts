import assert from 'node:assert/strict';
import { giveBack } from '../../src/core/give-back.ts';

const SIZE = 64 * 1024;

describe('giveBack()', () => {
  it('empties a buffer that the bytes are all of', () => {
    for (let i = 0; i < 3; i++) {
      const bytes = new Uint8Array(SIZE).fill(7);
      giveBack(bytes);
      assert.equal(bytes.buffer.byteLength, 0);
      assert.equal(bytes.length, 0);
    }
  });

  it('leaves what others may hold a part of, and small buffers', () => {
    const whole = new Uint8Array(SIZE).fill(7);
    giveBack(whole.subarray(0, SIZE - 1));
    giveBack(whole.subarray(1));
    assert.equal(whole[SIZE - 1], 7);
    const small = new Uint8Array(1000).fill(7);
    giveBack(small);
    assert.equal(small[999], 7);
  });

  it('leaves shared memory', () => {
    if (typeof SharedArrayBuffer === 'undefined') return;
    const shared = new Uint8Array(new SharedArrayBuffer(SIZE));
    giveBack(shared);
    assert.equal(shared.length, SIZE);
  });
});
