import assert from 'node:assert/strict';
import { bitGates } from './_bit-gates.ts';
import { CLIP, functionGates, RAMP } from './_function-gates.ts';
import { gates as arithmeticGates, type Gate } from './_gates.ts';
import { COMPARE_CHUNK } from '../../src/protocol/additive/chunks.ts';
import { BinaryShare } from '../../src/protocol/binary/share.ts';
import { bits } from '../support/bits.ts';
import { tallyMessages, type Tamper } from './_transcript.ts';
import { simulateSeats } from '../../src/seats.ts';
import { settle } from '../../src/protocol/settle.ts';
import { own, put, shuffled } from '../support/seats.ts';
import {
  addTallies,
  SIGNIFICANCE,
  tallyWords,
  worst,
  worstPair,
  type Tally,
} from '../support/statistics.ts';

/** Elements of each tensor: at least 10⁵ samples of every word and bit. */
const N = 100_000;

/** Two inputs that could not be more different, or less random. */
const INPUTS = [0n, BigInt.asUintN(64, -(2n ** 40n) + 12_345n)] as const;

/** Gates whose messages are those of another gate; for two parties they run all the same. */
const FIELDS_OF_OTHERS = new Set([
  'square',
  'negative below 2^26',
  'steps below 2^26',
  'curve with sloped tails',
  'powerOfTwo',
  'bits: and',
  'bits: pick',
  'bits: every',
  'bits: addPublic',
  'bits: carryPublic',
]);

const gates = (n: number): Gate[] => [...arithmeticGates(n), ...functionGates(), ...bitGates()];

/** The worst p-value of some tallies, and how many tests it is the worst of. */
function verdict(tallies: readonly Tally[]): { p: number; where: string; tests: number } {
  return tallies
    .map(worst)
    .reduce((a, b) => ({ ...(b.p < a.p ? b : a), tests: a.tests + b.tests }), {
      p: 1,
      where: '',
      tests: 0,
    });
}

/** Elements that a gate takes in one piece: larger ones run in chunks, each with messages of its own. */
function pieceOf({ name, piece }: Gate): number {
  if (piece !== undefined) return piece;
  return /^(negative|rectify)/.test(name) ? COMPARE_CHUNK : N;
}

/** The tallies of N elements, over as many runs as they take. */
async function messages(gate: Gate, n: number, word: bigint, tamper?: Tamper): Promise<Tally[]> {
  const piece = Math.min(N, pieceOf(gate));
  let total: Tally[] | undefined;
  for (let left = N; left > 0; left -= piece) {
    const tallies = await tallyMessages(gate, n, new BigUint64Array(piece).fill(word), tamper);
    total = total === undefined ? tallies : total.map((tally, i) => addTallies(tally, tallies[i]));
  }
  return total ?? [];
}

for (const n of [2, 3]) {
  describe(`what a party receives, ${n} parties, ${N} elements, reject at p < ${SIGNIFICANCE}`, function () {
    this.timeout(120_000);
    for (const gate of gates(n).filter(({ name }) => n === 2 || !FIELDS_OF_OTHERS.has(name))) {
      it(`${gate.name}: every word and bit is uniform, for two inputs that look the same`, async () => {
        const [first, second] = [
          await messages(gate, n, INPUTS[0]),
          await messages(gate, n, INPUTS[1]),
        ];
        const found = verdict([...first, ...second]);
        for (const tally of first) assert.ok(tally.samples >= 100_000, `${tally.name} is small`);
        assert.ok(found.p >= SIGNIFICANCE, `${found.where}: p = ${found.p}`);
        const pairs = first.map((tally, i) => worstPair(tally, second[i]));
        const apart = pairs.reduce((a, b) => (b.p < a.p ? b : a));
        assert.ok(apart.p >= SIGNIFICANCE, `${apart.where}: inputs differ, p = ${apart.p}`);
        const tests = found.tests + pairs.reduce((sum, pair) => sum + pair.tests, 0);
        const p = Math.min(found.p, apart.p).toExponential(1);
        console.log(`      ${first.length} fields, ${tests} tests, smallest p = ${p}`);
      });
    }
  });

  describe(`shares, ${n} parties`, () => {
    it(`each party's shares of a constant look uniform, of inputs and of results`, async () => {
      for (const word of INPUTS) {
        const { results } = await simulateSeats(
          n,
          async ({ context: ctx }) => {
            const x = put(ctx, 0, [N], new BigUint64Array(N).fill(word));
            const square = ctx.gates.mul(ctx, x, x);
            const { value, positive } = ctx.gates.rectify(ctx, x, 16);
            const { binary } = ctx.gates;
            const inBits = binary.fromArithmetic(ctx, x);
            const shares = {
              x,
              square,
              settled: settle(ctx, square),
              value,
              positive,
              inBits: BinaryShare.inner(inBits),
              bits: BinaryShare.inner(bits(ctx, 0, [N], new BigUint64Array(N).fill(word))),
              back: binary.toArithmetic(ctx, inBits, 64),
              steps: ctx.gates.steps(ctx, x, CLIP)[0],
              curve: ctx.gates.curve(ctx, x, RAMP, 16),
              power: ctx.gates.powerOfTwo(ctx, x, -17, 1, 16),
              zero: ctx.gates.zero(ctx, x),
            };
            const tallies: Tally[] = [];
            for (const [name, share] of Object.entries(shares)) {
              const words = await own(share);
              const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
              tallies.push(tallyWords(`party ${ctx.rank}, ${name}`, bytes, 8));
            }
            return tallies;
          },
          shuffled,
        );
        const found = verdict(results.flat());
        assert.ok(found.p >= SIGNIFICANCE, `${found.where}: p = ${found.p}`);
      }
    });
  });
}

describe('positive controls: the same tests fail', () => {
  const fails = (tallies: readonly Tally[]): string[] =>
    tallies.filter((tally) => worst(tally).p < SIGNIFICANCE).map(({ name }) => name);

  for (const n of [2, 3]) {
    for (const gate of gates(n).filter(({ name }) => n === 2 || name === 'truncate')) {
      it(`${gate.name}, ${n} parties: every opening shows when the masks are zero`, async () => {
        const tallies = await messages(gate, n, INPUTS[1], 'zeroMasks');
        const failed = fails(tallies);
        const opened = tallies
          .map(({ name }) => name)
          .filter((name) => /opened|own top/.test(name));
        assert.ok(opened.length > 0);
        for (const name of opened) assert.ok(failed.includes(name), `${name} passed`);
      });

      it(`${gate.name}, ${n} parties: every correction shows when the streams are zero`, async () => {
        const tallies = await messages(gate, n, INPUTS[1], 'zeroStreams');
        assert.deepEqual(
          fails(tallies),
          tallies.map(({ name }) => name),
        );
      });
    }
  }

  it('a share that is the plaintext fails', () => {
    const bytes = new Uint8Array(new BigUint64Array(N).fill(INPUTS[1]).buffer);
    assert.ok(worst(tallyWords('plain', bytes, 8)).p < SIGNIFICANCE);
  });
});
