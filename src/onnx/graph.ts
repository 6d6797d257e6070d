/**
 * `OnnxGraph`: a loaded model as a module.
 * @module
 */

import { assert, MpcError } from '../core/errors.ts';
import { sameShape, showShape, type Shape } from '../core/shape.ts';
import { Module } from '../nn/index.ts';
import type { CrypTensor, Party } from '../tensor/index.ts';
import { operand } from './call.ts';
import { Fixed, type Value } from './fixed.ts';
import { quoted } from './limits.ts';
import { fits, planFor, type Plan, type PlannedStep } from './plan.ts';
import { prepare, type GraphInput, type Prepared } from './prepare.ts';
import type { Model } from './schema.ts';
import { registerWeights, type Weight } from './weights.ts';

/** What is known of a model beyond its file. */
export interface LoadOptions {
  /** Shapes of inputs by name, where the file leaves sizes open. */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
}

/** A graph of ONNX operators; its parameters and buffers are the file's float initializers, by their names. */
export class OnnxGraph extends Module {
  /** The file's own structure; `save` writes it with the parameters of now. */
  readonly model: Model;
  /** Its nodes that count, and its values by kind. */
  readonly prepared: Prepared;
  readonly #weights: ReadonlyMap<string, Weight>;
  #plan: { readonly key: string; readonly plan: Plan } | null = null;

  /**
   * @throws {MpcError} ERR_MPC_MODEL for what is no model or not supported; see `UnsupportedNodes`. Where all sizes are known,
   * shapes are checked as well.
   */
  constructor(model: Model, { inputShapes = {} }: LoadOptions = {}) {
    super();
    this.model = model;
    this.prepared = prepare(model);
    this.#weights = registerWeights(this, this.prepared.weights);
    const shapes = this.prepared.inputs.map((input) => shapeOf(input, inputShapes));
    if (shapes.every((shape) => shape !== null)) this.#planned(shapes);
  }

  /** Parameters and buffers by the names that the file gives them. */
  get weights(): ReadonlyMap<string, Weight> {
    return this.#weights;
  }

  /** Names of the inputs, in the order of `forward`'s arguments. */
  get inputs(): readonly string[] {
    return this.prepared.inputs.map(({ name }) => name);
  }

  /** Names of the outputs. */
  get outputs(): readonly string[] {
    return this.prepared.outputs;
  }

  /** The version of ONNX's operator set that the model follows. */
  get opset(): number {
    return this.prepared.opset;
  }

  /**
   * Shapes of all values by name, for shapes of the inputs.
   *
   * @throws {MpcError} ERR_MPC_SHAPE for inputs that do not fit, ERR_MPC_MODEL for nodes that do not.
   */
  shapes(...inputs: readonly Shape[]): ReadonlyMap<string, Shape> {
    const { facts } = this.#planned(inputs);
    return new Map([...facts].map(([name, { shape }]) => [name, shape]));
  }

  /** The first output. */
  override forward(...inputs: readonly CrypTensor[]): CrypTensor {
    return this.run(...inputs)[this.outputs[0]];
  }

  /**
   * All outputs by name.
   *
   * @throws {MpcError} ERR_MPC_SHAPE for inputs that do not fit; ERR_MPC_MODEL before `encrypt`, or for nodes that do not fit.
   */
  run(...inputs: readonly CrypTensor[]): Record<string, CrypTensor> {
    const { steps, facts } = this.#planned(inputs.map(({ shape }) => shape));
    const { party } = inputs[0];
    const values = new Map<string, Value>();
    this.prepared.inputs.forEach(({ name }, i) => values.set(name, inputs[i]));
    const read = (name: string): Value =>
      values.get(name) ?? facts.get(name)?.value ?? (this.#weights.get(name) as Weight).tensor;
    steps.forEach((planned, i) =>
      party.scope(`${i} ${planned.node.op}`, () => runStep(party, planned, read, values)),
    );
    return Object.fromEntries(
      this.outputs.map((name) => [name, party.lift('onnx', operand(read(name)))]),
    );
  }

  #planned(shapes: readonly Shape[]): Plan {
    const { inputs } = this.prepared;
    const wrong = inputs.findIndex(
      ({ dims }, i) => shapes[i] === undefined || !fits(dims, shapes[i]),
    );
    if (shapes.length !== inputs.length || wrong >= 0) {
      const wanted = inputs.map(({ name, dims }) => `${quoted(name)} ${showDims(dims)}`).join(', ');
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `onnx: expected ${wanted}; got ${shapes.map(showShape).join(', ') || 'nothing'}`,
      );
    }
    const key = shapes.map(showShape).join();
    if (this.#plan?.key !== key) this.#plan = { key, plan: planFor(this.prepared, shapes) };
    return this.#plan.plan;
  }
}

function runStep(
  party: Party,
  { node, step, last }: PlannedStep,
  read: (name: string) => Value,
  values: Map<string, Value>,
): void {
  const inputs: (Value | null)[] = node.inputs.map((name) => (name === '' ? null : read(name)));
  const first = inputs[0];
  const secret = inputs.some((input) => input !== null && !(input instanceof Fixed));
  if (!secret && step.folds !== true) inputs[0] = party.lift('onnx', operand(first as Fixed));
  const results = step.run(inputs);
  node.outputs.forEach((name, i) => {
    const value = results[i];
    if (name === '' || value === undefined) return;
    assert(
      sameShape(value.shape, step.outputs[i].shape),
      `${node.op} made ${showShape(value.shape)}, planned ${showShape(step.outputs[i].shape)}`,
    );
    values.set(name, value);
  });
  for (const name of last) values.delete(name);
}

/** An input's shape, from the file or from the caller. */
function shapeOf({ name, dims }: GraphInput, given: LoadOptions['inputShapes']): Shape | null {
  const said = given !== undefined && Object.hasOwn(given, name) ? given[name] : undefined;
  if (said !== undefined) return said;
  return dims !== null && dims.every((dim) => dim !== null) ? dims : null;
}

function showDims(dims: GraphInput['dims']): string {
  return dims === null ? 'of any shape' : `[${dims.map((dim) => dim ?? '?').join(',')}]`;
}
