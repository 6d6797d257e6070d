/**
 * `Call`: a node as its operator sees it, with attributes and inputs by kind.
 * @module
 */

import { broadcastShapes, normalizeDim, showShape, sizeOf, type Shape } from '../core/shape.ts';
import { CrypTensor } from '../tensor/index.ts';
import { Fixed, type ElementType, type Value } from './fixed.ts';
import { isReasonable, quoted } from './limits.ts';
import type { Fact, Inputs, Step } from './op.ts';
import { ATTRIBUTE, type Attribute, type Node } from './schema.ts';
import { checkTensor, valuesOf } from './elements.ts';

/** Why a node cannot be run. */
export class Unsupported extends Error {}

/** What stands for infinity beside secrets: public values from here on, and what they become. */
const INFINITE = 2 ** 40;
const STAND_IN = 2 ** 24;

/** One node with what is known of its inputs. */
export class Call {
  readonly opset: number;
  readonly #node: Node;
  readonly #facts: readonly (Fact | null)[];
  readonly #wanted: readonly boolean[];

  constructor(
    node: Node,
    opset: number,
    facts: readonly (Fact | null)[],
    wanted: readonly boolean[],
  ) {
    this.#node = node;
    this.opset = opset;
    this.#facts = facts;
    this.#wanted = wanted;
  }

  /** How many inputs the node lists. */
  get inputs(): number {
    return this.#facts.length;
  }

  /** How many outputs the node lists. */
  get outputs(): number {
    return this.#node.outputs.length;
  }

  /** Whether anything reads an output. */
  wants(i: number): boolean {
    return this.#wanted[i] ?? false;
  }

  /** Gives up on the node. */
  fail(why: string): never {
    throw new Unsupported(why);
  }

  // Attributes ----------------------------------------------------------------------------------

  /** A whole number. */
  int(name: string, fallback?: number): number {
    return this.#attribute(name, 'int', (a) => a.i, fallback);
  }

  /** A number. */
  float(name: string, fallback?: number): number {
    return this.#attribute(name, 'float', (a) => a.f, fallback);
  }

  /** Text. */
  string(name: string, fallback?: string): string {
    return this.#attribute(name, 'string', (a) => new TextDecoder().decode(a.s), fallback);
  }

  /** Whole numbers. */
  ints(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#attribute<readonly number[]>(name, 'ints', (a) => a.ints, fallback);
  }

  /** Numbers. */
  floats(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#attribute<readonly number[]>(name, 'floats', (a) => a.floats, fallback);
  }

  /** Several texts. */
  strings(name: string, fallback?: readonly string[]): readonly string[] {
    const decode = (a: Attribute): readonly string[] =>
      a.strings.map((s) => new TextDecoder().decode(s));
    return this.#attribute(name, 'strings', decode, fallback);
  }

