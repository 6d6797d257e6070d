/**
 * Batch normalisation, by the batch's statistics or by running ones. See functions/batch-norm.ts.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import * as ops from '../../functions/index.ts';
import { apply, mixed, operand, type TensorLike } from '../apply.ts';
import type { Share } from '../../protocol/share.ts';
import { CrypTensor } from '../tensor.ts';

/** Which statistics, and what becomes of them. */
export interface BatchNormMethodOptions {
  /** Mean of each channel; used in evaluation, updated in place in training. */
  readonly runningMean?: CrypTensor;
  /** Variance of each channel; as `runningMean`. */
  readonly runningVar?: CrypTensor;
  /** true: the statistics of this batch. */
  readonly training?: boolean;
  /** How much of a batch's statistics goes into the running ones; 0.1 unless said. */
  readonly momentum?: number;
  /** What keeps the variance away from 0; 1e-5 unless said. */
  readonly eps?: number;
}

/** Methods of a tensor. */
export interface BatchNormMethods {
  /** Each channel, dim 1, to mean 0 and variance 1, times a weight, plus a bias; either may be null. */
  batchNorm(
    weight: TensorLike | null,
    bias: TensorLike | null,
    options?: BatchNormMethodOptions,
  ): CrypTensor;
  /** 1/√(this + eps) for a variance, 8 bits finer than other results; no gradient flows through it. */
  inverseDeviation(eps?: number): CrypTensor;
  /** this·factor + shift, with a factor and a shift for each position of a dim, 1 unless said. */
  channelAffine(factor: TensorLike, shift?: TensorLike | null, dim?: number): CrypTensor;
}

/** What they do. */
export const batchNormMethods: BatchNormMethods & ThisType<CrypTensor> = {
  batchNorm(weight, bias, options = {}) {
    return options.training === true
      ? byBatch(this, weight, bias, options)
      : byRunning(this, weight, bias, options);
  },
  inverseDeviation(eps) {
    return apply(ops.inverseDeviationOp, [this], { eps });
  },
  channelAffine(factor, shift = null, dim = 1) {
    const vectors = shift === null ? [factor] : [factor, shift];
    const operands = vectors.map((vector) => operand('channelAffine', vector));
    return mixed(ops.channelAffineOp, [this, ...operands], dim);
  },
};

function byBatch(
  x: CrypTensor,
  weight: TensorLike | null,
  bias: TensorLike | null,
  { runningMean, runningVar, momentum = 0.1, eps }: BatchNormMethodOptions,
): CrypTensor {
  let found: ops.BatchNormSaved | undefined;
  const keeping: typeof ops.batchNormOp = {
    ...ops.batchNormOp,
    forward(ctx, inputs, opts) {
      const forward = ops.batchNormOp.forward(ctx, inputs, opts);
      // The first is the program's own; a shadow's replays come after it.
      found ??= forward.saved;
      return forward;
    },
  };
  const ones = { shape: [x.shape[1] ?? 0], data: new Array<number>(x.shape[1] ?? 0).fill(1) };
  const factor = weight ?? (bias === null ? null : ones);
  const vectors = [factor, bias].filter((vector) => vector !== null);
  const operands = vectors.map((vector) => operand('batchNorm', vector));
  const y = mixed(keeping, [x, ...operands], { eps });
  if (runningMean !== undefined || runningVar !== undefined) {
    const { context } = y.party;
    const statistics = context.session.ledger.under('batchNorm', () =>
      ops.batchStatistics(context, found as ops.BatchNormSaved),
    );
    [runningMean, runningVar].forEach((running, i) => {
      if (running !== undefined) follow(running, y, statistics[i], momentum);
    });
  }
  return y;
}

/** Moves a running statistic towards that of a batch. */
function follow(running: CrypTensor, y: CrypTensor, statistic: Share, momentum: number): void {
  const { party } = y;
  party.noGrad(() => {
    const batch = new CrypTensor(party, statistic);
    running.copy_(running.mul(1 - momentum).add(batch.mul(momentum))).settle_();
  });
}

function byRunning(
  x: CrypTensor,
  weight: TensorLike | null,
  bias: TensorLike | null,
  { runningMean, runningVar, eps }: BatchNormMethodOptions,
): CrypTensor {
  if (runningMean === undefined || runningVar === undefined) {
    throw new MpcError(
      'ERR_MPC_MODEL',
      'batchNorm: evaluation needs runningMean and runningVar; pass both, or { training: true }',
    );
  }
  const inverse = runningVar.inverseDeviation(eps);
  const factor = weight === null ? inverse : inverse.mul(weight);
  const shift = runningMean.mul(factor).neg();
  return x.channelAffine(factor, bias === null ? shift : shift.add(bias));
}
