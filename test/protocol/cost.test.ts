import assert from 'node:assert/strict';
import type { Shape } from '../../src/core/shape.ts';
import { VirtualClock } from '../../src/net/virtual-clock.ts';
import { blocksFor, negativeCost } from '../../src/protocol/additive/compare.ts';
import { maskCost } from '../../src/protocol/additive/mask.ts';
import { productCost } from '../../src/protocol/additive/product.ts';
import { rectifyCost } from '../../src/protocol/additive/rectify.ts';
import { inputCost, revealCost } from '../../src/protocol/additive/share-io.ts';
import { splineCost } from '../../src/protocol/additive/spline.ts';
import { truncateCost } from '../../src/protocol/additive/truncate.ts';
import type { Context } from '../../src/protocol/context.ts';
import { chain, type Cost } from '../../src/protocol/cost.ts';
import type { Curve } from '../../src/protocol/curve.ts';
import { sumA } from '../../src/protocol/local/index.ts';
import { Storage, type Share } from '../../src/protocol/share.ts';
import { simulateSeats, type Seat, type SimulateOptions } from '../../src/seats.ts';
import { backend, everyone, own, put, smallWords } from '../support/seats.ts';

const curve = (knots: number): Curve => ({
  name: 'tanh',
  knots,
  stepLog2: -2,
  below: -1,
  above: 1,
  f: Math.tanh,
});

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
      cost: () => rectifyCost(n),
    })),
    ...[16, 64].map((knots) => ({
      name: `spline of ${n} with ${knots} knots`,
      run: (ctx: Context) => ctx.gates.spline(ctx, input(ctx, [n]), curve(knots)),
      cost: () => splineCost(n, knots),
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
          rectifyCost(n),
        ),
    },
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
      await seat.context.session.outstanding.idle();
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

describe('cost', () => {
  for (const n of [2, 3, 5]) {
    for (const trust of n === 5 ? ['dealer' as const] : TRUSTS) {
      it(`declared = metered = virtual clock: every gate, ${n} parties, ${trust}`, async () => {
        for (const { name, run, cost } of cases()) {
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
      });
    }
  }
});