  /** A tensor. */
  tensor(name: string): Fixed {
    return this.#attribute(name, 'tensor', (a) => {
      if (a.t === null) return this.fail(`attribute ${name} holds no tensor`);
      checkTensor(`attribute ${name}`, a.t);
      return valuesOf(a.t);
    });
  }

  /** Whether the node has an attribute. */
  says(name: string): boolean {
    return this.#node.attributes.some((attribute) => attribute.name === name);
  }

  /** A flag. */
  flag(name: string, fallback: boolean): boolean {
    return this.int(name, Number(fallback)) !== 0;
  }

  /** One of a few texts. */
  choice<T extends string>(name: string, choices: readonly T[], fallback?: T): T {
    const value = this.string(name, fallback);
    const found = choices.find((choice) => choice === value);
    return found ?? this.fail(`${name} ${quoted(value)}; only ${choices.join(', ')} is supported`);
  }

  // Inputs --------------------------------------------------------------------------------------

  /** Whether an input is there. */
  has(i: number): boolean {
    return (this.#facts[i] ?? null) !== null;
  }

  /** What is known of an input. */
  fact(i: number): Fact {
    return this.#facts[i] ?? this.fail(`input ${i} is missing`);
  }

  /** The shape of an input. */
  shape(i = 0): Shape {
    return this.fact(i).shape;
  }

  /** The value of an input that must be public. */
  fixed(i: number): Fixed {
    return this.fact(i).value ?? this.fail(`input ${i} must be public`);
  }

  /** The value of an optional input that must be public. */
  optional(i: number): Fixed | null {
    return this.has(i) ? this.fixed(i) : null;
  }

  /** Whole numbers from an input that must be public. */
  list(i: number): readonly number[] {
    return this.#whole(i, this.fixed(i));
  }

  /** One number from an input that must be public. */
  number(i: number): number {
    const { data } = this.fixed(i);
    return data.length === 1 ? data[0] : this.fail(`input ${i} must be one number`);
  }

  /** An axis as an attribute names it. */
  axis(axis: number, rank: number = this.shape().length): number {
    const span = Math.max(rank, 1);
    if (!Number.isInteger(axis) || axis < -span || axis >= span) {
      this.fail(`axis ${axis} is outside ${rank} dims`);
    }
    return normalizeDim('axis', axis, rank);
  }

  /** Several axes, sorted and distinct; a single number has none. */
  axes(axes: readonly number[], rank: number = this.shape().length): readonly number[] {
    if (rank === 0 && axes.length > 0) this.fail(`axis ${axes[0]} is outside 0 dims`);
    const list = axes.map((axis) => this.axis(axis, rank)).sort((a, b) => a - b);
    if (new Set(list).size !== list.length) this.fail(`an axis is named twice`);
    return list;
  }

  // Outputs -------------------------------------------------------------------------------------

  /** A shape that results; fails for one that is absurd. */
  sized(shape: Shape): Shape {
    return isReasonable(shape) ? shape : this.fail(`the result would be ${showShape(shape)}`);
  }

  /** The shape that shapes broadcast to. */
  broadcast(...shapes: readonly Shape[]): Shape {
    return this.sized(shapes.reduce((a, b) => broadcastShapes('broadcast', a, b)));
  }

  /** A result of one secret, of the first input's type unless said. */
  secret(
    shape: Shape,
    run: (x: CrypTensor, rest: Inputs) => CrypTensor,
    type: ElementType = this.fact(0).type,
  ): Step {
    const outputs = [{ shape: this.sized(shape), type }];
    return { outputs, run: (inputs) => [run(secretOf(inputs), inputs)] };
  }

  /** A result that moves the first input's elements, the same way for public and secret ones. */
  moved(shape: Shape, run: (x: Value) => Value): Step {
    const outputs = [{ shape: this.sized(shape), type: this.fact(0).type }];
    return { outputs, folds: true, run: ([x]) => [run(x as Value)] };
  }

  /** An elementwise function of the first input; `plain` for public ones, which must be exact. */
  same(run: (x: CrypTensor) => CrypTensor, plain?: (value: number) => number): Step {
    const { shape, type } = this.fact(0);
    if (plain === undefined) return this.secret(shape, run);
    return {
      outputs: [{ shape, type }],
      folds: true,
      run: ([x]) => [x instanceof Fixed ? x.map(plain) : run(x as CrypTensor)],
    };
  }

  #attribute<T>(
    name: string,
    kind: keyof typeof ATTRIBUTE,
    read: (attribute: Attribute) => T,
    fallback?: T,
  ): T {
    const attribute = this.#node.attributes.find((one) => one.name === name);
    if (attribute === undefined) return fallback ?? this.fail(`attribute ${name} is missing`);
    if (attribute.type !== ATTRIBUTE[kind]) this.fail(`attribute ${name} is no ${kind}`);
    return read(attribute);
  }

  #whole(i: number, { data, shape }: Fixed): readonly number[] {
    if (shape.length > 1) this.fail(`input ${i} must be a list`);
    const list = Array.from(data);
    return list.every(Number.isInteger) ? list : this.fail(`input ${i} must hold whole numbers`);
  }
}

/** The first input as a secret: itself, or lifted by the party of one that is. */
export function secretOf(inputs: Inputs): CrypTensor {
  const [x] = inputs;
  if (x instanceof CrypTensor) return x;
  const secret = inputs.find((input) => input instanceof CrypTensor) as CrypTensor;
  return secret.party.lift('onnx', operand(x as Fixed));
}

/** An input as an operand of a method: public values that stand for infinity become large numbers. */
export function operand(value: Value): CrypTensor | Fixed {
  if (value instanceof CrypTensor || value.data.every((v) => Math.abs(v) < INFINITE)) return value;
  return value.map((v) => (Math.abs(v) < INFINITE ? v : Math.sign(v) * STAND_IN));
}

/** An input that is there, as an operand. */
export function operandAt(inputs: Inputs, i: number): CrypTensor | Fixed {
  return operand(inputs[i] as Value);
}

/** Whether a bound bounds nothing. */
export function isInfinite(value: number): boolean {
  return !(Math.abs(value) < INFINITE);
}

/** The numbers from 0 to `size` − 1. */
export function counted(size: number): readonly number[] {
  return Array.from({ length: size }, (_, i) => i);
}

/** Number of elements along some axes. */
export function sizeAlong(shape: Shape, axes: readonly number[]): number {
  return sizeOf(axes.map((axis) => shape[axis]));
}
