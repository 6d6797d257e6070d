/** Functions of rows and of two variables over their range, on the plain scheme and on shares, and what they cost: facts.ts. */
import assert from 'node:assert/strict';
import { settle } from '../../src/protocol/settle.ts';
import { simulateSeats } from '../../src/seats.ts';
import { backend, freshLabel, put, randomWords, raw, wordsOf } from '../support/seats.ts';
import { costOf, ROWS, type RowFacts } from './facts.ts';

const ONE = 2 ** 16;
const label = freshLabel();

describe('functions: accuracy of rows', () => {
  for (const facts of ROWS) {
    it(`${facts.name}: ${facts.interval}, 1, 2 and 3 parties`, async () => {
      let used = 0;
      for (const n of [1, 2, 3]) {
        for (const [at, { shape, words }] of facts.inputs(wordsFrom(facts)).entries()) {
          const { results } = await simulateSeats(
            n,
            async ({ context: ctx }) => {
              const x = words.map((list, i) => put(ctx, i % n, shape, wordsOf(list)));
              return raw(ctx, settle(ctx, facts.call(ctx, x)));
            },
            { backend },
          );
          const inputs = words.map((list) => list.map((word) => Number(word) / ONE));
          const expected = facts.truth(inputs, shape);
          const got = [...results[0]].map((word) => Number(BigInt.asIntN(64, word)) / ONE);
          used = Math.max(used, usedOf(facts, got, expected, `${n} parties, input ${at}`));
        }
      }
      assert.ok(used > 0.25, `only ${used} of the stated error is used`);
    });
  }
});

describe('functions: cost of rows', () => {
  for (const { name, call, costShape, cost } of ROWS) {
    it(`${name} of [${costShape.join()}]: declared = measured, 2 and 3 parties`, async () => {
      for (const n of [2, 3]) {
        assert.deepEqual(await costOf(n, costShape, call), {
          rounds: cost.rounds,
          bytes: n === 2 ? cost.bytes : cost.bytesOfThree,
          ...(n === 2 && { dealt: cost.dealt }),
        });
      }
    });
  }
});

function wordsFrom({ name }: RowFacts): (n: number, bits: number) => bigint[] {
  let calls = 0;
  return (n, bits) =>
    [...randomWords(n, `${label} ${name} ${calls++}`)].map((word) => BigInt.asIntN(bits, word));
}

function usedOf(
  { name, absolute, relative }: RowFacts,
  got: readonly number[],
  expected: readonly number[],
  where: string,
): number {
  assert.equal(got.length, expected.length);
  let used = 0;
  got.forEach((y, i) => {
    const allowed = absolute + relative * Math.abs(expected[i]);
    const error = Math.abs(y - expected[i]);
    used = Math.max(used, error / allowed);
    if (!(error <= allowed)) {
      const seen = `${name} [${i}] = ${y}, expected ${expected[i]}: off by ${error}, stated ${allowed}`;
      assert.fail(`${seen}; ${where}, CRYPTENSOR_SEED=${label}`);
    }
  });
  return used;
}
