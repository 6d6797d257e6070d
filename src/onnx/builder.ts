/**
 * A graph under construction: nodes by operator, initializers by name.
 * @module
 */

import type { Shape } from '../core/shape.ts';
import type { Tensor } from '../tensor/index.ts';
import { planFor } from './plan.ts';
import { prepare } from './prepare.ts';
import {
  ATTRIBUTE,
  emptyAttribute,
  emptyTensor,
  type Attribute,
  type Model,
  type Node,
  type TensorProto,
} from './schema.ts';

const FLOAT = 1;
const INT64 = 7;
/** The version that graphs are written in, and that of the file format that came with it. */
const OPSET = 17;
const IR_VERSION = 8;

/** An attribute's value: text, a whole number, a number said to be one, a tensor, or whole numbers. */
export type AttributeValue =
  | string
  | number
  | { readonly float: number }
  | { readonly tensor: TensorProto }
  | readonly number[];

/** Sizes of an input; null may be any. */
export type OpenShape = readonly (number | null)[];

/** Nodes and initializers, in order. */
export class Builder {
  readonly #inputs: readonly { readonly name: string; readonly shape: OpenShape }[];
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<string, TensorProto>();
  readonly #written = new Map<object, string>();
  #values = 0;

  constructor(inputs: readonly { readonly name: string; readonly shape: OpenShape }[]) {
    this.#inputs = inputs;
  }

  /** A node; returns the name of its output. */
  add(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    const output = `${op.toLowerCase()}_${this.#values++}`;
    this.#nodes.push({
      name: output,
      op,
      domain: '',
      inputs: [...inputs],
      outputs: [output],
      attributes: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
    });
    return output;
  }

  /** A tensor of a module under a name; the same tensor is written once. */
  weight(name: string, owner: object, value: Tensor): string {
    const known = this.#written.get(owner);
    if (known !== undefined) return known;
    this.#written.set(owner, name);
    this.#initializers.set(name, rawTensor(name, FLOAT, value.shape, value.data));
    return name;
  }

  /** One number that is part of the graph, as a node: initializers are taken for parameters. */
  constant(value: number): string {
    return this.add('Constant', [], { value_float: { float: value } });
  }

  /** Numbers that are part of the graph, as `constant`. */
  constants(shape: Shape, values: ArrayLike<number>): string {
    return this.add('Constant', [], { value: { tensor: rawTensor('', FLOAT, shape, values) } });
  }

  /** Numbers that an operator wants as an initializer. */
  floats(shape: Shape, values: ArrayLike<number>): string {
    return this.#constant(FLOAT, shape, values);
  }

  /** Whole numbers that are part of the graph. */
  ints(values: readonly number[]): string {
    return this.#constant(INT64, [values.length], values);
  }

  /** The shape of a value; an input's open sizes count as `open`. */
  shapeOf(value: string, open = 1): Shape {
    const shapes = this.#inputs.map(({ shape }) => shape.map((dim) => dim ?? open));
    const { facts } = planFor(prepare(this.#model([{ name: value, shape: [] }])), shapes);
    return facts.get(value)?.shape ?? [];
  }

  /** The model whose outputs are these values, each under a name of its own. */
  finish(outputs: readonly { readonly name: string; readonly value: string }[]): Model {
    const named = outputs.map(({ name, value }) => {
      const [one, other] = [this.shapeOf(value, 2), this.shapeOf(value, 3)];
      const shape = one.map((dim, axis) => (dim === other[axis] ? dim : null));
      this.#nodes.push({
        name,
        op: 'Identity',
        domain: '',
        inputs: [value],
        outputs: [name],
        attributes: [],
      });
      return { name, shape };
    });
    return this.#model(named);
  }

  #constant(type: number, shape: Shape, values: ArrayLike<number>): string {
    const name = `constant_${this.#values++}`;
    this.#initializers.set(name, rawTensor(name, type, shape, values));
    return name;
  }

  #model(outputs: readonly { readonly name: string; readonly shape: OpenShape }[]): Model {
    const info = ({ name, shape }: { readonly name: string; readonly shape: OpenShape }) => ({
      name,
      type: FLOAT,
      dims: [...shape],
      tensor: true,
    });
    return {
      irVersion: IR_VERSION,
      producer: 'cryptensor',
      producerVersion: '',
      opsets: new Map([['', OPSET]]),
      graph: {
        name: 'cryptensor',
        nodes: [...this.#nodes],
        initializers: [...this.#initializers.values()],
        sparse: 0,
        inputs: this.#inputs.map(info),
        outputs: outputs.map(info),
      },
      functions: 0,
      metadata: new Map(),
    };
  }
}

/** A tensor of 32-bit floats, 64-bit floats or 64-bit whole numbers. */
export function rawTensor(
  name: string,
  type: number,
  shape: Shape,
  values: ArrayLike<number>,
): TensorProto {
  const bytes = type === FLOAT ? 4 : 8;
  const raw = new Uint8Array(values.length * bytes);
  const view = new DataView(raw.buffer);
  for (let i = 0; i < values.length; i++) {
    if (type === FLOAT) view.setFloat32(i * bytes, values[i], true);
    else if (type === INT64) view.setBigInt64(i * bytes, BigInt(values[i]), true);
    else view.setFloat64(i * bytes, values[i], true);
  }
  return { ...emptyTensor(name, type, shape), raw };
}

function attributeOf(name: string, value: AttributeValue): Attribute {
  const empty = emptyAttribute(name);
  if (typeof value === 'string') {
    return { ...empty, type: ATTRIBUTE.string, s: new TextEncoder().encode(value) };
  }
  if (typeof value === 'number') return { ...empty, type: ATTRIBUTE.int, i: value };
  if ('tensor' in value) return { ...empty, type: ATTRIBUTE.tensor, t: value.tensor };
  if ('float' in value) return { ...empty, type: ATTRIBUTE.float, f: value.float };
  return { ...empty, type: ATTRIBUTE.ints, ints: [...value] };
}
