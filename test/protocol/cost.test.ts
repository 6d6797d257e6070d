import assert from 'node:assert/strict';
import type { Shape } from '../../src/core/shape.ts';
import { VirtualClock } from '../../src/net/virtual-clock.ts';
import { binaryCost } from '../../src/protocol/additive/binary.ts';
import { negativeCost } from '../../src/protocol/additive/compare.ts';
import { toArithmeticCost, toBinaryCost } from '../../src/protocol/additive/convert.ts';
import { curveCost } from '../../src/protocol/additive/curve.ts';
import { maskCost } from '../../src/protocol/additive/mask.ts';
import { powerCost } from '../../src/protocol/additive/power.ts';
import { productCost } from '../../src/protocol/additive/product.ts';
import { rectifyCost } from '../../src/protocol/additive/rectify.ts';
import { seriesCost } from '../../src/protocol/additive/series.ts';
import { inputCost, revealCost } from '../../src/protocol/additive/share-io.ts';
import { stepsCost } from '../../src/protocol/additive/steps.ts';
import { blocksFor } from '../../src/protocol/additive/thresholds.ts';
import { skippedBlocks } from '../../src/protocol/provider/kinds/comparison.ts';
import { truncateCost } from '../../src/protocol/additive/truncate.ts';
import { zeroCost } from '../../src/protocol/additive/zero.ts';
import { BinaryShare } from '../../src/protocol/binary/share.ts';
import type { Context } from '../../src/protocol/context.ts';
import { chain, type Cost } from '../../src/protocol/cost.ts';
import { sumA } from '../../src/protocol/local/index.ts';
import { Storage, type Share } from '../../src/protocol/share.ts';
import type { Steps } from '../../src/protocol/steps.ts';
import { simulateSeats, type Seat, type SimulateOptions } from '../../src/seats.ts';
import { CLIP, HILL, LOOSE, RAMP, RANGE, WAVE } from './_function-gates.ts';
import { bits, narrowed, opened } from '../support/bits.ts';
import { backend, everyone, own, put, smallWords } from '../support/seats.ts';

const LONG = { ...WAVE, cos: [0, 0, 1], sin: [0, 0, 0] };

/** Offsets change, the slope does not: no product with x is bought. */
const EVEN: Steps = {
  ...CLIP,
  outputs: CLIP.outputs.map((output) => ({
    ...output,
    pieces: output.pieces.map(({ offset }) => ({ slope: 3n, offset })),
  })),
};

type Facts = Pick<Share, 'bound' | 'fracBits'>;

interface Case {
  readonly name: string;
  readonly run: (ctx: Context) => Share | Promise<unknown>;
  readonly cost: (world: number) => Cost;
}

const input = (ctx: Context, shape: Shape, bound?: number, src = 0): Share =>
  put(ctx, src, shape, smallWords(shape, 20, `cost ${shape.join()} ${src}`), 16, bound);

function truncated(ctx: Context, n: number, bits: number): Promise<unknown> {
  const { storage } = input(ctx, [n]);
  return Promise.resolve(Storage.words(ctx.gates.truncate(ctx, storage, bits)));
}

function cases(): Case[] {
  const list: Case[] = [
    { name: 'input', run: (ctx) => input(ctx, [5, 3]), cost: () => inputCost },
    {
      name: 'matmul [0,3]·[3,4]',
      run: (ctx) => product(ctx, [0, 3], [3, 4]),
      cost: () => maskCost(12),
    },
    {
      name: 'matmul [5,3]·[3,7]',
      run: (ctx) => product(ctx, [5, 3], [3, 7]),
      cost: () => together(maskCost(15), maskCost(21), productCost(35)),
    },
    {
      name: 'matmul [2,3,4]·[2,4,3]',
      run: (ctx) => product(ctx, [2, 3, 4], [2, 4, 3]),
      cost: () => together(maskCost(24), maskCost(24), productCost(18)),
    },
    {
      name: 'mul [4,1]·[5] broadcast: operands are masked unexpanded',
      run: (ctx) => ctx.gates.mul(ctx, input(ctx, [4, 1]), input(ctx, [5], undefined, 1)),
      cost: () => together(maskCost(4), maskCost(5), productCost(20)),
    },
    {
      name: 'a product of nothing adds no round to what follows',
      run: async (ctx) => {
        const nothing = ctx.gates.mul(ctx, input(ctx, [2, 0]), input(ctx, [2, 0], undefined, 1));
        await ctx.gates.reveal(ctx, sumA(ctx, nothing, [1], false), everyone(ctx));
      },
      cost: () => revealCost(2),
    },
  ];
  for (const n of [0, 1, 65]) list.push(...sized(n));
  for (const bits of [1, 8, 9, 13, 16, 32, 44, 61]) {
    list.push({
      name: `truncate ${bits} bits`,
      run: (ctx) => truncated(ctx, 21, bits),
      cost: (world) => truncateCost(21, bits, world),
    });
  }
  return list;
}

