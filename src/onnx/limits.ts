/**
 * What a model may ask for. A file is not trusted: sizes that it names are checked against these before anything is allocated.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sizeOf, type Shape } from '../core/shape.ts';

/** Most elements of any tensor of a graph. */
export const MAX_ELEMENTS: number = 2 ** 26;
/** Most elements of a constant that is computed while a graph is prepared. */
export const MAX_FOLDED: number = 2 ** 22;
/** Most elements of all of them together. */
export const MAX_FOLDED_TOTAL: number = 2 ** 24;
/** Most dims of a tensor. */
export const MAX_RANK = 32;
/** Opsets that are read. */
export const OPSETS: readonly [first: number, last: number] = [9, 21];

/** Whether a shape is one that a graph may have. */
export function isReasonable(shape: Shape): boolean {
  return (
    shape.length <= MAX_RANK &&
    shape.every((dim) => Number.isInteger(dim) && dim >= 0 && dim <= MAX_ELEMENTS) &&
    sizeOf(shape) <= MAX_ELEMENTS
  );
}

/** An error about a model. */
export function modelError(why: string, options?: ErrorOptions): MpcError {
  return new MpcError('ERR_MPC_MODEL', `onnx: ${why}`, options);
}

/** A name from a file as it stands in messages. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}...` : name);
}
