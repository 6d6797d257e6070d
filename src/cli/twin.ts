/**
 * The same training in float64 and in the clear: what the private one is measured against.
 *
 * Written out with plain loops, so that it shares nothing with the code that it checks.
 * @module
 */

import { batchesOf, type LayerWeights, type Recipe } from './programs/recipe.ts';

/** What a training ended with. */
export interface Trained {
  readonly layers: readonly LayerWeights[];
  /** Loss over all training rows after each epoch. */
  readonly losses: readonly number[];
  /** Part of the test rows that are classified rightly. */
  readonly accuracy: number;
}

/** Rows of features, and labels of 0 and 1. */
export interface Labelled {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}

/** Trains one layer or two, with SGD on the binary cross entropy. */
export function trainInTheClear(
  recipe: Recipe,
  initial: readonly LayerWeights[],
  train: Labelled,
  test: Labelled,
): Trained {
  const layers = structuredClone(initial) as LayerWeights[];
  const losses: number[] = [];
  for (let epoch = 0; epoch < recipe.epochs; epoch++) {
    for (const [from, to] of batchesOf(train.y.length, recipe.batch)) {
      step(layers, train.x.slice(from, to), train.y.slice(from, to), recipe.lr);
    }
    losses.push(meanLoss(layers, train));
  }
  const right = test.x.filter((row, i) => logit(layers, row) >= 0 === test.y[i] >= 0.5).length;
  return { layers, losses, accuracy: right / test.y.length };
}

/** The largest difference between two sets of weights. */
export function largestDifference(a: readonly LayerWeights[], b: readonly LayerWeights[]): number {
  const left = flatten(a);
  const right = flatten(b);
  if (left.length !== right.length) return Infinity;
  return left.reduce((max, value, i) => Math.max(max, Math.abs(value - right[i])), 0);
}

/** All numbers of a model in one list. */
export function flatten(layers: readonly LayerWeights[]): number[] {
  return layers.flatMap(({ weight, bias }) => [...weight.flat(), ...bias]);
}

/** One step of SGD on one batch. */
function step(
  layers: readonly LayerWeights[],
  x: readonly (readonly number[])[],
  y: readonly number[],
  lr: number,
): void {
  // All gradients come from the weights before the step.
  const before = structuredClone(layers) as LayerWeights[];
  x.forEach((row, i) => {
    const inputs = activations(before, row);
    // d(loss)/d(logit) = sigmoid(logit) − label, averaged over the batch.
    let delta = [(sigmoid(logit(before, row)) - y[i]) / x.length];
    for (let at = layers.length - 1; at >= 0; at--) {
      const input = inputs[at];
      const { weight, bias } = layers[at];
      delta.forEach((d, out) => {
        input.forEach((value, j) => (weight[out][j] -= lr * d * value));
        bias[out] -= lr * d;
      });
      if (at > 0) {
        // Through the weights, then through the ReLU that made `input`.
        delta = input.map((value, j) =>
          value > 0 ? delta.reduce((sum, d, out) => sum + d * before[at].weight[out][j], 0) : 0,
        );
      }
    }
  });
}

/** The input of each layer. */
function activations(layers: readonly LayerWeights[], row: readonly number[]): number[][] {
  const inputs = [[...row]];
  for (const layer of layers.slice(0, -1)) {
    inputs.push(affine(layer, inputs[inputs.length - 1]).map((value) => Math.max(value, 0)));
  }
  return inputs;
}

function logit(layers: readonly LayerWeights[], row: readonly number[]): number {
  return affine(layers[layers.length - 1], activations(layers, row)[layers.length - 1])[0];
}

function affine({ weight, bias }: LayerWeights, input: readonly number[]): number[] {
  return weight.map((row, out) => row.reduce((sum, w, j) => sum + w * input[j], bias[out]));
}

function meanLoss(layers: readonly LayerWeights[], { x, y }: Labelled): number {
  const losses = x.map((row, i) => {
    const z = logit(layers, row);
    return Math.max(z, 0) - z * y[i] + Math.log1p(Math.exp(-Math.abs(z)));
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / y.length;
}

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
