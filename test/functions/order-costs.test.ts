/** Rounds and bytes of maxima, pools, sorting, clips and equality, and what proven bounds save. */
import assert from 'node:assert/strict';
import { negativeCost } from '../../src/protocol/additive/compare.ts';
import { maskCost } from '../../src/protocol/additive/mask.ts';
import { stepsCost } from '../../src/protocol/additive/steps.ts';
import { zeroCost } from '../../src/protocol/additive/zero.ts';
import type { Cost } from '../../src/protocol/cost.ts';
import { simulate } from '../../src/simulate.ts';
import { CrypTensor, type Party } from '../../src/tensor/index.ts';

/** Whole words are compared in nine blocks. */
const FULL = 9;

interface Measured {
  readonly rounds: number;
  /** From each party to each peer. */
  readonly bytes: number;
  /** From the dealer to the last party. */
  readonly dealt: number;
}

/** What `program` costs when its results are here. */
async function cost(
  n: number,
  program: (party: Party) => CrypTensor | readonly CrypTensor[],
): Promise<Measured> {
  const all = await simulate(n, async (party) => {
    const result = program(party);
    await party.settle(...(result instanceof CrypTensor ? [result] : result));
    const { rounds, online, preprocessing } = party.stats();
    return { rounds, bytes: online.bytesSent / (n - 1), dealt: preprocessing.bytesReceived };
  });
  for (const { rounds, bytes } of all) {
    assert.deepEqual([rounds, bytes], [all[0].rounds, all[0].bytes]);
  }
  return all[n - 1];
}

/** The sum of some steps, in `rounds` rounds. */
function declared(rounds: number, ...steps: readonly Cost[]): Measured {
  const sum = (part: 'bytes' | 'dealt'): number => steps.reduce((all, step) => all + step[part], 0);
  return { rounds, bytes: sum('bytes'), dealt: sum('dealt') };
}

const matches = (count: number): Cost => stepsCost(count, FULL, 1, true);
const products = (count: number): Cost => ({ rounds: 0, bytes: 0, dealt: 8 * count });
const bounded = (bound: number) => ({ bound, fracBits: 0 });

/** Values without order, none equal to another in a row. */
function input(party: Party, shape: readonly number[], requiresGrad = false): CrypTensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: size }, (_, i) => (((i * 7919) % 10007) - 5000) / 8);
  return party.cryptensor(party.rank === 0 ? data : null, { shape, requiresGrad });
}

