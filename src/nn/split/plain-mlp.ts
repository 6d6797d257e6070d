/**
 * A plain float64 network that one party keeps to itself: the feature party's side of split learning.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import { showShape } from '../../core/shape.ts';
import { Tensor } from '../../tensor/index.ts';
import { uniform } from '../draw.ts';

/** What split learning needs of the feature party's model: a last linear layer with one output, and anything before it. */
export interface PlainModel {
  /** The last layer's inputs, [rows, width], and its outputs, [rows]; kept for `backward`. */
  forward(x: Tensor): { readonly inputs: Tensor; readonly logits: Float64Array };
  /**
   * Gradients of the last layer (weight, then bias: width + 1 numbers) as they are, and of all before it from those of the logits of
   * the last `forward`.
   */
  backward(lastLayer: Float64Array, logits: Float64Array): void;
  /** One step of gradient descent. */
  step(lr: number): void;
}

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** [outputs, inputs], row by row. */
  readonly weight: Float64Array;
  readonly bias: Float64Array;
  readonly weightGrad: Float64Array;
  readonly biasGrad: Float64Array;
}

/** Linear layers with ReLU between them and one output. */
export class PlainMLP implements PlainModel {
  readonly #layers: readonly Layer[];
  /** Inputs of each layer in the last forward pass. */
  #inputs: readonly Float64Array[] = [];
  #rows = 0;

  /**
   * Weights start uniform in ±1/√inputs, as `Linear`'s.
   *
   * @param sizes of the input, the hidden layers, and 1.
   * @throws {MpcError} ERR_MPC_SHAPE for fewer than two sizes, sizes that are no counts, or a last one that is not 1.
   */
  constructor(sizes: readonly number[]) {
    const counts = sizes.every((size) => Number.isInteger(size) && size >= 1);
    if (sizes.length < 2 || !counts || sizes.at(-1) !== 1) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `PlainMLP: expected sizes from the input to 1, got ${sizes.join(', ')}`,
      );
    }
    this.#layers = sizes.slice(1).map((outputs, i) => newLayer(sizes[i], outputs));
  }

  /** Weights and biases by the names they have in a `Sequential` of `Linear` and `ReLU`. */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries(
      this.#layers.flatMap(({ inputs, outputs, weight, bias }, i) => [
        [`${2 * i}.weight`, new Tensor([outputs, inputs], weight)],
        [`${2 * i}.bias`, new Tensor([outputs], bias)],
      ]),
    );
  }

  /** @throws {MpcError} ERR_MPC_MODEL unless all names are there, each with as many values as it needs. */
  loadStateDict(state: Readonly<Record<string, Tensor>>): void {
    const parts = this.#layers.flatMap(({ weight, bias }, i): [string, Float64Array][] => [
      [`${2 * i}.weight`, weight],
      [`${2 * i}.bias`, bias],
    ]);
    for (const [name, own] of parts) {
      if (state[name]?.data.length === own.length) continue;
      throw new MpcError('ERR_MPC_MODEL', `PlainMLP: ${name} must have ${own.length} values`);
    }
    for (const [name, own] of parts) own.set(state[name].data);
  }

  forward(x: Tensor): { readonly inputs: Tensor; readonly logits: Float64Array } {
    const [first] = this.#layers;
    if (x.shape.length !== 2 || x.shape[1] !== first.inputs) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `PlainMLP: expected rows of ${first.inputs}, got ${showShape(x.shape)}`,
      );
    }
    this.#rows = x.shape[0];
    const inputs: Float64Array[] = [];
    let values: Float64Array = x.data;
    this.#layers.forEach((layer, i) => {
      if (i > 0) values = values.map((value) => Math.max(value, 0));
      inputs.push(values);
      values = apply(layer, values, this.#rows);
    });
    this.#inputs = inputs;
    const last = this.#layers[this.#layers.length - 1];
    const given = inputs[inputs.length - 1];
    return { inputs: new Tensor([this.#rows, last.inputs], given), logits: values };
  }

  backward(lastLayer: Float64Array, logits: Float64Array): void {
    const last = this.#layers[this.#layers.length - 1];
    last.weightGrad.set(lastLayer.subarray(0, last.inputs));
    last.biasGrad.set(lastLayer.subarray(last.inputs));
    let gradient: Float64Array = logits;
    for (let i = this.#layers.length - 1; i > 0; i--) {
      const through = back(this.#layers[i], gradient, this.#rows);
      const inputs = this.#inputs[i];
      gradient = through.map((value, at) => (inputs[at] > 0 ? value : 0));
      collect(this.#layers[i - 1], this.#inputs[i - 1], gradient, this.#rows);
    }
  }

  step(lr: number): void {
    for (const { weight, bias, weightGrad, biasGrad } of this.#layers) {
      weightGrad.forEach((value, at) => (weight[at] -= lr * value));
      biasGrad.forEach((value, at) => (bias[at] -= lr * value));
    }
  }
}

function newLayer(inputs: number, outputs: number): Layer {
  const bound = 1 / Math.sqrt(inputs);
  return {
    inputs,
    outputs,
    weight: uniform([outputs, inputs], -bound, bound).data,
    bias: uniform([outputs], -bound, bound).data,
    weightGrad: new Float64Array(outputs * inputs),
    biasGrad: new Float64Array(outputs),
  };
}

/** x·Wᵀ + b. */
function apply({ inputs, outputs, weight, bias }: Layer, x: Float64Array, rows: number) {
  const y = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    for (let out = 0; out < outputs; out++) {
      let sum = bias[out];
      for (let k = 0; k < inputs; k++) sum += x[row * inputs + k] * weight[out * inputs + k];
      y[row * outputs + out] = sum;
    }
  }
  return y;
}

/** dy·W. */
function back({ inputs, outputs, weight }: Layer, dy: Float64Array, rows: number): Float64Array {
  const dx = new Float64Array(rows * inputs);
  for (let row = 0; row < rows; row++) {
    for (let out = 0; out < outputs; out++) {
      const slope = dy[row * outputs + out];
      for (let k = 0; k < inputs; k++) dx[row * inputs + k] += slope * weight[out * inputs + k];
    }
  }
  return dx;
}

/** dyᵀ·x and the sums of dy. */
function collect(
  { inputs, outputs, weightGrad, biasGrad }: Layer,
  x: Float64Array,
  dy: Float64Array,
  rows: number,
): void {
  weightGrad.fill(0);
  biasGrad.fill(0);
  for (let row = 0; row < rows; row++) {
    for (let out = 0; out < outputs; out++) {
      const slope = dy[row * outputs + out];
      biasGrad[out] += slope;
      for (let k = 0; k < inputs; k++) weightGrad[out * inputs + k] += slope * x[row * inputs + k];
    }
  }
}
