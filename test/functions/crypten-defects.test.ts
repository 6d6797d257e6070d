/**
 * The defects of CrypTen 0.4.0 (commit 775868a0), by the numbers of the list that was made while reading it: each test has the
 * number of one and fails if it comes back. Those of modules and of model import are watched elsewhere:
 *
 *   13  batch norm's cache             nn/batch-norm: in evaluation the inverse deviation is computed once …
 *   14  pools of unequal sides         onnx/models: the pools made by hand
 *   15  Conv in plain, pads            onnx/models: the convolutions and margins; functions/conv
 *   16  Graph, one input read twice    nn/containers: … one value read twice …
 *   17  Sequential of a record         nn/containers: Sequential takes modules or a record with names of any length
 *   18  state dicts                    nn/batch-norm: a state with buffers makes the round trip …
 *   20  Dropout's second output        onnx/graph: outputs that nothing reads are not made …
 *   21  split learning                 nn/split
 *   27  eval() before encrypt()        nn/batch-norm: eval() before encrypt() keeps nothing plain …
 *
 * These have nothing here that could have them:
 *
 *   9   trace_once, cache exhaustion   no cache of material by request: a file's lots are claimed whole (test/protocol/preprocess-*)
 *   29  names of modules, launchers    the compiler and test/tidy/exports.test.ts check what is exported
 */

import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor, Party } from '../../src/tensor/index.ts';

const ULP = 2 ** -16;

const open = async (x: CrypTensor): Promise<number[]> => [...(await x.getPlainText()).data];

async function near(
  x: CrypTensor,
  expected: readonly number[],
  off: number,
  what = '',
): Promise<void> {
  const got = await open(x);
  assert.equal(got.length, expected.length, what);
  got.forEach((value, i) => {
    const error = Math.abs(value - expected[i]);
    assert.ok(error <= off, `${what}[${i}]: ${value} for ${expected[i]}, off by ${error}`);
  });
}

/** The program over 1, 2 and 3 parties. */
async function everywhere(program: (party: Party) => Promise<void>): Promise<void> {
  for (const n of [1, 2, 3]) await simulate(n, program);
}

/** The gradient of what `call` makes, all ones from above. */
function gradient(party: Party, values: number[], call: (x: CrypTensor) => CrypTensor): CrypTensor {
  const x = party.cryptensor(values, { requiresGrad: true });
  const y = call(x);
  y.backward(new Float64Array(y.numel()).fill(1));
  assert.ok(x.grad !== null);
  return x.grad;
}

