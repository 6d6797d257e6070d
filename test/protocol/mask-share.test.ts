import assert from 'node:assert/strict';
import { Arena, type Words } from '../../src/kernels/memory.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { Streams } from '../../src/protocol/provider/expansion.ts';
import type { LentMask } from '../../src/protocol/provider/mask-share.ts';
import { backend } from '../support/seats.ts';

const TAG = { space: [], seq: 3 };
const N = 1001;

describe('a party’s share of a mask', () => {
  let arena: Arena;
  before(async () => {
    arena = new Arena(await selectKernels({ backend }));
  });
  const streams = (limit?: number): Streams =>
    new Streams(arena, new Uint8Array(32).fill(5), limit);
  const read = (lent: LentMask, from = 0, n = N): Words =>
    arena.scope(() => new BigUint64Array(arena.takeBytes(lent.read(arena, from, n), 8 * n).buffer));

  it('is expanded until its last early reader is done, and the same for later ones', () => {
    const made = streams();
    const share = made.mask(TAG, N);
    assert.ok(made.resident >= 8 * N);
    const [one, two] = [share.lend(), share.lend()];
    const words = read(one);
    one.done();
    assert.deepEqual(read(two), words);
    assert.ok(made.resident >= 8 * N);
    two.done();
    assert.equal(made.resident, 0);
    const late = share.lend();
    assert.deepEqual(read(late), words);
    assert.deepEqual(read(late, 13, 500), words.slice(13, 513));
    late.done();
    assert.equal(made.resident, 0);
  });

  it('is not expanded beyond the bound, and the same', () => {
    const bounded = streams(8 * N - 1);
    const lent = bounded.mask(TAG, N).lend();
    assert.equal(bounded.resident, 0);
    const full = streams().mask(TAG, N).lend();
    assert.deepEqual(read(lent), read(full));
    assert.deepEqual(read(lent, 8, 9), read(full, 8, 9));
    lent.done();
    full.done();
  });

  it('is another for another length, tag or seed', () => {
    const words = (seed: number, seq: number, n: number): string =>
      read(
        new Streams(arena, new Uint8Array(32).fill(seed)).mask({ space: [], seq }, n).lend(),
        0,
        8,
      ).join();
    const all = [words(5, 3, N), words(5, 3, N + 1), words(5, 4, N), words(6, 3, N)];
    assert.equal(new Set(all).size, 4);
  });
});
