import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toHex } from '../../src/core/bytes.ts';
import type { Context } from '../../src/protocol/context.ts';
import { showTag, streamContext, type Purpose, type Tag } from '../../src/protocol/tag.ts';
import { simulateSeats } from '../../src/seats.ts';
import { failureOf, own, put, shuffled, smallWords } from '../support/seats.ts';

interface Named {
  readonly purpose: Purpose;
  readonly descriptor: Uint8Array;
  readonly tag: Tag;
}

const fork = fc.record({
  rank: fc.oneof(fc.nat(3), fc.nat()),
  counter: fc.oneof(fc.nat(3), fc.maxSafeNat()),
});
const named: fc.Arbitrary<Named> = fc.record({
  purpose: fc.constantFrom<Purpose[]>('zero', 'deal', 'coins'),
  // Short ones that collide easily, and ones that hold what a path or a position looks like.
  descriptor: fc.oneof(
    fc.uint8Array({ maxLength: 3, max: 2 }),
    fc.uint8Array({ maxLength: 40, max: 3 }),
  ),
  tag: fc.record({
    space: fc.array(fork, { maxLength: 8 }),
    seq: fc.oneof(fc.nat(3), fc.maxSafeNat()),
  }),
});
const context = ({ purpose, descriptor, tag }: Named): string =>
  toHex(streamContext(purpose, descriptor, tag));
/** The same triple as text, made the slow and unambiguous way. */
const text = ({ purpose, descriptor, tag }: Named): string =>
  JSON.stringify([purpose, [...descriptor], tag.space.map((f) => [f.rank, f.counter]), tag.seq]);

describe('streamContext()', () => {
  it('is injective in purpose, descriptor, fork path and position', () => {
    fc.assert(
      fc.property(named, named, (a, b) => {
        assert.equal(context(a) === context(b), text(a) === text(b));
      }),
      { numRuns: 5000 },
    );
  });

  it('no context is a prefix of another: nothing can be shifted from one field to the next', () => {
    fc.assert(
      fc.property(named, named, (a, b) => {
        if (text(a) !== text(b)) assert.ok(!context(b).startsWith(context(a)));
      }),
      { numRuns: 5000 },
    );
  });

  it('tells fork paths apart that read alike: a/b + c from a + b/c, and a path from a position', () => {
    const f = (rank: number, counter: number): { rank: number; counter: number } => ({
      rank,
      counter,
    });
    const tags: Tag[] = [
      { space: [f(0, 1), f(2, 3)], seq: 4 },
      { space: [f(0, 1)], seq: 2 },
      { space: [f(0, 1)], seq: 23 },
      { space: [f(0, 12)], seq: 3 },
      { space: [f(0, 1), f(2, 0)], seq: 3 },
      { space: [], seq: 1 },
      { space: [f(1, 0)], seq: 0 },
      { space: [f(0, 2 ** 32)], seq: 0 },
      { space: [f(0, 0)], seq: 2 ** 32 },
    ];
    const all = tags.map((tag) => toHex(streamContext('deal', Uint8Array.of(1), tag)));
    assert.equal(new Set(all).size, tags.length);
    assert.equal(new Set(tags.map(showTag)).size, tags.length);
  });
});

describe('Context', () => {
  it('step() gives positions that only grow, in every fork its own', async () => {
    await simulateSeats(2, ({ context: ctx }) => {
      const spaces = [ctx, ctx.fork(0), ctx.fork(0), ctx.fork(1), ctx.fork(0).fork(0)];
      const names = spaces.flatMap((space) =>
        [0, 1, 2].map(() => showTag(space.step('x', []).tag)),
      );
      assert.equal(new Set(names).size, 15);
      assert.deepEqual(names.slice(0, 6), ['0', '1', '2', '0.0/0', '0.0/1', '0.0/2']);
    });
  });

  it('step() gives one digest at every party, and another for each text, input or position', async () => {
    const { results } = await simulateSeats(3, ({ context: ctx }) => {
      const step = (text: string, inputs: { digest: bigint; depth: number }[]): bigint =>
        ctx.step(text, inputs).digest;
      const input = { digest: 5n, depth: 0 };
      return [
        step('a', []),
        step('b', []),
        step('a', [input]),
        step('a', [input, input]),
        step('a', []),
      ];
    });
    assert.equal(new Set(results[0]).size, 5);
    for (const result of results) assert.deepEqual(result, results[0]);
  });

  it('fork() refuses ranks that are none, and a ninth level', async () => {
    await simulateSeats(2, ({ context: ctx }) => {
      for (const rank of [-1, 2, 0.5, NaN]) {
        assert.throws(() => ctx.fork(rank), { code: 'ERR_MPC_RANK' });
      }
      let deepest: Context = ctx;
      for (let level = 0; level < 8; level++) deepest = deepest.fork(1);
      assert.throws(() => deepest.fork(), { code: 'ERR_MPC_UNSUPPORTED' });
    });
  });

  it('step() throws the first failure for ever: no retry under used tags (C5)', async () => {
    const later: unknown[] = [];
    const program = simulateSeats(
      2,
      async ({ context: ctx }) => {
        const x = put(ctx, 0, [ctx.rank + 1], smallWords([ctx.rank + 1], 8, 'poison'));
        const first = await failureOf(own(ctx.gates.mul(ctx, x, x)));
        for (let i = 0; i < 3; i++) {
          assert.throws(
            () => ctx.step('retry', []),
            (error) => error === first,
          );
        }
        later.push(first);
      },
      shuffled,
    );
    await failureOf(program);
    assert.equal(later.length, 2);
  });
});
