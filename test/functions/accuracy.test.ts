/** Every approximated function over its whole range, on the plain scheme and on shares: error and cost as facts.ts states them. */
import assert from 'node:assert/strict';
import { settle } from '../../src/protocol/settle.ts';
import { simulateSeats } from '../../src/seats.ts';
import { backend, freshLabel, put, randomWords, raw, wordsOf } from '../support/seats.ts';
import { costOf, FACTS, type FunctionFacts } from './facts.ts';

const ONE = 2 ** 16;
const label = freshLabel();

/** Raw words: around every power of two and every end, log-uniform over the ring, uniform on [−16, 16). */
function inputsOf({ name, bits, signed, ends }: FunctionFacts): bigint[] {
  const edges = [...Array(bits).keys()].map((k) => 1n << BigInt(k));
  const near = [...edges, ...ends.map((end) => BigInt(Math.round(end * ONE)))];
  const close = near.flatMap((word) => [-2n, -1n, 0n, 1n, 2n].map((d) => word + d));
  const random = [...randomWords(1200, `${label} ${name}`)];
  const spread = random.slice(0, 800).map((word, i) => word >> BigInt(64 - bits + (i % bits)));
  const middle = random.slice(800).map((word) => BigInt.asIntN(21, word));
  const all = [...close, ...spread, ...middle];
  const both = signed ? [...all, ...all.map((word) => -word)] : all;
  const end = 1n << BigInt(bits);
  return both.filter((word) => word > (signed ? -end : 0n) && word < end);
}

/** The largest part of the stated error that a result uses. */
function usedOf(
  { name, truth, also = truth, absolute, relative }: FunctionFacts,
  words: readonly bigint[],
  results: BigUint64Array,
  where: string,
): number {
  assert.equal(results.length, words.length);
  let used = 0;
  words.forEach((word, i) => {
    const x = Number(word) / ONE;
    const y = Number(BigInt.asIntN(64, results[i])) / ONE;
    const [expected] = [truth(x), also(x)].sort((a, b) => Math.abs(a - y) - Math.abs(b - y));
    const allowed = absolute + relative * Math.abs(expected);
    const error = Math.abs(y - expected);
    used = Math.max(used, error / allowed);
    if (!(error <= allowed)) {
      const seen = `${name}(${x}) = ${y}, expected ${expected}: off by ${error}, stated ${allowed}`;
      assert.fail(`${seen}; ${where}, CRYPTENSOR_SEED=${label}`);
    }
  });
  return used;
}

describe('functions: accuracy over the whole range', () => {
  for (const facts of FACTS) {
    it(`${facts.name}: ${facts.interval}, 1, 2 and 3 parties`, async () => {
      const words = inputsOf(facts);
      let used = 0;
      for (const n of [1, 2, 3]) {
        const { results } = await simulateSeats(
          n,
          async ({ context: ctx }) => {
            const x = put(ctx, n - 1, [words.length], wordsOf(words));
            return raw(ctx, settle(ctx, facts.call(ctx, x)));
          },
          { backend },
        );
        used = Math.max(used, usedOf(facts, words, results[0], `${n} parties`));
      }
      assert.ok(used > 0.5, `only ${used} of the stated error is used`);
    });
  }
});

describe('functions: cost', () => {
  for (const { name, call, cost } of FACTS) {
    it(`${name}: declared = measured, 2 and 3 parties`, async () => {
      for (const n of [2, 3]) {
        assert.deepEqual(await costOf(n, [64], (ctx, [x]) => call(ctx, x)), {
          rounds: cost.rounds,
          bytes: n === 2 ? cost.bytes : cost.bytesOfThree,
          ...(n === 2 && { dealt: cost.dealt }),
        });
      }
    });
  }
});
