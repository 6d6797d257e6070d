/**
 * Exact piecewise-linear functions on one opening: thresholds decide, dealt products of their masks with r select.
 *
 * y = last piece + Σ_i (piece_i − piece_(i+1))·[x < τ_i]. c = x + r is opened, then the thresholds' bits (`thresholds.ts`); each bit
 * and its product with x is local (`selected.ts`).
 * @module
 */

import { assert } from '../../core/errors.ts';
import { both, then, type Later } from '../../core/later.ts';
import { showShape, sizeOf } from '../../core/shape.ts';
import { keepSpare } from '../../core/spare.ts';
import { compareWideWords } from '../../kernels/contract.ts';
import type { Words } from '../../kernels/memory.ts';
import { inputsOf, type Context, type Step } from '../context.ts';
import type { Cost } from '../cost.ts';
import { digestOf } from '../digest.ts';
import { describePublic } from '../local/words.ts';
import { open, type Opened, type Section } from '../open.ts';
import { FULL_BLOCKS, skippedBlocks, wideBytes } from '../provider/kinds/comparison.ts';
import { inGroups, stepsRequest } from '../provider/kinds/steps.ts';
import { segment, type Material } from '../provider/provider.ts';
import { contiguousWords, Share } from '../share.ts';
import type { StepOutput, Steps } from '../steps.ts';
import { chunksOf, chunkSize, joined } from './chunks.ts';
import { groupedBytes, groupSteps, openGrouped } from './groups.ts';
import { addMultiple, addPublicWord, bitWords, selectedWords, type OpenedBit } from './selected.ts';
import {
  blocksFor,
  maskWords,
  openedBytes,
  openThresholds,
  signSteps,
  type Threshold,
  thresholdBytes,
} from './thresholds.ts';

/** Cost of `count` thresholds on n words of 7·blocks + 1 bits; `sloped` where a slope changes at one. */
export function stepsCost(
  n: number,
  blocks: number,
  count: number,
  sloped: boolean,
  skipped = 0,
): Cost {
  if (n === 0) return { rounds: 0, bytes: 0, dealt: 0 };
  const grouped = inGroups(blocks, count);
  const bits = grouped ? groupedBytes(n) : thresholdBytes(n, blocks);
  return {
    rounds: grouped ? 4 : 3,
    bytes: n * (sloped ? 8 : openedBytes(blocks + skipped)) + count * bits,
    dealt: n * dealtFor(blocks, count, sloped),
  };
}

/** Dealt bytes of an element. */
function dealtFor(blocks: number, count: number, sloped: boolean): number {
  const table = inGroups(blocks, count) ? 8 : wideBytes(blocks);
  return 16 * blocks + count * (table + (sloped ? 16 : 8));
}

/** Everything about a gate that is public and the same for all its chunks. */
interface Plan {
  readonly text: string;
  readonly thresholds: readonly bigint[];
  readonly outputs: readonly StepOutput[];
  readonly blocks: number;
  readonly skipped: number;
  readonly sloped: boolean;
}

/**
 * Piecewise-linear functions of the raw words.
 *
 * Cost    Up to two thresholds: 3 rounds, 8 B and 18 bits a threshold an element; dealer 144 B + 104 B a threshold, 112 B where a
 *         slope changes at one. More: 4 rounds, 23 bits a threshold; dealer 144 B + 16 or 24 B a threshold. Under a bound of 41 bits,
 *         and where no slope changes, fewer and always 3 rounds: words of the bits that hold x − τ.
 * Error   none but what `slack` allows, for |x − τ| < 2^63 − 2^slack raw.
 * Leaks   nothing: c, u, v and the bits are one-time padded by r, γ, π, ρ, fresh for each threshold (C7).
 */
export function steps(ctx: Context, x: Share, spec: Steps): readonly Share[] {
  const { thresholds, outputs } = spec;
  for (const { pieces } of outputs) {
    assert(pieces.length === thresholds.length + 1, 'one more piece than thresholds');
  }
  const sloped = outputs.some(({ pieces }) =>
    pieces.some(({ slope }) => slope !== pieces[0].slope),
  );
  const width = widthFor(x, spec);
  const { blocks } = width;
  const plan = { text: describe(ctx, spec), thresholds, outputs, ...width, sloped };
  const bytes = dealtFor(blocks, thresholds.length, sloped) + 8 * outputs.length;
  const parts = chunksOf(ctx, x, chunkSize(bytes)).map((part) => stepsPart(ctx, part, plan));
  return outputs.map((_, i) => {
    const pieces = parts.map((part) => part[i]);
    return joined(ctx, pieces, x.shape, keepSpare);
  });
}

/** Blocks that are compared, and skipped below them; all nine where groups take less material than the tables of a few. */
function widthFor(
  x: Parameters<typeof blocksFor>[0],
  { thresholds, slack = 0 }: Steps,
): Pick<Plan, 'blocks' | 'skipped'> {
  const whole = blocksFor(x, thresholds, slack);
  const skipped = skippedBlocks(whole, slack);
  const blocks = whole - skipped;
  return compareWideWords(blocks) > 2 && thresholds.length > 2
    ? { blocks: FULL_BLOCKS, skipped: 0 }
    : { blocks, skipped };
}

