import assert from 'node:assert/strict';
import { Arena } from '../../src/kernels/memory.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { backend, randomWords } from '../support/seats.ts';

const MIB = 2 ** 20;

describe('arena: words that are kept', () => {
  let arena: Arena;
  beforeEach(async () => {
    arena = new Arena(await selectKernels({ backend }));
  });

  it('hold what is written to them, whatever else is computed', () => {
    const words = randomWords(5000, 'kept');
    const kept = arena.keep(words.length);
    assert.ok(kept !== undefined);
    arena.write(kept.at, new Uint8Array(words.buffer));
    arena.scope(() => arena.zeros(2 ** 20));
    const out = arena.scope(() => arena.take(arena.put(kept), words.length));
    assert.deepEqual(out, words);
  });

  it('are put at a multiple of 16, a copy where they lie between two', () => {
    const words = randomWords(4096, 'odd');
    const kept = arena.keep(words.length);
    assert.ok(kept !== undefined);
    arena.write(kept.at, new Uint8Array(words.buffer));
    for (const from of [0, 1, 2, 4095]) {
      arena.scope(() => {
        const at = arena.put(kept.subarray(from, words.length));
        assert.equal(at % 16, 0);
        assert.equal(at === kept.at + 8 * from, from % 2 === 0);
        assert.deepEqual(arena.take(at, words.length - from), words.slice(from));
      });
    }
  });

  it('are not few, and 64 MiB at most: beyond them there are arrays, which collections know of', () => {
    assert.equal(arena.keep(100), undefined);
    const held = Array.from({ length: 80 }, () => arena.keep(MIB / 8));
    assert.equal(held.filter((words) => words !== undefined).length, 64);
  });
});
