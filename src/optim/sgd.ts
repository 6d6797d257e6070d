/**
 * Stochastic gradient descent, as torch.optim.SGD, with CrypTen's threshold for gradients.
 * @module
 */

import { CrypTensor } from '../tensor/index.ts';
import { Optimizer, type ParamGroup, type ParamState } from './optimizer.ts';
import { checkFromZero, refused } from './options.ts';

/** Options of SGD; all public. */
export interface SGDOptions {
  readonly lr: number;
  readonly momentum?: number;
  readonly dampening?: number;
  readonly weightDecay?: number;
  readonly nesterov?: boolean;
  /** Elements of a gradient of this magnitude or more count as 0; null: none do. */
  readonly gradThreshold?: number | null;
}

/**
 * p ← p − lr·d with d = g·[g² < gradThreshold²] + weightDecay·p, then momentum: b ← momentum·b + (1 − dampening)·d (b = d the first
 * time), d ← b, or d + momentum·b under Nesterov.
 *
 * A step leaves each parameter truncated at its own precision: one storage, one version, one mask a step.
 *
 * Cost    a truncation of the step, one of the buffer with momentum; with a threshold 4 rounds and 36.5 B an element more.
 * Error   1 ulp of the sum of all steps, which add up unrounded, and what a gradient or buffer has; a factor keeps 16 significant bits.
 * Leaks   nothing: neither values nor which elements a threshold drops.
 */
export class SGD extends Optimizer<Required<SGDOptions>> {
  /** @throws {MpcError} ERR_MPC_RANGE for options that torch refuses, too. */
  constructor(
    params: readonly CrypTensor[] | readonly ParamGroup<Required<SGDOptions>>[],
    {
      lr,
      momentum = 0,
      dampening = 0,
      weightDecay = 0,
      nesterov = false,
      gradThreshold = null,
    }: SGDOptions,
  ) {
    const defaults = { lr, momentum, dampening, weightDecay, nesterov, gradThreshold };
    super(params, defaults, checkOptions);
  }

  protected override update(
    parameter: CrypTensor,
    grad: CrypTensor,
    { lr, momentum, dampening, weightDecay, nesterov, gradThreshold }: Required<SGDOptions>,
    state: ParamState | undefined,
  ): ParamState {
    let d = gradThreshold === null ? grad : below(grad, gradThreshold);
    if (weightDecay !== 0) d = d.add(parameter.mul(weightDecay));
    let next: ParamState = {};
    if (momentum !== 0) {
      const before = state?.['momentum'];
      const buffer =
        before instanceof CrypTensor ? before.mul(momentum).add(d.mul(1 - dampening)) : d.detach();
      next = { momentum: buffer.settle_() };
      d = nesterov ? d.add(buffer.mul(momentum)) : buffer;
    }
    this.move(parameter, d.mul(lr));
    return next;
  }
}

/** g where |g| < threshold, else 0: two comparisons, exact where a square would underflow. */
function below(grad: CrypTensor, threshold: number): CrypTensor {
  const g = grad.settle_();
  return g.mul(g.lt(threshold).sub(g.le(-threshold)));
}

function checkOptions(options: Required<SGDOptions>): void {
  const { lr, momentum, dampening, weightDecay, nesterov, gradThreshold } = options;
  checkFromZero('SGD', { lr, momentum, weightDecay, gradThreshold: gradThreshold ?? 0 });
  if (!Number.isFinite(dampening)) {
    throw refused('SGD', `dampening must be a number, got ${dampening}`);
  }
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw refused('SGD', 'nesterov needs a momentum and no dampening');
  }
}