for (const n of [2, 3]) {
  describe(`order: costs, ${n} parties`, () => {
    it('max() of 10 elements takes 7 rounds: all pairs, a zero test, a product', async () => {
      for (const rows of [1, 32]) {
        const found = await cost(n, (party) => input(party, [rows, 10]).max(1).values);
        const steps = [
          negativeCost(45 * rows, FULL),
          zeroCost(10 * rows, bounded(4)),
          maskCost(20 * rows),
          products(10 * rows),
        ];
        assert.deepEqual(found, declared(7, ...steps));
      }
    });

    it('max() of 10 elements of many rows takes 12 rounds: four halvings, no product', async () => {
      const rows = 500;
      const found = await cost(n, (party) => input(party, [rows, 10]).max(-1).values);
      const levels = [5, 2, 1, 1].map((count) => matches(count * rows));
      assert.deepEqual(found, declared(12, ...levels));
    });

    it('max() halves until all pairs are few enough', async () => {
      const found = await cost(n, (party) => input(party, [300]).max());
      const steps = [matches(150), matches(75), negativeCost((75 * 74) / 2, FULL)];
      const last = [zeroCost(75, bounded(7)), maskCost(150), products(75)];
      assert.deepEqual(found, declared(13, ...steps, ...last));
    });

    it('argmax() takes a round less where pairs are compared, and an index nothing more', async () => {
      for (const oneHot of [true, false]) {
        const few = await cost(n, (party) => input(party, [8, 10]).argmax(1, { oneHot }));
        const steps = [negativeCost(45 * 8, FULL), zeroCost(80, bounded(4))];
        assert.deepEqual(few, declared(6, ...steps));
        // By halving: a product for each match but the last one's.
        const many = await cost(n, (party) => input(party, [5000, 4]).argmax(1, { oneHot }));
        assert.equal(many.rounds, 7);
        assert.equal(many.bytes, matches(10_000).bytes + matches(5000).bytes + 16 * 10_000);
      }
    });

    it('indices cost nothing until they are read, and then no comparison', async () => {
      const both = await cost(n, (party) => {
        const { values, indices } = input(party, [8, 10]).max(1);
        return [values, indices];
      });
      const alone = await cost(n, (party) => input(party, [8, 10]).max(1).values);
      assert.deepEqual(both, alone);
      const halved = await cost(n, (party) => {
        const { values, indices } = input(party, [5000, 4]).max(1);
        return [values, indices];
      });
      assert.equal(halved.bytes, matches(10_000).bytes + matches(5000).bytes + 16 * 10_000);
    });

    it("CrypTen's methods take the rounds that their levels say", async () => {
      // n = 20: all pairs; two halvings and pairs of 5; pairs of 2, 2 and 5; a halving, pairs of 3 and of 4.
      const rounds = {
        pairwise: 7,
        logReduction: 13,
        doubleLogReduction: 13,
        acceleratedCascade: 17,
      };
      for (const [method, expected] of Object.entries(rounds)) {
        const options = { method: method as keyof typeof rounds };
        const found = await cost(n, (party) => input(party, [3, 20]).max(1, options).values);
        assert.equal(found.rounds, expected, method);
      }
      const pairwise = await cost(n, (party) =>
        input(party, [20]).max(undefined, { method: 'pairwise' }),
      );
      const steps = [negativeCost(190, FULL), zeroCost(20, bounded(5)), maskCost(40), products(20)];
      assert.deepEqual(pairwise, declared(7, ...steps));
    });

    it('maxPool2d() of 2×2 takes 6 rounds and 3 comparisons a window', async () => {
      const found = await cost(n, (party) => input(party, [2, 3, 8, 6]).maxPool2d(2));
      assert.deepEqual(found, declared(6, matches(2 * 3 * 8 * 3), matches(2 * 3 * 4 * 3)));
    });

    it('maxPool2d() shares the rows of windows that overlap', async () => {
      const found = await cost(n, (party) =>
        input(party, [1, 1, 6, 6]).maxPool2d(3, { stride: 1 }),
      );
      const steps = [matches(24), matches(24), matches(16), matches(16)];
      assert.deepEqual(found, declared(12, ...steps));
    });

    it("maxPool2d()'s gradient takes a round for each halving", async () => {
      const shape = [1, 2, 4, 4];
      const all = await cost(n, (party) => {
        const x = input(party, shape, true);
        const y = x.maxPool2d(2);
        y.backward(input(party, [1, 2, 2, 2]));
        return [y, x.grad ?? assert.fail('no gradient')];
      });
      // Masks: dy and its bits; what came to the rows and their bits.
      const back = [maskCost(8 + 8 + 16 + 16), products(8 + 16)];
      assert.deepEqual(all, declared(8, matches(16), matches(8), ...back));
    });

    it('eq() and ne() take 3 rounds, less bytes under a bound', async () => {
      const whole = { bound: undefined, fracBits: 16 };
      for (const op of ['eq', 'ne'] as const) {
        const found = await cost(n, (party) => input(party, [70])[op](input(party, [70])));
        assert.deepEqual(found, declared(3, zeroCost(70, whole)));
        const open = await cost(n, (party) => input(party, [70])[op](1.5));
        assert.deepEqual(open, declared(3, zeroCost(70, whole)));
      }
    });

    it('clamp(), hardtanh(), relu6() and leakyRelu() take one opening of 3 rounds', async () => {
      const two = declared(3, stepsCost(70, FULL, 2, true));
      const one = declared(3, stepsCost(70, FULL, 1, true));
      assert.deepEqual(await cost(n, (party) => input(party, [70]).clamp(-0.5, 1.5)), two);
      assert.deepEqual(await cost(n, (party) => input(party, [70]).hardtanh()), two);
      assert.deepEqual(await cost(n, (party) => input(party, [70]).relu6()), two);
      assert.deepEqual(await cost(n, (party) => input(party, [70]).clamp(-0.5)), one);
      assert.deepEqual(await cost(n, (party) => input(party, [70]).clamp(null, 3)), one);
      const leaky = await cost(n, (party) => input(party, [70]).leakyRelu(1));
      assert.deepEqual(leaky, one);
      const larger = await cost(n, (party) => input(party, [70]).maximum(input(party, [70])));
      assert.deepEqual(larger, one);
    });

    it('sort() and topk() take 7 rounds by ranks, 3 a layer by the network', async () => {
      const few = await cost(n, (party) => input(party, [4, 16]).sort(1).values);
      const steps = [negativeCost(480, FULL), zeroCost(1024, bounded(4)), maskCost(1024 + 64)];
      assert.deepEqual(few, declared(7, ...steps, products(1024)));
      const best = await cost(n, (party) => input(party, [4, 16]).topk(3).values);
      const part = [negativeCost(480, FULL), zeroCost(192, bounded(4)), maskCost(192 + 64)];
      assert.deepEqual(best, declared(7, ...part, products(192)));
      // 16 elements: 10 layers, 63 comparators; the largest alone is a tournament of 15.
      const rows = 40;
      const many = await cost(n, (party) => input(party, [rows, 16]).sort().values);
      assert.equal(many.rounds, 30);
      assert.ok(many.bytes - 63 * rows * 10.25 < 30, `${many.bytes}`);
      const one = await cost(n, (party) => input(party, [rows, 16]).topk(1).values);
      assert.equal(one.rounds, 12);
      assert.ok(one.bytes - 15 * rows * 10.25 < 12, `${one.bytes}`);
    });

    it('results under a proven bound are compared in fewer bits, and rightly', async () => {
      const plain = await cost(n, (party) => input(party, [64]).lt(0.5));
      const clipped = await cost(n, (party) => input(party, [64]).clamp(-1, 1).lt(0.5));
      const before = stepsCost(64, FULL, 2, true);
      assert.deepEqual(plain, declared(3, negativeCost(64, FULL)));
      assert.deepEqual(clipped, declared(6, before, negativeCost(64, 3)));
      const equal = await cost(n, (party) => input(party, [64]).clamp(-1, 1).eq(1));
      assert.deepEqual(equal, declared(6, before, zeroCost(64, { bound: 1, fracBits: 16 })));
      const hot = await cost(n, (party) => input(party, [8, 8]).argmax(1).gt(0));
      const searched = [negativeCost(28 * 8, FULL), zeroCost(64, bounded(3))];
      assert.deepEqual(hot, declared(9, ...searched, negativeCost(64, 1)));
      const place = await cost(n, (party) =>
        input(party, [8, 8]).argmax(1, { oneHot: false }).eq(3),
      );
      assert.deepEqual(place, declared(9, ...searched, zeroCost(8, bounded(4))));
      const halved = await cost(n, (party) => input(party, [8, 4]).argmax(1).gt(0));
      const played = [matches(16), matches(8), maskCost(32), products(16)];
      assert.deepEqual(halved, declared(10, ...played, negativeCost(32, 1)));
      for (const op of ['max', 'min'] as const) {
        const best = await cost(
          n,
          (party) => input(party, [64]).clamp(-1, 1).reshape(16, 4)[op](1).values,
        );
        const levels = [stepsCost(32, 3, 1, true), stepsCost(16, 3, 1, true)];
        assert.deepEqual(best, declared(9, before, ...levels));
      }
    });
  });
}
