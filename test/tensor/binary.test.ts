import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import { BinaryTensor, type Party, type Tensor } from '../../src/tensor/index.ts';
import { freshLabel, randomWords, wordsOf } from '../support/seats.ts';

const label = freshLabel();
const words = async (x: BinaryTensor): Promise<bigint[]> =>
  Array.from((await x.reveal()).words, (word) => BigInt.asIntN(64, word));
const values = async (x: { getPlainText(): Promise<Tensor> }): Promise<unknown> =>
  (await x.getPlainText()).toArray();
const bits = (party: Party, data: readonly (number | bigint)[], src = 0): BinaryTensor =>
  party.cryptensor(BigInt64Array.from(data, BigInt), { ptype: 'binary', src: src % party.world });

for (const n of [1, 2, 3]) {
  describe(`tensor: BinaryTensor, ${n} parties (seed ${label})`, () => {
    it('to binary and back is the identity for all shapes, and the original stays', () =>
      simulate(n, async (party) => {
        for (const shape of [[], [0], [1], [2, 3], [2, 0], [1, 2, 2, 2]]) {
          const size = shape.reduce((a, b) => a * b, 1);
          const data = Float64Array.from(
            { length: size },
            (_, i) => (i % 2 ? -1 : 1) * (i + 0.375),
          );
          const x = party.cryptensor({ shape, data });
          const inBits = x.to('binary');
          assert.ok(inBits instanceof BinaryTensor);
          assert.deepEqual([inBits.shape, inBits.precision, inBits.bits], [shape, 16, 64]);
          const back = inBits.to('arithmetic');
          assert.deepEqual([back.shape, back.precision], [shape, 16]);
          for (const tensor of [x, inBits, back]) {
            assert.deepEqual((await tensor.getPlainText()).data, data);
          }
        }
      }));

    it('encrypts every word: numbers, bigints, raw words, by any party', () =>
      simulate(n, async (party) => {
        const top = 2n ** 63n;
        assert.deepEqual(await words(bits(party, [0n, -1n, top - 1n, -top], n - 1)), [
          0n,
          -1n,
          top - 1n,
          -top,
        ]);
        const own = party.rank === n - 1;
        const source = { ptype: 'binary', src: n - 1, shape: [2, 2] } as const;
        const y = party.cryptensor(own ? [1, 2, 3, -4] : null, source);
        assert.deepEqual(await values(y), [
          [1, 2],
          [3, -4],
        ]);
        const ignored = party.cryptensor(own ? [5, 6] : [NaN, 0.5], {
          ptype: 'binary',
          src: n - 1,
        });
        assert.deepEqual(await values(ignored), [5, 6]);
        assert.deepEqual(await words(party.cryptensor(2n ** 64n - 1n, { ptype: 'binary' })), [-1n]);
        const raw = await y.reveal();
        assert.deepEqual(raw.words, wordsOf([1, 2, 3, -4]));
        assert.deepEqual(await values(party.cryptensor(raw, { ptype: 'binary' })), [
          [1, 2],
          [3, -4],
        ]);
        assert.equal(await y.getPlainText({ dst: [] }), null);
      }));

    it('computes as its words do', () =>
      simulate(n, async (party) => {
        const x = bits(party, [12, -5, 7]);
        const y = bits(party, [10, 3, 7], 1);
        const results: [BinaryTensor, number[]][] = [
          [x.xor(y), [12 ^ 10, -5 ^ 3, 0]],
          [x.xor(1), [13, -5 ^ 1, 6]],
          [x.and(y), [8, -5 & 3, 7]],
          [x.and([8, 8, 8]), [8, 8, 0]],
          [x.or(y), [14, -5 | 3, 7]],
          [x.or(0x10n), [28, -5, 23]],
          [x.not(), [~12, ~-5, ~7]],
          [x.lshift(3), [96, -40, 56]],
          [x.rshift(1), [6, -3, 3]],
          [x.add(y), [22, -2, 14]],
          [x.sub(y), [2, -8, 0]],
          [x.rsub(1), [-11, 6, -6]],
          [x.neg(), [-12, 5, -7]],
          [x.lt(y), [0, 1, 0]],
          [x.le(y), [0, 1, 1]],
          [x.gt(y), [1, 0, 0]],
          [x.ge(y), [1, 0, 1]],
          [x.eq(y), [0, 0, 1]],
          [x.ne(7), [1, 1, 0]],
          [x.where(x.gt(y), y), [12, 3, 7]],
          [x.where([0, 1, 0], -1), [-1, -5, -1]],
          [x.sum().unsqueeze(0).expand(3), [14, 14, 14]],
        ];
        for (const [i, [result, expected]] of results.entries()) {
          assert.deepEqual(await values(result), expected, `result ${i}`);
        }
        const top = await words(bits(party, [-1]).rshiftLogical(1));
        assert.deepEqual(top, [2n ** 63n - 1n]);
      }));

    it('sees the values of a tensor that has fractional bits', () =>
      simulate(n, async (party) => {
        const x = party.cryptensor([1.5, -2.25, 3]).to('binary');
        const less = x.lt(1.75);
        assert.deepEqual([less.precision, less.bits], [0, 1]);
        assert.deepEqual(await values(less), [1, 1, 0]);
        assert.deepEqual(await values(x.add(0.25)), [1.75, -2, 3.25]);
        assert.deepEqual(await values(x.sub(bits(party, [1, 1, 1]))), [0.5, -3.25, 2]);
        assert.deepEqual(await values(x.where(less, 0.125)), [1.5, -2.25, 0.125]);
        assert.deepEqual(await values(x.and(0xffff)), [0.5, 0.75, 0], 'words, not values');
        assert.deepEqual(await values(x.sum()), 2.25);
        assert.deepEqual(await values(less.to('arithmetic').mul([10, 20, 30])), [10, 20, 0]);
        const coarse = x.to('arithmetic', { precision: 4 });
        assert.equal(coarse.precision, 4);
        assert.deepEqual(await values(coarse), [1.5, -2.25, 3]);
        assert.deepEqual(await values(x.to('arithmetic', { bits: 16 })), [0.5, 0.75, 0]);
      }));

    it('moves: transpose, permute, reshape, index, gather, scatter, split, cat, stack', () =>
      simulate(n, async (party) => {
        const x = bits(party, [0, 1, 2, 3, 4, -5]).reshape(2, 3);
        const results: [BinaryTensor, unknown][] = [
          [
            x.t(),
            [
              [0, 3],
              [1, 4],
              [2, -5],
            ],
          ],
          [x.transpose(0, 1).reshape(-1), [0, 3, 1, 4, 2, -5]],
          [x.permute(1, 0).index(2), [2, -5]],
          [x.flatten().narrow(0, 4, 2), [4, -5]],
          [
            x.flip(1),
            [
              [2, 1, 0],
              [-5, 4, 3],
            ],
          ],
          [
            x.unsqueeze(0).squeeze(),
            [
              [0, 1, 2],
              [3, 4, -5],
            ],
          ],
          [
            x.index([], [1, 3]),
            [
              [1, 2],
              [4, -5],
            ],
          ],
          [
            x.gather(1, [
              [2, 0],
              [1, 1],
            ]),
            [
              [2, 0],
              [4, 4],
            ],
          ],
          [
            x.indexSelect(1, [2, 2]),
            [
              [2, 2],
              [-5, -5],
            ],
          ],
          [
            x.scatter(1, [[0], [1]], bits(party, [8, 9], 1).reshape(2, 1)),
            [
              [8, 1, 2],
              [3, 9, -5],
            ],
          ],
          [
            x.scatter(1, [[2], [0]], -1),
            [
              [0, 1, -1],
              [-1, 4, -5],
            ],
          ],
          [
            x.setIndex([0], [7, 7, 7]),
            [
              [7, 7, 7],
              [3, 4, -5],
            ],
          ],
          [x.repeat(1, 2).index(0), [0, 1, 2, 0, 1, 2]],
          [party.cat([x, x.neg()], 1).index(1), [3, 4, -5, -3, -4, 5]],
          [
            party.stack(x.unbind(1)),
            [
              [0, 3],
              [1, 4],
              [2, -5],
            ],
          ],
          [x.split(2, 1)[1], [[2], [-5]]],
          [x.chunk(2)[1], [[3, 4, -5]]],
          [party.cat([x.gt(2).flatten(), bits(party, [300])]), [0, 0, 0, 1, 1, 0, 300]],
        ];
        for (const [i, [result, expected]] of results.entries()) {
          assert.deepEqual(await values(result), expected, `result ${i}`);
        }
        const mixed = party.cat([bits(party, [3]), party.cryptensor([0.5]).to('binary')]);
        assert.deepEqual(await values(mixed), [3, 0.5]);
        assert.deepEqual(await values(x), [
          [0, 1, 2],
          [3, 4, -5],
        ]);
      }));

    it('twins in place change their handle, and keep its shape', () =>
      simulate(n, async (party) => {
        const x = bits(party, [5, 6]);
        const alias = x.clone();
        assert.equal(x.xor_(1), x);
        x.and_([7, 5]).add_(1);
        assert.deepEqual(await values(x), [5, 6]);
        assert.deepEqual(await values(x.not_()), [-6, -7]);
        assert.deepEqual(await values(alias), [5, 6]);
        assert.throws(() => x.sum_(), { code: 'ERR_MPC_SHAPE', message: /sum_/ });
        assert.deepEqual(await values(x), [-6, -7]);
      }));
  });
}