function sized(n: number): Case[] {
  return [
    {
      name: `reveal of ${n}`,
      run: async (ctx) => ctx.gates.reveal(ctx, input(ctx, [n]), everyone(ctx)),
      cost: () => (n === 0 ? maskCost(0) : revealCost(n)),
    },
    {
      name: `mul of ${n}`,
      run: (ctx) => ctx.gates.mul(ctx, input(ctx, [n]), input(ctx, [n], undefined, 1)),
      cost: () => together(maskCost(n), maskCost(n), productCost(n)),
    },
    {
      name: `square of ${n}`,
      run: (ctx) => {
        const x = input(ctx, [n]);
        return ctx.gates.mul(ctx, x, x);
      },
      cost: () => together(maskCost(n), productCost(n)),
    },
    {
      name: `truncate of ${n}`,
      run: (ctx) => truncated(ctx, n, 16),
      cost: (world) => truncateCost(n, 16, world),
    },
    {
      name: `negative of ${n}`,
      run: (ctx) => ctx.gates.negative(ctx, input(ctx, [n])),
      cost: () => negativeCost(n, 9),
    },
    ...(n === 65 ? [-15, 0, 4, 5, 6, 20, 47] : [5]).map((bound) => ({
      name: `negative of ${n} below 2^${bound}`,
      run: (ctx: Context) => ctx.gates.negative(ctx, input(ctx, [n], bound)),
      cost: () => negativeCost(n, blocksFor({ bound, fracBits: 16 } as Share)),
    })),
    ...[0, 13, 16].map((bits) => ({
      name: `rectify of ${n} by ${bits}`,
      run: (ctx: Context) => ctx.gates.rectify(ctx, input(ctx, [n]), bits).value,
      cost: () => rectifyCost(n, bits),
    })),
    {
      name: `mul, settle, rectify of ${n}`,
      run: (ctx) => {
        const y = ctx.gates.mul(ctx, input(ctx, [n]), input(ctx, [n], undefined, 1));
        return ctx.gates.rectify(ctx, ctx.gates.mul(ctx, y, y), 16).positive;
      },
      cost: (world) =>
        chain(
          together(maskCost(n), maskCost(n), productCost(n)),
          truncateCost(n, 16, world),
          together(maskCost(n), productCost(n)),
          rectifyCost(n, 16),
        ),
    },
  ];
}

