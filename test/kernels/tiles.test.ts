import assert from 'node:assert/strict';
import { Arena } from '../../src/kernels/memory.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { bytesOf, inTiles, mapWords } from '../../src/kernels/tiles.ts';
import { backend, randomWords } from '../support/seats.ts';

/** Sizes around a tile of 8192 elements, and of several. */
const SIZES = [0, 1, 63, 64, 8191, 8192, 8193, 20_001];

describe('tiles', () => {
  let arena: Arena;
  before(async () => {
    arena = new Arena(await selectKernels({ backend }));
  });

  it('mapWords() is the kernel on the whole', () => {
    for (const n of SIZES) {
      const [x, y] = ['x', 'y'].map((label) => randomWords(n, `${label}${n}`));
      const [x0, y0] = [x.slice(), y.slice()];
      const sum = mapWords(arena, n, [x, y], ({ at: [a, b], n: count }) => {
        arena.kernels.add(a, a, b, count);
        return a;
      });
      const expected = x.map((word, i) => word + y[i]);
      assert.deepEqual(sum, expected, `${n}`);
      assert.deepEqual([x, y], [x0, y0], 'inputs stay as they are');
    }
  });

  it('inTiles() cuts packed words and packed bits where elements end', () => {
    for (const n of SIZES) {
      const words = randomWords(n, `narrow${n}`);
      const bits = bytesOf(randomWords(Math.ceil(n / 64), `bits${n}`)).slice(0, Math.ceil(n / 8));
      const strips = [[bytesOf(words), 64] as const, [bits, 1] as const];
      const [narrow, same] = inTiles(arena, n, strips, [24, 1], ({ at, n: count }) => {
        const packed = arena.bytes(3 * count);
        arena.kernels.packLow(packed, at[0], 3, count);
        return [packed, at[1]];
      });
      assert.deepEqual(same, bits);
      assert.equal(narrow.length, 3 * n);
      const view = new DataView(narrow.buffer);
      words.forEach((word, i) => {
        const low = view.getUint16(3 * i, true) + 65536 * view.getUint8(3 * i + 2);
        assert.ok(low === Number(word & 0xffffffn), `element ${i} of ${n}`);
      });
    }
  });

  it('leaves nothing in the arena between tiles', () => {
    let first: number | undefined;
    mapWords(arena, 100_000, [randomWords(100_000, 'leak')], ({ at }) => {
      first ??= at[0];
      assert.equal(at[0], first);
      return at[0];
    });
  });
});
