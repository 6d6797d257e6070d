/**
 * The trainings of the benchmarks, as a user writes them. Each begins with weights that are given, so that it can be repeated.
 * @module
 */

import { SGD } from '../../src/optim/index.ts';
import type { CrypTensor, Tensor } from '../../src/tensor/index.ts';

/** Rows of a batch of the logistic regression. */
export const BATCH_ROWS = 32;

/** Public constants of the trainings. */
export const SVM = { epochs: 50, lr: 0.5 } as const;
export const LOGISTIC_LR = 0.5;
export const MLP_LR = 0.5;

/**
 * CrypTen's example `mpc_linear_svm` with its defaults. Every epoch reveals the accuracy; the last weights are revealed, too.
 *
 * Shape   x: [features, examples]; y: [1, examples] of ±1; w: [1, features]; b: [1].
 */
export async function svm(
  x: CrypTensor,
  y: CrypTensor,
  w: CrypTensor,
  b: CrypTensor,
): Promise<Tensor> {
  const { party } = x;
  const { epochs, lr } = SVM;
  const accuracies: Promise<Tensor>[] = [];
  const columns = x.t();
  for (let epoch = 0; epoch < epochs; epoch++) {
    const correct = w.matmul(x).add(b).sign().mul(y);
    accuracies.push(correct.add(1).div(2).mean().getPlainText());
    const gradient = y.neg().mul(correct.neg().add(1)).mul(0.5);
    const step = gradient.matmul(columns).div(x.size(1));
    w = w.sub(step.mul(lr));
    b = b.sub(gradient.mean().mul(lr));
  }
  const weights = party.cat([w.flatten(), b.flatten()]).getPlainText();
  await Promise.all(accuracies);
  return weights;
}

/**
 * One epoch of logistic regression on columns that two parties hold. Result: weights, bias, and the loss of every batch.
 *
 * Shape   left, right: [rows, columns]; y: [rows, 1]; w: [columns of both, 1]; b: [1].
 */
export function logisticEpoch(
  left: CrypTensor,
  right: CrypTensor,
  y: CrypTensor,
  w: CrypTensor,
  b: CrypTensor,
): CrypTensor {
  const { party } = left;
  const x = party.cat([left, right], 1);
  const [weight, bias] = trainable(w, b);
  const optimizer = new SGD([weight, bias], { lr: LOGISTIC_LR });
  const losses: CrypTensor[] = [];
  for (let at = 0; at < x.size(0); at += BATCH_ROWS) {
    const rows = Math.min(BATCH_ROWS, x.size(0) - at);
    const logits = x.narrow(0, at, rows).matmul(weight).add(bias);
    const loss = logits.binaryCrossEntropyWithLogits(y.narrow(0, at, rows));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.detach());
  }
  return joined([weight, bias, ...losses]);
}

/**
 * One step of the 784-128-128-10 network: forward, cross-entropy, backward, SGD. Result: the loss, and all parameters.
 *
 * Shape   x: [rows, 784]; y: [rows, 10], one-hot; parameters as `mlp` in nets.ts has them.
 */
export function mlpStep(
  x: CrypTensor,
  y: CrypTensor,
  ...parameters: readonly CrypTensor[]
): CrypTensor {
  const weights = trainable(...parameters);
  const optimizer = new SGD(weights, { lr: MLP_LR });
  const [w1, b1, w2, b2, w3, b3] = weights;
  const first = x.matmul(w1.t()).add(b1).relu();
  const second = first.matmul(w2.t()).add(b2).relu();
  const loss = second.matmul(w3.t()).add(b3).crossEntropy(y);
  loss.backward();
  optimizer.step();
  return joined([loss.detach(), ...weights]);
}

/** The same secrets as parameters. */
function trainable(...tensors: readonly CrypTensor[]): CrypTensor[] {
  return tensors.map((tensor) => {
    const parameter = tensor.detach();
    parameter.requiresGrad = true;
    return parameter;
  });
}

/** All elements in a row. */
function joined(tensors: readonly CrypTensor[]): CrypTensor {
  const [{ party }] = tensors;
  return party.noGrad(() => party.cat(tensors.map((tensor) => tensor.flatten())));
}
