/**
 * Public operands of binary tensors: as of any tensor, and words as bigints.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import { showShape, sizeOf, type Shape } from '../../core/shape.ts';
import type { Context } from '../../protocol/context.ts';
import type { PublicWords } from '../../protocol/local/index.ts';
import { encode } from '../../ring/encoder.ts';
import { toPlain, type PublicTensor } from '../operand.ts';
import type { RawTensor } from '../reveal.ts';
import { CrypTensor } from '../tensor.ts';

/** Public values of a binary tensor; bigints hold every word, as signed or unsigned numbers. */
export type PublicBits = PublicTensor | bigint | BigInt64Array | BigUint64Array | RawTensor;

/** Public values whose shape is known and whose words are made when they are needed. */
export interface Parsed {
  readonly shape: Shape;
  /** Numbers at `fracBits` fractional bits, words as they are. */
  words(ctx: Context, fracBits: number): PublicWords;
}

/**
 * Public values as words: numbers at `fracBits` fractional bits, words as they are.
 *
 * @throws as `parseBits`; {MpcError} ERR_MPC_RANGE for what does not fit a word, and for fractions where there are no fractional bits.
 */
export function toWords(
  ctx: Context,
  op: string,
  value: PublicBits,
  fracBits: number,
): PublicWords {
  return parseBits(op, value).words(ctx, fracBits);
}

/**
 * Public values and their shape.
 *
 * @throws {TypeError} for anything that holds no numbers, and for an arithmetic tensor.
 * @throws {MpcError} ERR_MPC_SHAPE for ragged arrays or wrong shapes.
 */
export function parseBits(op: string, value: PublicBits): Parsed {
  if (typeof value === 'bigint') return raw([], () => scalar(op, value));
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) {
    return raw([value.length], () => BigUint64Array.from(value, unsigned));
  }
  if (isRaw(value)) {
    const { shape, words, fracBits } = value;
    checkCount(op, shape, words.length);
    return raw(shape, () => words.slice(), fracBits);
  }
  if (value instanceof CrypTensor) {
    throw new TypeError(`${op}: expected a BinaryTensor or public values; use to('binary') first`);
  }
  const { shape, data } = toPlain(op, value);
  return { shape, words: (ctx, fracBits) => fromNumbers(ctx, op, shape, data, fracBits) };
}

/**
 * Checks that a shape holds so many elements.
 *
 * @throws {MpcError} ERR_MPC_SHAPE otherwise.
 */
export function checkCount(op: string, shape: Shape, count: number): void {
  if (sizeOf(shape) === count) return;
  throw new MpcError(
    'ERR_MPC_SHAPE',
    `${op}: shape ${showShape(shape)} holds ${sizeOf(shape)} elements, got ${count}`,
  );
}

function raw(shape: Shape, words: () => PublicWords['words'], fracBits = 0): Parsed {
  return { shape, words: () => ({ shape, words: words(), fracBits }) };
}

function fromNumbers(
  ctx: Context,
  op: string,
  shape: Shape,
  data: Float64Array,
  fracBits: number,
): PublicWords {
  const at = data.findIndex((entry) => !Number.isInteger(entry));
  if (at >= 0 && fracBits === 0) {
    throw new MpcError(
      'ERR_MPC_RANGE',
      `${op}: the value at flat position ${at} is no whole number, and there are no bits for a fraction`,
    );
  }
  return { shape, words: encode(ctx.arena, data, fracBits, op), fracBits };
}

function scalar(op: string, value: bigint): PublicWords['words'] {
  if (value >= -(2n ** 63n) && value < 2n ** 64n) return BigUint64Array.of(unsigned(value));
  throw new MpcError('ERR_MPC_RANGE', `${op}: a public number does not fit 64 bits`);
}

function isRaw(value: PublicBits): value is RawTensor {
  return typeof value === 'object' && value !== null && 'words' in value;
}

function unsigned(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
