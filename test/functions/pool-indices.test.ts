/** Indices of max pools. */
import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import type { Party } from '../../src/tensor/index.ts';
import { secret, values } from './order-support.ts';

for (const n of [1, 2, 3]) {
  const run = (body: (party: Party) => Promise<void>) => simulate(n, body, { shuffle: true });

  describe(`pools, ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it("a pool's one-hot has one 1 in each window, in the place of its position", () =>
      run(async (party) => {
        const image = Array.from({ length: 2 * 5 * 6 }, (_, i) => ((i * 13) % 7) - 300);
        const x = secret(party, image, [1, 2, 5, 6]);
        for (const options of [
          { stride: 2, padding: 1 },
          { stride: [2, 3], padding: [1, 0], ceilMode: true },
          { stride: 1, padding: 1, dilation: 2 },
        ]) {
          const hot = x.maxPool2d([3, 2], { ...options, returnIndices: true });
          const positions = x.maxPool2d([3, 2], { ...options, returnIndices: true, oneHot: false });
          const [, , h, w] = hot.values.shape;
          assert.deepEqual(hot.indices.shape, [1, 2, h, w, 3, 2]);
          const [bits, at] = await Promise.all([values(hot.indices), values(positions.indices)]);
          const pair = (value: number | number[]) =>
            typeof value === 'number' ? [value, value] : value;
          const [stride, padding, dilation] = [
            options.stride,
            options.padding,
            'dilation' in options ? options.dilation : 1,
          ].map(pair);
          at.forEach((position, i) => {
            const [oh, ow] = [Math.floor(i / w) % h, i % w];
            const row = (Math.floor(position / 6) - oh * stride[0] + padding[0]) / dilation[0];
            const column = ((position % 6) - ow * stride[1] + padding[1]) / dilation[1];
            const window = new Array<number>(6).fill(0);
            window[row * 2 + column] = 1;
            assert.deepEqual(
              bits.slice(6 * i, 6 * i + 6),
              window,
              `${i} ${JSON.stringify(options)}`,
            );
          });
        }
        const adaptive = x.adaptiveMaxPool2d([3, 4], { returnIndices: true });
        assert.deepEqual(adaptive.indices.shape, [1, 2, 3, 4, 3, 2]);
        assert.deepEqual(await values(adaptive.indices.sum([4, 5])), new Array(24).fill(1));
        const line = x.reshape(2, 30).maxPool1d(5, { returnIndices: true });
        assert.deepEqual(line.indices.shape, [2, 6, 5]);
        assert.deepEqual(await values(line.indices.sum(2)), new Array(12).fill(1));
      }));
  });
}
