/**
 * Modules made of modules.
 * @module
 */

import type { CrypTensor } from '../tensor/index.ts';
import { Module } from './module.ts';

/** Modules one after the other; they are named `0`, `1`, … */
export class Sequential extends Module {
  readonly layers: readonly Module[];

  constructor(...layers: readonly Module[]) {
    super();
    this.layers = layers;
  }

  override namedChildren(): [string, Module][] {
    return this.layers.map((layer, i) => [String(i), layer]);
  }

  override forward(x: CrypTensor): CrypTensor {
    const { party } = x;
    return this.layers.reduce(
      (y, layer, i) => party.scope(`${i} ${layer.constructor.name}`, () => layer.forward(y)),
      x,
    );
  }
}
