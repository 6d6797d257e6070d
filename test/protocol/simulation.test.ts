import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sizeOf, type Shape } from '../../src/core/shape.ts';
import type { Words } from '../../src/kernels/memory.ts';
import { seededGenerator } from '../../src/net/shuffle.ts';
import type { Context } from '../../src/protocol/context.ts';
import * as local from '../../src/protocol/local/index.ts';
import type { BinaryShare } from '../../src/protocol/binary/share.ts';
import { settle } from '../../src/protocol/settle.ts';
import type { Share } from '../../src/protocol/share.ts';
import { wholeView, type View } from '../../src/ring/view.ts';
import { simulateSeats, type SimulateOptions } from '../../src/seats.ts';
import { arbitraryView, viewed } from '../oracle/gates.ts';
import { bits } from '../support/bits.ts';
import { CLIP, HILL, RAMP, RANGE, WAVE } from './_function-gates.ts';
import {
  backend,
  put,
  randomWords,
  raw,
  shuffled,
  smallWords,
  withSeeds,
} from '../support/seats.ts';

type Program = (ctx: Context) => readonly Share[];

/** Every party's raw words of every result; parties must agree. */
async function run(n: number, program: Program, options = shuffled): Promise<Words[]> {
  const { results } = await simulateSeats(
    n,
    ({ context }) => Promise.all(program(context).map((share) => raw(context, share))),
    options,
  );
  for (const result of results) assert.deepEqual(result, results[0]);
  return results[0];
}

type Tolerance = number | 'rectified';

/** The program's results differ from its plain twin's by 0 to `ulps[i]` (or ± where that is negative). */
async function equalsTwin(
  n: number,
  program: Program,
  ulps: readonly Tolerance[],
  options?: SimulateOptions,
): Promise<void> {
  const [got, ideal] = [await run(n, program, options), await run(1, program)];
  got.forEach((words, i) => {
    const allowed = ulps[i];
    assert.equal(words.length, ideal[i].length);
    words.forEach((word, at) => {
      const off = Number(BigInt.asIntN(64, word - ideal[i][at]));
      const fits =
        allowed === 'rectified'
          ? off === 0 || (off === 1 && BigInt.asIntN(64, ideal[i][at]) >= 0n)
          : allowed < 0
            ? Math.abs(off) <= -allowed
            : off >= 0 && off <= allowed;
      assert.ok(fits, `result ${i}, element ${at} of ${words.length}: ${off} ulp off`);
    });
  });
}

const worlds = fc.constantFrom(2, 3, 5);
const trusts = fc.constantFrom<('dealer' | 'insecureFirstParty')[]>('dealer', 'insecureFirstParty');
const setting = fc.record({ n: worlds, trust: trusts, seed: fc.nat(), label: fc.nat() });
const options = (s: { trust: 'dealer' | 'insecureFirstParty'; seed: number }): SimulateOptions => ({
  backend,
  timeoutMs: 20_000,
  trust: s.trust,
  shuffle: seededGenerator(s.seed),
});

/** A share of a random storage of `length` words, read through a view. */
function secret(
  ctx: Context,
  label: string,
  length: number,
  view: View,
  bits = 30,
  src = 0,
): Share {
  return put(ctx, src % ctx.world, [length], smallWords([length], bits, label)).view(view);
}

