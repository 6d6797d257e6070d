/**
 * What an operation is: a record with its forward and its backward, and nothing the tape would have to know by name.
 *
 * Everything here is synchronous: a function takes shares and returns a share whose words may come later, so functions
 * compose like ordinary code and tags are taken in program order. The plain function (`relu`) does the work; its record
 * (`reluOp`) wraps it for the tape. Costs stand in the doc comments, in the terms of the gates they are made of.
 * @module
 */

import type { Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { Share } from '../protocol/share.ts';

/** A public operand: values that every party knows. */
export interface Plain {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** An operand that may be secret or public. */
export type Operand = Share | Plain;

/** A result, and what its backward will need. */
export interface Forward<Saved> {
  readonly output: Share;
  readonly saved: Saved;
}

/** One gradient per input; null where none flows. */
export type Gradients = readonly (Share | null)[];

/** One operation: all that the tape and the docs need to know. */
export interface OpRecord<In extends Operand, Opts, Saved> {
  readonly name: string;
  /** false: the result never requires a gradient, as PyTorch's comparisons. */
  readonly differentiable?: false;
  /** true: called again it gives something else. */
  readonly random?: true;
  /** `recorded`: whether `backward` may be called; what only that needs may be left out where it is false. */
  forward(ctx: Context, inputs: readonly In[], opts: Opts, recorded?: boolean): Forward<Saved>;
  /** Gradients of the inputs that `needs` names; absent: the operation has none and says so when asked. */
  backward?(ctx: Context, saved: Saved, dy: Share, needs: readonly boolean[]): Gradients;
}

/** Whether an operand is secret. */
export function isShare(operand: Operand): operand is Share {
  return operand instanceof Share;
}

/** An operand that must be secret: the tensor whose method was called, or the one of two. */
export function secret(op: string, operand: Operand): Share {
  if (isShare(operand)) return operand;
  throw new TypeError(`${op}: expected a secret operand, got a public one`);
}

/** Whether two shares are the same view of the same secret. */
export function isSame(x: Operand, y: Operand): boolean {
  if (!isShare(x) || !isShare(y)) return false;
  return (
    x.storage === y.storage &&
    x.offset === y.offset &&
    x.shape.length === y.shape.length &&
    x.shape.every((dim, axis) => dim === y.shape[axis] && x.strides[axis] === y.strides[axis])
  );
}
