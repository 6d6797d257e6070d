/** The methods of `src/tensor/methods/` as users meet them: on the prototype, each with its twin in place. */

import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import { CrypTensor } from '../../src/tensor/index.ts';
import { installMethods } from '../../src/tensor/methods/index.ts';

const names = Object.getOwnPropertyNames(CrypTensor.prototype);

describe('tensor: methods', () => {
  it('are on the prototype, hidden from loops over properties', () => {
    for (const name of ['add', 'conv2d', 'permute', 'sum', 'lt', 'relu', 'mseLoss', 'matmul']) {
      assert.ok(names.includes(name), name);
      assert.ok(names.includes(`${name}_`), `${name}_`);
    }
    for (const name of ['split', 'chunk', 'unbind']) {
      assert.ok(names.includes(name), name);
      assert.ok(!names.includes(`${name}_`), `${name}_ would return several`);
    }
    assert.deepEqual(Object.keys(CrypTensor.prototype), []);
  });

  it('cannot be installed over each other', () => {
    assert.throws(() => installMethods(), /two methods named/);
  });

  it('have twins with the same arguments, which return the tensor', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([
        [1, 2],
        [3, 4],
      ]);
      const y: CrypTensor = x.permute_(1, 0).flip_([0]).sub_(1).index_([], [0, 2]);
      assert.equal(y, x);
      assert.deepEqual((await x.getPlainText()).toArray(), [
        [1, 3],
        [0, 2],
      ]);
      assert.throws(() => x.sum_(0), { code: 'ERR_MPC_SHAPE', message: /sum_.*must keep \[2,2\]/ });
      // @ts-expect-error: a twin takes what its method takes
      assert.throws(() => x.transpose_('a', 'b'));
    }));
});