describe('gates equal their plain twins', () => {
  it('input() and reveal() give every word back, for any view, party and scheme', async () => {
    const property = fc.asyncProperty(setting, arbitraryView, async (s, { length, view }) => {
      const words = randomWords(length, `io ${s.label}`);
      const program: Program = (ctx) => {
        const x = put(ctx, s.label % ctx.world, [length], words);
        return [x, x.view(view)];
      };
      for (const n of [1, s.n]) {
        const [whole, part] = await run(n, program, options(s));
        assert.deepEqual([...whole], [...words]);
        assert.deepEqual([...part], viewed(words, view));
      }
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it('mul(), square, truncate, negative, rectify on any strided view', async () => {
    const property = fc.asyncProperty(setting, arbitraryView, async (s, { length, view }) => {
      const program: Program = (ctx) => {
        const x = secret(ctx, `x ${s.label}`, length, view);
        const y = secret(ctx, `y ${s.label}`, sizeOf(view.shape), wholeView(view.shape), 24, 1);
        const product = ctx.gates.mul(ctx, x, y);
        const rectified = ctx.gates.rectify(ctx, product, 16);
        return [
          product,
          ctx.gates.mul(ctx, x, x),
          settle(ctx, product),
          ctx.gates.negative(ctx, x),
          ctx.gates.negative(ctx, product),
          rectified.value,
          rectified.positive,
          ctx.gates.rectify(ctx, x, 0).value,
        ];
      };
      await equalsTwin(s.n, program, [0, 0, 1, 0, 0, 'rectified', 0, 0], options(s));
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it('steps, series, curve, powerOfTwo and zero on any strided view', async () => {
    const property = fc.asyncProperty(setting, arbitraryView, async (s, { length, view }) => {
      const program: Program = (ctx) => {
        const x = secret(ctx, `x ${s.label}`, length, view);
        const near = secret(ctx, `z ${s.label}`, length, view, 19);
        const sums = ctx.gates.series(ctx, x, 1n << 43n, [WAVE, { ...WAVE, bound: 3 }], 16);
        return [
          ...ctx.gates.steps(ctx, near, CLIP),
          ...ctx.gates.steps(ctx, near, RANGE),
          ctx.gates.zero(ctx, secret(ctx, `u ${s.label}`, length, view, 2)),
          ...sums.map((sum) => settle(ctx, sum)),
          ctx.gates.curve(ctx, near, HILL, 16),
          ctx.gates.curve(ctx, near, RAMP, 16),
          ctx.gates.curve(ctx, ctx.gates.mul(ctx, near, near), HILL, 12),
          ctx.gates.powerOfTwo(ctx, secret(ctx, `p ${s.label}`, length, view, 16), -17, 1, 16),
        ];
      };
      await equalsTwin(s.n, program, [0, 0, 0, -2, -2, -2, -2, -2, -2], options(s));
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it('mul() and sums broadcast like PyTorch', async () => {
    const shapes = fc.constantFrom<[Shape, Shape][]>(
      [[3, 1], [4]],
      [[], [2, 3]],
      [[1], []],
      [
        [2, 1, 3],
        [5, 1],
      ],
      [[0], [1]],
      [
        [1, 0],
        [3, 1],
      ],
      [[1, 1], [1]],
    );
    const property = fc.asyncProperty(setting, shapes, fc.boolean(), async (s, pair, swap) => {
      const [a, b] = swap ? [pair[1], pair[0]] : pair;
      const program: Program = (ctx) => {
        const x = put(ctx, 0, a, smallWords(a, 30, `bx ${s.label}`));
        const y = put(ctx, 1 % ctx.world, b, smallWords(b, 30, `by ${s.label}`));
        const sum = local.addAA(ctx, x, y);
        return [ctx.gates.mul(ctx, x, y), sum, local.subAA(ctx, ctx.gates.mul(ctx, x, x), sum)];
      };
      await equalsTwin(s.n, program, [0, 0, 0], options(s));
    });
    await fc.assert(property, { numRuns: 20 });
  });

  it('gates on bits on any strided view, and there and back', async () => {
    const property = fc.asyncProperty(setting, arbitraryView, async (s, { length, view }) => {
      const words = randomWords(length, `bits ${s.label}`);
      const program: Program = (ctx) => {
        const { binary } = ctx.gates;
        const back = (x: BinaryShare): Share => binary.toArithmetic(ctx, x, x.bits);
        const x = bits(ctx, 0, [length], words).view(view);
        const y = binary.fromArithmetic(ctx, secret(ctx, `bits y ${s.label}`, length, view, 60, 1));
        const less = binary.carry(ctx, x, y, 64);
        const p = { shape: [], words: words.slice(0, 1), fracBits: 0 };
        return [
          back(y),
          back(binary.and(ctx, x, y)),
          back(binary.add(ctx, x, y, 64)),
          back(less),
          back(binary.pick(ctx, less, y)),
          back(binary.every(ctx, x, 5)),
          ...(length === 0 ? [] : [back(binary.add(ctx, x, p, 20))]),
        ];
      };
      await equalsTwin(s.n, program, [0, 0, 0, 0, 0, 0, 0], options(s));
    });
    await fc.assert(property, { numRuns: 20 });
  });

  it('matmul() with batches, transposes, odd and empty sizes', async () => {
    const size = fc.nat(5);
    const sizes = fc.record({ batch: fc.nat(3), m: size, k: size, n: size, t: fc.nat(3) });
    const property = fc.asyncProperty(setting, sizes, async (s, { batch, m, k, n, t }) => {
      const lead = batch === 0 ? [] : [batch];
      const matrix = (
        ctx: Context,
        rows: number,
        columns: number,
        flip: boolean,
        who: number,
      ): Share => {
        const shape = flip ? [...lead, columns, rows] : [...lead, rows, columns];
        const x = put(ctx, who % ctx.world, shape, smallWords(shape, 28, `m${who} ${s.label}`));
        return flip ? swapped(x) : x;
      };
      const program: Program = (ctx) => {
        const a = matrix(ctx, m, k, (t & 1) === 1, 0);
        const b = matrix(ctx, k, n, (t & 2) === 2, 1);
        const c = ctx.gates.matmul(ctx, a, b);
        return [c, settle(ctx, c), ctx.gates.matmul(ctx, swapped(a), a)];
      };
      await equalsTwin(s.n, program, [0, 1, 0], options(s));
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it('a chain of gates in forks, under any delivery order, gives bit-identical shares', async () => {
    const program = async (ctx: Context): Promise<Words[]> => {
      const child = ctx.fork(1);
      const x = put(ctx, 0, [9], smallWords([9], 22, 'order x'));
      const y = put(child, 1, [9], smallWords([9], 22, 'order y'));
      const product = ctx.gates.mul(ctx, x, y);
      const { value, positive } = child.gates.rectify(child, product, 16);
      const curve = ctx.gates.curve(ctx, x, HILL, 16);
      const sum = local.addAA(child, ctx.gates.mul(ctx, value, positive), curve);
      const sign = ctx.gates.negative(ctx, settle(child, sum));
      const { binary } = ctx.gates;
      const [a, b] = [binary.fromArithmetic(ctx, x), binary.fromArithmetic(child, y)];
      const total = binary.toArithmetic(child, binary.add(child, a, b, 64), 64);
      return Promise.all([raw(ctx, sum), raw(child, sign), raw(child, total)]);
    };
    for (const trust of ['dealer', 'insecureFirstParty'] as const) {
      for (const n of [2, 3, 5]) {
        const results: unknown[] = [];
        for (const seed of [undefined, 1, 2, 3, 4]) {
          const shuffle = seed === undefined ? {} : { shuffle: seededGenerator(seed) };
          const outcome = await withSeeds('same seeds', () =>
            simulateSeats(n, ({ context }) => program(context), { backend, trust, ...shuffle }),
          );
          results.push(outcome.results);
        }
        for (const result of results)
          assert.deepEqual(result, results[0], `${n} parties, ${trust}`);
      }
    }
  });
});

function swapped(x: Share): Share {
  const order = [...x.shape.keys()];
  order.push(...order.splice(-2).reverse());
  return x.view({
    shape: order.map((axis) => x.shape[axis]),
    strides: order.map((axis) => x.strides[axis]),
    offset: x.offset,
  });
}
