import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';

const VALUES = [2 ** -16, 2 ** -7, 0.25, 1, 2, 3.75, 100, 12345, 2 ** 29];

describe('sqrt() where no gradient is recorded', () => {
  for (const n of [1, 2, 3]) {
    it(`is as right, and costs the same, as where one is; ${n} ${n === 1 ? 'party' : 'parties'}`, async () => {
      const results = await simulate(n, async (party) => {
        const measured = async (requiresGrad: boolean) => {
          const x = party.cryptensor(VALUES, { requiresGrad });
          party.resetStats();
          const root = x.sqrt();
          const { data } = await root.getPlainText();
          const { rounds, online, preprocessing } = party.stats();
          if (requiresGrad) root.sum().backward();
          const gradient = requiresGrad ? await x.grad?.getPlainText() : undefined;
          return {
            values: data,
            costs: { rounds, online, preprocessing },
            gradient: gradient?.data,
          };
        };
        return [await measured(false), await measured(true)];
      });
      const [[plain, recorded]] = results;
      assert.deepEqual(plain.costs, recorded.costs);
      VALUES.forEach((value, i) => {
        const expected = Math.sqrt(value);
        for (const { values } of [plain, recorded]) {
          assert.ok(
            Math.abs(values[i] - expected) <= 1.7e-5 + 1e-6 * expected,
            `√${value}: ${values[i]}`,
          );
        }
        const slope = recorded.gradient?.[i] ?? NaN;
        assert.ok(Math.abs(slope - 0.5 / expected) <= 3e-5 + 1e-5 / expected, `${value}: ${slope}`);
      });
    });
  }
});