/** The gates for functions of one variable, on whole words and under bounds. */
function functions(n: number): Case[] {
  /** Slopes 0 to 4 between four thresholds, and a function without any. */
  const LADDER: Steps = {
    name: 'ladder',
    thresholds: [-5n, 0n, 7n, 1000n],
    outputs: [
      { fracBits: 16, pieces: [0n, 1n, 2n, 3n, 4n].map((slope) => ({ slope, offset: -slope })) },
    ],
  };
  const FLAT = {
    fracBits: 16,
    pieces: [0n, 1n, 2n, 3n, 4n].map((offset) => ({ slope: 0n, offset })),
  };

  const facts = (bound: number | undefined): Facts => ({ bound, fracBits: 16 });
  const x = (ctx: Context, bound?: number): Share => input(ctx, [n], bound);
  return [
    {
      name: `series of ${n}`,
      run: (ctx) => ctx.gates.series(ctx, x(ctx), 1n << 43n, [WAVE, LONG], 16)[1],
      cost: () => seriesCost(n, 3),
    },
    ...(n === 65 ? [undefined, -9, 4, 20] : [undefined]).flatMap((bound): Case[] => [
      {
        name: `steps of ${n} below 2^${bound}, slopes`,
        run: (ctx) => ctx.gates.steps(ctx, x(ctx, bound), CLIP)[0],
        cost: () => stepsCost(n, blocksFor(facts(bound), CLIP.thresholds), 2, true),
      },
      {
        name: `steps of ${n} below 2^${bound}, constants`,
        run: (ctx) => ctx.gates.steps(ctx, x(ctx, bound), RANGE)[0],
        cost: () => stepsCost(n, blocksFor(facts(bound), RANGE.thresholds), 2, false),
      },
      {
        name: `steps of ${n} below 2^${bound}, one slope`,
        run: (ctx) => ctx.gates.steps(ctx, x(ctx, bound), EVEN)[0],
        cost: () => stepsCost(n, blocksFor(facts(bound), EVEN.thresholds), 2, false),
      },
      ...[LADDER, { ...LADDER, outputs: [FLAT] }].map((spec, i) => ({
        name: `steps of ${n} below 2^${bound}, four thresholds ${i}`,
        run: (ctx: Context) => ctx.gates.steps(ctx, x(ctx, bound), spec)[0],
        cost: () => {
          const blocks = blocksFor(facts(bound), LADDER.thresholds);
          return stepsCost(n, blocks > 6 ? 9 : blocks, 4, i === 0);
        },
      })),
      ...[HILL, LOOSE, RAMP, { ...RAMP, below: RAMP.above }].map((curve, i) => ({
        name: `curve ${i} of ${n} below 2^${bound}`,
        run: (ctx: Context) => ctx.gates.curve(ctx, x(ctx, bound), curve, 16),
        cost: () => curveCost(n, facts(bound), curve, 16),
      })),
      ...[1, 28].map((high) => ({
        name: `2^x of ${n} below 2^${bound}, up to 2^${high}`,
        run: (ctx: Context) => ctx.gates.powerOfTwo(ctx, x(ctx, bound), -17, high, 16),
        cost: () => powerCost(n, facts(bound), -17, high, 16),
      })),
      {
        name: `steps of ${n} below 2^${bound}, slack`,
        run: (ctx) => ctx.gates.steps(ctx, x(ctx, bound), { ...RANGE, slack: 15 })[0],
        cost: () => {
          const whole = blocksFor(facts(bound), RANGE.thresholds);
          const skipped = skippedBlocks(whole, 15);
          return stepsCost(n, whole - skipped, 2, false, skipped);
        },
      },
      {
        name: `zero of ${n} below 2^${bound}`,
        run: (ctx) => ctx.gates.zero(ctx, x(ctx, bound)),
        cost: () => zeroCost(n, facts(bound)),
      },
    ]),
  ];
}

/** The gates on bits: on whole words, and on narrow ones of many elements. */
function onBits(n: number): Case[] {
  const widths = (list: readonly number[]): readonly number[] => (n === 65 ? list : [64]);
  const word = (ctx: Context, src: number): BinaryShare =>
    bits(ctx, src, [n], smallWords([n], 60, `cost bits ${n} ${src}`));
  const narrow = (ctx: Context, src: number, width: number): BinaryShare =>
    narrowed(ctx, src, smallWords([n], 60, `cost bits ${n} ${src}`), width);
  const p = { shape: [], words: BigUint64Array.of(5n), fracBits: 0 };
  const of = (name: string, run: (ctx: Context) => BinaryShare, cost: Cost): Case => ({
    name: `bits: ${name} of ${n}`,
    run: (ctx) => BinaryShare.inner(run(ctx)),
    cost: () => cost,
  });
  return [
    of('input', (ctx) => word(ctx, 0), inputCost),
    {
      name: `bits: reveal of ${n}`,
      run: (ctx) => opened(ctx, word(ctx, 0)),
      cost: () => (n === 0 ? maskCost(0) : revealCost(n)),
    },
    ...widths([1, 5, 64]).flatMap((width) => [
      of(
        `and of ${width} bits`,
        (ctx) => ctx.gates.binary.and(ctx, narrow(ctx, 0, width), word(ctx, 1)),
        binaryCost('and', n, width),
      ),
      of(
        `pick of ${width} bits`,
        (ctx) => ctx.gates.binary.pick(ctx, narrow(ctx, 0, 1), narrow(ctx, 1, width)),
        binaryCost('pick', n, width),
      ),
    ]),
    ...widths([1, 2, 7, 33, 64]).flatMap((width) => [
      of(
        `every of ${width} bits`,
        (ctx) => ctx.gates.binary.every(ctx, word(ctx, 0), width),
        binaryCost('every', n, width),
      ),
      of(
        `add of ${width} bits`,
        (ctx) => ctx.gates.binary.add(ctx, word(ctx, 0), word(ctx, 1), width),
        binaryCost('add', n, width),
      ),
      of(
        `add of ${width} bits, public`,
        (ctx) => ctx.gates.binary.add(ctx, word(ctx, 0), p, width),
        binaryCost('addPublic', n, width),
      ),
      of(
        `carry of ${width} bits`,
        (ctx) => ctx.gates.binary.carry(ctx, word(ctx, 0), word(ctx, 1), width),
        binaryCost('carry', n, width),
      ),
      of(
        `carry of ${width} bits, public`,
        (ctx) => ctx.gates.binary.carry(ctx, word(ctx, 0), p, width),
        binaryCost('carryPublic', n, width),
      ),
      {
        name: `bits: ${width} bits of ${n} to arithmetic`,
        run: (ctx: Context) => ctx.gates.binary.toArithmetic(ctx, word(ctx, 0), width),
        cost: () => toArithmeticCost(n, width),
      },
    ]),
    ...(n === 65 ? [undefined, -10, 4] : [undefined]).map((bound) =>
      of(
        `from arithmetic below 2^${bound}`,
        (ctx) => ctx.gates.binary.fromArithmetic(ctx, input(ctx, [n], bound)),
        toBinaryCost(n, bound === undefined ? 64 : bound + 18),
      ),
    ),
  ];
}

