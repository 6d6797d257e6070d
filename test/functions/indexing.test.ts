/** Reading and writing at public positions, and other movement: repeated positions, edges, errors at the call, no messages. */

import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import { Tensor, type CrypTensor, type Party } from '../../src/tensor/index.ts';

const open = async (x: CrypTensor | null): Promise<number[]> => {
  assert.ok(x, 'no tensor');
  return [...(await x.getPlainText()).data];
};

const leaf = (party: Party, values: number[] | number[][]): CrypTensor =>
  party.cryptensor(values, { requiresGrad: true });

/** What each call must say, with ERR_MPC_SHAPE. */
const REFUSED: readonly [RegExp, (x: CrypTensor) => unknown][] = [
  [
    /gather: index 3 at flat position 1 is no position of dim 1 of \[2,3\]; use 0 to 2/,
    (x) => x.gather(1, [[0, 3]]),
  ],
  [/gather: index -1 at flat position 0/, (x) => x.gather(1, [[-1]])],
  [/gather: index 0.5 at flat position 0/, (x) => x.gather(1, [[0.5]])],
  [/gather: an index of shape \[2\] does not fit \[2,3\]/, (x) => x.gather(1, [0, 1])],
  [/gather: an index of shape \[3,1\] does not fit \[2,3\]/, (x) => x.gather(1, [[0], [1], [0]])],
  [/gather: dim 2 is outside/, (x) => x.gather(2, [[0]])],
  [/scatter: index 5/, (x) => x.scatter(1, [[5]], 1)],
  [
    /scatter: an index of shape \[1,2\] reaches beyond a source of shape \[1,1\]/,
    (x) => x.scatter(1, [[0, 1]], [[1]]),
  ],
  [
    /scatter: an index of shape \[1,2\] reaches beyond a source of shape \[2\]/,
    (x) => x.scatter(1, [[0, 1]], [1, 2]),
  ],
  [
    /scatterAdd: an index of shape \[2,2\] reaches/,
    (x) =>
      x.scatterAdd(
        1,
        [
          [0, 1],
          [0, 1],
        ],
        [[1, 2]],
      ),
  ],
  [
    /indexSelect: expected a list of positions, got an index of shape \[1,1\]/,
    (x) => x.indexSelect(0, [[0]]),
  ],
  [/indexSelect: index 2 .* dim 0 of \[2,3\]; use 0 to 1/, (x) => x.indexSelect(0, [2])],
  [/indexSelect: a 0-d tensor takes one position, got 2/, (x) => x.sum().indexSelect(0, [0, 0])],
  [/indexAdd: expected a source of shape \[2,2\], got \[2,3\]/, (x) => x.indexAdd(1, [0, 1], x)],
  [/take: index 6 .* the 6 elements of \[2,3\]; use -6 to 5/, (x) => x.take([6])],
  [/take: index -4 .* dim 1/, (x) => x.take([-4], 1)],
  [/take: index 0 .* which has none/, (x) => x.narrow(0, 0, 0).take([0])],
  [/setIndex: shapes \[3\] and \[2\] do not broadcast/, (x) => x.setIndex([0], [1, 2])],
  [/setIndex: values of shape \[2,3\] do not broadcast to \[3\]/, (x) => x.setIndex([0], x)],
  [/roll: shifts \[1,2\] and dims \[0\]/, (x) => x.roll([1, 2], 0)],
  [/roll: shifts \[1,2\] and dims unsaid/, (x) => x.roll([1, 2])],
  [/roll: shifts \[0.5\]/, (x) => x.roll(0.5, 0)],
  [/pad: \[1\] does not pad \[2,3\]/, (x) => x.pad([1])],
  [/pad: \[1,1,1,1,1,1\] does not pad/, (x) => x.pad([1, 1, 1, 1, 1, 1])],
  [/pad: \[-2,-2\] does not pad/, (x) => x.pad([-2, -2])],
  [/pad: \[0.5,1\] does not pad/, (x) => x.pad([0.5, 1])],
  [
    /pad: expected one number to pad with, got a tensor of shape \[2\]/,
    (x) => x.pad([1, 1], { value: [1, 2] }),
  ],
  [
    /unfold: windows of 4 every 1 do not fit dim 1 of \[2,3\], which has size 3/,
    (x) => x.unfold(1, 4, 1),
  ],
  [/unfold: windows of 1 every 0/, (x) => x.unfold(1, 1, 0)],
  [/repeat: \[2\] cannot repeat \[2,3\]/, (x) => x.repeat(2)],
  [/repeat: \[1,-1\] cannot repeat/, (x) => x.repeat(1, -1)],
  [/split: size 0 cannot split dim 0/, (x) => x.split(0)],
  [/split: sizes \[1,3\] cannot split dim 1 of \[2,3\].*add up to 3/, (x) => x.split([1, 3], 1)],
  [/chunk: expected at least 1 chunk, got 0/, (x) => x.chunk(0)],
  [/unbind: a 0-d tensor/, (x) => x.sum().unbind()],
  [/cumsum: dim 2/, (x) => x.cumsum(2)],
  [/trace: expected a matrix, got \[3\]/, (x) => x.index(0).trace()],
  [/dot: expected two vectors/, (x) => x.dot(x)],
  [/dot: expected vectors of one size, got \[3\] and \[2\]/, (x) => x.index(0).dot([1, 2])],
  [/ger: expected two vectors/, (x) => x.ger([1])],
];

