/**
 * The gates on bits, with the layout of what they put on the wire: plane by plane.
 *
 * Circuits are taken at 8 bits: every kind of layer is there, and one plane more or less is like the others.
 * @module
 */

import { CIRCUIT_CHUNK } from '../../src/protocol/additive/circuit.ts';
import { bitsFor, TO_ARITHMETIC_CHUNK } from '../../src/protocol/additive/convert.ts';
import { circuitOf, type Circuit } from '../../src/protocol/binary/circuit.ts';
import { andBP } from '../../src/protocol/binary/local.ts';
import { BinaryShare } from '../../src/protocol/binary/share.ts';
import type { Context } from '../../src/protocol/context.ts';
import { circuitRequest } from '../../src/protocol/provider/kinds/binary.ts';
import { toArithmeticRequest, toBinaryRequest } from '../../src/protocol/provider/kinds/convert.ts';
import type { Share } from '../../src/protocol/share.ts';
import { bits } from '../support/bits.ts';
import { withBound, wordsOf } from '../support/seats.ts';
import { words, type Field, type Gate } from './_gates.ts';

const WIDTH = 8;
/** A bound under which words of 16 fractional bits have 8 bits. */
const BOUND = -10;

/** A field for each plane; n is a multiple of 64. */
const planes = (name: string, list: Iterable<number>, n: number): Field[] =>
  Array.from(list, (plane) => ({ name: `${name} ${plane}`, bits: n, group: 1 }));
const layers = ({ name, layers }: Circuit, n: number): Field[][] =>
  layers.map(({ wires }, i) => planes(`${name} layer ${i}, plane`, wires, n));
/** Shared bits are counted plane by plane, too. */
const dealtFields: NonNullable<Gate['dealtFields']> = ({ name, sharing, words: length }, n) =>
  sharing === 'xor' ? planes(`${name} plane`, Array(length / (n / 64)).keys(), n) : undefined;
const inner = BinaryShare.inner;

/** An input of XOR shares, as the share that holds them. */
const put: NonNullable<Gate['put']> = (ctx, src, shape, own) => inner(bits(ctx, src, shape, own));
const whole = (x: Share): BinaryShare => new BinaryShare(x, 64);
const cut = (ctx: Context, x: Share, width: number): BinaryShare =>
  andBP(ctx, whole(x), { shape: [], words: wordsOf([2 ** width - 1]), fracBits: 0 });

/** Every gate on bits that opens something, reveal excluded. */
export function bitGates(): Gate[] {
  const circuit = (name: Circuit['name'], run: Gate['run']): Gate => ({
    name: `bits: ${name}`,
    put,
    run,
    openings: (n) => layers(circuitOf(name, WIDTH), n),
    dealt: (n) => circuitRequest(circuitOf(name, WIDTH), n).segments,
    dealtFields,
    piece: CIRCUIT_CHUNK,
  });
  const open = { shape: [], words: wordsOf([77]), fracBits: 0 };
  return [
    {
      name: 'bits: and of words',
      put,
      run: (ctx, x, y) => inner(ctx.gates.binary.and(ctx, whole(x), whole(y))),
      openings: (n) => [[words('x ⊕ a', n), words('y ⊕ b', n)]],
      dealt: (n) => circuitRequest(circuitOf('and', 1), 64 * n).segments,
      dealtFields,
      piece: CIRCUIT_CHUNK,
    },
    circuit('and', (ctx, x, y) =>
      inner(ctx.gates.binary.and(ctx, cut(ctx, x, WIDTH), cut(ctx, y, WIDTH))),
    ),
    circuit('pick', (ctx, x, y) =>
      inner(ctx.gates.binary.pick(ctx, cut(ctx, x, 1), cut(ctx, y, WIDTH))),
    ),
    circuit('every', (ctx, x) => inner(ctx.gates.binary.every(ctx, whole(x), WIDTH))),
    circuit('add', (ctx, x, y) => inner(ctx.gates.binary.add(ctx, whole(x), whole(y), WIDTH))),
    circuit('addPublic', (ctx, x) => inner(ctx.gates.binary.add(ctx, whole(x), open, WIDTH))),
    circuit('carry', (ctx, x, y) => inner(ctx.gates.binary.carry(ctx, whole(x), whole(y), WIDTH))),
    circuit('carryPublic', (ctx, x) => inner(ctx.gates.binary.carry(ctx, whole(x), open, WIDTH))),
    {
      name: 'bits: from arithmetic',
      run: (ctx, x) => {
        const bounded = withBound(x, BOUND);
        if (bitsFor(bounded) !== WIDTH) throw new Error('test: the bound is for other words');
        return inner(ctx.gates.binary.fromArithmetic(ctx, bounded));
      },
      openings: (n) => [[words('c', n, 1)], ...layers(circuitOf('addPublic', WIDTH), n)],
      dealt: (n) => toBinaryRequest(n, WIDTH).segments,
      dealtFields,
      piece: CIRCUIT_CHUNK,
    },
    {
      name: 'bits: to arithmetic',
      put,
      run: (ctx, x) => ctx.gates.binary.toArithmetic(ctx, whole(x), WIDTH),
      openings: (n) => [planes('z', Array(WIDTH).keys(), n)],
      dealt: (n) => toArithmeticRequest(n, WIDTH).segments,
      piece: TO_ARITHMETIC_CHUNK,
    },
  ];
}
