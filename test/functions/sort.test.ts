/** Sorting networks, and sorts against JavaScript's. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mergeExchange } from '../../src/functions/permutation.ts';
import { simulate } from '../../src/simulate.ts';
import type { Party } from '../../src/tensor/index.ts';
import { gradientOf, leaf, METHODS, secret, values, withMethod } from './order-support.ts';

for (const n of [1, 2, 3]) {
  const run = (body: (party: Party) => Promise<void>) => simulate(n, body, { shuffle: true });

  describe(`sort, ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it('sorting many elements by the network: values, positions, stability, gradient', () =>
      run(async (party) => {
        const size = n === 1 ? 130 : 100;
        // Neighbours are 1 ulp apart.
        const row = Array.from({ length: size }, (_, i) => (((i * 29) % 17) - 8) / 2 ** 16);
        for (const descending of [false, true]) {
          const order = row
            .map((value, at) => ({ value, at }))
            .sort((a, b) => (descending ? b.value - a.value : a.value - b.value));
          const sorted = order.map(({ value }) => value);
          const x = leaf(party, row);
          const stable = x.sort(0, { descending, stable: true });
          const [got, at] = await Promise.all([values(stable.values), values(stable.indices)]);
          assert.deepEqual(got, sorted);
          assert.deepEqual(
            at,
            order.map((one) => one.at),
          );
          const weights = row.map((_, i) => i / 4);
          stable.values.backward(secret(party, weights));
          const back = new Array<number>(size).fill(0);
          order.forEach((one, i) => (back[one.at] = weights[i]));
          assert.deepEqual(await gradientOf(x), back);
          const any = x.sort(0, { descending });
          const [loose, places] = await Promise.all([values(any.values), values(any.indices)]);
          assert.deepEqual(loose, sorted);
          assert.deepEqual(
            places.map((place) => row[place]),
            sorted,
          );
          assert.equal(new Set(places).size, size);
        }
        const x = leaf(party, [...row, ...row.map((value) => value + 0.25)], [2, size]);
        const top = x.topk(3, 1, { largest: false });
        const all = [row, row.map((value) => value + 0.25)].map((list) =>
          [...list].sort((a, b) => a - b),
        );
        assert.deepEqual(
          await values(top.values),
          all.flatMap((list) => list.slice(0, 3)),
        );
        const places = await values(top.indices);
        assert.deepEqual(
          places.map((place, i) => row[place] + (i < 3 ? 0 : 0.25)),
          await values(top.values),
        );
        top.values.backward(secret(party, [1, 2, 3, 4, 5, 6], [2, 3]));
        const back = new Array<number>(2 * size).fill(0);
        places.forEach((place, i) => (back[(i < 3 ? 0 : size) + place] = i + 1));
        assert.deepEqual(await gradientOf(x), back);
      })).timeout(60_000);
  });
}

describe('sort', () => {
  it('mergeExchange() sorts every 0/1 sequence, and its first k places without what they do not need', () => {
    for (let n = 0; n <= 11; n++) {
      for (const k of new Set([0, 1, 2, 3, Math.ceil(n / 2), n])) {
        if (k > n) continue;
        const layers = mergeExchange(n, k);
        for (let word = 0; word < 2 ** n; word++) {
          const bits = Array.from({ length: n }, (_, i) => (word >> i) & 1);
          for (const { high, low } of layers) {
            assert.equal(new Set([...high, ...low]).size, 2 * high.length);
            high.forEach((at, i) => {
              const [a, b] = [bits[at], bits[low[i]]];
              [bits[at], bits[low[i]]] = [Math.max(a, b), Math.min(a, b)];
            });
          }
          const ones = Array.from({ length: n }, (_, i) => (word >> i) & 1).reduce(
            (a, b) => a + b,
            0,
          );
          assert.deepEqual(
            bits.slice(0, k),
            Array.from({ length: k }, (_, i) => Number(i < ones)),
          );
        }
        if (k === 1)
          assert.equal(layers.flatMap(({ high }) => [...high]).length, Math.max(0, n - 1));
      }
    }
  });

  it('law: searches and sorts agree with JavaScript on any rows', () =>
    simulate(1, async (party) => {
      const element = fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map((v) => v / 2 ** 12);
      const small = fc.integer({ min: -2, max: 2 });
      const rows = fc.oneof(
        fc.array(element, { minLength: 1, maxLength: 20 }),
        fc.array(small, { minLength: 1, maxLength: 20 }),
      );
      await fc.assert(
        fc.asyncProperty(
          rows,
          fc.constantFrom(...METHODS),
          fc.boolean(),
          async (row, method, up) => {
            const x = party.cryptensor(row);
            const best = Math.min(...row);
            const found = x.min(0, { ...withMethod(method), oneHot: false });
            assert.deepEqual(await values(found.values), [best]);
            assert.deepEqual(await values(found.indices), [row.indexOf(best)]);
            const order = [...row.keys()].sort((a, b) => (up ? row[a] - row[b] : row[b] - row[a]));
            const sorted = x.sort(0, { descending: !up, stable: true });
            assert.deepEqual(
              await values(sorted.values),
              order.map((i) => row[i]),
            );
            assert.deepEqual(await values(sorted.indices), order);
          },
        ),
        { seed: 3, numRuns: 150 },
      );
    }));
});
