/**
 * What an operator of ONNX is here: one record, which plans a node from the shapes of its inputs and says how it runs.
 * @module
 */

import type { Shape } from '../core/shape.ts';
import type { CrypTensor } from '../tensor/index.ts';
import type { Call } from './call.ts';
import type { ElementType, Fixed, Value } from './fixed.ts';

/** What is known of a value before anything runs. */
export interface Fact {
  readonly shape: Shape;
  readonly type: ElementType;
  /** The value itself where it is public. */
  readonly value?: Fixed | undefined;
}

/** Inputs as a node lists them; null stands for an optional one that is left out. */
export type Inputs = readonly (Value | null)[];

/** A node that is ready to run. */
export interface Step {
  /** One for each output that the operator makes here. */
  readonly outputs: readonly Fact[];
  /** Whether `run` computes public results when all inputs are public; else one of them is a secret, as the first one is. */
  readonly folds?: boolean;
  /** Runs on the inputs. */
  readonly run: (inputs: Inputs) => readonly Value[];
}

/** One operator. */
export interface OnnxOp {
  readonly name: string;
  /** Opsets whose definition of it this follows, within those that are read at all. */
  readonly opsets: readonly [first: number, last: number];
  /** How many inputs a node may have. */
  readonly inputs: readonly [least: number, most: number];
  /** Attributes that are known; any other makes a node unsupported. */
  readonly attributes: readonly string[];
  /** Inputs that must be public: what they hold decides on shapes, positions or the program. */
  readonly open?: readonly number[];
  /** The outputs are public whatever the inputs are: they depend on shapes alone. */
  readonly ofShape?: boolean;
  /** Inputs that hold statistics: parameters there take no gradient. */
  readonly statistics?: readonly number[];
  /** Checks a node and works out its outputs. */
  readonly plan: (call: Call) => Step;
}

/** Every opset that is read. */
export const ALL: readonly [number, number] = [9, 21];

/** From one opset on. */
export function since(opset: number): readonly [number, number] {
  return [opset, ALL[1]];
}

/** An operator of one secret that keeps its shape. */
export function unary(
  name: string,
  run: (x: CrypTensor) => CrypTensor,
  { opsets = ALL, plain }: { opsets?: OnnxOp['opsets']; plain?: (value: number) => number } = {},
): OnnxOp {
  return {
    name,
    opsets,
    inputs: [1, 1],
    attributes: [],
    plan: (call) => call.same(run, plain),
  };
}
