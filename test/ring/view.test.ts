import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isContiguous, sizeOf } from '../../src/core/shape.ts';
import { Arena } from '../../src/kernels/memory.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { expandView, gatherView, isWhole, scatterView, wholeView } from '../../src/ring/view.ts';
import { arbitraryInjectiveView, arbitraryView, viewed } from '../oracle/gates.ts';
import { backend, randomWords } from '../support/seats.ts';

describe('views', () => {
  let arena: Arena;
  before(async () => {
    arena = new Arena(await selectKernels({ backend }));
  });

  it('gatherView() reads what the naive walk reads, for any strided view', () => {
    fc.assert(
      fc.property(arbitraryView, ({ length, view }) => {
        const words = randomWords(length, 'gather');
        const got = arena.scope(() =>
          arena.take(gatherView(arena, arena.put(words), view), sizeOf(view.shape)),
        );
        assert.deepEqual([...got], viewed(words, view));
      }),
      { numRuns: 1000 },
    );
  });

  it('gatherView() gives aligned pointers, so that kernels may read them', () => {
    fc.assert(
      fc.property(arbitraryView, ({ length, view }) => {
        arena.scope(() => {
          const at = gatherView(arena, arena.put(randomWords(length, 'align')), view);
          assert.equal(at % 16, 0);
        });
      }),
    );
  });

  it('scatterView() undoes gatherView() and writes nothing else', () => {
    fc.assert(
      fc.property(arbitraryInjectiveView, ({ length, view }) => {
        const before = randomWords(length, 'before');
        const values = randomWords(sizeOf(view.shape), 'values');
        const after = arena.scope(() => {
          const base = arena.put(before);
          scatterView(arena, base, view, arena.put(values));
          return arena.take(base, length);
        });
        assert.deepEqual(viewed(after, view), [...values]);
        const touched = new Set(
          viewed(
            BigUint64Array.from(before, (_, i) => BigInt(i)),
            view,
          ),
        );
        after.forEach((word, i) => {
          if (!touched.has(BigInt(i))) assert.equal(word, before[i], `word ${i} was overwritten`);
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('isWhole() is true exactly for row-major views of everything', () => {
    fc.assert(
      fc.property(arbitraryView, ({ length, view }) => {
        const indices = viewed(
          BigUint64Array.from({ length }, (_, i) => BigInt(i)),
          view,
        );
        const whole = indices.length === length && indices.every((at, i) => Number(at) === i);
        if (isWhole(view, length)) assert.ok(whole);
        else if (whole && length > 0)
          assert.ok(!isContiguous(view.shape, view.strides) || view.offset > 0);
      }),
    );
  });

  it('expandView() repeats as broadcasting does', () => {
    const column = { shape: [3, 1], strides: [1, 1], offset: 0 };
    const words = BigUint64Array.of(5n, 6n, 7n);
    const wide = expandView(column, [2, 3, 2]);
    assert.deepEqual(viewed(words, wide), [5n, 5n, 6n, 6n, 7n, 7n, 5n, 5n, 6n, 6n, 7n, 7n]);
    const scalar = expandView(wholeView([]), [2, 2]);
    assert.deepEqual(viewed(words, scalar), [5n, 5n, 5n, 5n]);
  });
});
