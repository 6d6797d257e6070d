/**
 * Gates on XOR-shared bits that circuits of ANDs compute, over any number of parties.
 *
 * Elements are taken in chunks and their words transposed to planes of bits, so a gate costs what its bits cost. For AND, words
 * whose 64 bits all count are taken as they are: 64 elements of one bit each.
 * @module
 */

import { assert } from '../../core/errors.ts';
import { all, both, then } from '../../core/later.ts';
import { broadcastShapes, showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { newWords, type Arena, type Words } from '../../kernels/memory.ts';
import { expandView } from '../../ring/view.ts';
import { circuitOf, type Circuit, type CircuitName } from '../binary/circuit.ts';
import type { BinaryOperand } from '../binary/gates.ts';
import { BinaryShare, WORD_BITS } from '../binary/share.ts';
import type { Context } from '../context.ts';
import type { Cost } from '../cost.ts';
import type { PublicWords } from '../local/index.ts';
import { describePublic, broadcastWords } from '../local/words.ts';
import { bitWords } from '../provider/kinds/truncation.ts';
import { contiguousWords, Share } from '../share.ts';
import { chunksOf, joined } from './chunks.ts';
import { CIRCUIT_CHUNK, circuitCost, run } from './circuit.ts';
import { fromPlanes, joinWords, toPlanes, xorWords } from './planes.ts';

/** Cost of the gate that a circuit computes on n words of `bits` bits. */
export function binaryCost(name: CircuitName, n: number, bits: number): Cost {
  return name === 'and' && bits === WORD_BITS
    ? circuitCost(circuitOf(name, 1), WORD_BITS * n)
    : circuitCost(circuitOf(name, bits), n);
}

/**
 * x AND y, bit by bit, on the bits that both may have.
 *
 * Cost    1 round, 2 bits a bit; dealer 1 bit a bit.
 * Leaks   nothing: both operands are opened under fresh masks.
 * Paper   Beaver 1991.
 */
export function and(ctx: Context, x: BinaryShare, y: BinaryShare): BinaryShare {
  const width = Math.min(x.bits, y.bits);
  const whole = width === WORD_BITS;
  return gate(ctx, circuitOf('and', whole ? 1 : width), [x, y], {
    width,
    whole,
    state: (_, planes) => joinWords(...planes),
    result: (_, planes) => planes.subarray(0, planes.length / 2),
  });
}

/**
 * y where the bit is 1, else 0.
 *
 * Cost    1 round, 1 bit for the bit and 1 for each bit of y; dealer 1 bit for each bit of y.
 * Leaks   nothing: all are opened under fresh masks.
 */
export function pick(ctx: Context, bit: BinaryShare, y: BinaryShare): BinaryShare {
  assert(bit.bits === 1, 'a bit picks');
  return gate(ctx, circuitOf('pick', y.bits), [y, bit], {
    width: y.bits,
    fracBits: y.fracBits,
    state: (_, [planes, conditions], w) => joinWords(planes, conditions.subarray(0, w)),
    result: (_, planes, w) => planes.subarray(0, y.bits * w),
  });
}

/**
 * [the low `bits` bits of x are all 1]: a tree of ANDs.
 *
 * Cost    ceil(log2 bits) rounds, 2·(bits − 1) bits an element; dealer bits − 1 bits. 6 rounds and 15.75 B at 64 bits.
 * Leaks   nothing: every node is opened under a fresh mask.
 */
export function every(ctx: Context, x: BinaryShare, bits: number): BinaryShare {
  return gate(ctx, circuitOf('every', bits), [x], {
    width: 1,
    fracBits: 0,
    state: (_, [planes]) => planes,
    result: (_, planes, w) => planes.subarray(0, w),
  });
}

/**
 * x + y mod 2^bits, by Sklansky's adder.
 *
 * Cost    two secrets: 1 + ceil(log2(bits − 1)) rounds; 7 and 53.75 B an element at 64 bits, dealer 46.6 B. A public y: 6 rounds,
 *         38 B, dealer 38.75 B.
 * Error   exact.
 * Leaks   nothing: every node is opened under a fresh mask.
 */
export function add(ctx: Context, x: BinaryShare, y: BinaryOperand, bits: number): BinaryShare {
  const name = y instanceof BinaryShare ? 'add' : 'addPublic';
  return gate(ctx, circuitOf(name, bits), [x, y], {
    width: bits,
    state: (arena, [p, q]) => addends(ctx, arena, p, q, name === 'addPublic'),
    result: (arena, after, w, before) => sumOf(arena, after, before, bits, w),
  });
}

/**
 * [x mod 2^bits + y mod 2^bits ≥ 2^bits], by a tree of carries.
 *
 * Cost    two secrets: 1 + ceil(log2 bits) rounds; 7 and 38.9 B an element at 64 bits, dealer 23 B. A public y: 6 rounds, 22.9 B,
 *         dealer 15 B.
 * Error   exact.
 * Leaks   nothing: every node is opened under a fresh mask.
 */
export function carry(ctx: Context, x: BinaryShare, y: BinaryOperand, bits: number): BinaryShare {
  const name = y instanceof BinaryShare ? 'carry' : 'carryPublic';
  return gate(ctx, circuitOf(name, bits), [x, y], {
    width: 1,
    fracBits: 0,
    state: (arena, [p, q]) => addends(ctx, arena, p, q, name === 'carryPublic'),
    result: (_, planes, w) => planes.subarray((bits - 1) * w, bits * w),
  });
}

/** What an adder starts from: x, x ⊕ y, y; or for a public y, which party 0 alone adds, x·y, x ⊕ y. */
export function addends(ctx: Context, arena: Arena, x: Words, y: Words, isPublic: boolean): Words {
  if (!isPublic) return joinWords(x, xorWords(arena, x, y), y);
  const generate = arena.scope(() => {
    const out = arena.put(x);
    arena.kernels.and(out, out, arena.put(y), x.length);
    return arena.take(out, x.length);
  });
  return joinWords(generate, ctx.rank === 0 ? xorWords(arena, x, y) : x);
}

/** The sum's planes: bit j is x_j ⊕ y_j, as they were before the circuit, ⊕ the carry out of all bits below. */
export function sumOf(arena: Arena, after: Words, before: Words, bits: number, w: number): Words {
  const carries = joinWords(newWords(w), after.subarray(0, (bits - 1) * w));
  return xorWords(arena, before.subarray(bits * w, 2 * bits * w), carries);
}

/** What a gate does around its circuit, on planes of w words. */
interface Body {
  /** Bits of the result. */
  readonly width: number;
  /** Fractional bits of the result; the finest operand's unless said. */
  readonly fracBits?: number;
  /** Words are planes already, each of their bits an element. */
  readonly whole?: boolean;
  /** The circuit's state from its operands. */
  state(arena: Arena, operands: readonly Words[], w: number): Words;
  /** The result from the state after the circuit, and before. */
  result(arena: Arena, after: Words, w: number, before: Words): Words;
}

/** An operand's part of a chunk. */
type Part = Share | PublicWords;

function gate(
  ctx: Context,
  circuit: Circuit,
  operands: readonly BinaryOperand[],
  body: Body,
): BinaryShare {
  const shape = operands.map((x) => x.shape).reduce((a, b) => broadcastShapes(circuit.name, a, b));
  const split = operands.map((x) => partsOf(ctx, x, shape));
  const chunks = split[0].map((_, i) => {
    const parts = split.map((list) => list[i]);
    return chunk(ctx, circuit, parts, body);
  });
  return new BinaryShare(joined(ctx, chunks, shape), body.width);
}

function chunk(ctx: Context, circuit: Circuit, parts: readonly Part[], body: Body): Share {
  const { arena } = ctx;
  const [{ shape }] = parts;
  const n = sizeOf(shape);
  const { whole = false, fracBits = Math.max(...parts.map((x) => x.fracBits)) } = body;
  const lanes = whole ? WORD_BITS * n : n;
  const open = parts.filter((x): x is PublicWords => !(x instanceof Share));
  const text = `binary ${circuit.name} ${circuit.bits} ${showShape(shape)} ${lanes}`;
  const first = ctx.step(
    [text, ...open.map((p) => describePublic(arena, p))].join(' '),
    parts.filter((x) => x instanceof Share),
  );
  const { rounds } = circuitCost(circuit, lanes);
  const depth = first.depth + rounds;
  const facts = { fracBits, nominal: fracBits, depth, digest: first.digest };
  if (n === 0) return Share.fresh(shape, facts, newWords(0));
  const w = bitWords(lanes);
  const words = all(parts.map((x) => (x instanceof Share ? contiguousWords(arena, x) : x.words)));
  const before = then(words, (list) => {
    const planes = list.map((own) => (whole ? own : toPlanes(arena, own, circuit.bits)));
    return body.state(arena, planes, w);
  });
  const after = run(ctx, first, circuit, lanes, before);
  const result = then(both(after, before), ([planes, start]) => {
    const out = body.result(arena, planes, w, start);
    return whole ? out : fromPlanes(arena, out, body.width, n);
  });
  return Share.fresh(shape, facts, result);
}

/** An operand's elements of `shape` in row-major order, chunk by chunk. */
function partsOf(ctx: Context, x: BinaryOperand, shape: Shape): readonly Part[] {
  if (x instanceof BinaryShare) {
    const inner = BinaryShare.inner(x);
    return chunksOf(ctx, inner.view(expandView(inner, shape)), CIRCUIT_CHUNK);
  }
  const n = sizeOf(shape);
  const words = broadcastWords(ctx.arena, x, shape);
  if (n <= CIRCUIT_CHUNK) return [{ ...x, shape, words }];
  return Array.from({ length: Math.ceil(n / CIRCUIT_CHUNK) }, (_, i) => {
    const part = words.slice(i * CIRCUIT_CHUNK, (i + 1) * CIRCUIT_CHUNK);
    return { ...x, shape: [part.length], words: part };
  });
}
