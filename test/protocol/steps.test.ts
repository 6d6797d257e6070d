import assert from 'node:assert/strict';
import { Arena } from '../../src/kernels/memory.ts';
import { createTsKernels } from '../../src/kernels/ts/index.ts';
import { stepsCost } from '../../src/protocol/additive/steps.ts';
import { blocksFor } from '../../src/protocol/additive/thresholds.ts';
import { stepsRequest } from '../../src/protocol/provider/kinds/steps.ts';
import type { Share } from '../../src/protocol/share.ts';
import type { LinearPiece, StepOutput, Steps } from '../../src/protocol/steps.ts';
import { freshLabel, put, randomWords, wordsOf } from '../support/seats.ts';
import { EDGES, run } from './_run.ts';

const label = freshLabel();
const END = 2n ** 63n;

const flat = (...offsets: bigint[]): StepOutput => ({
  fracBits: 16,
  pieces: offsets.map((offset) => ({ slope: 0n, offset })),
});
const lines = (...pieces: [bigint, bigint][]): StepOutput => ({
  fracBits: 16,
  pieces: pieces.map(([slope, offset]) => ({ slope, offset })),
});

/** The words that x must stay off so that x − τ does not wrap: as many as the furthest threshold is away from 0. */
function valid(words: readonly bigint[], { thresholds }: Steps): bigint[] {
  return words
    .map((word) => BigInt.asIntN(64, word))
    .filter((x) => thresholds.every((tau) => x - tau < END && x - tau >= -END));
}

function expected(x: bigint, thresholds: readonly bigint[], { pieces }: StepOutput): bigint {
  const { slope, offset }: LinearPiece = pieces[thresholds.filter((tau) => x >= tau).length];
  return BigInt.asUintN(64, slope * x + offset);
}

/** Words at every threshold and its neighbours, all edges, random ones. */
const wordsFor = (spec: Steps): bigint[] =>
  valid(
    [
      ...EDGES,
      ...randomWords(200, `steps ${label}`),
      ...spec.thresholds.flatMap((tau) => [tau - 1n, tau, tau + 1n]),
      ...spec.thresholds.flatMap((tau) => [tau + END - 1n, tau - END]),
    ],
    spec,
  );

async function check(n: number, spec: Steps, words: readonly bigint[], bound?: number) {
  const results = await run(n, (ctx) =>
    ctx.gates.steps(ctx, put(ctx, 0, [words.length], wordsOf(words), 16, bound), spec),
  );
  assert.equal(results.length, spec.outputs.length);
  results.forEach((got, i) => {
    got.forEach((word, at) => {
      const want = expected(words[at], spec.thresholds, spec.outputs[i]);
      assert.equal(word, want, `${spec.name}, bound ${bound}, output ${i}, x = ${words[at]}`);
    });
  });
}

/** One threshold at 0, clips, one-hot positions, wild slopes, ends of the ring. */
const GATES: readonly Steps[] = [
  { name: 'sign', thresholds: [0n], outputs: [flat(-65536n, 65536n)] },
  {
    name: 'clip',
    thresholds: [-(2n ** 20n), 2n ** 21n],
    outputs: [lines([0n, -(2n ** 20n)], [1n, 0n], [0n, 2n ** 21n]), flat(0n, 1n, 0n)],
  },
  {
    name: 'wild',
    thresholds: [-7n, 0n, 1n, 2n ** 40n],
    outputs: [
      lines([-3n, 5n], [0n, 2n ** 63n], [0x9e3779b97f4a7c15n, -1n], [7n, 0n], [-1n, 99n]),
      lines([2n, 1n], [2n, 1n], [2n, 1n], [2n, 1n], [2n, 1n]),
      flat(1n, 2n, 3n, 4n, -5n),
    ],
  },
  {
    name: 'ends',
    thresholds: [-END, 1n - END, END - 1n],
    outputs: [flat(1n, 2n, 3n, 4n), lines([1n, 0n], [-1n, 0n], [2n, 0n], [0n, 0n])],
  },
  {
    name: 'position',
    thresholds: Array.from({ length: 62 }, (_, i) => 2n ** BigInt(i)),
    outputs: Array.from({ length: 63 }, (_, at) =>
      flat(...Array.from({ length: 63 }, (_, i) => (i === at ? 1n : 0n))),
    ),
  },
];

