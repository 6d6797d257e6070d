/**
 * RMSprop, as torch.optim.RMSprop.
 * @module
 */

import { CrypTensor } from '../tensor/index.ts';
import { decayed, gradientBits, overRoot, refined, squareBits, zerosLike } from './fine.ts';
import { Optimizer, type ParamGroup, type ParamState } from './optimizer.ts';
import { checkDecay, checkFromZero } from './options.ts';

/** Options of RMSprop; all public. */
export interface RMSpropOptions {
  readonly lr?: number;
  /** Decay of the average of squares. */
  readonly alpha?: number;
  /** Added to the root; below 2^−24, as torch's 1e-8, it counts as 0. */
  readonly eps?: number;
  readonly weightDecay?: number;
  readonly momentum?: number;
  /** Divides by the root of the variance of gradients instead of their mean square. */
  readonly centered?: boolean;
}

/**
 * p ← p − lr·g/(√v + eps) for the average v of g², less the square of the average of g when centered; with momentum
 * b ← momentum·b + g/(√v + eps), p ← p − lr·b.
 *
 * Cost    16 rounds, 87.3 B an element of two parties; momentum 1 round and 0.3 B more, centered 3 rounds and 8.5 B, an eps from 2^−24
 *         on 14 rounds and 99 B.
 * Error   as `Adam` of its ratio, for gradients from 1e-3 to 16 in magnitude.
 * Leaks   nothing.
 */
export class RMSprop extends Optimizer<Required<RMSpropOptions>> {
  /** @throws {MpcError} ERR_MPC_RANGE for options that torch refuses, too. */
  constructor(
    params: readonly CrypTensor[] | readonly ParamGroup<Required<RMSpropOptions>>[],
    {
      lr = 0.01,
      alpha = 0.99,
      eps = 1e-8,
      weightDecay = 0,
      momentum = 0,
      centered = false,
    }: RMSpropOptions = {},
  ) {
    super(params, { lr, alpha, eps, weightDecay, momentum, centered }, checkOptions);
  }

  protected override update(
    parameter: CrypTensor,
    grad: CrypTensor,
    { lr, alpha, eps, weightDecay, momentum, centered }: Required<RMSpropOptions>,
    state: ParamState | undefined,
  ): ParamState {
    const { precision } = parameter.party;
    const [coarse, fine] = [gradientBits(precision), squareBits(precision)];
    const sum = (name: string, bits: number): CrypTensor => {
      const before = state?.[name];
      return before instanceof CrypTensor ? before : zerosLike(parameter, bits);
    };
    const g = refined(weightDecay === 0 ? grad : grad.add(parameter.mul(weightDecay)), coarse);
    const squares = decayed(sum('squares', fine), alpha, refined(g.square(), fine));
    const next: Record<string, CrypTensor> = { squares };
    let spread = squares;
    if (centered) {
      next['sum'] = decayed(sum('sum', coarse), alpha, g);
      const mean = next['sum'].mul(1 - alpha).settle_();
      spread = squares.sub(
        refined(mean.square(), fine)
          .mul(1 / (1 - alpha))
          .settle_(),
      );
    }
    // v = spread·(1 − alpha).
    const root = Math.sqrt(1 - alpha);
    const direction = overRoot(g, spread, root, eps);
    if (momentum === 0) {
      this.move(parameter, direction.mul(lr / root));
    } else {
      next['momentum'] = decayed(sum('momentum', coarse), momentum, direction.mul(1 / root));
      this.move(parameter, next['momentum'].mul(lr));
    }
    return next;
  }
}

function checkOptions(options: Required<RMSpropOptions>): void {
  const { lr, alpha, eps, weightDecay, momentum } = options;
  checkFromZero('RMSprop', { lr, eps, weightDecay, momentum });
  checkDecay('RMSprop', { alpha });
}
