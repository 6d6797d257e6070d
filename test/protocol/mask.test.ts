import assert from 'node:assert/strict';
import { addAA, negA, reshapeA, scaleA } from '../../src/protocol/local/index.ts';
import { settle } from '../../src/protocol/settle.ts';
import type { Share } from '../../src/protocol/share.ts';
import type { Context } from '../../src/protocol/context.ts';
import { simulateSeats } from '../../src/seats.ts';
import { openings, own, put, record, shuffled, smallWords } from '../support/seats.ts';

/** Runs the program and lists what each party opened, as `step: bytes`. */
async function opened(
  n: number,
  program: (ctx: Context, x: Share, y: Share) => Share[],
): Promise<string[]> {
  const { results } = await simulateSeats(
    n,
    async (seat) => {
      const recording = record(seat);
      const ctx = seat.context;
      const x = put(ctx, 0, [6, 4], smallWords([6, 4], 20, 'mask x'));
      const y = put(ctx, n - 1, [4, 5], smallWords([4, 5], 20, 'mask y'));
      for (const share of program(ctx, x, y)) await own(share);
      const toFirst = openings(recording.sent).filter(
        ({ peer }) => peer === (ctx.rank === 0 ? 1 : 0),
      );
      return toFirst.map(({ text, payload }) => `${text}: ${payload.length}`).sort();
    },
    shuffled,
  );
  for (const list of results) assert.deepEqual(list, results[0], 'parties open the same');
  return results[0];
}

const transposed = (x: Share): Share =>
  x.view({
    shape: [x.shape[1], x.shape[0]],
    strides: [x.strides[1], x.strides[0]],
    offset: x.offset,
  });
const rows = (x: Share, from: number, to: number): Share =>
  x.view({
    shape: [to - from, x.shape[1]],
    strides: x.strides,
    offset: x.offset + from * x.strides[0],
  });

for (const n of [2, 3]) {
  describe(`maskOf(), ${n} parties`, () => {
    it('opens each operand once: X·W, then Xᵀ·Y opens only Y', async () => {
      const list = await opened(n, (ctx, x, w) => {
        const y = put(ctx, 0, [6, 3], smallWords([6, 3], 20, 'mask y2'));
        return [ctx.gates.matmul(ctx, x, w), ctx.gates.matmul(ctx, transposed(x), y)];
      });
      assert.deepEqual(list, ['mask 0 18: 144', 'mask 0 20: 160', 'mask 0 24: 192']);
    });

    it('opens nothing for a second product of the same storages, elementwise or not', async () => {
      const list = await opened(n, (ctx, x, w) => [
        ctx.gates.matmul(ctx, x, w),
        ctx.gates.matmul(ctx, x, w),
        ctx.gates.mul(ctx, x, x),
        ctx.gates.mul(ctx, reshapeA(ctx, x, [24]), reshapeA(ctx, x, [4, 6]).view(flat(24))),
      ]);
      assert.deepEqual(list, ['mask 0 20: 160', 'mask 0 24: 192']);
    });

    it('squares with one opening', async () => {
      const list = await opened(n, (ctx, x) => [ctx.gates.mul(ctx, x, x)]);
      assert.deepEqual(list, ['mask 0 24: 192']);
    });

    it('masks slices of a data matrix once across epochs', async () => {
      const list = await opened(n, (ctx, x, w) => {
        const results: Share[] = [];
        for (let epoch = 0; epoch < 3; epoch++) {
          for (const from of [0, 2, 4]) {
            const batch = rows(x, from, from + 2);
            results.push(ctx.gates.matmul(ctx, batch, w));
            results.push(ctx.gates.matmul(ctx, transposed(batch), batch));
          }
        }
        return results;
      });
      assert.deepEqual(list, ['mask 0 20: 160', 'mask 0 8: 64', 'mask 16 8: 64', 'mask 8 8: 64']);
    });

    it('never opens more than twice a storage, whatever windows are read', async () => {
      const list = await opened(n, (ctx, x, w) =>
        [0, 1, 2, 3, 4].map((from) => ctx.gates.matmul(ctx, rows(x, from, from + 2), w)),
      );
      const words = list
        .filter((line) => !line.includes(' 20:'))
        .reduce((sum, line) => sum + Number(line.split(': ')[1]) / 8, 0);
      assert.ok(words <= 48, `${words} words were opened for a storage of 24`);
    });

    it('gives every new storage a fresh mask', async () => {
      const list = await opened(n, (ctx, x, w) => {
        const results = [ctx.gates.matmul(ctx, x, w)];
        const zero = put(ctx, 0, [6, 4], smallWords([6, 4], 1, 'mask zero'));
        for (const fresh of [addAA(ctx, x, zero), negA(ctx, x), scaleA(ctx, x, 1n)]) {
          results.push(ctx.gates.matmul(ctx, fresh, w));
        }
        return results;
      });
      assert.deepEqual(list, ['mask 0 20: 160', ...Array<string>(4).fill('mask 0 24: 192')]);
    });

    it('chooses ranges by what the fork sees, in whatever order forks run at a party', async () => {
      await simulateSeats(
        n,
        async ({ context: ctx }) => {
          const x = put(ctx, 0, [10], smallWords([10], 20, 'mask forks'));
          const forks = [ctx.fork(0), ctx.fork(1)];
          const order = ctx.rank === 0 ? [0, 1] : [1, 0];
          const products = order.map((which) => {
            const half = x.view({ shape: [6], strides: [1], offset: 4 * which });
            return forks[which].gates.mul(forks[which], half, half);
          });
          for (const product of products) await own(product);
        },
        shuffled,
      );
    });

    it('gives two inputs of equal words different masks', async () => {
      const { results } = await simulateSeats(
        n,
        async (seat) => {
          const { sent } = record(seat);
          const ctx = seat.context;
          const words = smallWords([50], 20, 'mask equal');
          for (const x of [put(ctx, 0, [50], words), put(ctx, 0, [50], words)]) {
            await own(ctx.gates.mul(ctx, x, x));
          }
          return openings(sent).filter(({ peer }) => peer === (ctx.rank === 0 ? 1 : 0));
        },
        shuffled,
      );
      for (const list of results) {
        assert.equal(list.length, 2);
        assert.notDeepEqual(list[0].payload, list[1].payload);
      }
    });
  });

  describe(`settle(), ${n} parties`, () => {
    it('sends one truncation for a storage, however often and by whatever view it is asked', async () => {
      const list = await opened(n, (ctx, x) => {
        const product = ctx.gates.mul(ctx, x, x);
        const first = settle(ctx, product);
        const again = settle(ctx, product);
        assert.equal(first.storage, again.storage);
        const views = [transposed(product), rows(product, 1, 3), product.view(flat(24))];
        for (const view of views) assert.equal(settle(ctx, view).storage, first.storage);
        assert.equal(settle(ctx, first), first, 'a settled share is itself');
        return [
          first,
          again,
          ctx.gates.mul(ctx, product, first),
          ctx.gates.mul(ctx, first, product),
        ];
      });
      const truncation = `truncate 24 by 16: ${n === 2 ? 3 : 192}`;
      assert.deepEqual(list, ['mask 0 24: 192', 'mask 0 24: 192', truncation]);
    });
  });
}

function flat(length: number): { shape: number[]; strides: number[]; offset: number } {
  return { shape: [length], strides: [1], offset: 0 };
}