for (const n of [1, 2, 3, 5]) {
  describe(`steps(), ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    for (const spec of GATES) {
      it(`${spec.name}: exact for every word (seed ${label})`, async () => {
        await check(n, spec, wordsFor(spec));
      });
    }

    it(`is exact under a bound, up to the bound itself and for thresholds beyond it (seed ${label})`, async () => {
      for (const bound of [-16, -10, -9, 0, 4, 5, 12, 26, 40, 44]) {
        const limit = 2n ** BigInt(bound + 16);
        const some = [...EDGES, ...randomWords(60, `bounded ${label}`)];
        const words = [limit, -limit, ...some.map((x) => BigInt.asIntN(64, x) % (limit + 1n))];
        for (const thresholds of [[0n], [-limit, limit], [1n - 4n * limit, 3n * limit + 1n]]) {
          const offsets = [11n, -(2n ** 62n), 13n].slice(0, thresholds.length + 1);
          const slopes = offsets.map((_, i): [bigint, bigint] => [BigInt(3 - 2 * i), 8n]);
          await check(n, { name: 'flat', thresholds, outputs: [flat(...offsets)] }, words, bound);
          await check(n, { name: 'lines', thresholds, outputs: [lines(...slopes)] }, words, bound);
        }
      }
    });

    it('0-d, empty, strided and chunked tensors; facts of the outputs', async () => {
      const spec: Steps = {
        name: 'relu6',
        thresholds: [0n, 6n],
        outputs: [
          { fracBits: 3, bound: 9, pieces: lines([0n, 0n], [1n, 0n], [0n, 6n]).pieces },
          flat(1n, 0n, 0n),
        ],
      };
      const size = 20_000;
      const words = wordsOf(Array.from({ length: size }, (_, i) => (i % 19) - 6));
      let facts: unknown[] = [];
      const [one, none, back] = await run(n, (ctx) => {
        const x = put(ctx, 0, [size], words);
        const views = [
          { shape: [], strides: [], offset: 9 },
          { shape: [2, 0], strides: [1, 1], offset: 0 },
          { shape: [size], strides: [-1], offset: size - 1 },
        ];
        const lists = views.map((view) => ctx.gates.steps(ctx, x.view(view), spec));
        facts = lists.map(([y]) => [y.fracBits, y.nominal, y.bound, y.shape, y.depth]);
        return lists.map(([y]) => y);
      });
      const depth = n === 1 ? 0 : 3;
      assert.deepEqual(facts, [
        [3, 3, 9, [], depth],
        [3, 3, 9, [2, 0], 0],
        [3, 3, 9, [size], depth],
      ]);
      assert.deepEqual([...one], [3n]);
      assert.equal(none.length, 0);
      back.forEach((word, i) => {
        const x = ((size - 1 - i) % 19) - 6;
        assert.equal(word, BigInt(Math.min(6, Math.max(0, x))), `element ${i}`);
      });
    });
  });
}

describe('steps: material', () => {
  it('every threshold has γ, π and ρ of its own (C7), from coins that the request counts', () => {
    // σ, the sign bit of r ⊕ ρ, is the last bit of twelve words of tables, or bit 57 of a word in groups.
    const layouts = [
      { count: 2, size: 12, sigmaAt: 12 * 64 - 1 },
      { count: 5, size: 1, sigmaAt: 57 },
    ];
    for (const [n, { count, size, sigmaAt }] of [1, 64, 65].flatMap((n) =>
      layouts.map((layout) => [n, layout] as const),
    )) {
      const request = stepsRequest(n, 9, count, true);
      assert.ok(request.coins >= (count - 1) * (n + (n & 1)) + n);
      const arena = new Arena(createTsKernels());
      arena.scope(() => {
        const r = arena.put(randomWords(n, `r ${label}`));
        const coins = arena.put(randomWords(request.coins, `coins ${label}`));
        const none = (): never => assert.fail('steps need r and coins alone');
        const dealt = request.deal({ arena, coins, free: () => r, own: none, mask: none });
        const words = (name: string, size: number): bigint[] => [
          ...arena.take(dealt.get(name) ?? assert.fail(name), size),
        ];
        const wides = Array.from({ length: count }, (_, i) => words(`wide${i}`, size * n));
        const rhos = Array.from({ length: count }, (_, i) => words(`rho${i}`, n));
        rhos.forEach((rho, i) =>
          rho.forEach((bit, at) => {
            const sign = arena.take(r, n)[at] >> 63n;
            assert.equal(
              (wides[i][size * at + (sigmaAt >> 6)] >> BigInt(sigmaAt & 63)) & 1n,
              sign ^ bit,
              `threshold ${i}, element ${at}`,
            );
          }),
        );
        const distinct = (list: bigint[][]): number => new Set(list.map((l) => l.join())).size;
        if (n > 1) assert.deepEqual([distinct(wides), distinct(rhos)], [count, count]);
      });
    }
  });
});

describe('steps: sizes', () => {
  it('the width follows from the bound and the thresholds', () => {
    const share = (bound: number) => ({ bound, fracBits: 16 }) as Share;
    assert.equal(blocksFor(share(4)), 3);
    assert.equal(blocksFor(share(4), [2n ** 20n - 1n]), 3);
    assert.equal(blocksFor(share(4), [2n ** 20n]), 4, 'x − τ reaches −2^21');
    assert.equal(blocksFor(share(4), [2n ** 20n - 2n ** 10n], 9), 3);
    assert.equal(blocksFor(share(4), [2n ** 20n - 2n ** 10n], 10), 4, 'and 2^10 more');
    assert.equal(blocksFor(share(4), [-(2n ** 62n)]), 9);
    assert.equal(blocksFor({ bound: undefined, fracBits: 16 } as unknown as Share, [0n]), 9);
  });

  it('stepsCost() counts tables once and thresholds each', () => {
    assert.deepEqual(stepsCost(64, 9, 2, true), {
      rounds: 3,
      bytes: 64 * 8 + 2 * (136 + 8),
      dealt: 64 * (144 + 2 * 112),
    });
    assert.equal(stepsCost(64, 9, 1, false).dealt, 64 * 248);
    assert.deepEqual(stepsCost(64, 9, 3, true), {
      rounds: 4,
      bytes: 64 * 8 + 3 * (136 + 40 + 8),
      dealt: 64 * (144 + 3 * 24),
    });
    assert.equal(stepsCost(64, 3, 2, false).bytes, 64 * 3 + 2 * (40 + 8));
    assert.deepEqual(stepsCost(0, 9, 1, true), { rounds: 0, bytes: 0, dealt: 0 });
  });
});
