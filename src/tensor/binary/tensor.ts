/**
 * `BinaryTensor`: a secret tensor of 64-bit words whose bits are shared by XOR.
 *
 * Made by `x.to('binary')` and by `party.cryptensor(values, { ptype: 'binary' })`. Bitwise operations see words; sums,
 * comparisons and selections see two's complement numbers at the tensor's precision, 0 unless it came from an arithmetic
 * tensor. No gradient flows. What computes stands in `methods.ts` and `movement.ts`; every method that returns one tensor has a
 * twin in place.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import { printAsString } from '../../core/inspect.ts';
import { normalizeDim, sameShape, showShape, sizeOf, type Shape } from '../../core/shape.ts';
import { toArithmetic, type ToArithmeticOptions } from '../../functions/index.ts';
import { publicB } from '../../protocol/binary/local.ts';
import { BinaryShare } from '../../protocol/binary/share.ts';
import type { Context } from '../../protocol/context.ts';
import { partyOf } from '../apply.ts';
import type { Party } from '../party.ts';
import type { Tensor } from '../plain.ts';
import { openTo, openWords, type OpenOptions, type RawTensor } from '../reveal.ts';
import { CrypTensor } from '../tensor.ts';
import type { BinaryMethods } from './methods.ts';
import type { BinaryMovement, BinarySplit } from './movement.ts';
import { toWords, type PublicBits } from './operand.ts';

/** An operand of a binary tensor's method: secret or public. */
export type BinaryLike = BinaryTensor | PublicBits;

/** What has a twin in place. */
type Computed = BinaryMethods & BinaryMovement;

/** The methods of the tables, which `Party` installs, and their twins in place. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- installBinaryMethods keeps the promise.
export interface BinaryTensor extends BinaryMethods, BinaryMovement, BinarySplit, Twins {}

type Twins = {
  [Name in keyof Computed & string as `${Name}_`]: (
    ...args: Parameters<Computed[Name]>
  ) => BinaryTensor;
};

/** A secret tensor of XOR-shared words. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see the interface.
export class BinaryTensor {
  static {
    printAsString(this.prototype);
  }

  readonly party: Party;
  #share: BinaryShare;

  constructor(party: Party, share: BinaryShare) {
    this.party = party;
    this.#share = share;
  }

  /** This party's share, for code that works on shares; never printed, never sent as it is. */
  static shareOf(tensor: BinaryTensor): BinaryShare {
    return tensor.#share;
  }

  /**
   * Makes the handle mean another tensor of its shape.
   *
   * @throws {MpcError} ERR_MPC_SHAPE when the result has another shape; then nothing has changed.
   */
  static changeInPlace(self: BinaryTensor, op: string, result: BinaryTensor): BinaryTensor {
    if (!sameShape(result.shape, self.shape)) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${op}: the result has shape ${showShape(result.shape)}, a call in place must keep ${showShape(self.shape)}`,
      );
    }
    self.#share = result.#share;
    return self;
  }

  get shape(): Shape {
    return this.#share.shape;
  }

  /** Fractional bits. */
  get precision(): number {
    return this.#share.fracBits;
  }

  /** How many low bits of the words may be set; 1 for the result of a comparison. */
  get bits(): number {
    return this.#share.bits;
  }

  /** Number of dimensions. */
  dim(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  numel(): number {
    return sizeOf(this.shape);
  }

  /** The shape, or the size of one dim. */
  size(): Shape;
  size(dim: number): number;
  size(dim?: number): Shape | number {
    return dim === undefined ? this.shape : this.shape[normalizeDim('size', dim, this.dim())];
  }

  toString(): string {
    return `BinaryTensor(${showShape(this.shape)}, ${this.bits} bits, HIDDEN)`;
  }

  toJSON(): string {
    return this.toString();
  }

  /**
   * The low `bits` bits as an arithmetic tensor, at this precision or another. Rounds: 1. See functions/binary/convert.ts.
   *
   * @throws {MpcError} ERR_MPC_RANGE unless 1 ≤ bits ≤ 64.
   */
  to(ptype: 'arithmetic', options: ToArithmeticOptions = {}): CrypTensor {
    checkPtype('arithmetic', ptype);
    const { context } = this.party;
    const share = context.session.ledger.under('binary.to', () =>
      toArithmetic(context, this.#share, options),
    );
    return new CrypTensor(this.party, share);
  }

  /** Opens the values to all parties, or to those of `dst`; the others get null. Beyond 2^53 they are rounded: see `reveal`. */
  getPlainText(): Promise<Tensor>;
  getPlainText(options: OpenOptions): Promise<Tensor | null>;
  getPlainText(options: OpenOptions = {}): Promise<Tensor | null> {
    return openTo(this.party.context, 'getPlainText', this.#share, options);
  }

  /** Opens the words, exact, as `getPlainText` opens the values. */
  reveal(): Promise<RawTensor>;
  reveal(options: OpenOptions): Promise<RawTensor | null>;
  reveal(options: OpenOptions = {}): Promise<RawTensor | null> {
    return openWords(this.party.context, 'reveal', this.#share, options);
  }
}

/** Runs an operation on binary tensors, under its name. */
export function run(
  op: string,
  tensors: readonly BinaryTensor[],
  body: (ctx: Context) => BinaryShare,
): BinaryTensor {
  const party = partyOf(op, tensors);
  const { context } = party;
  const share = context.session.ledger.under(`binary.${op}`, () => body(context));
  return new BinaryTensor(party, share);
}

/** A binary tensor as it is; public values as one that every party knows. */
export function liftBits(party: Party, op: string, value: BinaryLike, fracBits = 0): BinaryTensor {
  if (value instanceof BinaryTensor) return value;
  const { context } = party;
  return new BinaryTensor(party, publicB(context, toWords(context, op, value, fracBits)));
}

/**
 * The sharing that a `to` names.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for any other.
 */
export function checkPtype(expected: string, ptype: string): void {
  if (ptype === expected) return;
  throw new MpcError('ERR_MPC_UNSUPPORTED', `to: expected '${expected}', got '${ptype}'`);
}