describe('tensor: BinaryTensor', () => {
  it('rounds and bytes are as stated', async () => {
    for (const n of [2, 3]) {
      await simulate(n, async (party) => {
        const count = 64;
        const data = randomWords(2 * count, `${label} rounds`);
        const raw = (from: number) => ({
          shape: [count],
          words: data.slice(from, from + count),
          fracBits: 0,
        });
        const x = party.cryptensor(raw(0), { ptype: 'binary' });
        const y = party.cryptensor(raw(count), { ptype: 'binary', src: 1 });
        const z = party.cryptensor(new Float64Array(count).fill(2.5));
        const costs: [
          name: string,
          run: () => { getPlainText(): Promise<unknown> },
          rounds: number,
          bytes: number,
        ][] = [
          ['input', () => x, 0, 0],
          ['xor', () => x.xor(y), 0, 0],
          ['and', () => x.and(y), 1, 16],
          ['or', () => x.or(y), 1, 16],
          ['and of bits', () => x.and(1).and(y), 1, 2 / 8],
          ['add', () => x.add(y), 7, 430 / 8],
          ['eq', () => x.eq(y), 6, 126 / 8],
          ['lt', () => x.lt(y), 7, 311 / 8],
          ['lt public', () => x.lt(5), 6, 183 / 8],
          ['where', () => x.where(y.and(1), y), 1, 65 / 8],
          ['to binary', () => z.to('binary'), 7, 8 + 304 / 8],
          ['to arithmetic', () => x.to('arithmetic'), 1, 8],
          ['to arithmetic, 1 bit', () => x.to('arithmetic', { bits: 1 }), 1, 1 / 8],
        ];
        for (const [name, run, rounds, bytes] of costs) {
          party.resetStats();
          await run().getPlainText();
          const stats = party.stats();
          assert.equal(stats.rounds, rounds + 1, `${name}: rounds, reveal included`);
          assert.equal(stats.online.bytesSent, (bytes + 8) * count * (n - 1), `${name}: bytes`);
        }
      });
    }
  });

  it('comparison results convert for the price of a bit', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([1, 2, 3], { ptype: 'binary' });
      party.resetStats();
      const less = x.lt(2).to('arithmetic');
      assert.deepEqual(await values(less), [1, 0, 0]);
      assert.equal(party.stats().rounds, 6 + 1 + 1);
      const { ops } = party.stats();
      assert.equal(ops.get('binary.to')?.dealtBytes, 8 * 3);
      assert.equal(ops.get('binary.to')?.bytesSent, 1);
      assert.deepEqual([...ops.keys()], ['binary.lt', 'binary.to', '']);
    }));

  it('refuses cumsum and trace, other sharings, fractions and operands that are no bits', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([1, 2], { ptype: 'binary' });
      const y = party.cryptensor([1, 2]);
      assert.throws(() => x.cumsum(0), {
        code: 'ERR_MPC_UNSUPPORTED',
        message: /cumsum.*to\('arithmetic'\)/,
      });
      assert.throws(() => x.trace(), { code: 'ERR_MPC_UNSUPPORTED', message: /trace/ });
      assert.throws(() => x.add(0.5), {
        code: 'ERR_MPC_RANGE',
        message: /position 0 is no whole number/,
      });
      assert.throws(() => x.xor([1, 2.5]), { code: 'ERR_MPC_RANGE', message: /position 1/ });
      assert.throws(() => x.xor(2n ** 64n), { code: 'ERR_MPC_RANGE' });
      const fine = party.zeros([2]).to('binary').add(y.to('binary'));
      assert.throws(() => fine.lt(2 ** 47), { code: 'ERR_MPC_RANGE' });
      assert.throws(() => fine.lt(2n ** 47n), { code: 'ERR_MPC_RANGE', message: /position 0/ });
      assert.throws(() => x.where([0, 2], 1), { code: 'ERR_MPC_RANGE', message: /position 1/ });
      assert.throws(() => x.lshift(64), { code: 'ERR_MPC_RANGE' });
      assert.throws(() => x.to('arithmetic', { bits: 0 }), { code: 'ERR_MPC_RANGE' });
      // @ts-expect-error: an arithmetic tensor is no operand.
      assert.throws(() => x.and(y), { name: 'TypeError', message: /to\('binary'\)/ });
      // @ts-expect-error: bits are no operand of an arithmetic tensor.
      assert.throws(() => y.mul(x), TypeError);
      // @ts-expect-error: there is no such sharing.
      assert.throws(() => y.to('ternary'), { code: 'ERR_MPC_UNSUPPORTED' });
      assert.throws(
        () => party.cryptensor(null, { ptype: 'binary', shape: [1], src: party.rank }),
        {
          code: 'ERR_MPC_SHAPE',
        },
      );
      assert.throws(() => party.cryptensor(1, { ptype: 'binary', src: 2 }), {
        code: 'ERR_MPC_RANK',
      });
      assert.throws(() => party.cryptensor([1, 2], { ptype: 'binary', shape: [3] }), {
        code: 'ERR_MPC_SHAPE',
      });
      assert.throws(() => party.cryptensor(0.5, { ptype: 'binary', src: party.rank }), {
        code: 'ERR_MPC_RANGE',
      });
    }));

  it('prints its shape and width, never a value', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([123456], { ptype: 'binary' });
      assert.equal(String(x), 'BinaryTensor([1], 64 bits, HIDDEN)');
      assert.equal(JSON.stringify([x.eq(1)]), '["BinaryTensor([1], 1 bits, HIDDEN)"]');
      await x.reveal();
    }));
});
