/**
 * Making tensors: of what one party knows, of what all know, of secret randomness.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import type { Shape } from '../../core/shape.ts';
import * as ops from '../../functions/index.ts';
import type { Context } from '../../protocol/context.ts';
import type { Share } from '../../protocol/share.ts';
import { encode, MAX_FRAC_BITS } from '../../ring/encoder.ts';
import { listOf, type Sizes, type TensorLike } from '../apply.ts';
import {
  inputBits,
  type BinaryInputOptions,
  type BinaryTensor,
  type PublicBits,
} from '../binary/index.ts';
import { checkSizes, toPlain, type PublicTensor } from '../operand.ts';
import type { Party } from '../party.ts';
import { checkRank } from '../reveal.ts';
import { CrypTensor } from '../tensor.ts';

/** Options of `cryptensor`. */
export interface InputOptions {
  /** How the values are shared; `binary` has options of its own. */
  readonly ptype?: 'arithmetic';
  /** Rank that knows the values; 0 unless said. */
  readonly src?: number;
  /** Shape of the values; needed where they are unknown. */
  readonly shape?: Shape;
  /** Fractional bits; the session's unless said. */
  readonly precision?: number;
  readonly requiresGrad?: boolean;
}

/** Methods of a party. */
export interface CreationMethods {
  /**
   * Shares a tensor that party `src` knows. Rounds: 0.
   *
   * Only `src` needs the values. The others pass `null` with a `shape`, or anything of the same shape, whose values are
   * ignored: so the same line may run at every party.
   *
   * @throws {MpcError} ERR_MPC_RANK for a `src` that is no party, ERR_MPC_SHAPE for ragged arrays or a missing or wrong shape,
   * ERR_MPC_RANGE for NaN or values that do not fit, ERR_MPC_SCALE for an impossible precision.
   * @example
   * const x = party.cryptensor([[1, 2], [3, 4]], { src: 0 });
   * const y = party.cryptensor(party.rank === 1 ? labels : null, { src: 1, shape: [2] });
   * const bits = party.cryptensor([1, 2, 3], { ptype: 'binary' });
   */
  cryptensor(values: PublicBits | null, options: BinaryInputOptions): BinaryTensor;
  cryptensor(values: PublicTensor | null, options?: InputOptions): CrypTensor;
  /** Zeros: public, so products and sums with them cost nothing. */
  zeros(shape: Shape, options?: { readonly requiresGrad?: boolean }): CrypTensor;
  /** Ones; see `zeros`. */
  ones(shape: Shape, options?: { readonly requiresGrad?: boolean }): CrypTensor;
  /** One public number everywhere; see `zeros`. */
  full(shape: Shape, value: number, options?: { readonly requiresGrad?: boolean }): CrypTensor;
  /** The identity matrix. */
  eye(n: number, m?: number): CrypTensor;
  /** Secret uniform numbers on [0, 1). See functions/sampling.ts for these four. */
  rand(...sizes: Sizes): CrypTensor;
  /** Secret normal numbers of mean 0 and variance 1. */
  randn(...sizes: Sizes): CrypTensor;
  /** The numbers 0 to n − 1 in a secret random order. */
  randperm(n: number): CrypTensor;
  /** 1 with probability p, else 0; p may be public or secret. */
  bernoulli(p: TensorLike): CrypTensor;
  /** A CrypTensor as it is; public values as one that every party knows. */
  lift(op: string, value: TensorLike): CrypTensor;
}

/** What they do. */
export const creationMethods: CreationMethods & ThisType<Party> = {
  cryptensor(values: PublicBits | null, options: InputOptions | BinaryInputOptions = {}) {
    const tensor =
      options.ptype === 'binary'
        ? inputBits(this, values, options)
        : input(this, values as PublicTensor | null, options);
    // The overloads say which of the two it is; TypeScript cannot follow.
    return tensor as never;
  },
  zeros(shape, options = {}) {
    return this.full(shape, 0, options);
  },
  ones(shape, options = {}) {
    return this.full(shape, 1, options);
  },
  full(shape, value, options = {}) {
    checkSizes('full', shape);
    const share = ops.constant(this.context, 'full', [...shape], value);
    return new CrypTensor(this, share, null, options.requiresGrad ?? false);
  },
  eye(n, m = n) {
    checkSizes('eye', [n, m]);
    const data = new Float64Array(n * m);
    for (let i = 0; i < Math.min(n, m); i++) data[i * m + i] = 1;
    return this.lift('eye', { shape: [n, m], data });
  },
  rand(...sizes) {
    return drawn(this, 'rand', sizes, ops.rand);
  },
  randn(...sizes) {
    return drawn(this, 'randn', sizes, ops.randn);
  },
  randperm(n) {
    return new CrypTensor(this, ops.randperm(this.context, n));
  },
  bernoulli(p) {
    if (p instanceof CrypTensor) return p.bernoulli();
    return new CrypTensor(this, ops.bernoulli(this.context, toPlain('bernoulli', p)));
  },
  lift(op, value) {
    if (value instanceof CrypTensor) return value;
    const plain = toPlain(op, value);
    const { context } = this;
    if (plain.data.length === 1) {
      return new CrypTensor(this, ops.constant(context, op, plain.shape, plain.data[0]));
    }
    const zero = ops.constant(context, op, plain.shape, 0);
    return new CrypTensor(this, ops.add(context, zero, plain));
  },
};

function input(party: Party, values: PublicTensor | null, options: InputOptions): CrypTensor {
  const { src = 0, precision = party.precision, requiresGrad = false } = options;
  checkRank(party.context, 'cryptensor', 'src', src);
  checkPrecision(precision);
  const known = values === null ? null : toPlain('cryptensor', values, options.shape);
  const shape = known?.shape ?? options.shape;
  if (shape === undefined || (known === null && src === party.rank)) {
    throw known === null && src === party.rank
      ? new MpcError('ERR_MPC_SHAPE', `cryptensor: party ${src} is the source and must pass values`)
      : new MpcError('ERR_MPC_SHAPE', 'cryptensor: pass { shape } where the values are unknown');
  }
  checkSizes('cryptensor', shape);
  const { context } = party;
  const words =
    known === null || src !== party.rank
      ? null
      : encode(context.arena, known.data, precision, 'cryptensor');
  const share = context.gates.input(context, src, [...shape], precision, words);
  return new CrypTensor(party, share, null, requiresGrad);
}

function checkPrecision(precision: number): void {
  if (Number.isInteger(precision) && precision >= 0 && precision <= MAX_FRAC_BITS) return;
  throw new MpcError(
    'ERR_MPC_SCALE',
    `cryptensor: precision ${precision} must be a whole number of fractional bits from 0 to ${MAX_FRAC_BITS}`,
  );
}

function drawn(
  party: Party,
  op: string,
  sizes: Sizes,
  draw: (ctx: Context, shape: Shape) => Share,
): CrypTensor {
  const shape = listOf(sizes);
  checkSizes(op, shape);
  return new CrypTensor(party, draw(party.context, [...shape]));
}
