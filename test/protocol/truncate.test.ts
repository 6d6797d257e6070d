import assert from 'node:assert/strict';
import type { Words } from '../../src/kernels/memory.ts';
import { settle } from '../../src/protocol/settle.ts';
import { Share, Storage } from '../../src/protocol/share.ts';
import { simulateSeats } from '../../src/seats.ts';
import { countTruncations, halves, logUniform, truncateLocally } from '../oracle/fixed.ts';
import { interval } from '../support/statistics.ts';
import { own, put, shuffled, wordsOf } from '../support/seats.ts';

/** Truncations in all; the project asks for 10⁷. */
const TOTAL = Number(process.env['CRYPTENSOR_TRUNCATIONS'] ?? 10_000_000);
const BITS = [1, 13, 16, 32, 44] as const;
const BATCH = 2 ** 17;

/** Truncates each batch by `m` bits as `settle` does for any tensor; gives what the parties' shares add up to. */
async function truncated(n: number, batches: readonly Words[], m: number): Promise<Words[]> {
  const { results } = await simulateSeats(
    n,
    async ({ context: ctx }) => {
      const shares: Words[] = [];
      for (const [i, words] of batches.entries()) {
        const x = put(ctx, i % n, [words.length], words);
        const { depth, digest } = x.storage;
        const facts = { fracBits: 16 + m, nominal: 16, depth, digest };
        const y = settle(ctx, Share.fresh(x.shape, facts, Storage.words(x.storage)));
        assert.equal(y.fracBits, 16);
        shares.push(await own(y));
      }
      return shares;
    },
    shuffled,
  );
  return batches.map((words, i) =>
    sum(
      results.map((shares) => shares[i]),
      words.length,
    ),
  );
}

/** Adds shares up, in halves. */
function sum(shares: readonly Words[], n: number): Words {
  const out = new BigUint64Array(n);
  const to = halves(out);
  for (const share of shares) {
    const from = halves(share);
    for (let i = 0; i < to.length; i += 2) {
      const low = (to[i] >>> 0) + (from[i] >>> 0);
      to[i + 1] += from[i + 1] + (low >= 2 ** 32 ? 1 : 0);
      to[i] = low;
    }
  }
  return out;
}

describe('truncate()', () => {
  it(`is off by nothing but {0, +1} ulp in ${TOTAL} truncations of magnitudes to 2^61`, async function () {
    this.timeout(300_000);
    const each = Math.ceil(TOTAL / 2 / BITS.length);
    let [total, up, expectedUp, variance] = [0, 0, 0, 0];
    for (const n of [2, 3]) {
      for (const m of BITS) {
        for (let done = 0; done < each;) {
          const sizes: number[] = [];
          for (; sizes.length < 4 && done < each; done += sizes[sizes.length - 1]) {
            sizes.push(Math.min(BATCH, each - done));
          }
          const batches = sizes.map((size) => logUniform(size, 61));
          const results = await truncated(n, batches, m);
          batches.forEach((words, i) => {
            const count = countTruncations(words, results[i], m);
            assert.equal(count.wrong, 0, `${n} parties, m = ${m}: ${count.wrong} wrong`);
            total += count.total;
            up += count.up;
            expectedUp += count.expectedUp;
            variance += count.variance;
          });
        }
      }
    }
    assert.ok(total >= TOTAL);
    // Each result is rounded up with the probability of what is cut off: the mean is right.
    const z = (up - expectedUp) / Math.sqrt(variance);
    assert.ok(Math.abs(z) < 6.5, `${up} of ${total} rounded up, ${expectedUp} expected: z = ${z}`);
    console.log(`      ${total} truncations, 0 wrong; ${up} rounded up, z = ${z.toFixed(2)}`);
  });

  it('rounds up with probability c_l/2^m for one value: the dither is uniform', async () => {
    const m = 16;
    for (const n of [2, 3]) {
      for (const rest of [1, 2 ** 14, 2 ** 15, 2 ** 16 - 1]) {
        const words = wordsOf([7 * 2 ** 16 + rest]);
        const batch = new BigUint64Array(100_000).fill(words[0]);
        const [result] = await truncated(n, [batch], m);
        const { wrong, up } = countTruncations(batch, result, m);
        assert.equal(wrong, 0);
        const [low, high] = interval(up, batch.length, 6.5);
        const p = rest / 2 ** 16;
        assert.ok(low <= p && p <= high, `${n} parties: rate ${up / batch.length}, expected ${p}`);
      }
    }
  });
});

describe('local truncation (SecureML), which cryptensor does not use', () => {
  it('fails catastrophically at the rate that theory gives, where truncate() never fails', async () => {
    const [n, m] = [2 ** 19, 16];
    // |x|/2^64 exactly; the published bound is 2^(lx+1−64) for |x| < 2^(lx+1).
    for (const [magnitude, rate] of [
      [2n ** 55n, 2 ** -9],
      [2n ** 56n - 1n, 2 ** (55 + 1 - 64)],
    ] as const) {
      const words = new BigUint64Array(n);
      words.forEach(
        (_, i) => (words[i] = BigInt.asUintN(64, i % 2 === 0 ? magnitude : -magnitude)),
      );
      const local = truncateLocally(words, m);
      let [small, huge] = [0, 0];
      words.forEach((word, i) => {
        const off = BigInt.asIntN(64, local[i] - (BigInt.asIntN(64, word) >> BigInt(m)));
        if (off >= -1n && off <= 1n) small++;
        else if (off / 2n ** 47n !== 0n) huge++;
      });
      assert.equal(small + huge, n, 'a failure is off by 2^(64−m) ulp');
      const [low, high] = interval(huge, n, 5);
      assert.ok(
        low <= rate && rate <= high,
        `rate ${huge / n} in [${low}, ${high}], theory ${rate}`,
      );
      for (const world of [2, 3]) {
        const [exact] = await truncated(world, [words], m);
        assert.equal(countTruncations(words, exact, m).wrong, 0);
      }
      console.log(
        `      |x| ≈ 2^${magnitude.toString(2).length - 1}: ${huge} of ${n} local truncations failed, ` +
          `rate ${(huge / n).toExponential(3)}, 5σ [${low.toExponential(3)}, ${high.toExponential(3)}], theory ${rate.toExponential(3)}; ours 0`,
      );
    }
  });
});
