/** How the operations of test/vectors/torch-ops.json are called, and how exact they are. */

import type { IndexEntry } from '../../src/tensor/index.ts';
import { left, right, type Call, type Table, type Variant } from '../support/torch.ts';

/** A public factor that is no integer keeps 16 significant bits: this much of the result may be off, too. */
const BY_FACTOR = 2 ** -17;

const TOLERANCE: Table['tolerance'] = {
  mul: [1, 1],
  mulSelf: [1, 2],
  square: [1, 2],
  matmul: [1, 1],
  div: [3, 6, BY_FACTOR],
  sigmoid: [4, 10],
  mean: [2, 2, BY_FACTOR],
  binaryCrossEntropyWithLogits: [6, 12, BY_FACTOR],
  mseLoss: [2, 6, BY_FACTOR],
  chain: [3, 16, BY_FACTOR],
  shared: [20, 80],
};

const CALLS: Record<string, Call> = {
  neg: ([x]) => x.neg(),
  square: ([x]) => x.square(),
  relu: ([x]) => x.relu(),
  sigmoid: ([x]) => x.sigmoid(),
  abs: ([x]) => x.abs(),
  sign: ([x]) => x.sign(),
  clone: ([x]) => x.clone(),
  mulSelf: ([x]) => x.mul(x),
  addSelf: ([x]) => x.add(x),
  subSelf: ([x]) => x.sub(x),
  add: ([x, y]) => x.add(y),
  sub: ([x, y]) => x.sub(y),
  mul: ([x, y]) => x.mul(y),
  matmul: ([x, y]) => x.matmul(y),
  lt: ([x, y]) => x.lt(y),
  le: ([x, y]) => x.le(y),
  gt: ([x, y]) => x.gt(y),
  ge: ([x, y]) => x.ge(y),
  where: ([c, a, b], _, party) => party.where(c, a, b),
  sum: ([x], [dim, options]) => x.sum(dim ?? undefined, options),
  mean: ([x], [dim, options]) => x.mean(dim ?? undefined, options),
  t: ([x]) => x.t(),
  transpose: ([x], [a, b]) => x.transpose(a, b),
  permute: ([x], [dims]) => x.permute(dims),
  reshape: ([x], [sizes]) => x.reshape(sizes),
  reshapeAfterT: ([x], [sizes]) => (x.dim() > 0 ? x.transpose(0, -1) : x).reshape(sizes),
  flatten: ([x], [start, end]) => x.flatten(start, end),
  squeeze: ([x], [dim]) => x.squeeze(dim),
  unsqueeze: ([x], [dim]) => x.unsqueeze(dim),
  expand: ([x], [sizes]) => x.expand(sizes),
  index: ([x], entries) => x.index(...(entries as readonly IndexEntry[])),
  narrow: ([x], [dim, start, length]) => x.narrow(dim, start, length),
  flip: ([x], [dims]) => x.flip(dims),
  cat: (x, [dim], party) => party.cat(x, dim),
  stack: (x, [dim], party) => party.stack(x, dim),
  mseLoss: ([x, y], [options]) => x.mseLoss(y, options),
  binaryCrossEntropyWithLogits: ([x, y], [options]) => x.binaryCrossEntropyWithLogits(y, options),
  chain: ([x, w, b]) => x.matmul(w).add(b).relu().mul(0.3).mean(0),
  shared: ([x, y]) => x.mul(y).add(x).sigmoid().mul(x).sub(y.mul(y)),
};

const VARIANTS: Record<string, readonly Variant[]> = {
  add: [right((x, y) => x.add(y)), left((x, y) => y.add(x))],
  sub: [right((x, y) => x.sub(y)), left((x, y) => y.rsub(x))],
  mul: [right((x, y) => x.mul(y)), left((x, y) => y.mul(x))],
  div: [right((x, y) => x.div(y))],
  matmul: [right((x, y) => x.matmul(y)), left((x, y) => y.rmatmul(x))],
  lt: [right((x, y) => x.lt(y)), left((x, y) => y.gt(x))],
  le: [right((x, y) => x.le(y)), left((x, y) => y.ge(x))],
  gt: [right((x, y) => x.gt(y)), left((x, y) => y.lt(x))],
  ge: [right((x, y) => x.ge(y)), left((x, y) => y.le(x))],
  where: [
    { open: 0, call: ([, a, b], c, _, party) => party.where(c, a, b) },
    { open: 1, call: ([c, , b], a, _, party) => party.where(c, a, b) },
    { open: 2, call: ([c, a], b) => a.where(c, b) },
  ],
  mseLoss: [right((x, y, [options]) => x.mseLoss(y, options))],
  binaryCrossEntropyWithLogits: [
    right((x, y, [options]) => x.binaryCrossEntropyWithLogits(y, options)),
  ],
};

/** The whole table. */
export const table: Table = { calls: CALLS, variants: VARIANTS, tolerance: TOLERANCE };
