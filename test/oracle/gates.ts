/**
 * Slow twins of the gates over BigInt, and of strided views; arbitrary views for fast-check.
 * @module
 */

import fc from 'fast-check';
import { contiguousStrides, sizeOf } from '../../src/core/shape.ts';
import type { Words } from '../../src/kernels/memory.ts';
import type { View } from '../../src/ring/view.ts';
import { positions } from './ring.ts';

const signed = (word: bigint): bigint => BigInt.asIntN(64, word);
const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);

/** The words a view reads, in row-major order. */
export const viewed = (words: Words, view: View): bigint[] =>
  positions([...view.shape], [...view.strides]).map((at) => words[at + view.offset]);

/** [x < 0]. */
export const negative = (x: bigint): bigint => (signed(x) < 0n ? 1n : 0n);

/** floor(x/2^m); the secure gate may give one more. */
export const floorShift = (x: bigint, m: number): bigint => wrap(signed(x) >> BigInt(m));

/** Whether `got` is floor(x/2^m) or one ulp more. */
export const isTruncation = (got: bigint, x: bigint, m: number): boolean =>
  wrap(got - floorShift(x, m)) <= 1n;

/** Whether `got` is max(x, 0) truncated by m bits. */
export const isRectified = (got: bigint, x: bigint, m: number): boolean =>
  signed(x) < 0n ? got === 0n : isTruncation(got, x, m);

/** x·y elementwise. */
export const mul = (x: readonly bigint[], y: readonly bigint[]): bigint[] =>
  x.map((word, i) => wrap(word * y[i]));

/** A storage size and a view of it, made by slicing, transposing, flipping and expanding. */
export interface ArbitraryView {
  readonly length: number;
  readonly view: View;
}

interface Edit {
  readonly kind: 'slice' | 'flip' | 'swap' | 'expand' | 'pick';
  readonly a: number;
  readonly b: number;
}

const edits = fc.array(
  fc.record({
    kind: fc.constantFrom<Edit['kind'][]>('slice', 'flip', 'swap', 'expand', 'pick'),
    a: fc.nat(5),
    b: fc.nat(5),
  }),
  { maxLength: 4 },
);

/** Views of rank 0 to 4, sizes 0 to 5: 0-d, empty, odd, offset, negative strides, stride 0. */
export const arbitraryView: fc.Arbitrary<ArbitraryView> = fc
  .tuple(fc.array(fc.nat(5), { maxLength: 3 }), edits)
  .map(([base, list]) => {
    const whole = { shape: base, strides: contiguousStrides(base), offset: 0 };
    return { length: sizeOf(base), view: list.reduce<View>(edited, whole) };
  });

/** The same views with at least one element, whose positions are all different. */
export const arbitraryInjectiveView: fc.Arbitrary<ArbitraryView> = arbitraryView.filter(
  ({ view }) => view.shape.every((dim, axis) => dim === 1 || view.strides[axis] !== 0),
);

function edited(view: View, { kind, a, b }: Edit): View {
  const rank = view.shape.length;
  const shape = [...view.shape];
  const strides = [...view.strides];
  let { offset } = view;
  if (kind === 'expand') {
    if (rank < 4) return { shape: [1 + (a % 3), ...shape], strides: [0, ...strides], offset };
    return view;
  }
  if (rank === 0) return view;
  const axis = a % rank;
  const dim = shape[axis];
  if (kind === 'swap') {
    const other = b % rank;
    [shape[axis], shape[other]] = [shape[other], shape[axis]];
    [strides[axis], strides[other]] = [strides[other], strides[axis]];
  } else if (kind === 'flip') {
    offset += strides[axis] * Math.max(dim - 1, 0);
    strides[axis] = -strides[axis];
  } else if (kind === 'slice') {
    const from = dim === 0 ? 0 : b % dim;
    const step = 1 + (a % 2);
    offset += from * strides[axis];
    shape[axis] = Math.ceil((dim - from) / step);
    strides[axis] *= step;
  } else if (dim > 0) {
    offset += (b % dim) * strides[axis];
    shape.splice(axis, 1);
    strides.splice(axis, 1);
  }
  return { shape, strides, offset };
}
