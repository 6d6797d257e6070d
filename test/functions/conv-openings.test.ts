/** What convolutions open, and how often. */
import assert from 'node:assert/strict';
import { truncateCost } from '../../src/protocol/additive/truncate.ts';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor, Party } from '../../src/tensor/index.ts';
import { quarters, share, sizeOf } from './conv-support.ts';

/** Bytes that a party gets from each other one, and its rounds before and after settling, when all of `program` is settled. */
async function cost(
  n: number,
  program: (party: Party) => readonly CrypTensor[],
): Promise<{ bytes: number; product: number; rounds: number }> {
  const [first, ...others] = await simulate(n, async (party) => {
    const results = program(party);
    const product = party.stats().rounds;
    await party.settle(...results);
    const { online, rounds } = party.stats();
    return { bytes: online.bytesReceived / (n - 1), product, rounds };
  });
  for (const other of others) assert.deepEqual(other, first);
  return first;
}

const gradients = (...leaves: readonly CrypTensor[]): CrypTensor[] =>
  leaves.map(({ grad }) => grad ?? assert.fail('no gradient'));

for (const n of [2, 3]) {
  describe(`convolutions: openings, ${n} parties`, () => {
    /** Bytes of truncating tensors of these shapes. */
    const truncated = (...shapes: readonly (readonly number[])[]): number =>
      shapes.reduce((sum, shape) => sum + truncateCost(sizeOf(shape), 16, n).bytes, 0);

    it('conv2d() and both gradients open the padded image, the kernel and dY once each, in 1 round a product', async () => {
      const [x, w, dy] = [
        [2, 4, 5, 4],
        [6, 2, 3, 3],
        [2, 6, 3, 6],
      ];
      const run = (both: boolean) =>
        cost(n, (party) => {
          const options = { padding: [1, 2], stride: [2, 1], groups: 2 };
          const [xs, ws, bias] = [x, w, [6]].map((shape) => share(party, quarters(shape, 1), true));
          const y = xs.conv2d(ws, { ...options, bias });
          assert.deepEqual(y.shape, dy);
          if (!both) return [y];
          y.backward(share(party, quarters(dy, 4)));
          return [y, ...gradients(xs, ws, bias)];
        });
      const padded = 2 * 4 * 7 * 8;
      const forward = { bytes: 8 * (padded + sizeOf(w)) + truncated(dy), product: 1, rounds: 2 };
      assert.deepEqual(await run(false), forward);
      const backward = 8 * sizeOf(dy) + truncated(x, w);
      assert.deepEqual(await run(true), { ...forward, bytes: forward.bytes + backward });
    });

    it('convTranspose2d() and both gradients open the input, the kernel and the padded dY once each', async () => {
      const [x, w, dy] = [
        [2, 4, 3, 2],
        [4, 3, 3, 3],
        [2, 3, 6, 3],
      ];
      const run = (both: boolean) =>
        cost(n, (party) => {
          const options = { padding: 1, stride: 2, outputPadding: [1, 0] };
          const [xs, ws] = [x, w].map((shape) => share(party, quarters(shape, 1), true));
          const y = xs.convTranspose2d(ws, options);
          assert.deepEqual(y.shape, dy);
          if (!both) return [y];
          y.backward(share(party, quarters(dy, 4)));
          return [y, ...gradients(xs, ws)];
        });
      const forward = { bytes: 8 * (48 + 108) + truncated(dy), product: 1, rounds: 2 };
      assert.deepEqual(await run(false), forward);
      // A mask is a range: the last row of the last image, which no window reads, is not opened.
      const padded = 2 * 3 * 8 * 5 - 5;
      const backward = 8 * padded + truncated(x, w);
      assert.deepEqual(await run(true), { ...forward, bytes: forward.bytes + backward });
    });

    it('an image is opened once for all windows of it, and truncated once, padded or not', async () => {
      const [x, w] = [
        [1, 2, 6, 6],
        [2, 2, 2, 2],
      ];
      const { bytes } = await cost(n, (party) => {
        const [a, b] = [1, 2].map((seed) => share(party, quarters(x, seed)));
        const [k, l, m] = [1, 2, 3].map((seed) => share(party, quarters(w, seed)));
        const owed = a.mul(b);
        const wide = [owed.conv2d(k), owed.conv2d(l, { dilation: 5 }), owed.conv2d(l)];
        return [...wide, owed.conv2d(m, { padding: 1 })];
      });
      const opened = 3 * sizeOf(x) + 3 * sizeOf(w) + 2 * 8 * 8;
      const results = [
        [2, 5, 5],
        [2, 1, 1],
        [2, 5, 5],
        [2, 7, 7],
      ];
      assert.equal(bytes, 8 * opened + truncated(x, ...results));
    });

    it('a public side costs nothing but the truncation of what it brings, whichever side it is', async () => {
      const [x, w] = [quarters([1, 3, 4, 4], 1), quarters([2, 3, 3, 3], 2)];
      const options = { padding: 1 };
      // Quarters bring 2 bits.
      const one = { bytes: truncateCost(32, 2, n).bytes, product: 0, rounds: 1 };
      assert.deepEqual(await cost(n, (party) => [share(party, x).conv2d(w, options)]), one);
      assert.deepEqual(await cost(n, (party) => [share(party, w).rconv2d(x, options)]), one);
      const none = await cost(n, (party) => {
        const ws = share(party, w, true);
        const y = party.ones(x.shape).conv2d(ws, options);
        y.sum().backward();
        return [y, ...gradients(ws)];
      });
      assert.deepEqual(none, { bytes: 0, product: 0, rounds: 0 });
      const kernel = await cost(n, (party) => [share(party, x).conv2d(party.ones(w.shape))]);
      assert.deepEqual(kernel, none);
    });

    it('a gradient of ones opens nothing, an empty batch nothing either', async () => {
      const [x, w] = [quarters([1, 3, 4, 4], 1), quarters([2, 3, 3, 3], 2)];
      const { bytes } = await cost(n, (party) => {
        const [xs, ws] = [share(party, x, true), share(party, w, true)];
        const y = xs.conv2d(ws);
        y.sum().backward();
        return [y, ...gradients(xs, ws)];
      });
      assert.equal(bytes, 8 * (x.numel() + w.numel()) + truncated([1, 2, 2, 2]));
      const empty = await cost(n, (party) => [
        share(party, x).narrow(0, 0, 0).conv2d(share(party, w)),
      ]);
      assert.deepEqual(empty, { bytes: 0, product: 0, rounds: 0 });
    });

    it('a pending image is truncated once, by a public kernel or a padded pool as well', async () => {
      const shape = [1, 1, 4, 4];
      const run = (use: (owed: CrypTensor) => CrypTensor) =>
        cost(n, (party) => {
          const [a, b] = [1, 2].map((seed) => share(party, quarters(shape, seed)));
          const owed = a.mul(b).mul(2 ** -4);
          return [use(owed), owed];
        });
      const masks = 8 * 2 * 16;
      const bits = (count: number, m: number) => truncateCost(count, m, n).bytes;
      const pooled = await run((owed) => owed.avgPool2d(2, { padding: 1 }));
      assert.equal(pooled.bytes, masks + bits(16, 20) + bits(9, 2));
      const whole = await run((owed) => owed.conv2d(quarters([1, 1, 2, 2], 3)));
      assert.equal(whole.bytes, masks + bits(16, 20) + bits(9, 2));
    });
  });
}
