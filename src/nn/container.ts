/**
 * `Sequential`: modules one after the other.
 * @module
 */

import type { CrypTensor } from '../tensor/index.ts';
import { secretInput } from './argument.ts';
import { Fold } from './fold.ts';
import { Module } from './module.ts';

/**
 * Modules one after the other, named `0`, `1`, … or by the keys of a record.
 *
 * In evaluation and without gradients, a batch normalisation is folded into the Linear, Conv1d or Conv2d before it.
 */
export class Sequential extends Module {
  readonly layers: readonly Module[];
  /** For each layer, it and the normalisation after it. */
  readonly #folds: readonly (Fold | null)[];

  /**
   * @example
   * new nn.Sequential(new nn.Linear(30, 16), new nn.ReLU(), new nn.Linear(16, 1));
   * new nn.Sequential({ hidden: new nn.Linear(30, 16), activation: new nn.ReLU() });
   */
  constructor(...layers: readonly Module[] | readonly [Readonly<Record<string, Module>>]) {
    super();
    const [first] = layers;
    const record = first === undefined || first instanceof Module ? { ...layers } : first;
    const named = Object.entries(record as Record<string, Module>);
    this.layers = named.map(([name, layer]) => this.registerModule(name, layer));
    this.#folds = this.layers.map((layer, i) => Fold.of(layer, this.layers[i + 1]));
  }

  /** Number of layers. */
  get length(): number {
    return this.layers.length;
  }

  [Symbol.iterator](): Iterator<Module> {
    return this.layers[Symbol.iterator]();
  }

  override forward(x: CrypTensor): CrypTensor {
    let y = secretInput(this, x);
    const { party } = y;
    for (let i = 0; i < this.layers.length; i++) {
      const fold = this.#folds[i];
      const name = `${i} ${this.layers[i].constructor.name}`;
      if (fold?.fits(y)) {
        const next = `${i + 1} ${this.layers[i + 1].constructor.name}`;
        y = party.scope(`${name}, ${next}`, () => fold.forward(y));
        i++;
      } else {
        y = party.scope(name, () => this.layers[i].forward(y));
      }
    }
    return y;
  }
}
