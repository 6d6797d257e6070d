/** Matrix products whose operands were opened one before the other: each order has its own two halves, the first made ahead. */

import assert from 'node:assert/strict';
import { then } from '../../src/core/later.ts';
import type { Context } from '../../src/protocol/context.ts';
import type { Share } from '../../src/protocol/share.ts';
import { simulateSeats } from '../../src/seats.ts';
import { own, put, raw, shuffled, smallWords } from '../support/seats.ts';

const [M, K, N] = [3, 5, 7];
const left = smallWords([2, M, K], 40, 'order left');
const right = smallWords([2, K, N], 40, 'order right');
const expected = Array.from({ length: 2 * M * N }, (_, at) => {
  const [batch, row, column] = [Math.floor(at / (M * N)), Math.floor(at / N) % M, at % N];
  let sum = 0n;
  for (let i = 0; i < K; i++) {
    sum += left[(batch * M + row) * K + i] * right[(batch * K + i) * N + column];
  }
  return BigInt.asUintN(64, sum);
});

/** Which operands are opened before the product is asked for. */
const ORDERS = {
  neither: [],
  'the left one': ['x'],
  'the right one': ['y'],
  both: ['x', 'y'],
} as const;

/** A provider whose material is never in kernel memory before it is read. */
function unhurried({ session: { provider } }: Context): void {
  const request = provider.request.bind(provider);
  provider.request = (step, wanted) => {
    const { take } = request(step, wanted);
    return {
      take: () => then(take(), ({ get, done }) => ({ resident: false, get, done })),
    };
  };
}

for (const n of [1, 2, 3, 5]) {
  describe(`matmul() by the order of openings, ${n} parties`, () => {
    for (const [title, before] of Object.entries(ORDERS)) {
      for (const ahead of [true, false]) {
        it(`opened before: ${title}; material ${ahead ? 'at hand' : 'to be expanded'}`, () =>
          simulateSeats(
            n,
            async ({ context: ctx }) => {
              if (!ahead) unhurried(ctx);
              const x = put(ctx, 0, [2, M, K], left);
              const y = put(ctx, n - 1, [2, K, N], right);
              const opened = before.map((name): Share => (name === 'x' ? x : y));
              for (const share of opened) await own(ctx.gates.mul(ctx, share, share));
              const products = [ctx.gates.matmul(ctx, x, y), ctx.gates.matmul(ctx, x, y)];
              for (const product of products) {
                assert.deepEqual([...(await raw(ctx, product))], expected);
              }
            },
            shuffled,
          ));
      }
    }
  });
}
