/**
 * Initial values by the usual recipes, as torch.nn.init, from the platform's CSPRNG.
 *
 * A parameter that is plain is drawn when it is first needed, at its owner. For a secret one party `src` draws now, knows the values
 * and shares them. Each returns its target.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { showShape, sizeOf, type Shape } from '../core/shape.ts';
import { CrypTensor, Tensor } from '../tensor/index.ts';
import { normal, permutation, truncatedNormal, uniform } from './draw.ts';
import { calculateGain, fansOf, type FanMode, type Nonlinearity } from './fans.ts';
import { orthogonal } from './orthogonal.ts';
import type { StoredTensor } from './stored.ts';

export { calculateGain, type FanMode, type Nonlinearity } from './fans.ts';

/** What is given values: a parameter, a buffer, or a secret tensor. */
export type InitTarget = StoredTensor | CrypTensor;

/** Who draws where the target is secret. */
export interface InitOptions {
  /** 0 unless said. */
  readonly src?: number;
}

/** Options of the two of Kaiming. */
export interface KaimingOptions extends InitOptions {
  /** Slope of the leaky ReLU that follows; 0 unless said. */
  readonly a?: number;
  /** `fan_in` unless said. */
  readonly mode?: FanMode;
  /** `leaky_relu` unless said. */
  readonly nonlinearity?: Nonlinearity;
}

/** Uniform on [a, b). */
export function uniform_<T extends InitTarget>(
  target: T,
  a = 0,
  b = 1,
  options: InitOptions = {},
): T {
  return fill(target, options, (shape) => uniform(shape, a, b));
}

/** Normal. */
export function normal_<T extends InitTarget>(
  target: T,
  mean = 0,
  std = 1,
  options: InitOptions = {},
): T {
  return fill(target, options, (shape) => normal(shape, mean, std));
}

/**
 * Normal, drawn again until between a and b.
 *
 * @throws {MpcError} ERR_MPC_RANGE unless a < b, std > 0 and the mean is within 2 std of [a, b].
 */
export function truncNormal_<T extends InitTarget>(
  target: T,
  mean = 0,
  std = 1,
  a = -2,
  b = 2,
  options: InitOptions = {},
): T {
  truncatedNormal([0], mean, std, a, b);
  return fill(target, options, (shape) => truncatedNormal(shape, mean, std, a, b));
}

/** One number everywhere. */
export function constant_<T extends InitTarget>(
  target: T,
  value: number,
  options: InitOptions = {},
): T {
  return fill(target, options, (shape) => full(shape, value));
}

/** Ones. */
export function ones_<T extends InitTarget>(target: T, options: InitOptions = {}): T {
  return constant_(target, 1, options);
}

/** Zeros. */
export function zeros_<T extends InitTarget>(target: T, options: InitOptions = {}): T {
  return constant_(target, 0, options);
}

/**
 * A convolution's kernel that hands its channels on: 1 in the middle where input and output channel are the same.
 *
 * @throws {MpcError} ERR_MPC_SHAPE unless the weight has 3 to 5 dims and its first is a multiple of `groups`.
 */
export function dirac_<T extends InitTarget>(target: T, groups = 1, options: InitOptions = {}): T {
  const [out, into, ...kernel] = target.shape;
  if (kernel.length < 1 || kernel.length > 3 || out % groups !== 0) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `dirac_: expected a kernel of 3 to 5 dims with a multiple of ${groups} channels, got ${showShape(target.shape)}`,
    );
  }
  return fill(target, options, (shape) => {
    const values = full(shape, 0);
    const field = sizeOf(kernel);
    const middle = kernel.reduce((at, size) => at * size + Math.floor(size / 2), 0);
    for (let c = 0; c < out; c++) {
      const channel = c % (out / groups);
      if (channel < into) values.data[(c * into + channel) * field + middle] = 1;
    }
    return values;
  });
}

