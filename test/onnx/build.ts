/**
 * Small models put together by hand, for what no exporter writes.
 * @module
 */

import {
  emptyAttribute,
  emptyTensor,
  type Attribute,
  type Model,
  type Node,
  type TensorProto,
  type ValueInfo,
} from '../../src/onnx/schema.ts';
import { writeModel } from '../../src/onnx/write.ts';

/** A tensor without elements. */
export function tensor(
  name: string,
  type: number,
  dims: number[],
  rest: Partial<TensorProto> = {},
): TensorProto {
  return { ...emptyTensor(name, type, dims), ...rest };
}

/** A tensor of 32-bit floats. */
export function floats(name: string, dims: number[], values: number[]): TensorProto {
  return tensor(name, 1, dims, { floats: values });
}

/** A tensor of 64-bit whole numbers. */
export function ints(name: string, dims: number[], values: number[]): TensorProto {
  return tensor(name, 7, dims, { int64s: values });
}

/** An attribute: a whole number, numbers, or text. */
export function attribute(name: string, value: number | number[] | string): Attribute {
  const empty = emptyAttribute(name);
  if (typeof value === 'string') return { ...empty, type: 3, s: new TextEncoder().encode(value) };
  if (typeof value === 'number') return { ...empty, type: 2, i: value };
  return { ...empty, type: 7, ints: value };
}

/** A node; names stand in one string, between spaces; `_` is an input left out. */
export function node(
  op: string,
  inputs: string,
  outputs: string,
  attributes: Attribute[] = [],
  domain = '',
): Node {
  const names = (list: string): string[] =>
    list
      .split(' ')
      .filter((name) => name !== '')
      .map((name) => (name === '_' ? '' : name));
  return { name: '', op, domain, inputs: names(inputs), outputs: names(outputs), attributes };
}

/** An input or output of 32-bit floats. */
export function value(name: string, dims: ValueInfo['dims'] = [2, 3], type = 1): ValueInfo {
  return { name, type, dims, tensor: true };
}

/** What a model differs in from one that passes `x` [2,3] on as `y`. */
export interface Parts {
  readonly nodes?: Node[];
  readonly initializers?: TensorProto[];
  readonly inputs?: ValueInfo[];
  readonly outputs?: ValueInfo[];
  readonly opset?: number;
}

/** A model. */
export function model(parts: Parts = {}): Model {
  const { nodes = [node('Identity', 'x', 'y')], initializers = [], opset = 13 } = parts;
  const { inputs = [value('x')], outputs = [value('y')] } = parts;
  return {
    irVersion: 8,
    producer: 'by hand',
    producerVersion: '',
    opsets: new Map([['', opset]]),
    graph: { name: 'g', nodes, initializers, sparse: 0, inputs, outputs },
    functions: 0,
    metadata: new Map(),
  };
}

/** Its file. */
export function file(parts: Parts = {}): Uint8Array<ArrayBuffer> {
  return writeModel(model(parts));
}