for (const n of [1, 2, 3]) {
  describe(`functions: positions over ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it('gradients of repeated positions add up (CrypTen: the last one stays)', () =>
      simulate(n, async (party) => {
        const weights = [1, 10, 100];
        const x = leaf(party, [1, 2, 3]);
        x.take([1, 1, 0]).mul(weights).sum().backward();
        assert.deepEqual(await open(x.grad), [100, 11, 0]);
        const y = leaf(party, [1, 2, 3]);
        y.take([-2, 1, -3], 0).mul(weights).sum().backward();
        assert.deepEqual(await open(y.grad), [100, 11, 0]);
        const z = leaf(party, [1, 2, 3]);
        z.indexSelect(0, [1, 1, 0]).mul(weights).sum().backward();
        assert.deepEqual(await open(z.grad), [100, 11, 0]);
        const g = leaf(party, [1, 2, 3]);
        g.gather(0, [1, 1, 0]).mul(weights).sum().backward();
        assert.deepEqual(await open(g.grad), [100, 11, 0]);
      }));

    it('scatter() keeps the last of several, and only that one gets a gradient', () =>
      simulate(n, async (party) => {
        const [x, src] = [leaf(party, [1, 2, 3]), leaf(party, [4, 5, 6])];
        const y = x.scatter(0, [1, 1, 0], src);
        assert.deepEqual(await open(y), [6, 5, 3]);
        y.mul([1, 10, 100]).sum().backward();
        assert.deepEqual(await open(x.grad), [0, 0, 100]);
        assert.deepEqual(await open(src.grad), [0, 10, 1]);
      }));

    it('what is written is a new tensor: the old one, and views made before, stay', () =>
      simulate(n, async (party) => {
        const x = party.cryptensor([
          [1, 2, 3],
          [4, 5, 6],
        ]);
        const row = x.index(0);
        const added = x.indexAdd(
          1,
          [0, 0],
          [
            [1, 2],
            [3, 4],
          ],
        );
        assert.deepEqual(await open(added), [4, 2, 3, 11, 5, 6]);
        assert.deepEqual(await open(x), [1, 2, 3, 4, 5, 6]);
        assert.equal(x.setIndex_([[], 1], [7, 8]), x);
        assert.deepEqual(await open(x), [1, 7, 3, 4, 8, 6]);
        assert.deepEqual(await open(row), [1, 2, 3]);
        x.setIndex_([1], row.mul(2));
        assert.deepEqual(await open(x), [1, 7, 3, 2, 4, 6]);
        assert.deepEqual(await open(x.setIndex([[0, 0]], 9)), [1, 7, 3, 2, 4, 6]);
      }));

    it('products that owe a truncation meet others, public ones and zeros', () =>
      simulate(n, async (party) => {
        const x = party.cryptensor([1.5, -2.5]);
        const product = x.mul(x);
        const near = async (y: CrypTensor, expected: number[]): Promise<void> =>
          (await open(y)).forEach((value, i) =>
            assert.ok(Math.abs(value - expected[i]) <= 2 ** -16, `${i}: ${value}`),
          );
        await near(product.setIndex([0], x.index(1)), [-2.5, 6.25]);
        await near(x.mul(x).setIndex([0], 0.5), [0.5, 6.25]);
        await near(x.mul(x).scatter(0, [1], x), [2.25, 1.5]);
        await near(x.mul(x).scatterAdd(0, [1, 1], [0.25, 0.5]), [2.25, 7]);
        await near(x.mul(x).pad([1, 0], { value: x.index(0) }), [1.5, 2.25, 6.25]);
        // 42 fractional bits pending: settled first, so that what it meets may be large.
        const large = party.cryptensor([2 ** 25]);
        await near(x.mul(1 / 1024 / 3).setIndex([0], large.index(0)), [2 ** 25, -2.5 / 1024 / 3]);
        await near(x.gt(0).pad([1, 0], { value: 0.25 }), [0.25, 1, 0]);
        await near(x.gt(0).setIndex([1], x.index(1)), [1, -2.5]);
        await near(party.zeros([2]).setIndex([1], x.index(1)), [0, -2.5]);
        await near(party.zeros([3]).scatter(0, [2, 0], x), [-2.5, 0, 1.5]);
        await near(party.full([2], 0.5).take([1, 1, 0]), [0.5, 0.5, 0.5]);
        await near(party.ones([4]).cumsum(0), [1, 2, 3, 4]);
        await near(party.ones([3, 3]).trace(), [3]);
      }));

    it('errors are thrown at the call, and say what would have been right', () =>
      simulate(n, async (party) => {
        const x = party.cryptensor([
          [1, 2, 3],
          [4, 5, 6],
        ]);
        for (const [message, call] of REFUSED) {
          assert.throws(() => call(x), { code: 'ERR_MPC_SHAPE', message });
        }
        const mode = 'reflect' as 'constant';
        assert.throws(() => x.pad([1, 1], { mode }), {
          code: 'ERR_MPC_UNSUPPORTED',
          message: 'pad: mode reflect is not supported; use constant',
        });
        assert.throws(() => x.take([0], 0.5), TypeError);
      }));
  });
}

describe('functions: positions and messages', () => {
  it('nothing is opened, dealt or waited for', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        { requiresGrad: true },
      );
      const y = party.cryptensor([[1, 2, 3]]);
      await party.settle(x, y);
      party.resetStats();
      const [left, right] = x.split([1, 2], 1);
      const results = [
        x.gather(1, [
          [0, 0],
          [2, 1],
        ]),
        x.scatter(0, [[0, 1, 0]], y),
        x.scatterAdd(0, [[0, 1, 0]], y),
        x.indexSelect(1, [2, 2, 0]),
        x.indexAdd(0, [1], y),
        x.take([5, 5, -1]),
        x.setIndex([1, [0, 2]], [9, 8]),
        x.setIndex([[1, 2]], y),
        x.roll(1),
        x.pad([1, 2], { value: y.index(0, 0) }),
        x.unfold(1, 2, 1),
        x.repeat(2, 2),
        left.add(right.sum()),
        x.cumsum(0),
        x.trace(),
        x.index(0).dot([1, 2, 3]),
        x.index(0).ger([1, 2]),
      ];
      for (const result of results) result.sum().backward();
      const { rounds, total } = party.stats();
      assert.equal(rounds, 0);
      assert.equal(total.bytesSent + total.bytesReceived, 0);
      await party.settle(...results);
    }));

  it('parties that name different positions are told, not given garbage', async () => {
    const run = simulate(2, async (party) => {
      const x = party.cryptensor([1, 2, 3]);
      await x.take([0, party.rank]).getPlainText();
    });
    await assert.rejects(run, { code: 'ERR_MPC_DESYNC' });
  });

  it('unbind() of an empty dim gives nothing, split() one empty part', () =>
    simulate(1, async (party) => {
      const x = party.cryptensor(new Tensor([0, 3], []));
      assert.deepEqual(x.unbind(), []);
      assert.deepEqual(
        x.unbind(1).map(({ shape }) => shape),
        [[0], [0], [0]],
      );
      assert.deepEqual(
        x.split(2).map(({ shape }) => shape),
        [[0, 3]],
      );
    }));

  it('one dim taken apart in many ways comes together again', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const all = [1, 2, 3, 4, 5, 6];
      assert.deepEqual(await open(party.stack(x.unbind(1), 1)), all);
      assert.deepEqual(await open(party.cat(x.split(2, -1), -1)), all);
      assert.deepEqual(await open(party.cat(x.chunk(2, 1), 1)), all);
    }));
});
