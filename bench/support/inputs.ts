/**
 * Reproducible inputs of workloads: seeded, and single-precision numbers, so that every library is given the same values.
 * @module
 */

import { sizeOf } from '../../src/core/shape.ts';

/** Values that one party knows. */
export interface Input {
  readonly shape: readonly number[];
  /** Party that knows them. */
  readonly src: number;
  readonly values: Float64Array;
}

/** What an input is drawn from. */
export type Draw = (next: () => number) => number;

/** N(0, std²). */
export function normal(std = 1): Draw {
  return (next) => std * Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
}

/** Uniform in (low, high). */
export function uniform(low: number, high: number): Draw {
  return (next) => low + (high - low) * next();
}

/** ± uniform in (low, high). */
export function signed(low: number, high: number): Draw {
  return (next) => (next() < 0.5 ? -1 : 1) * (low + (high - low) * next());
}

/** Rounded to quarters, so that equal values occur. */
export function quarters(draw: Draw): Draw {
  return (next) => Math.round(draw(next) * 4) / 4;
}

/** An input of a shape; the seed says which, the same one each time. */
export function drawn(seed: number, shape: readonly number[], src: number, draw: Draw): Input {
  const next = generator(seed);
  const values = Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(draw(next)));
  return { shape, src, values };
}

/** Numbers in (0, 1); nothing secret is made from them. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}
