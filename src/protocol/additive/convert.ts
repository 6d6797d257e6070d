/**
 * Conversions between additive and XOR sharing on one masked opening, for any number of parties.
 *
 * To bits: c = x + r is opened, and x = c + (−r) is the sum of public words and the shared bits of −r. From bits: z = b ⊕ r is
 * opened bit by bit, and b = r + z·(1 − 2r) is local with additive shares of r's bits.
 * @module
 */

import { both, then } from '../../core/later.ts';
import { showShape, sizeOf } from '../../core/shape.ts';
import { newWords, type Arena, type BlockWords, type Words } from '../../kernels/memory.ts';
import { circuitOf } from '../binary/circuit.ts';
import { BinaryShare, WORD_BITS } from '../binary/share.ts';
import { inputsOf, type Context } from '../context.ts';
import { chain, type Cost } from '../cost.ts';
import { open } from '../open.ts';
import { planeBytes } from '../provider/kinds/binary.ts';
import { toArithmeticRequest, toBinaryRequest } from '../provider/kinds/convert.ts';
import { bitWords } from '../provider/kinds/truncation.ts';
import { segment } from '../provider/provider.ts';
import { settle } from '../settle.ts';
import { contiguousWords, Share } from '../share.ts';
import { addends, sumOf } from './binary.ts';
import { chunkSize, chunksOf, joined } from './chunks.ts';
import { CIRCUIT_CHUNK, circuitCost, evaluate, layerSteps } from './circuit.ts';
import { maskWords } from './thresholds.ts';
import { fromPlanes, openPlanes, toPlanes, xorWords } from './planes.ts';

/** Elements of a chunk of conversions from bits. */
export const TO_ARITHMETIC_CHUNK: number = chunkSize(8 * WORD_BITS);

/** Bits that hold the words of x: ±2^bound at its scale; 64 where nothing is proven (M3). */
export function bitsFor(x: Share): number {
  if (x.bound === undefined) return WORD_BITS;
  return Math.min(WORD_BITS, Math.max(1, x.bound + x.fracBits + 2));
}

/** Cost of converting n words of `bits` bits to XOR shares. */
export function toBinaryCost(n: number, bits: number): Cost {
  if (n === 0) return { rounds: 0, bytes: 0, dealt: 0 };
  const opening = { rounds: 1, bytes: n * Math.ceil(bits / 8), dealt: bits * planeBytes(n) };
  return chain(opening, circuitCost(circuitOf('addPublic', bits), n));
}

/** Cost of converting the low `bits` bits of n words to additive shares. */
export function toArithmeticCost(n: number, bits: number): Cost {
  if (n === 0) return { rounds: 0, bytes: 0, dealt: 0 };
  return { rounds: 1, bytes: bits * planeBytes(n), dealt: 8 * bits * n };
}

/**
 * The words of x, settled, as XOR shares.
 *
 * Cost    7 rounds and 46 B an element; dealer 46.75 B. Fewer bits under a bound.
 * Error   exact on the settled words.
 * Leaks   nothing: c is one-time padded by r, used here alone; the adder's nodes by masks of their own.
 * Paper   EGK20.
 */
export function fromArithmetic(ctx: Context, x: Share): BinaryShare {
  const settled = settle(ctx, x);
  const parts = chunksOf(ctx, settled, CIRCUIT_CHUNK).map((part) => fromPart(ctx, part));
  return new BinaryShare(joined(ctx, parts, x.shape), WORD_BITS);
}

