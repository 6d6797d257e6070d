/**
 * What can be saved: a tensor, or tensors by name, names within names.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import { BinaryTensor } from '../binary/index.ts';
import { Tensor } from '../plain.ts';
import { CrypTensor } from '../tensor.ts';

/** One tensor: secret, or public and known to every party. */
export type SavableTensor = CrypTensor | BinaryTensor | Tensor;

/** A tensor, or tensors by name; a module's `stateDict()` is one. */
export type Savable = SavableTensor | { readonly [name: string]: Savable };

/** A leaf and the names that lead to it. */
export type Named<T> = readonly [path: readonly string[], leaf: T];

/**
 * The tensors of a tree in its order.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for anything else in it.
 */
export function leavesOf(
  op: string,
  tree: unknown,
  path: readonly string[] = [],
): Named<SavableTensor>[] {
  if (tree instanceof CrypTensor || tree instanceof BinaryTensor || tree instanceof Tensor) {
    return [[path, tree]];
  }
  if (isRecord(tree)) {
    return Object.entries(tree).flatMap(([name, inner]) => leavesOf(op, inner, [...path, name]));
  }
  const where = path.length === 0 ? 'this' : path.join('.');
  throw new MpcError(
    'ERR_MPC_UNSUPPORTED',
    `${op}: ${where} is no tensor; tensors, and plain objects of them, can be saved`,
  );
}

/** The tree of named leaves. */
export function treeOf<T>(leaves: readonly Named<T>[]): T | Tree<T> {
  if (leaves.length === 1 && leaves[0][0].length === 0) return leaves[0][1];
  const names = [...new Set(leaves.map(([[name]]) => name))];
  return Object.fromEntries(
    names.map((name) => {
      const inner = leaves.filter(([[first]]) => first === name);
      return [name, treeOf(inner.map(([path, leaf]) => [path.slice(1), leaf] as const))];
    }),
  );
}

/** Leaves by name. */
export interface Tree<T> {
  readonly [name: string]: T | Tree<T>;
}

/** An object literal, or one without prototype. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
