/**
 * Bytes → `Model`. Everything is bounded by the file's size; anything malformed throws ERR_MPC_MODEL.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { modelError } from './limits.ts';
import {
  emptyAttribute,
  emptyTensor,
  type Attribute,
  type Graph,
  type Model,
  type Node,
  type TensorProto,
  type ValueInfo,
} from './schema.ts';
import { Wire } from './wire.ts';

/**
 * Reads a model.
 *
 * @throws {MpcError} ERR_MPC_MODEL for bytes that are no ONNX model.
 */
export function readModel(bytes: Uint8Array): Model {
  const model: Model = {
    irVersion: 0,
    producer: '',
    producerVersion: '',
    opsets: new Map(),
    graph: null,
    functions: 0,
    metadata: new Map(),
  };
  const wire = new Wire(bytes);
  try {
    wire.fields((field) => {
      if (field === 1) model.irVersion = wire.int();
      else if (field === 2) model.producer = wire.string();
      else if (field === 3) model.producerVersion = wire.string();
      else if (field === 7) model.graph = readGraph(wire);
      else if (field === 8) readOpset(wire, model.opsets);
      else if (field === 14) readEntry(wire, model.metadata);
      else if (field === 25) model.functions++;
    });
  } catch (error) {
    if (error instanceof MpcError) throw error;
    // What pbf throws at bytes that end in the middle of a number.
    throw modelError('malformed file: a number cannot be read', { cause: error });
  }
  return model;
}

function readOpset(wire: Wire, into: Map<string, number>): void {
  let domain = '';
  let version = 0;
  wire.message((field) => {
    if (field === 1) domain = wire.string();
    else if (field === 2) version = wire.int();
  });
  into.set(domain === 'ai.onnx' ? '' : domain, version);
}

function readEntry(wire: Wire, into: Map<string, string>): void {
  let key = '';
  let value = '';
  wire.message((field) => {
    if (field === 1) key = wire.string();
    else if (field === 2) value = wire.string();
  });
  into.set(key, value);
}

function readGraph(wire: Wire): Graph {
  const graph: Graph = {
    name: '',
    nodes: [],
    initializers: [],
    sparse: 0,
    inputs: [],
    outputs: [],
  };
  wire.message((field) => {
    if (field === 1) graph.nodes.push(readNode(wire));
    else if (field === 2) graph.name = wire.string();
    else if (field === 5) graph.initializers.push(readTensor(wire));
    else if (field === 11) graph.inputs.push(readValue(wire));
    else if (field === 12) graph.outputs.push(readValue(wire));
    else if (field === 15) graph.sparse++;
  });
  return graph;
}

function readNode(wire: Wire): Node {
  const node: Node = { name: '', op: '', domain: '', inputs: [], outputs: [], attributes: [] };
  wire.message((field) => {
    if (field === 1) node.inputs.push(wire.string());
    else if (field === 2) node.outputs.push(wire.string());
    else if (field === 3) node.name = wire.string();
    else if (field === 4) node.op = wire.string();
    else if (field === 5) node.attributes.push(readAttribute(wire));
    else if (field === 7) node.domain = wire.string();
  });
  if (node.domain === 'ai.onnx') node.domain = '';
  return node;
}

function readAttribute(wire: Wire): Attribute {
  const attribute: Attribute = emptyAttribute('');
  wire.message((field) => {
    if (field === 1) attribute.name = wire.string();
    else if (field === 2) attribute.f = wire.float();
    else if (field === 3) attribute.i = wire.int();
    else if (field === 4) attribute.s = wire.bytes();
    else if (field === 5) attribute.t = readTensor(wire);
    else if (field === 7) wire.floats(attribute.floats);
    else if (field === 8) wire.ints(attribute.ints);
    else if (field === 9) attribute.strings.push(wire.bytes());
    else if (field === 20) attribute.type = wire.int();
  });
  return attribute;
}

function readTensor(wire: Wire): TensorProto {
  const tensor: TensorProto = emptyTensor('', 0, []);
  wire.message((field) => {
    if (field === 1) wire.ints(tensor.dims);
    else if (field === 2) tensor.type = wire.int();
    else if (field === 3) tensor.segmented = true;
    else if (field === 4) wire.floats(tensor.floats);
    else if (field === 5) wire.ints(tensor.int32s);
    else if (field === 7) wire.ints(tensor.int64s);
    else if (field === 8) tensor.name = wire.string();
    else if (field === 9) tensor.raw = wire.bytes();
    else if (field === 10) wire.doubles(tensor.doubles);
    else if (field === 11) wire.ints(tensor.uint64s);
    else if (field === 13) tensor.external = true;
    else if (field === 14) tensor.external ||= wire.int() !== 0;
  });
  return tensor;
}

function readValue(wire: Wire): ValueInfo {
  const value: ValueInfo = { name: '', type: 0, dims: null, tensor: true };
  wire.message((field) => {
    if (field === 1) value.name = wire.string();
    else if (field === 2) {
      wire.message((kind) => {
        if (kind === 1) readTensorType(wire, value);
        else if (kind !== 6) value.tensor = false;
      });
    }
  });
  return value;
}

function readTensorType(wire: Wire, value: ValueInfo): void {
  wire.message((field) => {
    if (field === 1) value.type = wire.int();
    else if (field === 2) {
      const dims: (number | string | null)[] = [];
      wire.message((part) => {
        if (part === 1) dims.push(readDim(wire));
      });
      value.dims = dims;
    }
  });
}

function readDim(wire: Wire): number | string | null {
  let dim: number | string | null = null;
  wire.message((field) => {
    if (field === 1) dim = wire.int();
    else if (field === 2) dim = wire.string();
  });
  return dim;
}
