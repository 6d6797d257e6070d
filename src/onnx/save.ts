/**
 * Writing modules as ONNX files: layers of nn in opset 17, loaded graphs as they were, with the parameters of now.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { Graph, type Module } from '../nn/index.ts';
import { Builder, rawTensor, type OpenShape } from './builder.ts';
import { OnnxGraph } from './graph.ts';
import { writeLayer } from './layers.ts';
import { modelError, quoted } from './limits.ts';
import { NotWritten } from './place.ts';
import { WEIGHTS_ABSENT, type Prepared } from './prepare.ts';
import type { Graph as GraphProto, Model, TensorProto } from './schema.ts';
import { writeModel } from './write.ts';

/** What a module does not say of itself; a loaded graph needs none of it. */
export interface SaveOptions {
  /** The shape of the only input, or, for a `Graph`, of each; null sizes may be any. */
  readonly inputShape?: OpenShape;
  readonly inputShapes?: readonly OpenShape[];
  /** Names of inputs and outputs; `input` and `output` unless said, for a `Graph` its own. */
  readonly names?: { readonly inputs?: readonly string[]; readonly outputs?: readonly string[] };
}

const WRITTEN_TYPES = [1, 11];

/**
 * The ONNX file of a module whose parameters are plain, for inference.
 *
 * @throws {MpcError} ERR_MPC_MODEL for parameters that are secret, or layers that have no operators; all of those at once.
 * @example
 * await model.decrypt();
 * await writeFile('model.onnx', onnx.save(model, { inputShape: [null, 3, 32, 32] }));
 */
export function save(module: Module<unknown>, options: SaveOptions = {}): Uint8Array<ArrayBuffer> {
  if (module instanceof OnnxGraph) return writeModel(loaded(module));
  const names = module instanceof Graph ? module.inputNames : ['input'];
  const inputNames = options.names?.inputs ?? names;
  const shapes = options.inputShapes ?? (options.inputShape && [options.inputShape]) ?? [];
  if (shapes.length !== names.length || inputNames.length !== names.length) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `onnx.save: expected shapes and names of ${names.length} inputs (${names.join(', ')})`,
    );
  }
  const builder = new Builder(inputNames.map((name, i) => ({ name, shape: shapes[i] })));
  const bad: string[] = [];
  const values = written(builder, module, inputNames, bad);
  if (bad.length > 0) throw modelError(`these cannot be written:\n  ${bad.join('\n  ')}`);
  const own = module instanceof Graph ? module.outputNames : ['output'];
  const outputNames = options.names?.outputs ?? own;
  if (outputNames.length !== values.length) {
    throw new MpcError('ERR_MPC_SHAPE', `onnx.save: expected names of ${values.length} outputs`);
  }
  return writeModel(builder.finish(values.map((value, i) => ({ name: outputNames[i], value }))));
}

/**
 * A model's file without its parameters' values: what parties load that do not know them.
 *
 * What stays is public: the graph, the shapes, and the numbers that are part of the program.
 */
export function skeleton(model: OnnxGraph): Uint8Array<ArrayBuffer> {
  const { weights } = model.prepared;
  const [key, value] = WEIGHTS_ABSENT;
  const empty = (tensor: TensorProto): TensorProto =>
    weights.has(tensor.name)
      ? { ...tensor, floats: [], int32s: [], int64s: [], doubles: [], uint64s: [], raw: null }
      : tensor;
  const file = live(model, empty);
  return writeModel({ ...file, metadata: new Map([...file.metadata, [key, value]]) });
}

/** The nodes of a loaded model that count, with the parameters of now. */
function loaded(model: OnnxGraph): Model {
  const file = live(model, (tensor) => {
    const weight = model.weights.get(tensor.name);
    if (weight === undefined) return tensor;
    if (!WRITTEN_TYPES.includes(tensor.type)) {
      throw modelError(`parameter ${quoted(tensor.name)} is no 32-bit or 64-bit float in the file`);
    }
    return rawTensor(tensor.name, tensor.type, weight.shape, weight.plain.data);
  });
  const [key] = WEIGHTS_ABSENT;
  return { ...file, metadata: new Map([...file.metadata].filter(([name]) => name !== key)) };
}

function live(model: OnnxGraph, change: (tensor: TensorProto) => TensorProto): Model {
  const { nodes, constants, weights }: Prepared = model.prepared;
  const graph = model.model.graph as GraphProto;
  const initializers = graph.initializers.filter(
    ({ name }) => constants.has(name) || weights.has(name),
  );
  const inputs = graph.inputs.filter(({ name }) => model.inputs.includes(name));
  return {
    ...model.model,
    graph: {
      ...graph,
      nodes: nodes.map(({ node }) => node),
      initializers: initializers.map(change),
      inputs,
    },
  };
}

/** Names of the values that a module makes of named inputs. */
function written(
  builder: Builder,
  module: Module<unknown>,
  inputs: readonly string[],
  bad: string[],
  path = '',
): readonly string[] {
  if (module instanceof Graph) return writtenGraph(builder, module, inputs, bad, path);
  const child = (name: string, inner: Module<unknown>, given: readonly string[]): string =>
    written(builder, inner, given, bad, `${path}${name}.`)[0];
  try {
    return [writeLayer(module, inputs, { builder, path, child })];
  } catch (error) {
    if (error instanceof NotWritten) {
      const name = path.slice(0, -1) || 'the module';
      bad.push(`${name} (${module.constructor.name}): ${error.message}`);
    } else if (bad.length === 0) {
      throw error;
    }
    // What comes after it is looked at as well, as if it changed nothing; shapes may be wrong from here on.
    return [inputs[0]];
  }
}

function writtenGraph(
  builder: Builder,
  graph: Graph<unknown>,
  inputs: readonly string[],
  bad: string[],
  path: string,
): readonly string[] {
  const values = new Map(graph.inputNames.map((name, i) => [name, inputs[i]]));
  const waiting = new Set(graph.nodes);
  for (let left = -1; left !== waiting.size;) {
    left = waiting.size;
    for (const node of waiting) {
      const read = node.inputs.map((name) => values.get(name));
      if (read.includes(undefined)) continue;
      const made = written(builder, node.module, read as string[], bad, `${path}${node.name}.`);
      node.outputs.forEach((name, i) => values.set(name, made[i]));
      waiting.delete(node);
    }
  }
  return graph.outputNames.map((name) => {
    const value = values.get(name);
    if (value === undefined) throw modelError(`nothing makes the output ${quoted(name)}`);
    return value;
  });
}
