/** Lists of positions in an index, read and written, and weighted inner products: as PyTorch, and what it leaves open. */

import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, Tensor } from '../../src/tensor/index.ts';
import { readVectors, right, torchSuite, type Table } from '../support/torch.ts';

const table: Table = {
  calls: {
    index: ([x], args) => x.index(...args),
    setIndex: ([x, values], args) => x.setIndex(args, values),
    dot: ([x, y, weights]) => x.dot(y, weights),
  },
  variants: {
    setIndex: [right((x, values, args) => x.setIndex(args, values))],
    dot: [
      { open: 2, call: ([x, y], weights) => x.dot(y, weights) },
      { open: 1, call: ([x, , weights], y) => x.dot(y, weights) },
    ],
  },
  tolerance: { dot: [8, 8] },
};

torchSuite(readVectors('torch-index.json'), table);

const open = async (x: CrypTensor): Promise<number[]> => [...(await x.getPlainText()).data];

describe('functions: lists of positions', () => {
  it('gradients of a position that is read several times add up', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([1, 2, 3], { requiresGrad: true });
      const rows = x.index(Int32Array.of(2, 2, 0, 2));
      rows.backward([1, 2, 4, 8]);
      assert.deepEqual(await open(x.grad as CrypTensor), [4, 0, 11]);
    }));

  it('of several values for one position the last stays, and alone gets a gradient', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([1, 2, 3], { requiresGrad: true });
      const v = party.cryptensor([7, 8, 9], { requiresGrad: true });
      const y = x.setIndex([Int32Array.of(1, 1, 0)], v);
      assert.deepEqual(await open(y), [9, 8, 3]);
      y.backward([1, 2, 4]);
      assert.deepEqual(await open(x.grad as CrypTensor), [0, 0, 4]);
      assert.deepEqual(await open(v.grad as CrypTensor), [0, 2, 1]);
    }));

  it('in place, with products that owe a truncation, of public tensors and of none', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([
        [1.5, 2],
        [3, 4],
      ]);
      const product = x.mul(x);
      x.setIndex_([new Tensor([2], [1, 0]), 1], product.index('...', 0));
      assert.deepEqual(await open(x), [1.5, 9, 3, 2.25]);
      assert.deepEqual(await open(party.ones([3]).index(new Int32Array([2, 1]))), [1, 1]);
      assert.deepEqual(await open(party.zeros([2]).setIndex([Int32Array.of(1)], 0.5)), [0, 0.5]);
      assert.deepEqual(x.index(new Float64Array(0)).shape, [0, 2]);
      assert.deepEqual(await open(x.index(new Float64Array(0))), []);
    }));

  it('rest of the dims: three dots in binary tensors too', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([1, 2, 3, 4], { ptype: 'binary' }).reshape(2, 2);
      assert.deepEqual([...(await x.index('...', 1).getPlainText()).data], [2, 4]);
    }));

  it('bad entries throw at the call and say what is wrong', () =>
    simulate(1, (party) => {
      const x = party.cryptensor([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const refuses = (call: () => unknown, message: RegExp): void =>
        assert.throws(call, { code: 'ERR_MPC_SHAPE', message });
      refuses(
        () => x.index(Int32Array.of(2)),
        /index 2 at flat position 0 is no position of a dim of size 2/,
      );
      refuses(() => x.index([], Int32Array.of(0, -4)), /index -4 at flat position 1/);
      refuses(() => x.index([], Float64Array.of(0.5)), /index 0.5/);
      refuses(() => x.index(Int32Array.of(0, 1), Int32Array.of(0, 1, 2)), /do not broadcast/);
      refuses(() => x.index('...', '...'), /and '...'/);
      refuses(() => x.index(Int32Array.of(0), 0, 0), /3 indices for \[2,3\]/);
      refuses(
        () => x.setIndex([Int32Array.of(0, 1)], [1, 2]),
        /setIndex: shapes \[2,3\] and \[2\] do not broadcast/,
      );
      refuses(() => x.index(0).dot([1, 2, 3], [1, 2]), /vectors of one size/);
      refuses(() => x.index(0).dot([1, 2]), /\[3\] and \[2\]/);
    }));
});
