/**
 * Pools over windows, and adaptive ones. See functions/pooling.ts, max-pool.ts and adaptive-pool.ts.
 * @module
 */

import type {
  AvgPoolOptions,
  CrypTensor,
  MaxPoolOptions,
  OutputSizes,
  SpatialSizes,
} from '../tensor/index.ts';
import { kernelSizes, secretInput } from './argument.ts';
import { Module } from './module.ts';

/** What pools over windows have: a size, and options. */
abstract class WindowPool<Options> extends Module {
  readonly kernelSize: readonly number[];
  readonly options: Options;

  /** @throws {MpcError} ERR_MPC_SHAPE unless the size is a whole number from 1 up, or one for each dim. */
  constructor(kernelSize: SpatialSizes, options: Options, dims: number) {
    super();
    this.kernelSize = kernelSizes(new.target.name, kernelSize, dims);
    this.options = options;
  }
}

/** Largest elements of windows along the last dim. */
export class MaxPool1d extends WindowPool<MaxPoolOptions> {
  constructor(kernelSize: SpatialSizes, options: MaxPoolOptions = {}) {
    super(kernelSize, options, 1);
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).maxPool1d(this.kernelSize, this.options);
  }
}

/** Largest elements of windows over the last two dims. */
export class MaxPool2d extends WindowPool<MaxPoolOptions> {
  constructor(kernelSize: SpatialSizes, options: MaxPoolOptions = {}) {
    super(kernelSize, options, 2);
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).maxPool2d(this.kernelSize, this.options);
  }
}

/** Means of windows along the last dim. */
export class AvgPool1d extends WindowPool<AvgPoolOptions> {
  constructor(kernelSize: SpatialSizes, options: AvgPoolOptions = {}) {
    super(kernelSize, options, 1);
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).avgPool1d(this.kernelSize, this.options);
  }
}

/** Means of windows over the last two dims. */
export class AvgPool2d extends WindowPool<AvgPoolOptions> {
  constructor(kernelSize: SpatialSizes, options: AvgPoolOptions = {}) {
    super(kernelSize, options, 2);
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).avgPool2d(this.kernelSize, this.options);
  }
}

/** What adaptive pools have: the sizes of the result; null keeps the image's. */
abstract class AdaptivePool extends Module {
  readonly outputSize: OutputSizes;

  constructor(outputSize: OutputSizes) {
    super();
    this.outputSize = outputSize;
  }
}

/** Means of so many windows along the last dim. */
export class AdaptiveAvgPool1d extends AdaptivePool {
  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).adaptiveAvgPool1d(this.outputSize);
  }
}

/** Means of so many windows over the last two dims. */
export class AdaptiveAvgPool2d extends AdaptivePool {
  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).adaptiveAvgPool2d(this.outputSize);
  }
}

/** Largest elements of so many windows along the last dim. */
export class AdaptiveMaxPool1d extends AdaptivePool {
  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).adaptiveMaxPool1d(this.outputSize);
  }
}

/** Largest elements of so many windows over the last two dims. */
export class AdaptiveMaxPool2d extends AdaptivePool {
  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).adaptiveMaxPool2d(this.outputSize);
  }
}

/** The mean of every channel: all dims after the second become 1. */
export class GlobalAveragePool extends Module {
  override forward(x: CrypTensor): CrypTensor {
    const input = secretInput(this, x);
    const spatial = input.shape.map((_, axis) => axis).slice(2);
    return spatial.length === 0 ? input : input.mean(spatial, { keepdim: true });
  }
}
