/** Which operations are recorded: noGrad, enableGrad, setGradEnabled, detach_, requiresGrad set late. */

import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';

describe('tensor: recording', () => {
  it('enableGrad() and noGrad() nest, and end as they began, whatever is thrown', () =>
    simulate(1, async (party) => {
      const x = party.cryptensor([1, 2], { requiresGrad: true });
      const records = (): boolean => x.mul(2).requiresGrad;
      const modes = party.noGrad(() => [
        records(),
        party.enableGrad(() => [records(), party.noGrad(records), records()]),
        records(),
      ]);
      assert.deepEqual(modes, [false, [true, false, true], false]);
      for (const mode of ['noGrad', 'enableGrad'] as const) {
        const failing = (): void => {
          throw new Error('mine');
        };
        assert.throws(() => party[mode](failing), { message: 'mine' });
        assert.throws(() => party.noGrad(() => party[mode](failing)), { message: 'mine' });
        assert.equal(records(), true, mode);
      }
      const late = async (): Promise<void> => {};
      assert.throws(() => party.enableGrad(late), {
        name: 'TypeError',
        message: /enableGrad: expected a synchronous function/,
      });
      assert.equal(party.gradEnabled, true);
    }));

  it('setGradEnabled() holds until it is set again, or its noGrad() ends', () =>
    simulate(1, async (party) => {
      const x = party.cryptensor([1, 2], { requiresGrad: true });
      const records = (): boolean => x.mul(2).requiresGrad;
      party.setGradEnabled(false);
      assert.deepEqual([records(), party.gradEnabled], [false, false]);
      party.setGradEnabled(true);
      assert.deepEqual([records(), party.gradEnabled], [true, true]);
      party.noGrad(() => {
        party.setGradEnabled(true);
        assert.equal(records(), true);
      });
      party.setGradEnabled(false);
      party.noGrad(() => party.setGradEnabled(true));
      assert.equal(records(), false);
      x.add_(1);
      assert.equal(x.version, 1);
    }));

  it('detach_() cuts the handle, and what was made before keeps its graph', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([1, 2], { requiresGrad: true });
      const y = x.mul(3);
      const z = y.mul(2);
      assert.equal(y.detach_(), y);
      assert.deepEqual([y.requiresGrad, y.isLeaf, y.version], [false, true, 0]);
      assert.equal(y.mul(2).requiresGrad, false);
      assert.throws(() => y.sum().backward(), { code: 'ERR_MPC_UNSUPPORTED' });
      z.sum().backward();
      assert.deepEqual([...((await x.grad?.getPlainText())?.data ?? [])], [6, 6]);
      x.detach_();
      assert.equal(x.requiresGrad, false);
    }));

  it('a leaf that requires a gradient only later is not in the graphs made before', () =>
    simulate(1, async (party) => {
      const x = party.cryptensor([1, 2]);
      const y = x.mul(3);
      x.requiresGrad = true;
      assert.equal(y.requiresGrad, false);
      assert.throws(() => y.sum().backward(), { code: 'ERR_MPC_UNSUPPORTED' });
      assert.equal(x.grad, null);
    }));
});