function fromPart(ctx: Context, x: Share): Share {
  const { arena } = ctx;
  const n = sizeOf(x.shape);
  const bits = bitsFor(x);
  const { fracBits } = x;
  const step = ctx.step(`to binary ${showShape(x.shape)} ${bits}`, inputsOf(x));
  const { rounds } = toBinaryCost(n, bits);
  const facts = { fracBits, nominal: fracBits, depth: step.depth + rounds, digest: step.digest };
  if (n === 0) return Share.fresh(x.shape, facts, newWords(0));
  const circuit = circuitOf('addPublic', bits);
  const sum = ctx.step('to binary: sum', [{ digest: step.digest, depth: step.depth + 1 }]);
  const steps = layerSteps(ctx, sum, circuit);
  const material = ctx.session.provider.request(step, toBinaryRequest(n, bits)).take();
  const masked = maskWords(ctx, x, material);
  const size = { words: n, bytes: Math.ceil(bits / 8) };
  const sections = then(masked, ({ c }) => [{ words: c, bytes: size.bytes }]);
  const opened = open(ctx, step, [size], sections);
  const before = then(both(material, opened), ([dealt, [c]]) => {
    const r = segment(dealt, 'bits');
    return addends(ctx, arena, arena.take(r.at, r.length), toPlanes(arena, c.words, bits), true);
  });
  const after = evaluate(ctx, circuit, n, steps, material, before);
  const words = then(both(both(after, before), material), ([[planes, start], dealt]) => {
    dealt.done();
    const result = sumOf(arena, planes, start, bits, bitWords(n));
    return signExtended(arena, fromPlanes(arena, result, bits, n), bits);
  });
  return Share.fresh(x.shape, facts, words);
}

function signExtended(arena: Arena, words: Words, bits: number): Words {
  return arena.scope(() => {
    const at = arena.put(words);
    arena.kernels.shiftLeft(at, at, WORD_BITS - bits, words.length);
    arena.kernels.shiftRightSigned(at, at, WORD_BITS - bits, words.length);
    return arena.take(at, words.length);
  });
}

/**
 * The low `bits` bits of x as an additive share: a two's complement number if 64, else one from 0 up.
 *
 * Cost    1 round, 1 bit for each bit; dealer 8 B for each bit.
 * Error   exact.
 * Leaks   nothing: every bit is one-time padded by a bit of r, used here alone.
 */
export function toArithmetic(ctx: Context, x: BinaryShare, bits: number): Share {
  const inner = BinaryShare.inner(x);
  const parts = chunksOf(ctx, inner, TO_ARITHMETIC_CHUNK).map((part) => toPart(ctx, part, bits));
  return joined(ctx, parts, x.shape);
}

function toPart(ctx: Context, x: Share, bits: number): Share {
  const { arena } = ctx;
  const n = sizeOf(x.shape);
  const step = ctx.step(`to arithmetic ${showShape(x.shape)} ${bits}`, inputsOf(x));
  const { fracBits } = x;
  const facts = {
    fracBits,
    nominal: fracBits,
    bound: bits < WORD_BITS ? bits - fracBits : undefined,
    depth: step.depth + (n && 1),
    digest: step.digest,
  };
  if (n === 0) return Share.fresh(x.shape, facts, newWords(0));
  const material = ctx.session.provider.request(step, toArithmeticRequest(n, bits)).take();
  const masked = then(both(contiguousWords(arena, x), material), ([words, dealt]) =>
    xorWords(arena, toPlanes(arena, words, bits), segment(dealt, 'r')),
  );
  const opened = openPlanes(ctx, step, bits, n, masked);
  const words = then(both(material, opened), ([dealt, z]) => {
    const sum = weighed(ctx, z, segment(dealt, 'sum'), bits, n);
    dealt.done();
    return sum;
  });
  return Share.fresh(x.shape, facts, words);
}

/** Σ_j 2^j·(r_j + z_j·(1 − 2r_j)): planes z_j opened, r_j additive shares. */
function weighed(ctx: Context, z: Words, r: BlockWords, bits: number, n: number): Words {
  const w = bitWords(n);
  return ctx.arena.scope((arena) => {
    const { kernels } = arena;
    const sum = arena.zeros(n);
    for (let j = bits - 1; j >= 0; j--) {
      arena.scope(() => {
        const bit = arena.put(r.subarray(j * n, (j + 1) * n));
        kernels.bitOpened(bit, arena.put(z.subarray(j * w, (j + 1) * w)), bit, ctx.rank, n);
        kernels.add(sum, sum, sum, n);
        kernels.add(sum, sum, bit, n);
      });
    }
    return arena.take(sum, n);
  });
}