const product = (ctx: Context, a: Shape, b: Shape): Share =>
  ctx.gates.matmul(ctx, input(ctx, a), input(ctx, b, undefined, 1));

/** Steps that share their round. */
function together(...steps: readonly Cost[]): Cost {
  const sum = chain(...steps);
  return { ...sum, rounds: Math.max(...steps.map(({ rounds }) => rounds)) };
}

interface Measured {
  readonly rounds: number;
  readonly bytes: readonly number[];
}

async function measure(n: number, run: Case['run'], options: SimulateOptions): Promise<Measured[]> {
  const { results, dealer } = await simulateSeats(
    n,
    async (seat: Seat) => {
      const result = run(seat.context);
      await (result instanceof Promise ? result : own(result));
      const { peers } = seat.meter.snapshot();
      const { outstanding, provider } = seat.context.session;
      await outstanding.idle();
      assert.deepEqual(provider.held, { corrections: 0, resident: 0 }, 'material is given back');
      return { seat, peers, rounds: seat.context.session.rounds.count };
    },
    { backend, timeoutMs: 5000, ...options },
  );
  return results.map(({ seat, rounds }, rank) => {
    const { peers } = seat.meter.snapshot();
    const bytes = seat.context
      .peers()
      .map((peer) => peers.get(peer)?.sent.payloadBytes.online ?? 0);
    // What the dealer sent, by its own count, by the receiver's meter, and to nobody else.
    const material = peers.get(options.trust === 'insecureFirstParty' ? 0 : n);
    const dealt = material?.received.payloadBytes.preprocessing ?? 0;
    const last = rank === n - 1;
    if (dealer !== undefined) assert.equal(dealt, last ? dealer.totals.dealtBytes : 0);
    return { rounds, bytes: [...bytes, dealt] };
  });
}

const TRUSTS = ['dealer', 'insecureFirstParty'] as const;
type Trust = (typeof TRUSTS)[number];

async function check({ name, run, cost }: Case, n: number, trust: Trust): Promise<void> {
  const clock = new VirtualClock();
  const { rounds, bytes, dealt } = cost(n);
  const measured = await measure(n, run, { clock, trust });
  measured.forEach(({ rounds: counted, bytes: sent }, rank) => {
    const what = `${name}, party ${rank} of ${n}`;
    assert.equal(counted, rounds, `${what}: rounds by the counter`);
    const last = rank === n - 1;
    const expected = [...Array<number>(n - 1).fill(bytes), last ? dealt : 0];
    assert.deepEqual(sent, expected, `${what}: bytes to each peer, then dealt bytes`);
  });
  assert.equal(clock.elapsed(), rounds, `${name}: rounds by the virtual clock`);
}

describe('cost', () => {
  for (const n of [2, 3, 5]) {
    for (const trust of n === 5 ? ['dealer' as const] : TRUSTS) {
      for (const [what, list] of [
        ['declared = metered = virtual clock: every gate', cases()],
        ['declared = metered = virtual clock: every function gate', [0, 1, 65].flatMap(functions)],
        ['declared = metered = virtual clock: every gate on bits', [0, 1, 65].flatMap(onBits)],
      ] as const) {
        it(`${what}, ${n} parties, ${trust}`, async () => {
          for (const one of list) await check(one, n, trust);
        });
      }
    }
  }
});
