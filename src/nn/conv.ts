/**
 * Convolutions over one and two spatial dims. See functions/conv.ts.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sizeOf } from '../core/shape.ts';
import type {
  ConvOptions,
  ConvTransposeOptions,
  CrypTensor,
  SpatialSizes,
  WithBias,
} from '../tensor/index.ts';
import { checkSizes, kernelSizes, secretInput } from './argument.ts';
import { uniform } from './draw.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** Options of a layer: those of the operation, and whether it has a bias. */
export type ConvLayerOptions = ConvOptions & { readonly bias?: boolean };

/** Options of a transposed one. */
export type ConvTransposeLayerOptions = ConvTransposeOptions & { readonly bias?: boolean };

/** What all convolutions have: a kernel, perhaps a bias, uniform in ±1/√fanIn at first, and options. */
export abstract class Convolution extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly #options: ConvTransposeOptions;

  /** @throws {MpcError} ERR_MPC_SHAPE for sizes that are no whole numbers from 1 up or that `groups` does not divide. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernel: readonly number[],
    { bias = true, ...options }: ConvTransposeLayerOptions,
    transposed: boolean,
  ) {
    super();
    const { groups = 1 } = options;
    const { name } = new.target;
    checkSizes(name, { inChannels, outChannels, groups });
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${name}: ${groups} groups do not divide ${inChannels} and ${outChannels} channels`,
      );
    }
    const [first, second] = transposed ? [inChannels, outChannels] : [outChannels, inChannels];
    const shape = [first, second / groups, ...kernel];
    const bound = 1 / Math.sqrt(sizeOf(shape.slice(1)));
    this.#options = options;
    this.weight = new Parameter(shape, () => uniform(shape, -bound, bound));
    this.bias = bias
      ? new Parameter([outChannels], () => uniform([outChannels], -bound, bound))
      : null;
  }

  /** How the kernel slides. */
  get options(): ConvTransposeOptions {
    return this.#options;
  }

  override forward(x: CrypTensor): CrypTensor {
    return this.map(secretInput(this, x), this.weight.tensor, this.bias?.tensor ?? null);
  }

  /** What the layer does, with other weights of the same shapes. */
  map(x: CrypTensor, weight: CrypTensor, bias: CrypTensor | null): CrypTensor {
    const options = bias === null ? this.#options : { ...this.#options, bias };
    return this.convolve(x, weight, options);
  }

  /** The operation. */
  protected abstract convolve(
    x: CrypTensor,
    weight: CrypTensor,
    options: WithBias<ConvTransposeOptions>,
  ): CrypTensor;
}

/** Convolution along one dim. Shape   x: [N,C,L] or [C,L]; weight: [F,C/groups,k]; result: [N,F,L']. */
export class Conv1d extends Convolution {
  /** @throws {MpcError} ERR_MPC_SHAPE as `Convolution`. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: SpatialSizes,
    options: ConvLayerOptions = {},
  ) {
    super(inChannels, outChannels, kernelSizes('Conv1d', kernelSize, 1), options, false);
  }

  protected override convolve(
    x: CrypTensor,
    weight: CrypTensor,
    options: WithBias<ConvTransposeOptions>,
  ): CrypTensor {
    return x.conv1d(weight, options);
  }
}

/** Convolution over two dims. Shape   x: [N,C,H,W] or [C,H,W]; weight: [F,C/groups,h,w]; result: [N,F,H',W']. */
export class Conv2d extends Convolution {
  /** @throws {MpcError} ERR_MPC_SHAPE as `Convolution`. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: SpatialSizes,
    options: ConvLayerOptions = {},
  ) {
    super(inChannels, outChannels, kernelSizes('Conv2d', kernelSize, 2), options, false);
  }

  protected override convolve(
    x: CrypTensor,
    weight: CrypTensor,
    options: WithBias<ConvTransposeOptions>,
  ): CrypTensor {
    return x.conv2d(weight, options);
  }
}

/** Transposed convolution along one dim. Shape   x: [N,C,L] or [C,L]; weight: [C,F/groups,k]; result: [N,F,L']. */
export class ConvTranspose1d extends Convolution {
  /** @throws {MpcError} ERR_MPC_SHAPE as `Convolution`. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: SpatialSizes,
    options: ConvTransposeLayerOptions = {},
  ) {
    super(inChannels, outChannels, kernelSizes('ConvTranspose1d', kernelSize, 1), options, true);
  }

  protected override convolve(
    x: CrypTensor,
    weight: CrypTensor,
    options: WithBias<ConvTransposeOptions>,
  ): CrypTensor {
    return x.convTranspose1d(weight, options);
  }
}

/** Transposed convolution over two dims. Shape   x: [N,C,H,W] or [C,H,W]; weight: [C,F/groups,h,w]; result: [N,F,H',W']. */
export class ConvTranspose2d extends Convolution {
  /** @throws {MpcError} ERR_MPC_SHAPE as `Convolution`. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: SpatialSizes,
    options: ConvTransposeLayerOptions = {},
  ) {
    super(inChannels, outChannels, kernelSizes('ConvTranspose2d', kernelSize, 2), options, true);
  }

  protected override convolve(
    x: CrypTensor,
    weight: CrypTensor,
    options: WithBias<ConvTransposeOptions>,
  ): CrypTensor {
    return x.convTranspose2d(weight, options);
  }
}
