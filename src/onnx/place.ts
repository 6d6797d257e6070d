/**
 * Where a layer is written, and what is known there of the values that it reads.
 * @module
 */

import type { Shape } from '../core/shape.ts';
import type { Module } from '../nn/index.ts';
import type { SpatialSizes } from '../tensor/index.ts';
import type { Builder } from './builder.ts';

/** Any module. */
export type Layer = Module<unknown>;

/** Where a layer is written. */
export interface Place {
  readonly builder: Builder;
  /** The layer's name with a dot at its end; empty at the top. */
  readonly path: string;
  /** Writes a module below this one. */
  readonly child: (name: string, module: Layer, inputs: readonly string[]) => string;
}

/** Thrown for what cannot be written. */
export class NotWritten extends Error {}

/** One size for each spatial dim. */
export function each(
  sizes: SpatialSizes | undefined,
  dims: number,
  fallback: number,
): readonly number[] {
  const list = sizes === undefined ? [fallback] : typeof sizes === 'number' ? [sizes] : sizes;
  return list.length === 1 ? new Array<number>(dims).fill(list[0]) : list;
}

/**
 * Checks that a value has the dims that ONNX wants, the batch among them.
 *
 * @throws {NotWritten} for a value of another rank.
 */
export function batched({ builder }: Place, x: string, rank: number): void {
  const found = builder.shapeOf(x).length;
  if (found !== rank) throw new NotWritten(`an input of ${found} dims; ONNX wants ${rank}`);
}

/**
 * The sizes of a value from a dim on.
 *
 * @throws {NotWritten} where one of them depends on an input's open size.
 */
export function knownSizes({ builder }: Place, x: string, from: number): Shape {
  const [sizes, other] = [2, 3].map((open) => builder.shapeOf(x, open).slice(from));
  if (sizes.some((size, axis) => size !== other[axis])) {
    throw new NotWritten('an input of open sizes, on which what is written depends');
  }
  return sizes;
}
