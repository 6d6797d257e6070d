/**
 * `Model` → bytes. Elements are written raw, little-endian.
 * @module
 */

import { PbfWriter } from 'pbf';
import type { Attribute, Graph, Model, Node, TensorProto, ValueInfo } from './schema.ts';

/** The file of a model. */
export function writeModel(model: Model): Uint8Array<ArrayBuffer> {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, model.irVersion);
  pbf.writeStringField(2, model.producer);
  pbf.writeStringField(3, model.producerVersion);
  if (model.graph !== null) pbf.writeMessage(7, writeGraph, model.graph);
  for (const [domain, version] of model.opsets) {
    pbf.writeMessage(8, writeOpset, { domain, version });
  }
  for (const [key, value] of model.metadata) pbf.writeMessage(14, writeEntry, { key, value });
  return new Uint8Array(pbf.finish());
}

function writeOpset(
  { domain, version }: { readonly domain: string; readonly version: number },
  pbf: PbfWriter,
): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writeEntry(
  { key, value }: { readonly key: string; readonly value: string },
  pbf: PbfWriter,
): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeGraph(graph: Graph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, graph.name);
  for (const tensor of graph.initializers) pbf.writeMessage(5, writeTensor, tensor);
  for (const value of graph.inputs) pbf.writeMessage(11, writeValue, value);
  for (const value of graph.outputs) pbf.writeMessage(12, writeValue, value);
}

function writeNode(node: Node, pbf: PbfWriter): void {
  for (const name of node.inputs) pbf.writeStringField(1, name);
  for (const name of node.outputs) pbf.writeStringField(2, name);
  pbf.writeStringField(3, node.name);
  pbf.writeStringField(4, node.op);
  for (const attribute of node.attributes) pbf.writeMessage(5, writeAttribute, attribute);
  pbf.writeStringField(7, node.domain);
}

function writeAttribute(attribute: Attribute, pbf: PbfWriter): void {
  const { name, type, f, i, s, t, floats, ints, strings } = attribute;
  pbf.writeStringField(1, name);
  pbf.writeVarintField(20, type);
  if (type === 1) pbf.writeFloatField(2, f);
  if (type === 2) pbf.writeVarintField(3, i);
  if (type === 3) pbf.writeBytesField(4, s);
  if (t !== null) pbf.writeMessage(5, writeTensor, t);
  for (const value of floats) pbf.writeFloatField(7, value);
  for (const value of ints) pbf.writeVarintField(8, value);
  for (const value of strings) pbf.writeBytesField(9, value);
}

function writeTensor(tensor: TensorProto, pbf: PbfWriter): void {
  for (const dim of tensor.dims) pbf.writeVarintField(1, dim);
  pbf.writeVarintField(2, tensor.type);
  pbf.writePackedFloat(4, tensor.floats);
  pbf.writePackedVarint(5, tensor.int32s);
  pbf.writePackedVarint(7, tensor.int64s);
  pbf.writeStringField(8, tensor.name);
  if (tensor.raw !== null) pbf.writeBytesField(9, tensor.raw);
  pbf.writePackedDouble(10, tensor.doubles);
  pbf.writePackedVarint(11, tensor.uint64s);
}

function writeValue(value: ValueInfo, pbf: PbfWriter): void {
  pbf.writeStringField(1, value.name);
  pbf.writeMessage(2, writeType, value);
}

function writeType(value: ValueInfo, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, value);
}

function writeTensorType({ type, dims }: ValueInfo, pbf: PbfWriter): void {
  pbf.writeVarintField(1, type);
  if (dims !== null) pbf.writeMessage(2, writeShape, dims);
}

function writeShape(dims: NonNullable<ValueInfo['dims']>, pbf: PbfWriter): void {
  for (const dim of dims) pbf.writeMessage(1, writeDim, { dim });
}

function writeDim({ dim }: { readonly dim: number | string | null }, pbf: PbfWriter): void {
  if (typeof dim === 'number') pbf.writeVarintField(1, dim);
  if (typeof dim === 'string') pbf.writeStringField(2, dim);
}
