/** Who deals can be chosen; what there is not is refused. */

import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import type { Party } from '../../src/tensor/index.ts';

describe('tensor: trust', () => {
  it('a dealer or the first party, by name; unknown ones are refused', async () => {
    const program = async (party: Party): Promise<number> => {
      const x = party.cryptensor([3], { src: 0 }).mul(party.cryptensor([-2], { src: 1 }));
      return (await x.add(x.relu()).getPlainText()).item();
    };
    for (const trust of ['dealer', 'insecureFirstParty', undefined] as const) {
      const options = trust === undefined ? {} : { trust };
      assert.deepEqual(await simulate(2, program, options), [-6, -6], String(trust));
    }
    for (const trust of ['TTP', 'ot', '', null]) {
      await assert.rejects(simulate(2, program, { trust: trust as 'dealer' }), {
        code: 'ERR_MPC_UNSUPPORTED',
        message: /there is no trust ".*"; use dealer or insecureFirstParty/,
      });
    }
  });
});
