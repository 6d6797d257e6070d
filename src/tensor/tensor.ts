/**
 * `CrypTensor`: a secret-shared tensor with PyTorch's methods.
 *
 * A handle on an immutable share, and on the tape node that made it. What computes stands in `methods/`, one file per area:
 * every method is synchronous and names the record in `functions/` that does the work. Only `getPlainText`, `reveal` and
 * `Party.settle` are awaited.
 *
 * Differences from PyTorch: views do not alias (an in-place call changes its own handle only); a call in place keeps the
 * handle's precision, as PyTorch's keeps the dtype.
 * @module
 */

import { printAsString } from '../core/inspect.ts';
import { MpcError } from '../core/errors.ts';
import { normalizeDim, sameShape, showShape, sizeOf, type Shape } from '../core/shape.ts';
import * as ops from '../functions/index.ts';
import type { Context } from '../protocol/context.ts';
import { rescaleA } from '../protocol/local/index.ts';
import { settle } from '../protocol/settle.ts';
import type { Share } from '../protocol/share.ts';
import type { TensorLike } from './apply.ts';
import type { InPlace, Methods, PlainMethods } from './methods/index.ts';
import type { Party } from './party.ts';
import type { Tensor } from './plain.ts';
import { openTo, openWords, type OpenOptions, type RawTensor } from './reveal.ts';
import { walkBack, type Edge, type TapeNode } from './tape.ts';