describe('functions: CrypTen’s defects', () => {
  it('1: negative numbers near integers decode to themselves', () =>
    everywhere(async (party) => {
      const raw = [
        -131071,
        -131073,
        -65535,
        -65537,
        -1,
        1 - 2 ** 30,
        ...Array.from({ length: 400 }, (_, i) => -(10_000 + 25 * i) * 65536 + i),
      ];
      const values = raw.map((word) => word / 65536);
      assert.deepEqual(await open(party.cryptensor(values)), values);
    }));

  it('2: odd powers from 5 on, their multiples and their gradients have the exponent they are given', () =>
    everywhere(async (party) => {
      const values = [-1.125, -0.75, 0.5, 1.125];
      for (const p of [5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17]) {
        const off = 4 * p * ULP * 1.125 ** p;
        await near(
          party.cryptensor(values).pow(p),
          values.map((v) => v ** p),
          off,
          `pow ${p}`,
        );
        const slope = gradient(party, values, (x) => x.pow(p));
        await near(
          slope,
          values.map((v) => p * v ** (p - 1)),
          2 * p * off,
          `gradient of pow ${p}`,
        );
      }
      const erf = party.cryptensor([-1, 1.5]).erf({ method: 'taylor' });
      await near(erf, [-0.8427, 0.9661], 0.01, 'erf by powers');
    }));

  it('3: 0/1 tensors keep fractions: times and over public numbers, in means', () =>
    everywhere(async (party) => {
      const mask = party.cryptensor([-1, 1, 2, 3]).gt(0);
      await near(mask.mul(0.3), [0, 0.3, 0.3, 0.3], ULP);
      await near(mask.mul([0.5, 0.25, 1.5, -0.75]), [0, 0.25, 1.5, -0.75], ULP);
      await near(mask.div(4), [0, 0.25, 0.25, 0.25], ULP);
      await near(mask.div(3), [0, 1 / 3, 1 / 3, 1 / 3], 2 * ULP);
      await near(mask.mean(), [0.75], ULP);
      await near(mask.add(0.5), [0.5, 1.5, 1.5, 1.5], ULP);
    }));

  it('4: var divides by n − 1 when it is unbiased and by n when it is not, in its gradient too', () =>
    everywhere(async (party) => {
      const values = [1, 2, 3, 6];
      for (const [unbiased, divisor] of [
        [true, 3],
        [false, 4],
      ] as const) {
        await near(party.cryptensor(values).var(0, { unbiased }), [14 / divisor], 8 * ULP);
        const slope = gradient(party, values, (x) => x.var(0, { unbiased, keepdim: true }));
        await near(
          slope,
          [-4, -2, 0, 6].map((v) => v / divisor),
          8 * ULP,
        );
      }
    }));

  it('5: cat and stack keep public parts in their places', () =>
    everywhere(async (party) => {
      const x = party.cryptensor([1]);
      assert.deepEqual(await open(party.cat([[9], x, [7], x.mul(2), [5]])), [9, 1, 7, 2, 5]);
      assert.deepEqual(await open(party.stack([x, [7], x])), [1, 7, 1]);
    }));

  it('6: cat joins along the dim it is given, public tensors alone too', () =>
    everywhere(async (party) => {
      const joined = party.cat(
        [
          [[1], [2]],
          [[3], [4]],
        ],
        1,
      );
      assert.deepEqual(joined.shape, [2, 2]);
      assert.deepEqual(await open(joined), [1, 3, 2, 4]);
    }));

  it('7: the steps of the logarithm in reciprocal’s method log are those it is given', () =>
    everywhere(async (party) => {
      const x = party.cryptensor([1.5]);
      const [one, two, five] = [1, 2, 5].map((logIters) =>
        x.reciprocal({ method: 'log', logIters }),
      );
      await near(two, [1 / 1.5], 0.01, 'two steps');
      await near(five, [1 / 1.5], 0.01, 'five steps');
      const [rough] = await open(one);
      assert.ok(Math.abs(rough - 1 / 1.5) > 0.05, `one step is as good as two: ${rough}`);
    }));

  it('8: roots begin at the number they are given', () =>
    everywhere(async (party) => {
      const x = party.cryptensor([4]);
      const step = (y: number): number => (y * (3 - 4 * y * y)) / 2;
      for (const initial of [0.25, 0.5]) {
        const options = { method: 'NR', iterations: 1, initial } as const;
        await near(x.rsqrt(options), [step(initial)], 4 * ULP);
        await near(x.sqrt(options), [4 * step(initial)], 16 * ULP);
      }
    }));

  it('10: comparisons are right for every precision of the tensor', () =>
    everywhere(async (party) => {
      for (const precision of [0, 1, 4, 16, 24, 30]) {
        const x = party.cryptensor([-3, -1, 0, 1, 3], { precision });
        assert.deepEqual(await open(x.lt(0)), [1, 1, 0, 0, 0], `${precision} bits`);
        assert.deepEqual(await open(x.ge(1)), [0, 0, 0, 1, 1], `${precision} bits`);
        assert.deepEqual(await open(x.relu()), [0, 0, 0, 1, 3], `${precision} bits`);
        assert.deepEqual(await open(x.abs()), [3, 1, 0, 1, 3], `${precision} bits`);
        assert.deepEqual(await open(x.sign()), [-1, -1, 1, 1, 1], `${precision} bits`);
      }
    }));

  it('11: sums of different scales leave their operands alone', () =>
    everywhere(async (party) => {
      const [fine, coarse] = [20, 4].map((precision) => party.cryptensor([1.5], { precision }));
      assert.deepEqual(await open(fine.add(coarse)), [3]);
      assert.deepEqual(await open(coarse.sub(fine)), [0]);
      assert.deepEqual([fine.precision, coarse.precision], [20, 4]);
      assert.deepEqual([await open(fine), await open(coarse)], [[1.5], [1.5]]);
    }));

  it('12: typed arrays keep their fractions and their whole numbers', () =>
    everywhere(async (party) => {
      assert.deepEqual(await open(party.cryptensor(Float32Array.of(0.5, -1.25))), [0.5, -1.25]);
      assert.deepEqual(await open(party.cryptensor(Float64Array.of(0.5, 2 ** 40 + 0.25))), [
        0.5,
        2 ** 40 + 0.25,
      ]);
      const large = Int32Array.of(16_777_217, -16_777_219);
      assert.deepEqual(await open(party.cryptensor(large)), [...large]);
      assert.deepEqual(await open(party.cryptensor([1]).mul(Float32Array.of(0.75))), [0.75]);
    }));

  it('19: the gradient of a norm along a dim that vanishes goes to its own rows', () =>
    everywhere(async (party) => {
      const rows = [
        [3, 4],
        [-5, 12],
        [8, 15],
      ];
      for (const [dim, keepdim] of [
        [1, false],
        [1, true],
        [-1, false],
      ] as const) {
        const x = party.cryptensor(rows, { requiresGrad: true });
        x.norm(2, dim, { keepdim }).backward(keepdim ? [[1], [2], [4]] : [1, 2, 4]);
        const expected = [3 / 5, 4 / 5, -10 / 13, 24 / 13, 32 / 17, 60 / 17];
        await near(x.grad as CrypTensor, expected, 32 * ULP);
      }
    }));

  it('22: hardtanh takes the same bounds, fractions too, with a gradient and without', () =>
    everywhere(async (party) => {
      const values = [-1, -0.25, 0, 0.3125, 1];
      const clipped = [-0.5, -0.25, 0, 0.3125, 0.75];
      const x = party.cryptensor(values, { requiresGrad: true });
      const [tracked, free] = [x.hardtanh(-0.5, 0.75), x.detach().hardtanh(-0.5, 0.75)];
      const unrecorded = party.noGrad(() => x.hardtanh(-0.5, 0.75));
      for (const y of [tracked, free, unrecorded]) await near(y, clipped, ULP);
      tracked.backward([1.5, 1.5, 1.5, 1.5, 1.5]);
      await near(x.grad as CrypTensor, [0, 1.5, 1.5, 1.5, 0], ULP);
    }));

  it('23: relu is the same with a gradient and without, and its slope at 0 is 0', () =>
    everywhere(async (party) => {
      const values = [-1, -ULP, 0, ULP, 1];
      const expected = [0, 0, 0, ULP, 1];
      const x = party.cryptensor(values, { requiresGrad: true });
      const y = x.relu();
      assert.deepEqual(await open(y), expected);
      assert.deepEqual(await open(party.noGrad(() => x.relu())), expected);
      y.backward([1, 1, 1, 1, 1]);
      assert.deepEqual(await open(x.grad as CrypTensor), [0, 0, 0, 1, 1]);
    }));

  it('24: the margin of a max pool never wins, whatever the number of parties and the precision', async () => {
    for (const precision of [8, 16, 20]) {
      for (const n of [1, 2, 3]) {
        await simulate(
          n,
          async (party) => {
            const image = [-1e4, -2e4, -3e4, -4e4];
            const x = party.cryptensor(image).reshape(1, 1, 2, 2);
            const y = x.maxPool2d(2, { stride: 2, padding: 1 });
            assert.deepEqual(await open(y), image, `${n} parties, ${precision} bits`);
          },
          { precision },
        );
      }
    }
  });

  it('25: truncation is right where shares add up to nothing and at the ends of the range', () =>
    everywhere(async (party) => {
      const values = [0, 0, ULP, -ULP, 2 ** 44, -(2 ** 44), 1, -1];
      const exact = party.cryptensor(values).mul(party.cryptensor(new Float64Array(8).fill(1)));
      const halves = party.cryptensor([...values, ...new Array<number>(500).fill(0)]).mul(0.75);
      await near(
        party.cryptensor(values).mul(0.75),
        values.map((v) => 0.75 * v),
        ULP,
      );
      await near(halves, [...values.map((v) => 0.75 * v), ...new Array<number>(500).fill(0)], ULP);
      await near(exact.narrow(0, 0, 4), values.slice(0, 4), 0);
    }));

  it('26: parties in one process run products, bits and comparisons, ten of them too, and count', async () => {
    const results = await simulate(10, async (party) => {
      const x = party
        .cryptensor([party.rank], { src: 0 })
        .add(party.cryptensor([party.rank], { src: 9 }));
      const y = x.mul(x).gt(80);
      const bits = party
        .cryptensor([6], { ptype: 'binary' })
        .xor(party.cryptensor([3], { ptype: 'binary', src: 4 }));
      assert.deepEqual(await open(y), [1]);
      assert.deepEqual([...(await bits.getPlainText()).data], [5]);
      const { rounds, online, total } = party.stats();
      assert.ok(rounds > 0 && online.bytesSent > 0 && total.messagesReceived > 0);
      return party.rank;
    });
    assert.deepEqual(results, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('28: bits become numbers of a coarser and a finer scale', () =>
    everywhere(async (party) => {
      // Exact at 4 fractional bits, so that no truncation rounds.
      const values = [1.5, -2.25, 0.0625];
      const bits = party.cryptensor(values).to('binary');
      for (const precision of [4, 8, 16, 20]) {
        const x = bits.to('arithmetic', { precision });
        assert.equal(x.precision, precision);
        assert.deepEqual(await open(x), values, `${precision} bits`);
      }
    }));
});
