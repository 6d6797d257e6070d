/**
 * What a model says before any shape is known: which values are parameters, which must be public, which nodes count.
 *
 * A parameter is secret once the module is encrypted. Float initializers are parameters unless an operator needs them public
 * (bounds, scales, shapes); those, and whole numbers, are part of the program.
 * @module
 */

import { Fixed, type ElementType } from './fixed.ts';
import { isReasonable, modelError, OPSETS, quoted } from './limits.ts';
import type { OnnxOp } from './op.ts';
import { OPS } from './ops/index.ts';
import type { Graph, Model, Node, TensorProto, ValueInfo } from './schema.ts';
import { checkTensor, elementType, hasValues, valuesOf } from './elements.ts';
import { UnsupportedNodes, type UnsupportedNode } from './unsupported.ts';

/** A key of a model's metadata, and its value in files whose parameters were taken out. */
export const WEIGHTS_ABSENT: readonly [key: string, value: string] = [
  'cryptensor.weights',
  'absent',
];

/** An input of a graph; null dims are not known. */
export interface GraphInput {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | null)[] | null;
}

/** A node that counts, with its operator. */
export interface PreparedNode {
  readonly node: Node;
  readonly op: OnnxOp;
  /** Whether anything reads each output. */
  readonly wanted: readonly boolean[];
}

/** A model that can be planned for shapes. */
export interface Prepared {
  readonly opset: number;
  readonly nodes: readonly PreparedNode[];
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly string[];
  readonly constants: ReadonlyMap<string, Fixed>;
  readonly weights: ReadonlyMap<string, { readonly tensor: TensorProto; readonly trains: boolean }>;
}

/**
 * Checks a model.
 *
 * @throws {MpcError} ERR_MPC_MODEL for a model that is none or is not supported; see `UnsupportedNodes`.
 */
export function prepare(model: Model): Prepared {
  const { graph } = model;
  if (graph === null) throw modelError('the file holds no graph');
  const opset = model.opsets.get('');
  if (opset === undefined) throw modelError('the file does not say its opset');
  if (opset < OPSETS[0] || opset > OPSETS[1]) {
    throw modelError(`opset ${opset}; ${OPSETS[0]} to ${OPSETS[1]} are supported`);
  }
  if (graph.sparse > 0) throw modelError('sparse initializers are not supported');
  const [key, value] = WEIGHTS_ABSENT;
  const absent = model.metadata.get(key) === value;
  const initializers = initializersOf(graph, absent);
  const inputs = inputsOf(graph, initializers);
  checkNames(graph, initializers, inputs);
  const live = liveNodes(graph);
  const nodes = supported(live, graph, opset);
  const open = openNames(nodes, inputs, opset);
  return {
    opset,
    nodes,
    inputs,
    outputs: graph.outputs.map(({ name }) => name),
    ...split(initializers, nodes, open),
  };
}

function initializersOf(graph: Graph, absent: boolean): Map<string, TensorProto> {
  const found = new Map<string, TensorProto>();
  for (const tensor of graph.initializers) {
    if (found.has(tensor.name)) throw modelError(`two initializers ${quoted(tensor.name)}`);
    checkTensor('initializer', tensor, absent);
    found.set(tensor.name, tensor);
  }
  return found;
}

function inputsOf(graph: Graph, initializers: ReadonlyMap<string, unknown>): GraphInput[] {
  // Older files list initializers among the inputs.
  const inputs = graph.inputs.filter(({ name }) => !initializers.has(name)).map(inputOf);
  if (inputs.length === 0) throw modelError('the graph has no inputs');
  if (graph.outputs.length === 0) throw modelError('the graph has no outputs');
  return inputs;
}

function inputOf({ name, type, dims, tensor }: ValueInfo): GraphInput {
  const kind = elementType(type);
  if (!tensor || kind === null) throw modelError(`input ${quoted(name)} is no tensor of numbers`);
  const sizes = dims?.map((dim) => (typeof dim === 'number' ? dim : null)) ?? null;
  if (sizes !== null && !isReasonable(sizes.map((dim) => dim ?? 1))) {
    throw modelError(`input ${quoted(name)} has a shape that is too large or none at all`);
  }
  return { name, type: kind, dims: sizes };
}

/** Every value has one name, and is made before it is read: a graph without cycles. */
function checkNames(
  graph: Graph,
  initializers: ReadonlyMap<string, unknown>,
  inputs: readonly GraphInput[],
): void {
  const made = new Set(initializers.keys());
  const add = (name: string): void => {
    if (made.has(name)) throw modelError(`two values are called ${quoted(name)}`);
    made.add(name);
  };
  for (const { name } of inputs) add(name);
  for (const node of graph.nodes) {
    const missing = node.inputs.find((name) => name !== '' && !made.has(name));
    if (missing !== undefined) {
      throw modelError(
        `node ${quoted(nameOf(node))} reads ${quoted(missing)}, which nothing before it makes`,
      );
    }
    for (const name of node.outputs) if (name !== '') add(name);
  }
  const unmade = graph.outputs.find(({ name }) => !made.has(name));
  if (unmade !== undefined) throw modelError(`nothing makes the output ${quoted(unmade.name)}`);
}

