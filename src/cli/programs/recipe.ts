/**
 * What every party of a training must know alike: split, batches, initial weights. All public.
 *
 * The same text gives the same numbers at every party and in the float64 twin.
 * @module
 */

import { blake3 } from '@noble/hashes/blake3.js';
import { utf8 } from '../../core/bytes.ts';

/** The public terms of a training. */
export interface Recipe {
  readonly epochs: number;
  /** Rows per step. */
  readonly batch: number;
  /** Learning rate. */
  readonly lr: number;
  /** Width of the hidden ReLU layer; 0 for logistic regression. */
  readonly hidden: number;
  /** Names the permutation and the initial weights. */
  readonly seed: number;
}

/** Rows by number, in the order in which they are used. */
export interface Split {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** One fully connected layer: `weight` is [outputs, inputs], as in PyTorch. */
export interface LayerWeights {
  readonly weight: number[][];
  readonly bias: number[];
}

const TEST_PART = 0.2;

/** A public permutation of the rows: the first 80 % train, the rest tests. */
export function splitRows(rows: number, seed: number): Split {
  const draw = publicCoins(`split of ${rows} rows, seed ${seed}`);
  const order = Array.from({ length: rows }, (_, i) => i);
  for (let i = rows - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const train = rows - Math.round(TEST_PART * rows);
  return { train: order.slice(0, train), test: order.slice(train) };
}

/** `[from, to)` of every batch, in order; the last one may be smaller. */
export function batchesOf(rows: number, batch: number): [from: number, to: number][] {
  return Array.from({ length: Math.ceil(rows / batch) }, (_, i) => [
    i * batch,
    Math.min((i + 1) * batch, rows),
  ]);
}

/** Uniform initial weights within ±1/√inputs, as PyTorch's Linear has them. */
export function initialWeights(inputs: number, hidden: number, seed: number): LayerWeights[] {
  const draw = publicCoins(`weights ${inputs}-${hidden}-1, seed ${seed}`);
  const layer = (from: number, to: number): LayerWeights => {
    const uniform = (): number => (2 * draw() - 1) / Math.sqrt(from);
    const weight = Array.from({ length: to }, () => Array.from({ length: from }, uniform));
    return { weight, bias: Array.from({ length: to }, uniform) };
  };
  return hidden === 0 ? [layer(inputs, 1)] : [layer(inputs, hidden), layer(hidden, 1)];
}

/** Uniform numbers in [0, 1) that everybody can recompute. For public choices only. */
function publicCoins(label: string): () => number {
  const stream = blake3.create({}).update(utf8(`cryptensor/hospitals/1 ${label}`));
  return () => {
    const word = new DataView(stream.xof(4).buffer).getUint32(0, true);
    return word / 2 ** 32;
  };
}