/**
 * Uniform with variance 2·gain²/(fanIn + fanOut).
 *
 * @throws {MpcError} ERR_MPC_SHAPE below two dims; so for the next three.
 */
export function xavierUniform_<T extends InitTarget>(
  target: T,
  gain = 1,
  options: InitOptions = {},
): T {
  const bound = Math.sqrt(3) * xavier('xavierUniform_', target.shape, gain);
  return uniform_(target, -bound, bound, options);
}

/** Normal with variance 2·gain²/(fanIn + fanOut). */
export function xavierNormal_<T extends InitTarget>(
  target: T,
  gain = 1,
  options: InitOptions = {},
): T {
  return normal_(target, 0, xavier('xavierNormal_', target.shape, gain), options);
}

/** Uniform with variance gain²/fan. */
export function kaimingUniform_<T extends InitTarget>(target: T, options: KaimingOptions = {}): T {
  const bound = Math.sqrt(3) * kaiming('kaimingUniform_', target.shape, options);
  return uniform_(target, -bound, bound, options);
}

/** Normal with variance gain²/fan. */
export function kaimingNormal_<T extends InitTarget>(target: T, options: KaimingOptions = {}): T {
  return normal_(target, 0, kaiming('kaimingNormal_', target.shape, options), options);
}

/**
 * Orthogonal rows or columns, whichever are fewer, of the weight read as a matrix; times a gain.
 *
 * @throws {MpcError} ERR_MPC_SHAPE below two dims.
 */
export function orthogonal_<T extends InitTarget>(
  target: T,
  gain = 1,
  options: InitOptions = {},
): T {
  fansOf('orthogonal_', target.shape);
  return fill(target, options, (shape) => orthogonal(shape, gain));
}

/**
 * Normal, but for a part of each column that is 0.
 *
 * @throws {MpcError} ERR_MPC_SHAPE unless the weight is a matrix, ERR_MPC_RANGE unless the sparsity lies on [0, 1].
 */
export function sparse_<T extends InitTarget>(
  target: T,
  sparsity: number,
  std = 0.01,
  options: InitOptions = {},
): T {
  if (target.shape.length !== 2) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `sparse_: expected a matrix, got ${showShape(target.shape)}`,
    );
  }
  if (!(sparsity >= 0 && sparsity <= 1)) {
    throw new MpcError('ERR_MPC_RANGE', `sparse_: a sparsity lies on [0, 1], got ${sparsity}`);
  }
  return fill(target, options, (shape) => {
    const [rows, columns] = shape;
    const values = normal(shape, 0, std);
    for (let column = 0; column < columns; column++) {
      const none = permutation(rows).slice(0, Math.ceil(sparsity * rows));
      for (const row of none) values.data[row * columns + column] = 0;
    }
    return values;
  });
}

function xavier(op: string, shape: Shape, gain: number): number {
  const { fanIn, fanOut } = fansOf(op, shape);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

function kaiming(
  op: string,
  shape: Shape,
  { a = 0, mode = 'fan_in', nonlinearity = 'leaky_relu' }: KaimingOptions,
): number {
  const { fanIn, fanOut } = fansOf(op, shape);
  return calculateGain(nonlinearity, a) / Math.sqrt(mode === 'fan_in' ? fanIn : fanOut);
}

function full(shape: Shape, value: number): Tensor {
  return new Tensor(shape, new Float64Array(sizeOf(shape)).fill(value));
}

function fill<T extends InitTarget>(
  target: T,
  { src = 0 }: InitOptions,
  draw: (shape: Shape) => Tensor,
): T {
  const { shape } = target;
  if (target instanceof CrypTensor) {
    const { party } = target;
    const values = party.rank === src ? draw(shape) : null;
    party.noGrad(() => target.copy_(party.cryptensor(values, { src, shape })));
  } else {
    target.redraw(() => draw(shape), src);
  }
  return target;
}
