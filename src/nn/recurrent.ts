/**
 * What recurrent layers share: layers, directions, the walk along a sequence.
 *
 * The inputs of all steps are projected at once; only the projection of the hidden state and the gates follow each other.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sameShape, showShape, type Shape } from '../core/shape.ts';
import type { CrypTensor } from '../tensor/index.ts';
import { checkProbability, checkSizes, secretInput } from './argument.ts';
import { uniform } from './draw.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** Options of the recurrent layers. */
export interface RecurrentOptions {
  /** Layers on top of each other; 1 unless said. */
  readonly numLayers?: number;
  /** false: the projections add nothing. */
  readonly bias?: boolean;
  /** true: [N,L,…] instead of [L,N,…]. */
  readonly batchFirst?: boolean;
  /** Probability that an output of a layer that is not the last is dropped in training; 0 unless said. */
  readonly dropout?: number;
  /** true: each layer reads the sequence backwards as well. */
  readonly bidirectional?: boolean;
}

/** Parameters of one layer in one direction. */
interface Direction {
  readonly weightIh: Parameter;
  readonly weightHh: Parameter;
  readonly biasIh: Parameter | null;
  readonly biasHh: Parameter | null;
}

/**
 * A recurrent layer; `forward` of its kinds returns the outputs of the last layer at every step, and the last states.
 *
 * Shape   x: [L,N,inputSize] or [L,inputSize]; states: [layers·directions,N,hiddenSize], zeros unless given; outputs:
 *         [L,N,directions·hiddenSize].
 */
export abstract class Recurrent extends Module<readonly CrypTensor[]> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly #layers: readonly (readonly Direction[])[];

  /**
   * `gates` is how many vectors of the hidden size a step is made of. All parameters start uniform in ±1/√hiddenSize.
   *
   * @throws {MpcError} ERR_MPC_SHAPE unless all sizes are whole numbers from 1 up, ERR_MPC_RANGE for no probability.
   */
  constructor(inputSize: number, hiddenSize: number, gates: number, options: RecurrentOptions) {
    super();
    const { numLayers = 1, bias = true, batchFirst = false, dropout = 0 } = options;
    const { name } = new.target;
    checkSizes(name, { inputSize, hiddenSize, numLayers });
    checkProbability(name, dropout);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.bidirectional = options.bidirectional ?? false;
    const bound = 1 / Math.sqrt(hiddenSize);
    const parameter = (key: string, shape: Shape): Parameter =>
      this.registerParameter(key, new Parameter(shape, () => uniform(shape, -bound, bound)));
    const rows = gates * hiddenSize;
    const endings = this.bidirectional ? ['', '_reverse'] : [''];
    this.#layers = Array.from({ length: numLayers }, (_, layer) =>
      endings.map((ending) => {
        const end = `l${layer}${ending}`;
        const width = layer === 0 ? inputSize : endings.length * hiddenSize;
        return {
          weightIh: parameter(`weight_ih_${end}`, [rows, width]),
          weightHh: parameter(`weight_hh_${end}`, [rows, hiddenSize]),
          biasIh: bias ? parameter(`bias_ih_${end}`, [rows]) : null,
          biasHh: bias ? parameter(`bias_hh_${end}`, [rows]) : null,
        };
      }),
    );
  }

  /** The next states, the hidden one first, from the projections of the input and of the hidden state. */
  protected abstract step(
    fromInput: CrypTensor,
    fromHidden: CrypTensor,
    states: readonly CrypTensor[],
  ): readonly CrypTensor[];

  /**
   * Outputs of the last layer, then the last states; `count` states, each as given or zeros.
   *
   * @throws {MpcError} ERR_MPC_SHAPE for an input or a state of another shape.
   */
  protected run(x: CrypTensor, given: readonly (CrypTensor | undefined)[]): readonly CrypTensor[] {
    const input = secretInput(this, x);
    const single = input.dim() === 2;
    this.#check(input.shape);
    const batched = single ? input.unsqueeze(1) : input;
    let sequence = this.batchFirst && !single ? batched.transpose(0, 1) : batched;
    const start = given.map((state) => this.#start(sequence, state, single));
    const last: (readonly CrypTensor[])[] = [];
    this.#layers.forEach((directions, layer) => {
      if (layer > 0) sequence = sequence.dropout(this.dropout, { training: this.training });
      const outputs = directions.map((direction, i) => {
        const at = layer * directions.length + i;
        const states = start.map((state) => state.index(at));
        const walked = this.#walk(sequence, direction, states, i === 1);
        last.push(walked.states);
        return walked.outputs;
      });
      sequence = outputs.length === 1 ? outputs[0] : x.party.cat(outputs, 2);
    });
    const ends = given.map((_, kind) => x.party.stack(last.map((states) => states[kind])));
    if (single) return [sequence, ...ends].map((tensor) => tensor.squeeze(1));
    return [this.batchFirst ? sequence.transpose(0, 1) : sequence, ...ends];
  }

  #walk(
    sequence: CrypTensor,
    { weightIh, weightHh, biasIh, biasHh }: Direction,
    start: readonly CrypTensor[],
    backwards: boolean,
  ): { readonly outputs: CrypTensor; readonly states: readonly CrypTensor[] } {
    const projected = plus(sequence.matmul(weightIh.tensor.t()), biasIh);
    const weight = weightHh.tensor.t();
    const inputs = projected.unbind(0);
    const outputs: CrypTensor[] = [];
    let states = start;
    for (const input of backwards ? inputs.toReversed() : inputs) {
      states = this.step(input, plus(states[0].matmul(weight), biasHh), states);
      outputs.push(states[0]);
    }
    const ordered = backwards ? outputs.toReversed() : outputs;
    return { outputs: sequence.party.stack(ordered), states };
  }

  /** A state as [layers·directions,N,hiddenSize]. */
  #start(sequence: CrypTensor, given: CrypTensor | undefined, single: boolean): CrypTensor {
    const count = this.numLayers * (this.bidirectional ? 2 : 1);
    const shape = [count, sequence.shape[1], this.hiddenSize];
    if (given === undefined) return sequence.party.zeros(shape);
    const state = single && given.dim() === 2 ? given.unsqueeze(1) : given;
    if (sameShape(state.shape, shape)) return state;
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${this.constructor.name}: expected a state of shape ${showShape(shape)}, got ${showShape(given.shape)}`,
    );
  }

  #check(shape: Shape): void {
    const fits = (shape.length === 2 || shape.length === 3) && shape.at(-1) === this.inputSize;
    const length = this.batchFirst && shape.length === 3 ? shape[1] : shape[0];
    if (fits && length > 0) return;
    const wanted = this.batchFirst ? '[N,L,I]' : '[L,N,I]';
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${this.constructor.name}: expected ${wanted} or [L,I] with L > 0 and I = ${this.inputSize}, got ${showShape(shape)}`,
    );
  }
}

function plus(x: CrypTensor, bias: Parameter | null): CrypTensor {
  return bias === null ? x : x.add(bias.tensor);
}
