/**
 * Movement of binary tensors: as that of arithmetic ones, on the words of their shares. See functions/movement.ts.
 * @module
 */

import { normalizeDim } from '../../core/shape.ts';
import * as ops from '../../functions/index.ts';
import { moveB } from '../../protocol/binary/local.ts';
import type { Context } from '../../protocol/context.ts';
import type { Share } from '../../protocol/share.ts';
import { listOf, type Sizes } from '../apply.ts';
import { toPlain, type PublicTensor } from '../operand.ts';
import { BinaryTensor, liftBits, run, type BinaryLike } from './tensor.ts';

/** Methods of a binary tensor that return one. */
export interface BinaryMovement {
  /** The transpose of a matrix. */
  t(): BinaryTensor;
  /** Two dims swapped. */
  transpose(dim0: number, dim1: number): BinaryTensor;
  /** Dims in another order. */
  permute(...dims: Sizes): BinaryTensor;
  /** Another shape of the same size; one size may be −1. */
  reshape(...sizes: Sizes): BinaryTensor;
  /** Dims `start` to `end` merged. */
  flatten(start?: number, end?: number): BinaryTensor;
  /** Dims of size 1 dropped: all, or those named. */
  squeeze(dim?: number | readonly number[]): BinaryTensor;
  /** A dim of size 1 put in. */
  unsqueeze(dim: number): BinaryTensor;
  /** Dims of size 1 repeated; −1 keeps a size. */
  expand(...sizes: Sizes): BinaryTensor;
  /** `length` positions of a dim from `start`. */
  narrow(dim: number, start: number, length: number): BinaryTensor;
  /** Dims read backwards. */
  flip(dims: number | readonly number[]): BinaryTensor;
  /** Repeated along its dims, and along new leading ones. */
  repeat(...counts: Sizes): BinaryTensor;
  /** Elements and slices: `x.index(0, [1, 4], [], null)` is Python's `x[0, 1:4, :, None]`. */
  index(...entries: readonly ops.IndexEntry[]): BinaryTensor;
  /** This with values where index entries point. */
  setIndex(entries: readonly ops.IndexEntry[], values: BinaryLike): BinaryTensor;
  /** For each entry of an index the element at that position of a dim. */
  gather(dim: number, index: PublicTensor): BinaryTensor;
  /** The positions of a dim that an index lists. */
  indexSelect(dim: number, index: PublicTensor): BinaryTensor;
  /** This with `src`, or one number, written where `gather` would read. */
  scatter(dim: number, index: PublicTensor, src: BinaryLike): BinaryTensor;
  /** A new handle on the same secret. */
  clone(): BinaryTensor;
}

/** Methods of a binary tensor that return several. */
export interface BinarySplit {
  /** Parts of one size, the last one smaller, or of the sizes listed. */
  split(size: number | readonly number[], dim?: number): BinaryTensor[];
  /** As many parts as said, or fewer, all of one size but the last. */
  chunk(chunks: number, dim?: number): BinaryTensor[];
  /** The slices at each position of a dim, which vanishes. */
  unbind(dim?: number): BinaryTensor[];
}

/** What they do. */
export const binaryMovement: BinaryMovement & ThisType<BinaryTensor> = {
  t() {
    return move('t', this, (_, x) => ops.t(x));
  },
  transpose(dim0, dim1) {
    return move('transpose', this, (_, x) => ops.transpose(x, dim0, dim1));
  },
  permute(...dims) {
    return move('permute', this, (_, x) => ops.permute(x, listOf(dims)));
  },
  reshape(...sizes) {
    return move('reshape', this, (ctx, x) => ops.reshape(ctx, x, listOf(sizes)));
  },
  flatten(start = 0, end = -1) {
    return move('flatten', this, (ctx, x) => ops.flatten(ctx, x, start, end));
  },
  squeeze(dim) {
    return move('squeeze', this, (_, x) => ops.squeeze(x, dim));
  },
  unsqueeze(dim) {
    return move('unsqueeze', this, (_, x) => ops.unsqueeze(x, dim));
  },
  expand(...sizes) {
    return move('expand', this, (_, x) => ops.expand(x, listOf(sizes)));
  },
  narrow(dim, start, length) {
    return move('narrow', this, (_, x) => ops.narrow(x, dim, start, length));
  },
  flip(dims) {
    return move('flip', this, (_, x) => ops.flip(x, dims));
  },
  repeat(...counts) {
    return move('repeat', this, (ctx, x) => ops.repeat(ctx, x, listOf(counts)));
  },
  index(...entries) {
    return move('index', this, (_, x) => ops.index(x, entries));
  },
  setIndex(entries, values) {
    const over = liftBits(this.party, 'setIndex', values, this.precision);
    return moveAll('setIndex', [this, over], (ctx, [x, y]) => ops.setIndex(ctx, x, y, entries));
  },
  gather(dim, index) {
    const opts = { dim, index: toPlain('gather', index) };
    return move('gather', this, (ctx, x) => ops.gather(ctx, x, opts));
  },
  indexSelect(dim, index) {
    const opts = { dim, index: toPlain('indexSelect', index) };
    return move('indexSelect', this, (ctx, x) => ops.indexSelect(ctx, x, opts));
  },
  scatter(dim, index, src) {
    const opts = { dim, index: toPlain('scatter', index) };
    const over = liftBits(this.party, 'scatter', src, this.precision);
    return moveAll('scatter', [this, over], (ctx, [x, y]) => ops.scatter(ctx, x, y, opts));
  },
  clone() {
    return move('clone', this, (_, x) => x);
  },
};

/** What they do. */
export const binarySplit: BinarySplit & ThisType<BinaryTensor> = {
  split(size, dim = 0) {
    return partsOf(this, ops.splitSizes(this.shape, dim, size), dim);
  },
  chunk(chunks, dim = 0) {
    return partsOf(this, ops.chunkSizes(this.shape, dim, chunks), dim);
  },
  unbind(dim = 0) {
    const length = ops.lengthOf('unbind', this.shape, dim);
    const before = Array.from({ length: normalizeDim('unbind', dim, this.dim()) }, () => []);
    return Array.from({ length }, (_, i) => this.index(...before, i));
  },
};

/** Binary tensors, some of them public, joined along a dim, which `stack` makes new. */
export function joinBits(
  op: 'cat' | 'stack',
  tensors: readonly BinaryTensor[],
  dim: number,
): BinaryTensor {
  return moveAll(op, tensors, (ctx, parts) => ops[op](ctx, parts, dim));
}

function partsOf(tensor: BinaryTensor, sizes: readonly number[], dim: number): BinaryTensor[] {
  let start = 0;
  return sizes.map((size) => {
    const from = start;
    start += size;
    return tensor.narrow(dim, from, size);
  });
}

function move(op: string, x: BinaryTensor, body: (ctx: Context, x: Share) => Share): BinaryTensor {
  return moveAll(op, [x], (ctx, [own]) => body(ctx, own));
}

function moveAll(
  op: string,
  tensors: readonly BinaryTensor[],
  body: (ctx: Context, parts: readonly Share[]) => Share,
): BinaryTensor {
  return run(op, tensors, (ctx) =>
    moveB(ctx, tensors.map(BinaryTensor.shareOf), (parts) => body(ctx, parts)),
  );
}
