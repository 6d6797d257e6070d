/**
 * Layers that move elements and compute nothing: identity, flattening, margins.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { CrypTensor } from '../tensor/index.ts';
import { secretInput } from './argument.ts';
import { Module } from './module.ts';

/** Its input. */
export class Identity extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x);
  }
}

/** Dims `startDim` to `endDim` merged; all but the batch dim unless said. */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(startDim = 1, endDim = -1) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).flatten(this.startDim, this.endDim);
  }
}

/** What the three margins have in common. */
export abstract class ConstantPad extends Module {
  /** [left, right, top, bottom, …] from the last dim backward. */
  readonly padding: readonly number[];
  readonly value: number;

  /** @throws {MpcError} ERR_MPC_SHAPE unless the padding is one whole number or two for each dim; negative ones crop. */
  constructor(padding: number | readonly number[], value: number, dims: number) {
    super();
    const list = typeof padding === 'number' ? new Array<number>(2 * dims).fill(padding) : padding;
    if (list.length !== 2 * dims || !list.every(Number.isInteger)) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${new.target.name}: expected a whole number or ${2 * dims} of them as padding, got ${list.join()}`,
      );
    }
    this.padding = [...list];
    this.value = value;
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).pad(this.padding, { value: this.value });
  }
}

/** A margin of one value around the last dim. */
export class ConstantPad1d extends ConstantPad {
  constructor(padding: number | readonly number[], value: number) {
    super(padding, value, 1);
  }
}

/** A margin of one value around the last two dims. */
export class ConstantPad2d extends ConstantPad {
  constructor(padding: number | readonly number[], value: number) {
    super(padding, value, 2);
  }
}

/** A margin of one value around the last three dims. */
export class ConstantPad3d extends ConstantPad {
  constructor(padding: number | readonly number[], value: number) {
    super(padding, value, 3);
  }
}