function describe({ arena }: Context, { name, thresholds, outputs }: Steps): string {
  const pieces = outputs.flatMap((output) => output.pieces);
  const numbers = [...thresholds, ...pieces.flatMap(({ slope, offset }) => [slope, offset])];
  const words = BigUint64Array.from(numbers, (word) => BigInt.asUintN(64, word));
  const shape = [outputs.length, thresholds.length];
  const print = describePublic(arena, { shape, words, fracBits: 0 });
  return `${name} ${print} ${outputs.map(({ fracBits }) => fracBits).join()}`;
}

function stepsPart(ctx: Context, x: Share, plan: Plan): Share[] {
  const n = sizeOf(x.shape);
  const { thresholds, blocks, skipped, sloped } = plan;
  const step = ctx.step(`${plan.text} ${showShape(x.shape)} ${blocks} ${skipped}`, inputsOf(x));
  const decision = decide(ctx, step, plan, n);
  const facts = plan.outputs.map(({ fracBits, bound }, i) => ({
    fracBits,
    nominal: fracBits,
    bound,
    depth: step.depth + (n && 1 + decision.rounds),
    digest: digestOf(`output ${i}`, [step.digest]),
  }));
  if (n === 0) return facts.map((fact) => Share.fresh(x.shape, fact, new BigUint64Array(0)));
  const request = stepsRequest(n, blocks, thresholds.length, sloped, skipped);
  const material = ctx.session.provider.request(step, request);
  const masked = maskWords(ctx, x, material.take());
  const bytes = sloped ? 8 : openedBytes(blocks + skipped);
  const sections = then(masked, ({ c }) => [{ words: c, bytes }]);
  const opened = open(ctx, step, [{ words: n, bytes }], sections);
  const results = then(both(both(masked, opened), contiguousWords(ctx.arena, x)), (ready) => {
    const [[{ dealt }, [{ words: c }]], own] = ready;
    const list = thresholds.map((tau, i) => {
      const wide = segment(dealt, `wide${i}`);
      return { c, tau, wide, skipped };
    });
    return then(decision.bits(dealt, list), (t) => {
      const decided = t.map(({ bits: known }, i) => ({
        t: known,
        rho: segment(dealt, `rho${i}`),
        rhoR: sloped ? segment(dealt, `rhoR${i}`) : undefined,
      }));
      const sums = combine(ctx, plan.outputs, decided, own, c);
      dealt.done();
      keepSpare(c);
      return sums;
    });
  });
  return facts.map((fact, i) =>
    Share.fresh(
      x.shape,
      fact,
      then(results, (list) => list[i]),
    ),
  );
}

/** The rounds after the first: how many, and the bits [x < τ_i] ⊕ ρ_i that they open. */
interface Decision {
  readonly rounds: number;
  bits(dealt: Material, thresholds: readonly Threshold[]): Later<readonly Opened[]>;
}

function decide(ctx: Context, step: Step, { blocks, thresholds }: Plan, n: number): Decision {
  if (inGroups(blocks, thresholds.length)) {
    const tags = groupSteps(ctx, step);
    return { rounds: 3, bits: (dealt, list) => openGrouped(ctx, tags, dealt, list, n) };
  }
  const tags = signSteps(ctx, step);
  const whole = (shares: readonly Uint8Array[]): Section[] =>
    shares.map((bits) => ({ bits, count: n }));
  return {
    rounds: 2,
    bits: (dealt, list) => openThresholds(ctx, tags, dealt, list, blocks, n, whole),
  };
}

/** Shares of the outputs: the last piece, and the changes at each threshold where x is below it. */
function combine(
  ctx: Context,
  outputs: readonly StepOutput[],
  bits: readonly OpenedBit[],
  x: Words,
  c: Words,
): Words[] {
  const n = x.length;
  return ctx.arena.scope((arena) => {
    const own = arena.put(x);
    const sums = outputs.map(({ pieces }) => {
      const { slope, offset } = pieces[bits.length];
      const sum = arena.zeros(n);
      addMultiple(arena, sum, own, slope, n);
      addPublicWord(arena, sum, offset, ctx.rank, n);
      return sum;
    });
    bits.forEach((bit, i) => {
      arena.scope(() => {
        const below = bitWords(arena, bit, ctx.rank);
        const product = bit.rhoR === undefined ? 0 : selectedWords(arena, bit, bit.rhoR, x, c);
        outputs.forEach(({ pieces }, at) => {
          addMultiple(arena, sums[at], below, pieces[i].offset - pieces[i + 1].offset, n);
          addMultiple(arena, sums[at], product, pieces[i].slope - pieces[i + 1].slope, n);
        });
      });
    });
    return sums.map((sum) => arena.take(sum, n));
  });
}
