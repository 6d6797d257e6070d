import assert from 'node:assert/strict';
import { Arena, type Words } from '../../src/kernels/memory.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { xorZeroShare, zeroShare, type PairSeeds } from '../../src/prg/zero.ts';
import { freshWords } from '../oracle/fixed.ts';
import { backend } from '../support/seats.ts';
import { SIGNIFICANCE, tallyWords, worst } from '../support/statistics.ts';

const N = 100_000;
const CONTEXT = new TextEncoder().encode('zero test');

/** Fresh pairwise seeds of n parties. */
function pairSeeds(n: number): PairSeeds[] {
  const seeds = Array.from({ length: n }, () => new Array<Uint8Array | null>(n).fill(null));
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < a; b++) {
      seeds[a][b] = seeds[b][a] = new Uint8Array(freshWords(4).buffer);
    }
  }
  return seeds;
}

/** A way to share zero: a party's share, and how shares come together and apart. */
interface Sharing {
  readonly name: string;
  share(arena: Arena, row: PairSeeds, rank: number, context: Uint8Array, n: number): number;
  join(a: bigint, b: bigint): bigint;
  part(a: bigint, b: bigint): bigint;
}

const SHARINGS: readonly Sharing[] = [
  { name: 'zeroShare', share: zeroShare, join: (a, b) => a + b, part: (a, b) => a - b },
  {
    name: 'xorZeroShare',
    share: (arena, row, _, context, n) => xorZeroShare(arena, row, context, n),
    join: (a, b) => a ^ b,
    part: (a, b) => a ^ b,
  },
];

for (const sharing of SHARINGS) describe(`${sharing.name}()`, () => zeroTests(sharing));

function zeroTests({ share, join, part }: Sharing): void {
  const total = (list: readonly Words[]): Words =>
    list.reduce((sum, one) => sum.map((word, i) => join(word, one[i])));
  let arena: Arena;
  before(async () => {
    arena = new Arena(await selectKernels({ backend }));
  });
  const shares = (seeds: readonly PairSeeds[], context = CONTEXT, n = N): Words[] =>
    seeds.map((row, rank) => arena.scope(() => arena.take(share(arena, row, rank, context, n), n)));

  for (const n of [2, 3, 5]) {
    it(`sums to zero over ${n} parties, for any length and context`, () => {
      const seeds = pairSeeds(n);
      for (const length of [0, 1, 7, 8, 1000]) {
        const all = shares(seeds, Uint8Array.of(length & 255), length);
        assert.ok(total(all).every((word) => word === 0n));
      }
    });

    it(`looks uniform to any ${n - 1} of ${n} parties, each sum of shares but the last`, () => {
      const all = shares(pairSeeds(n));
      for (let subset = 1; subset < 2 ** n - 1; subset++) {
        const words = total(all.filter((_, rank) => (subset >> rank) & 1));
        const { p, where } = worst(tallyWords(`subset ${subset}`, new Uint8Array(words.buffer), 8));
        assert.ok(p >= SIGNIFICANCE, `${where}: p = ${p}`);
      }
    });

    it(`hides a share of ${n} from parties who take out every stream they know (C3)`, () => {
      const seeds = pairSeeds(n);
      const all = shares(seeds);
      for (let victim = 0; victim < n; victim++) {
        for (let honest = 0; honest < n; honest++) {
          if (honest === victim) continue;
          // All but two collude: what is left of the victim's share is its stream with the honest party.
          const known = seeds[victim].map((seed, peer) => (peer === honest ? null : seed));
          const ours = arena.scope(() => arena.take(share(arena, known, victim, CONTEXT, N), N));
          const left = all[victim].map((word, i) => part(word, ours[i]));
          const { p } = worst(tallyWords('left', new Uint8Array(left.buffer), 8));
          assert.ok(p >= SIGNIFICANCE, `p = ${p}`);
        }
      }
    });
  }

  it('differs in every word between contexts', () => {
    const seeds = pairSeeds(3);
    const [a, b] = [shares(seeds, Uint8Array.of(1), 100), shares(seeds, Uint8Array.of(2), 100)];
    a.forEach((own, rank) => own.forEach((word, i) => assert.notEqual(word, b[rank][i])));
  });
}
