/**
 * Binary tensors.
 * @module
 */

export { inputBits, type BinaryInputOptions } from './input.ts';
export { installBinaryMethods } from './install.ts';
export { joinBits } from './movement.ts';
export type { PublicBits } from './operand.ts';
export { BinaryTensor, liftBits, type BinaryLike } from './tensor.ts';
