/**
 * Adam and AdamW, as torch.optim.
 * @module
 */

import { CrypTensor } from '../tensor/index.ts';
import { decayed, gradientBits, overRoot, refined, squareBits, zerosLike } from './fine.ts';
import { Optimizer, type ParamGroup, type ParamState } from './optimizer.ts';
import { checkDecay, checkFromZero } from './options.ts';

/** Options of Adam; all public. */
export interface AdamOptions {
  readonly lr?: number;
  /** Decay of the averages of gradients and of their squares. */
  readonly betas?: readonly [number, number];
  /** Added to the root; below 2^−24, as torch's 1e-8, it counts as 0. */
  readonly eps?: number;
  readonly weightDecay?: number;
  /** Divides by the largest average of squares so far. */
  readonly amsgrad?: boolean;
}

/**
 * p ← p − lr·m̂/(√v̂ + eps) for the averages m̂ and v̂ of g and g², corrected for their start at 0; g holds weightDecay·p.
 *
 * Cost    17 rounds, 95.5 B an element of two parties; amsgrad 3 rounds and 10.3 B more, an eps from 2^−24 on 14 rounds and 99 B.
 * Error   of m̂/√v̂, at 16 fractional bits: 2e-3 of it for gradients from 1e-3 to 16 in magnitude, 2^−28/g² for smaller ones at
 *         first. Below 6e-5 their squares are rounded to 0 or 2^−28 at random, and 0 moves nothing. Beyond 16 squares overflow.
 * Leaks   nothing.
 */
export class Adam extends Optimizer<Required<AdamOptions>> {
  /** Whether weight decay shrinks parameters beside the step instead of entering the averages. */
  readonly #decoupled: boolean;

  /** @throws {MpcError} ERR_MPC_RANGE for options that torch refuses, too. */
  constructor(
    params: readonly CrypTensor[] | readonly ParamGroup<Required<AdamOptions>>[],
    {
      lr = 1e-3,
      betas = [0.9, 0.999],
      eps = 1e-8,
      weightDecay = 0,
      amsgrad = false,
    }: AdamOptions = {},
    decoupled = false,
  ) {
    super(params, { lr, betas, eps, weightDecay, amsgrad }, checkOptions);
    this.#decoupled = decoupled;
  }

  protected override update(
    parameter: CrypTensor,
    grad: CrypTensor,
    { lr, betas: [beta1, beta2], eps, weightDecay, amsgrad }: Required<AdamOptions>,
    state: ParamState | undefined,
  ): ParamState {
    const { precision } = parameter.party;
    const before = state ?? start(parameter, amsgrad);
    const inner = this.#decoupled ? 0 : weightDecay;
    const g = refined(inner === 0 ? grad : grad.add(parameter.mul(inner)), gradientBits(precision));
    // Powers by multiplication: the same bits at every party.
    const power1 = (before['power1'] as number) * beta1;
    const power2 = (before['power2'] as number) * beta2;
    const first = decayed(before['first'] as CrypTensor, beta1, g);
    const squares = refined(g.square(), squareBits(precision));
    const second = decayed(before['second'] as CrypTensor, beta2, squares);
    const largest = before['largest'] instanceof CrypTensor ? before['largest'] : undefined;
    const bounding = largest === undefined ? second : second.maximum(largest);
    // m̂ = first·(1 − beta1)/(1 − beta1^t), v̂ = second·spread².
    const spread = Math.sqrt((1 - beta2) / (1 - power2));
    const size = (lr * (1 - beta1)) / ((1 - power1) * spread);
    const direction = overRoot(first, bounding, spread, eps).mul(size);
    const outer = this.#decoupled ? lr * weightDecay : 0;
    const change = outer === 0 ? direction : direction.add(parameter.mul(outer));
    this.move(parameter, change);
    const next = { first, second, power1, power2 };
    return largest === undefined ? next : { ...next, largest: bounding };
  }
}

/** Adam whose weight decay shrinks parameters by 1 − lr·weightDecay (0.01 unless said) and does not enter the averages. */
export class AdamW extends Adam {
  /** @throws {MpcError} ERR_MPC_RANGE as `Adam`. */
  constructor(
    params: readonly CrypTensor[] | readonly ParamGroup<Required<AdamOptions>>[],
    { weightDecay = 0.01, ...options }: AdamOptions = {},
  ) {
    super(params, { weightDecay, ...options }, true);
  }
}

function start(parameter: CrypTensor, amsgrad: boolean): ParamState {
  const { precision } = parameter.party;
  const second = zerosLike(parameter, squareBits(precision));
  const first = zerosLike(parameter, gradientBits(precision));
  const state = { first, second, power1: 1, power2: 1 };
  return amsgrad ? { ...state, largest: second } : state;
}

function checkOptions({ lr, betas, eps, weightDecay }: Required<AdamOptions>): void {
  checkFromZero('Adam', { lr, eps, weightDecay });
  const [first, second] = betas;
  checkDecay('Adam', { 'betas[0]': first, 'betas[1]': second });
}
