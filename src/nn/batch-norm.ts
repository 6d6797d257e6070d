/**
 * Batch normalisation of channels. See functions/batch-norm.ts.
 *
 * In training by the batch's statistics, which running ones follow. In evaluation by the running ones: their inverse deviation, and
 * without gradients the factor and the shift of each channel, are computed once for each version of what they are made of. All of
 * it is secret, whatever the mode was before `encrypt`.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { showShape } from '../core/shape.ts';
import { type CrypTensor, type Party, Tensor } from '../tensor/index.ts';
import { checkSizes, secretInput } from './argument.ts';
import { ModuleBuffer } from './buffer.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';
import { VersionCache } from './version-cache.ts';

/** Options of batch normalisation. */
export interface BatchNormOptions {
  /** What keeps the variance away from 0; 1e-5 unless said. */
  readonly eps?: number;
  /** How much of a batch's statistics goes into the running ones; 0.1 unless said. */
  readonly momentum?: number;
  /** false: no weight and no bias. */
  readonly affine?: boolean;
  /** false: by the batch's statistics in evaluation as well. */
  readonly trackRunningStats?: boolean;
}

/** What multiplies and what is added, for each channel. */
export interface ChannelAffine {
  readonly factor: CrypTensor;
  readonly shift: CrypTensor;
}

/** What the three have in common; they differ in the dims they take. */
export abstract class BatchNorm extends Module {
  readonly eps: number;
  readonly momentum: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly runningMean: ModuleBuffer | null;
  readonly runningVar: ModuleBuffer | null;
  readonly #dims: readonly number[];
  readonly #inverse = new VersionCache<CrypTensor>();
  readonly #affine = new VersionCache<ChannelAffine>();
  readonly #batches: ModuleBuffer | null;

  /** @throws {MpcError} ERR_MPC_SHAPE unless the number of channels is a whole number from 1 up. */
  constructor(numFeatures: number, options: BatchNormOptions, dims: readonly number[]) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    checkSizes(new.target.name, { numFeatures });
    const shape = [numFeatures];
    const full = (value: number): Tensor =>
      new Tensor(shape, new Float64Array(numFeatures).fill(value));
    this.eps = eps;
    this.momentum = momentum;
    this.#dims = dims;
    this.weight = affine ? new Parameter(shape, () => full(1)) : null;
    this.bias = affine ? new Parameter(shape, () => full(0)) : null;
    const buffer = (name: string, value: Tensor): ModuleBuffer | null =>
      trackRunningStats ? this.registerBuffer(name, ModuleBuffer.of(value)) : null;
    this.runningMean = buffer('running_mean', full(0));
    this.runningVar = buffer('running_var', full(1));
    this.#batches = buffer('num_batches_tracked', new Tensor([], [0]));
  }

  override forward(x: CrypTensor): CrypTensor {
    const input = secretInput(this, x);
    this.#checkDims(input);
    const { runningMean, runningVar, eps, momentum } = this;
    const weight = this.weight?.tensor ?? null;
    const bias = this.bias?.tensor ?? null;
    if (runningMean === null || runningVar === null) {
      return input.batchNorm(weight, bias, { training: true, eps });
    }
    if (!this.training) {
      const { factor, shift } = this.affineOf(input);
      return input.channelAffine(factor, shift);
    }
    const batches = this.#batches?.tensor;
    input.party.noGrad(() => batches?.add_(1));
    const [mean, variance] = [runningMean.tensor, runningVar.tensor];
    const running = { runningMean: mean, runningVar: variance };
    return input.batchNorm(weight, bias, { ...running, training: true, eps, momentum });
  }

  /** Whether it is the same affine map for every batch now. */
  get folds(): boolean {
    return !this.training && this.runningMean !== null;
  }

  /** Factor and shift of each channel in evaluation; kept while nothing changes, unless gradients are wanted. */
  affineOf({ party }: CrypTensor): ChannelAffine {
    if (party.gradEnabled) return this.#affineNow(party);
    const parts = [this.runningMean, this.runningVar, this.weight, this.bias];
    const tensors = parts.filter((part) => part !== null).map((part) => part.tensor);
    return this.#affine.get(party, tensors, () => this.#affineNow(party));
  }

  #affineNow(party: Party): ChannelAffine {
    const { runningMean, runningVar, weight, bias, eps } = this;
    const [mean, variance] = [runningMean, runningVar].map(
      (buffer) => (buffer as ModuleBuffer).tensor,
    );
    // Work on state alone must still belong to the input's party, which may be a fork: 0 + x is x there.
    const here = party.zeros([]);
    const made = this.#inverse.get(party, [variance], () =>
      here.add(variance).inverseDeviation(eps).settle_(),
    );
    const inverse = here.add(made);
    const factor = weight === null ? inverse : inverse.mul(weight.tensor).settle_();
    const shift = factor.mul(mean).neg();
    return { factor, shift: (bias === null ? shift : shift.add(bias.tensor)).settle_() };
  }

  #checkDims(x: CrypTensor): void {
    if (this.#dims.includes(x.dim())) return;
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${this.constructor.name}: expected an input of ${this.#dims.join(' or ')} dims, got ${showShape(x.shape)}`,
    );
  }
}

/** Batch normalisation of [N,C] or [N,C,L]. */
export class BatchNorm1d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(numFeatures, options, [2, 3]);
  }
}

/** Batch normalisation of images [N,C,H,W]. */
export class BatchNorm2d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(numFeatures, options, [4]);
  }
}

/** Batch normalisation of volumes [N,C,D,H,W]. */
export class BatchNorm3d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super(numFeatures, options, [5]);
  }
}
