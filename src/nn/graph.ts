/**
 * `Graph`: modules as named nodes of a graph without cycles, with several inputs and outputs.
 *
 * Nodes run in an order that only their names and edges decide, the same at every party; a value is let go after its last use.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { type CrypTensor, type TensorLike } from '../tensor/index.ts';
import { planOf, type GraphNode, type Step } from './graph-plan.ts';
import { Module } from './module.ts';

/**
 * Modules as nodes; `Out` is a tensor for one output and an array of them for several.
 *
 * @example
 * const graph = new nn.Graph(['x'], ['y'])
 *   .addModule('hidden', new nn.Linear(4, 4), ['x'])
 *   .addModule('act', new nn.ReLU(), ['hidden'])
 *   .addModule('y', sum, ['act', 'x']);
 */
export class Graph<Out = CrypTensor> extends Module<Out> {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #nodes: GraphNode[] = [];
  #plan: readonly Step[] | undefined;

  /** @throws {MpcError} ERR_MPC_MODEL without outputs, or for an input that is named twice. */
  constructor(inputNames: readonly string[], outputNames: readonly string[]) {
    super();
    if (outputNames.length === 0) {
      throw new MpcError('ERR_MPC_MODEL', 'Graph: expected at least one output name, got none');
    }
    const twice = inputNames.find((name, i) => inputNames.indexOf(name) < i);
    if (twice !== undefined) {
      throw new MpcError('ERR_MPC_MODEL', `Graph: the input ${twice} is named twice`);
    }
    this.inputNames = [...inputNames];
    this.outputNames = [...outputNames];
  }

  /** The nodes, in the order they were added. */
  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  /**
   * A node: reads `inputs`, which may be added later and may repeat, and makes `outputs`, one of its own name unless said.
   *
   * @throws {MpcError} ERR_MPC_MODEL for an output that something else makes, or a name that is taken.
   */
  addModule(
    name: string,
    module: Module<unknown>,
    inputs: readonly string[],
    outputs: readonly string[] = [name],
  ): this {
    const made = new Set([...this.inputNames, ...this.#nodes.flatMap((node) => node.outputs)]);
    for (const output of outputs) {
      if (made.has(output)) {
        throw new MpcError(
          'ERR_MPC_MODEL',
          `Graph: ${name} would make ${output}, which there is already; take another name`,
        );
      }
      made.add(output);
    }
    this.registerModule(name, module);
    this.#nodes.push({ name, module, inputs: [...inputs], outputs: [...outputs] });
    this.#plan = undefined;
    return this;
  }

  /**
   * Runs the nodes that the outputs need.
   *
   * @throws {MpcError} ERR_MPC_MODEL for another number of inputs, a value that nothing makes, a cycle, or a node that returns another
   * number of values than it has outputs.
   */
  override forward(...inputs: readonly (TensorLike | undefined)[]): Out {
    const { inputNames, outputNames } = this;
    if (inputs.length !== inputNames.length) {
      throw new MpcError(
        'ERR_MPC_MODEL',
        `Graph: expected ${inputNames.length} inputs (${inputNames.join(', ')}), got ${inputs.length}`,
      );
    }
    this.#plan ??= planOf(this.#nodes, inputNames, outputNames);
    const values = new Map<string, unknown>(inputNames.map((name, i) => [name, inputs[i]]));
    for (const step of this.#plan) {
      const read = step.inputs.map((name) => values.get(name) as TensorLike);
      const made = outputsOf(step, step.module.forward(...read));
      step.outputs.forEach((name, i) => values.set(name, made[i]));
      for (const name of step.last) values.delete(name);
    }
    const results = outputNames.map((name) => values.get(name));
    return (results.length === 1 ? results[0] : results) as Out;
  }
}

function outputsOf({ name, outputs }: GraphNode, made: unknown): readonly unknown[] {
  if (outputs.length === 1 && !Array.isArray(made)) return [made];
  if (Array.isArray(made) && made.length >= outputs.length) return made;
  throw new MpcError(
    'ERR_MPC_MODEL',
    `Graph: ${name} has ${outputs.length} outputs (${outputs.join(', ')}), its module returned ${Array.isArray(made) ? made.length : 1}`,
  );
}
