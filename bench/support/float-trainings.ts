/**
 * What the trainings of the benchmarks give, in doubles.
 * @module
 */

import { linear, multiplied, rectified, transposed, type Values } from './float-layers.ts';
import { logistic } from './float-nets.ts';
import { logSoftmax, type Reference } from './references.ts';
import { BATCH_ROWS, LOGISTIC_LR, MLP_LR, SVM } from './trainings.ts';

/** Weights and bias of `svm`. */
export const svmTrained: Reference = ([x, y, w, b]) => {
  const examples = x.shape[1];
  let weights: Values = { shape: w.shape, values: w.values.slice() };
  let [bias] = b.values;
  const columns = transposed(x);
  for (let epoch = 0; epoch < SVM.epochs; epoch++) {
    const margins = multiplied(weights, x).values;
    const gradient = y.values.map((label, i) => {
      return Math.sign(margins[i] + bias) === label ? 0 : -label;
    });
    const step = multiplied({ shape: [1, examples], values: gradient }, columns).values;
    const rate = SVM.lr / examples;
    weights = { ...weights, values: weights.values.map((value, i) => value - rate * step[i]) };
    bias -= rate * gradient.reduce((sum, value) => sum + value, 0);
  }
  return Float64Array.of(...weights.values, bias);
};

/** Weights, bias and losses of `logisticEpoch`. */
export const logisticTrained: Reference = ([left, right, y, w, b]) => {
  const [columns] = w.shape;
  const [all] = left.shape;
  const own = left.shape[1];
  const weights = w.values.slice();
  let [bias] = b.values;
  const losses: number[] = [];
  for (let start = 0; start < all; start += BATCH_ROWS) {
    const rows = Math.min(BATCH_ROWS, all - start);
    const gradient = new Float64Array(columns + 1);
    let loss = 0;
    for (let row = start; row < start + rows; row++) {
      const x = Float64Array.of(
        ...left.values.subarray(row * own, (row + 1) * own),
        ...right.values.subarray(row * (columns - own), (row + 1) * (columns - own)),
      );
      const logit = x.reduce((sum, value, i) => sum + value * weights[i], bias);
      const label = y.values[row];
      loss += (Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(logit, 0) - label * logit) / rows;
      const error = (logistic(logit) - label) / rows;
      x.forEach((value, i) => (gradient[i] += error * value));
      gradient[columns] += error;
    }
    weights.forEach((_, i) => (weights[i] -= LOGISTIC_LR * gradient[i]));
    bias -= LOGISTIC_LR * gradient[columns];
    losses.push(loss);
  }
  return Float64Array.of(...weights, bias, ...losses);
};

/** Loss and parameters of `mlpStep`. */
export const mlpStepped: Reference = ([x, y, ...parameters]) => {
  const inputs: Values[] = [x];
  const layers = [0, 2, 4].map((at) => parameters.slice(at, at + 2));
  const outputs = layers.map(([weight, bias], i) => {
    const output = linear(inputs[i], weight, bias);
    inputs.push(rectified(output));
    return output;
  });
  const [rows, classes] = y.shape;
  const logs = new Float64Array(rows * classes);
  for (let at = 0; at < logs.length; at += classes) {
    logs.set(logSoftmax(outputs[2].values.subarray(at, at + classes)), at);
  }
  const loss = logs.reduce((sum, value, i) => sum - (value * y.values[i]) / rows, 0);
  let gradient: Values = {
    shape: y.shape,
    values: logs.map((value, i) => (Math.exp(value) - y.values[i]) / rows),
  };
  const updated: Float64Array[] = [];
  for (let layer = 2; layer >= 0; layer--) {
    const [weight, bias] = layers[layer];
    const width = weight.shape[0];
    const biasGradient = new Float64Array(width);
    gradient.values.forEach((value, i) => (biasGradient[i % width] += value));
    const weightGradient = multiplied(transposed(gradient), inputs[layer]).values;
    updated.unshift(stepped(weight, weightGradient), stepped(bias, biasGradient));
    if (layer === 0) break;
    const before = outputs[layer - 1].values;
    const passed = multiplied(gradient, weight);
    gradient = { ...passed, values: passed.values.map((g, i) => (before[i] > 0 ? g : 0)) };
  }
  return concatenated([Float64Array.of(loss), ...updated]);
};

function stepped({ values }: Values, gradient: Float64Array): Float64Array {
  return values.map((value, i) => value - MLP_LR * gradient[i]);
}

function concatenated(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    out.set(part, at);
    return at + part.length;
  }, 0);
  return out;
}
