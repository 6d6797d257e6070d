/**
 * Stochastic gradient descent, as torch.optim.SGD.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { CrypTensor } from '../tensor/index.ts';
import { Optimizer, type ParamGroup } from './optimizer.ts';

/** Options of SGD; all public. */
export interface SGDOptions {
  readonly lr: number;
  readonly momentum?: number;
  readonly dampening?: number;
  readonly weightDecay?: number;
  readonly nesterov?: boolean;
}

/**
 * p ← p − lr·d with d = g + weightDecay·p, then momentum: b ← momentum·b + (1 − dampening)·d (b = d the first time),
 * d ← b, or d + momentum·b under Nesterov.
 *
 * A step leaves each parameter truncated at its own precision: one storage, one version, one mask a step.
 */
export class SGD extends Optimizer<Required<SGDOptions>> {
  readonly #buffers = new Map<CrypTensor, CrypTensor>();

  /** @throws {MpcError} ERR_MPC_RANGE for options that torch refuses, too. */
  constructor(
    params: readonly CrypTensor[] | readonly ParamGroup<Required<SGDOptions>>[],
    { lr, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false }: SGDOptions,
  ) {
    super(params, { lr, momentum, dampening, weightDecay, nesterov });
    for (const group of this.groups) checkOptions(group);
  }

  override step(): void {
    for (const group of this.groups) {
      for (const parameter of group.params) {
        const { grad } = parameter;
        if (grad === null) continue;
        parameter.party.noGrad(() => this.#update(parameter, grad, group));
      }
    }
  }

  #update(parameter: CrypTensor, grad: CrypTensor, options: Required<SGDOptions>): void {
    const { lr, momentum, dampening, weightDecay, nesterov } = options;
    let d = weightDecay === 0 ? grad : grad.add(parameter.mul(weightDecay));
    if (momentum !== 0) {
      const before = this.#buffers.get(parameter);
      const buffer =
        before === undefined ? d.detach() : before.mul(momentum).add(d.mul(1 - dampening));
      this.#buffers.set(parameter, buffer.settle_());
      d = nesterov ? d.add(buffer.mul(momentum)) : buffer;
    }
    parameter.sub_(d.mul(lr)).settle_();
  }
}

function checkOptions(options: Required<SGDOptions>): void {
  const { lr, momentum, dampening, weightDecay, nesterov } = options;
  for (const [name, value] of Object.entries({ lr, momentum, weightDecay })) {
    if (!(value >= 0 && Number.isFinite(value))) {
      throw new MpcError('ERR_MPC_RANGE', `SGD: ${name} must be a number from 0 up, got ${value}`);
    }
  }
  if (!Number.isFinite(dampening)) {
    throw new MpcError('ERR_MPC_RANGE', `SGD: dampening must be a number, got ${dampening}`);
  }
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new MpcError('ERR_MPC_RANGE', 'SGD: nesterov needs a momentum and no dampening');
  }
}
