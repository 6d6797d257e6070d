/** Ties, and the methods of searches. */
import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import type { Party } from '../../src/tensor/index.ts';
import { METHODS, secret, values, withMethod } from './order-support.ts';

for (const n of [1, 2, 3]) {
  const run = (body: (party: Party) => Promise<void>) => simulate(n, body, { shuffle: true });

  describe(`searches, ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it('a one-hot has exactly one 1 in every row, at the first of equal elements', () =>
      run(async (party) => {
        const rows = [
          [5, 5, 5, 5, 5, 5, 5],
          [1, 2, 2, 1, 2, 0, 2],
          [-3, -3, -4, -3, -9, -3, -3],
          [0, 0, 0, 0, 0, 0, 1],
        ];
        const first = [0, 1, 0, 6];
        const expected = first.flatMap((at) => rows[0].map((_, i) => Number(i === at)));
        const x = secret(party, rows.flat(), [4, 7]);
        for (const method of METHODS) {
          const hot = x.argmax(1, withMethod(method));
          assert.deepEqual(await values(hot), expected, method);
          assert.deepEqual(await values(x.neg().argmin(1, withMethod(method))), expected, method);
          const { values: best, indices } = x.max(1, { ...withMethod(method), oneHot: false });
          assert.deepEqual(await values(best), [5, 2, -3, 1], method);
          assert.deepEqual(await values(indices), first, method);
          assert.equal(hot.precision, 0);
        }
        // Products that differ by no more than their truncations are ties or not; one wins all the same.
        const product = secret(party, new Array<number>(60).fill(0.1), [5, 12]).mul(
          secret(party, new Array<number>(60).fill(0.3), [5, 12]),
        );
        for (const method of METHODS) {
          const hot = product.argmax(1, withMethod(method));
          assert.deepEqual(await values(hot.sum(1)), [1, 1, 1, 1, 1], method);
          const [all] = await values(product.max(undefined, withMethod(method)));
          assert.equal(all, Math.max(...(await values(product))), method);
        }
      }));

    it('every method finds what JavaScript finds, for 1 to 40 elements with ties', () =>
      run(async (party) => {
        const cases: Promise<void>[] = [];
        for (let size = 1; size <= 40; size += n === 1 ? 1 : 4) {
          const rows = [0, 1, 2].map((row) =>
            Array.from({ length: size }, (_, i) => ((i * 37 + row * 11 + size) % 13) - 6.5),
          );
          const best = rows.map((row) => Math.max(...row));
          const at = rows.map((row, i) => row.indexOf(best[i]));
          const x = secret(party, rows.flat(), [3, size]);
          for (const method of METHODS) {
            const found = x.max(1, { ...withMethod(method), oneHot: false });
            const opened = [found.values, found.indices].map((tensor) => values(tensor));
            cases.push(
              Promise.all(opened).then((got) =>
                assert.deepEqual(got, [best, at], `${size} ${method}`),
              ),
            );
          }
        }
        await Promise.all(cases);
      }));
  });
}
