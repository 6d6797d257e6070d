/**
 * Folding a batch normalisation in evaluation into the layer before it: (W·x + b)·f + s = (W·f)·x + (b·f + s), a product of fewer
 * words, once for each version of what it is made of. Folded weights keep 8 bits more than others, since f may be small.
 * @module
 */

import type { CrypTensor } from '../tensor/index.ts';
import { BatchNorm } from './batch-norm.ts';
import { Conv1d, Conv2d } from './conv.ts';
import { Linear } from './linear.ts';
import type { Module } from './module.ts';
import { VersionCache } from './version-cache.ts';

/** Layers whose outputs are the first dim of their weight. */
type Foldable = Linear | Conv1d | Conv2d;

/** Folded weights. */
interface Folded {
  readonly weight: CrypTensor;
  readonly shift: CrypTensor;
}

/** A layer and the normalisation after it, as one. */
export class Fold {
  readonly #layer: Foldable;
  readonly #norm: BatchNorm;
  readonly #kept = new VersionCache<Folded>();

  constructor(layer: Foldable, norm: BatchNorm) {
    this.#layer = layer;
    this.#norm = norm;
  }

  /** The pair, if one follows the other so that it can be folded. */
  static of(layer: Module, next: Module | undefined): Fold | null {
    const foldable = layer instanceof Linear || layer instanceof Conv1d || layer instanceof Conv2d;
    return foldable && next instanceof BatchNorm ? new Fold(layer, next) : null;
  }

  /** Whether it may be used now: in evaluation, without gradients, for a batch whose channels are dim 1. */
  fits(x: CrypTensor): boolean {
    const dims = this.#layer instanceof Linear ? 2 : this.#layer.weight.shape.length;
    return this.#norm.folds && !x.party.gradEnabled && x.dim() === dims;
  }

  /** What both do one after the other. */
  forward(x: CrypTensor): CrypTensor {
    const { factor, shift } = this.#norm.affineOf(x);
    const weight = this.#layer.weight.tensor;
    const bias = this.#layer.bias?.tensor;
    const parts = [factor, shift, weight, bias].filter((part) => part !== undefined);
    const folded = this.#kept.get(x.party, parts, () => {
      const wide = weight.shape.map((size, axis) => (axis === 0 ? size : 1));
      return {
        weight: factor.reshape(wide).mul(weight).settle_(),
        shift: bias === undefined ? shift : factor.mul(bias).add(shift).settle_(),
      };
    });
    const ones = new Array<number>(weight.shape[0]).fill(1);
    return this.#layer.map(x, folded.weight, null).channelAffine(ones, folded.shift);
  }
}