/** Nodes that the outputs depend on, in order. */
function liveNodes(graph: Graph): Node[] {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const live: Node[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    if (!node.outputs.some((name) => name !== '' && needed.has(name))) continue;
    for (const name of node.inputs) needed.add(name);
    live.push(node);
  }
  return live.reverse();
}

function supported(live: readonly Node[], graph: Graph, opset: number): PreparedNode[] {
  const read = new Set(graph.outputs.map(({ name }) => name));
  for (const node of live) for (const name of node.inputs) read.add(name);
  const bad: UnsupportedNode[] = [];
  const nodes: PreparedNode[] = [];
  for (const node of live) {
    const op = node.domain === '' ? OPS.get(node.op) : undefined;
    const reason = op === undefined ? unknown(node) : unfit(node, op, opset);
    if (reason !== null) bad.push({ node: nameOf(node), op: node.op, opset, reason });
    else if (op !== undefined) {
      const wanted = node.outputs.map((name) => name !== '' && read.has(name));
      nodes.push({ node, op, wanted });
    }
  }
  if (bad.length > 0) throw new UnsupportedNodes(bad);
  return nodes;
}

function unknown({ domain }: Node): string {
  return domain === '' ? 'there is no such operator here' : `its domain is ${quoted(domain)}`;
}

/** What a node has that its operator does not know; null if nothing. */
function unfit(node: Node, { opsets, inputs, attributes }: OnnxOp, opset: number): string | null {
  const [least, most] = inputs;
  const names = new Set<string>();
  for (const { name } of node.attributes) {
    if (!attributes.includes(name)) return `attribute ${quoted(name)} is not known`;
    if (names.has(name)) return `attribute ${quoted(name)} comes twice`;
    names.add(name);
  }
  if (opset < opsets[0] || opset > opsets[1]) {
    return `it is known in opsets ${opsets[0]} to ${opsets[1]}`;
  }
  if (node.inputs.length < least || node.inputs.length > most) {
    return `${node.inputs.length} inputs instead of ${least} to ${most}`;
  }
  const absent = node.inputs.slice(0, least).indexOf('');
  if (absent >= 0) return `input ${absent} is missing`;
  return null;
}

/** Values that must be public because something decides on them. */
function openNames(
  nodes: readonly PreparedNode[],
  inputs: readonly GraphInput[],
  opset: number,
): ReadonlySet<string> {
  const open = new Set<string>();
  const secret = new Set(inputs.map(({ name }) => name));
  const bad: UnsupportedNode[] = [];
  for (const { node, op } of [...nodes].reverse()) {
    if (op.ofShape === true) continue;
    const all = node.outputs.some((name) => open.has(name));
    node.inputs.forEach((name, i) => {
      if (name === '' || !(all || op.open?.includes(i))) return;
      open.add(name);
      if (secret.has(name)) {
        const reason = `input ${i} decides on shapes or positions and depends on the secret input ${quoted(name)}`;
        bad.push({ node: nameOf(node), op: node.op, opset, reason });
      }
    });
  }
  if (bad.length > 0) throw new UnsupportedNodes(bad.reverse());
  return open;
}

function split(
  initializers: ReadonlyMap<string, TensorProto>,
  nodes: readonly PreparedNode[],
  open: ReadonlySet<string>,
): Pick<Prepared, 'constants' | 'weights'> {
  const used = new Set(nodes.flatMap(({ node }) => node.inputs));
  const statistics = new Set(
    nodes.flatMap(({ node, op }) => (op.statistics ?? []).map((i) => node.inputs[i])),
  );
  const constants = new Map<string, Fixed>();
  const weights = new Map<string, { tensor: TensorProto; trains: boolean }>();
  for (const [name, tensor] of initializers) {
    if (!used.has(name)) continue;
    if (elementType(tensor.type) === 'float' && !open.has(name)) {
      weights.set(name, { tensor, trains: !statistics.has(name) });
    } else if (hasValues(tensor)) {
      constants.set(name, valuesOf(tensor));
    } else {
      throw modelError(`initializer ${quoted(name)} must be public and has no values`);
    }
  }
  return { constants, weights };
}

/** A node's name, or that of its first output. */
export function nameOf(node: Node): string {
  return node.name === '' ? (node.outputs[0] ?? '') : node.name;
}
