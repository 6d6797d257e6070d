import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import { cases, covered, runCase, source } from './conv-cases.ts';

describe(`functions: convolutions and average pools of ${source}`, () => {
  for (const op of covered) {
    it(`${op}: as PyTorch, on the plain scheme`, async () => {
      await simulate(1, async (party) => {
        for (const [at, one] of cases.entries()) if (one.op === op) await runCase(party, one, at);
      });
    });
  }

  for (const n of [2, 3]) {
    it(`all of them: as PyTorch, over ${n} parties, all called before any is awaited`, async () => {
      const counts = await simulate(
        n,
        async (party) => {
          const results = await Promise.allSettled(cases.map((one, at) => runCase(party, one, at)));
          const failed = results.filter((result) => result.status === 'rejected');
          assert.deepEqual(failed.map(({ reason }) => String(reason.message)).slice(0, 5), []);
          return results.length;
        },
        { shuffle: true },
      );
      assert.deepEqual(counts, new Array(n).fill(cases.length));
    }).timeout(120_000);
  }
});
