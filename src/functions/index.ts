/**
 * Functions on shares: one file per family, a plain function and a record for the tape side by side.
 * @module
 */

export * from './activations.ts';
export * from './arithmetic.ts';
export * from './compare.ts';
export * from './conv.ts';
export * from './linear.ts';
export * from './loss.ts';
export * from './movement.ts';
export * from './op.ts';
export { constant } from './public.ts';
export * from './pooling.ts';
export * from './reduce.ts';
export { sigmoid, sigmoidOp } from './smooth.ts';
export type { IndexEntry } from './views.ts';
export type { ConvOptions, ConvTransposeOptions, SpatialSizes } from './conv-sizes.ts';