/** The methods of `methods/`, which `Party` installs, and their twins in place. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- installMethods keeps the promise.
export interface CrypTensor extends Methods, PlainMethods, InPlace<Methods> {}

/** A secret-shared tensor; made by `party.cryptensor` and by operations. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging -- see the interface.
export class CrypTensor {
  static {
    printAsString(this.prototype);
  }

  readonly party: Party;
  /** The gradient that `backward` left here; null before. Only on leaves that require one. */
  grad: CrypTensor | null = null;
  #share: Share;
  #node: TapeNode | null;
  #wanted: boolean;
  #version = 0;

  constructor(party: Party, share: Share, node: TapeNode | null = null, requiresGrad = false) {
    this.party = party;
    this.#share = share;
    this.#node = node;
    this.#wanted = requiresGrad;
  }

  /** This party's share, for code that works on shares; never printed, never sent as it is. */
  static shareOf(tensor: CrypTensor): Share {
    return tensor.#share;
  }

  /** Where a gradient of this tensor goes; null when it requires none. */
  static edgeOf(tensor: CrypTensor): Edge {
    return tensor.#node ?? (tensor.#wanted ? tensor : null);
  }

  /**
   * Makes the handle mean the result of `compute`, at its own precision.
   *
   * @throws {MpcError} ERR_MPC_UNSUPPORTED on a leaf that requires a gradient outside `noGrad`; ERR_MPC_SHAPE when the result
   * has another shape. Then nothing has changed.
   */
  static changeInPlace<T extends CrypTensor>(self: T, op: string, compute: () => CrypTensor): T {
    const { context, tape } = self.party;
    if (tape.recording && self.#node === null && self.#wanted) {
      throw new MpcError(
        'ERR_MPC_UNSUPPORTED',
        `${op}: a leaf that requires a gradient cannot change in place; use party.noGrad(() => …)`,
      );
    }
    const result = compute();
    if (!sameShape(result.shape, self.shape)) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${op}: the result has shape ${showShape(result.shape)}, a call in place must keep ${showShape(self.shape)}`,
      );
    }
    self.#share = keepScale(context, result.#share, self.precision);
    if (tape.recording) self.#node = result.#node;
    self.#version++;
    return self;
  }

  // What it is ----------------------------------------------------------------------------------

  get shape(): Shape {
    return this.#share.shape;
  }

  /** Fractional bits, once truncated. */
  get precision(): number {
    return this.#share.nominal;
  }

  /** How often the handle was changed in place. */
  get version(): number {
    return this.#version;
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
    const grad = this.requiresGrad ? ', requiresGrad' : '';
    return `CrypTensor(${showShape(this.shape)}, ${this.precision} fractional bits, HIDDEN${grad})`;
  }

  toJSON(): string {
    return this.toString();
  }

  // Making it public ----------------------------------------------------------------------------

  /** Opens the values to all parties, or to those of `dst`; the others get null. Rounds: 1, and what truncation is owed. */
  getPlainText(): Promise<Tensor>;
  getPlainText(options: OpenOptions): Promise<Tensor | null>;
  getPlainText(options: OpenOptions = {}): Promise<Tensor | null> {
    return openTo(this.party.context, 'getPlainText', this.#share, options);
  }

  /** Opens the raw ring words, as `getPlainText` opens the values. */
  reveal(): Promise<RawTensor>;
  reveal(options: OpenOptions): Promise<RawTensor | null>;
  reveal(options: OpenOptions = {}): Promise<RawTensor | null> {
    return openWords(this.party.context, 'reveal', this.#share, options);
  }

  // Autograd ------------------------------------------------------------------------------------

  /** Whether `backward` reaches this tensor. Set it on leaves, before they are used. */
  get requiresGrad(): boolean {
    return this.#node !== null || this.#wanted;
  }

  set requiresGrad(value: boolean) {
    if (this.#node !== null && !value) {
      throw new MpcError(
        'ERR_MPC_UNSUPPORTED',
        'requiresGrad: only a leaf can stop requiring a gradient; use detach()',
      );
    }
    this.#wanted = value;
  }

  /** Whether no recorded operation made this tensor. */
  get isLeaf(): boolean {
    return this.#node === null;
  }

  /**
   * Adds d(this)/d(leaf) to the `grad` of every leaf that requires one, and frees the graph.
   *
   * @throws {MpcError} ERR_MPC_SHAPE without a gradient unless this is one element, or when the gradient has another shape;
   * ERR_MPC_UNSUPPORTED when nothing requires a gradient, the graph was freed or an operation has none.
   */
  backward(gradient?: TensorLike): void {
    const { context } = this.party;
    if (!this.requiresGrad) {
      throw new MpcError(
        'ERR_MPC_UNSUPPORTED',
        'backward: nothing this tensor was made of requires a gradient',
      );
    }
    const seed = this.#seed(context, gradient);
    if (this.#node === null) this.accumulate(context, seed);
    else walkBack(this.party, this.#node, seed);
  }

  /** Adds to `grad`; called by the tape. */
  accumulate(ctx: Context, gradient: Share): void {
    const sum = this.grad === null ? gradient : ops.add(ctx, this.grad.#share, gradient);
    this.grad = new CrypTensor(this.party, sum);
  }

  /** Forgets `grad`. */
  zeroGrad(): void {
    this.grad = null;
  }

  /** The same secret, cut off from the tape. */
  detach(): CrypTensor {
    return new CrypTensor(this.party, this.#share);
  }

  /** Cuts this handle off from the tape; it no longer requires a gradient. */
  detach_(): this {
    this.#node = null;
    this.#wanted = false;
    return this;
  }

  #seed(ctx: Context, gradient: TensorLike | undefined): Share {
    if (gradient === undefined) {
      if (this.numel() !== 1) {
        throw new MpcError(
          'ERR_MPC_SHAPE',
          `backward: ${showShape(this.shape)} holds ${this.numel()} elements, pass a gradient of that shape`,
        );
      }
      return ops.constant(ctx, 'backward', this.shape, 1);
    }
    const share = this.party.lift('backward', gradient).#share;
    if (sameShape(share.shape, this.shape)) return share;
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `backward: a gradient of shape ${showShape(this.shape)} is needed, got ${showShape(share.shape)}`,
    );
  }

  // In place ------------------------------------------------------------------------------------

  /** The values of another tensor of the same shape. */
  copy_(source: TensorLike): this {
    return CrypTensor.changeInPlace(this, 'copy_', () => this.party.lift('copy_', source).clone());
  }

  /** Truncates now what is owed; the value, its gradient and its version stay. */
  settle_(): this {
    this.#share = settle(this.party.context, this.#share);
    return this;
  }
}

/** The result of a call in place at the handle's own precision. */
function keepScale(ctx: Context, share: Share, precision: number): Share {
  if (precision === 0 || share.nominal <= precision) return share;
  const settled = share.fracBits - precision > 60 ? settle(ctx, share) : share;
  return rescaleA(ctx, settled, settled.fracBits, precision);
}
