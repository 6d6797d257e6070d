/**
 * `CrypTensor`: a secret-shared tensor with PyTorch's methods.
 *
 * A handle on an immutable share, and on the tape node that made it. Every method is synchronous and names the record in
 * `functions/` that does the work; nothing is computed here. Only `getPlainText`, `reveal` and `Party.settle` are awaited.
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
import { toPlain, type PublicTensor } from './operand.ts';
import type { Party } from './party.ts';
import type { Tensor } from './plain.ts';
import { openTo, openWords, type OpenOptions, type RawTensor } from './reveal.ts';
import { walkBack, type Edge, type TapeNode } from './tape.ts';

/** An operand of a method: secret or public. */
export type TensorLike = CrypTensor | PublicTensor;

/** Sizes or dims, one by one or as one array. */
export type Sizes = readonly number[] | readonly [readonly number[]];

/** Options of a convolution, and a bias for each channel of its result. */
export type WithBias<Options> = Options & { readonly bias?: TensorLike | undefined };

/** A secret-shared tensor; made by `party.cryptensor` and by operations. */
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
    else walkBack(context, this.#node, seed);
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

  // Arithmetic ----------------------------------------------------------------------------------

  /** this + y. See `add` in functions/arithmetic.ts. */
  add(y: TensorLike): CrypTensor {
    return mixed(ops.addOp, [this, operand('add', y)]);
  }

  /** this − y. */
  sub(y: TensorLike): CrypTensor {
    return mixed(ops.subOp, [this, operand('sub', y)]);
  }

  /** y − this. */
  rsub(y: TensorLike): CrypTensor {
    return mixed(ops.subOp, [operand('rsub', y), this]);
  }

  /** −this. */
  neg(): CrypTensor {
    return apply(ops.negOp, [this]);
  }

  /** this · y, elementwise. */
  mul(y: TensorLike): CrypTensor {
    return mixed(ops.mulOp, [this, operand('mul', y)]);
  }

  /** this / y, elementwise, for a public y. */
  div(y: TensorLike): CrypTensor {
    return mixed(ops.divOp, [this, operand('div', y)]);
  }

  /** this². */
  square(): CrypTensor {
    return apply(ops.squareOp, [this]);
  }

  /** The matrix product this · y. See `matmul` in functions/linear.ts. */
  matmul(y: TensorLike): CrypTensor {
    return mixed(ops.matmulOp, [this, operand('matmul', y)]);
  }

  /** The matrix product y · this. */
  rmatmul(y: TensorLike): CrypTensor {
    return mixed(ops.matmulOp, [operand('rmatmul', y), this]);
  }

  // Convolutions --------------------------------------------------------------------------------

  /** Convolution with a kernel [F,C/groups,k]. See functions/conv.ts for all of these. */
  conv1d(kernel: TensorLike, options: WithBias<ops.ConvOptions> = {}): CrypTensor {
    return convolve(ops.conv1dOp, this, kernel, options);
  }

  /** Convolution with a kernel [F,C/groups,h,w]. */
  conv2d(kernel: TensorLike, options: WithBias<ops.ConvOptions> = {}): CrypTensor {
    return convolve(ops.conv2dOp, this, kernel, options);
  }

  /** Transposed convolution with a kernel [C,F/groups,k]. */
  convTranspose1d(
    kernel: TensorLike,
    options: WithBias<ops.ConvTransposeOptions> = {},
  ): CrypTensor {
    return convolve(ops.convTranspose1dOp, this, kernel, options);
  }

  /** Transposed convolution with a kernel [C,F/groups,h,w]. */
  convTranspose2d(
    kernel: TensorLike,
    options: WithBias<ops.ConvTransposeOptions> = {},
  ): CrypTensor {
    return convolve(ops.convTranspose2dOp, this, kernel, options);
  }

  /** `conv1d` of y with this as the kernel. */
  rconv1d(y: TensorLike, options: WithBias<ops.ConvOptions> = {}): CrypTensor {
    return convolve(ops.conv1dOp, y, this, options);
  }

  /** `conv2d` of y with this as the kernel. */
  rconv2d(y: TensorLike, options: WithBias<ops.ConvOptions> = {}): CrypTensor {
    return convolve(ops.conv2dOp, y, this, options);
  }

  // Movement ------------------------------------------------------------------------------------

  /** The transpose of a matrix. See functions/movement.ts for all of these. */
  t(): CrypTensor {
    return apply(ops.tOp, [this]);
  }

  /** Two dims swapped. */
  transpose(dim0: number, dim1: number): CrypTensor {
    return apply(ops.transposeOp, [this], [dim0, dim1]);
  }

  /** Dims in another order. */
  permute(...dims: Sizes): CrypTensor {
    return apply(ops.permuteOp, [this], listOf(dims));
  }

  /** Another shape of the same size; one size may be −1. */
  reshape(...sizes: Sizes): CrypTensor {
    return apply(ops.reshapeOp, [this], listOf(sizes));
  }

  /** Dims `start` to `end` merged. */
  flatten(start = 0, end = -1): CrypTensor {
    return apply(ops.flattenOp, [this], [start, end]);
  }

  /** Dims of size 1 dropped: all, or those named. */
  squeeze(dim?: number | readonly number[]): CrypTensor {
    return apply(ops.squeezeOp, [this], dim);
  }

  /** A dim of size 1 put in. */
  unsqueeze(dim: number): CrypTensor {
    return apply(ops.unsqueezeOp, [this], dim);
  }

  /** Dims of size 1 repeated; −1 keeps a size. */
  expand(...sizes: Sizes): CrypTensor {
    return apply(ops.expandOp, [this], listOf(sizes));
  }

  /** Elements and slices: `x.index(0, [1, 4], [], null)` is Python's `x[0, 1:4, :, None]`. */
  index(...entries: readonly ops.IndexEntry[]): CrypTensor {
    return apply(ops.indexOp, [this], entries);
  }

  /** `length` positions of a dim from `start`. */
  narrow(dim: number, start: number, length: number): CrypTensor {
    return apply(ops.narrowOp, [this], [dim, start, length]);
  }

  /** Dims read backwards. */
  flip(dims: number | readonly number[]): CrypTensor {
    return apply(ops.flipOp, [this], dims);
  }

  /** A new handle on the same secret, recorded on the tape. */
  clone(): CrypTensor {
    return apply(ops.cloneOp, [this]);
  }

  // Reductions ----------------------------------------------------------------------------------

  /** Sum over all dims, or those named. */
  sum(dim?: number | readonly number[], options: { readonly keepdim?: boolean } = {}): CrypTensor {
    return apply(ops.sumOp, [this], { dim, ...options });
  }

  /** Mean over all dims, or those named. */
  mean(dim?: number | readonly number[], options: { readonly keepdim?: boolean } = {}): CrypTensor {
    return apply(ops.meanOp, [this], { dim, ...options });
  }

  /** Means of windows along the last dim. See functions/pooling.ts. */
  avgPool1d(kernelSize: ops.SpatialSizes, options: ops.AvgPoolOptions = {}): CrypTensor {
    return apply(ops.avgPool1dOp, [this], [kernelSize, options]);
  }

  /** Means of windows over the last two dims. */
  avgPool2d(kernelSize: ops.SpatialSizes, options: ops.AvgPoolOptions = {}): CrypTensor {
    return apply(ops.avgPool2dOp, [this], [kernelSize, options]);
  }

  // Comparisons and functions -------------------------------------------------------------------

  /** [this < y] as a secret 0/1. See functions/compare.ts for all of these. */
  lt(y: TensorLike): CrypTensor {
    return mixed(ops.ltOp, [this, operand('lt', y)]);
  }

  /** [this ≤ y]. */
  le(y: TensorLike): CrypTensor {
    return mixed(ops.leOp, [this, operand('le', y)]);
  }

  /** [this > y]. */
  gt(y: TensorLike): CrypTensor {
    return mixed(ops.gtOp, [this, operand('gt', y)]);
  }

  /** [this ≥ y]. */
  ge(y: TensorLike): CrypTensor {
    return mixed(ops.geOp, [this, operand('ge', y)]);
  }

  /** This where the condition is 1, y where it is 0. */
  where(condition: TensorLike, y: TensorLike): CrypTensor {
    return mixed(ops.whereOp, [operand('where', condition), this, operand('where', y)]);
  }

  /** The sign; +1 at 0. */
  sign(): CrypTensor {
    return apply(ops.signOp, [this]);
  }

  /** The absolute value. */
  abs(): CrypTensor {
    return apply(ops.absOp, [this]);
  }

  /** max(this, 0). See `relu` in functions/activations.ts. */
  relu(): CrypTensor {
    return apply(ops.reluOp, [this]);
  }

  /** 1/(1 + e^−this). See `sigmoid` in functions/smooth.ts. */
  sigmoid(): CrypTensor {
    return apply(ops.sigmoidOp, [this]);
  }

  /** Binary cross-entropy of these logits against a target. See functions/loss.ts. */
  binaryCrossEntropyWithLogits(target: TensorLike, options: ops.LossOptions = {}): CrypTensor {
    const y = operand('binaryCrossEntropyWithLogits', target);
    return mixed(ops.binaryCrossEntropyWithLogitsOp, [this, y], options);
  }

  /** Mean squared error against a target. See functions/loss.ts. */
  mseLoss(target: TensorLike, options: ops.LossOptions = {}): CrypTensor {
    return mixed(ops.mseLossOp, [this, operand('mseLoss', target)], options);
  }

  // In place ------------------------------------------------------------------------------------

  /** `add` in place; as every call in place it makes this handle mean the result. */
  add_(y: TensorLike): this {
    return this.#inPlace('add_', () => this.add(y));
  }

  /** `sub` in place. */
  sub_(y: TensorLike): this {
    return this.#inPlace('sub_', () => this.sub(y));
  }

  /** `mul` in place. */
  mul_(y: TensorLike): this {
    return this.#inPlace('mul_', () => this.mul(y));
  }

  /** `div` in place. */
  div_(y: TensorLike): this {
    return this.#inPlace('div_', () => this.div(y));
  }

  /** `neg` in place. */
  neg_(): this {
    return this.#inPlace('neg_', () => this.neg());
  }

  /** `square` in place. */
  square_(): this {
    return this.#inPlace('square_', () => this.square());
  }

  /** `abs` in place. */
  abs_(): this {
    return this.#inPlace('abs_', () => this.abs());
  }

  /** `sign` in place. */
  sign_(): this {
    return this.#inPlace('sign_', () => this.sign());
  }

  /** `relu` in place. */
  relu_(): this {
    return this.#inPlace('relu_', () => this.relu());
  }

  /** `sigmoid` in place. */
  sigmoid_(): this {
    return this.#inPlace('sigmoid_', () => this.sigmoid());
  }

  /** The values of another tensor of the same shape. */
  copy_(source: TensorLike): this {
    return this.#inPlace('copy_', () => this.party.lift('copy_', source).clone());
  }

  /** Truncates now what is owed; the value, its gradient and its version stay. */
  settle_(): this {
    this.#share = settle(this.party.context, this.#share);
    return this;
  }

  #inPlace(op: string, compute: () => CrypTensor): this {
    const { recording } = this.party.tape;
    if (recording && this.#node === null && this.#wanted) {
      throw new MpcError(
        'ERR_MPC_UNSUPPORTED',
        `${op}: a leaf that requires a gradient cannot change in place; use party.noGrad(() => …)`,
      );
    }
    const result = compute();
    if (!sameShape(result.shape, this.shape)) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${op}: the result has shape ${showShape(result.shape)}, a call in place must keep ${showShape(this.shape)}`,
      );
    }
    const { precision } = this;
    this.#share = keepScale(this.party.context, result.#share, precision);
    if (recording) this.#node = result.#node;
    this.#version++;
    return this;
  }
}

/** Runs a record on secret tensors and records it. */
export function apply<Opts, Saved>(
  op: ops.OpRecord<Share, Opts, Saved>,
  inputs: readonly CrypTensor[],
  ...opts: [Opts] extends [void] ? [] : [Opts]
): CrypTensor {
  const shares = inputs.map((input) => CrypTensor.shareOf(input));
  return run(op, inputs, (ctx) => op.forward(ctx, shares, opts[0] as Opts));
}

/** Runs a record on tensors of which some are public. */
export function mixed<Opts, Saved>(
  op: ops.OpRecord<ops.Operand, Opts, Saved>,
  inputs: readonly (CrypTensor | ops.Plain)[],
  ...opts: [Opts] extends [void] ? [] : [Opts]
): CrypTensor {
  const operands = inputs.map((input) =>
    input instanceof CrypTensor ? CrypTensor.shareOf(input) : input,
  );
  return run(op, inputs, (ctx) => op.forward(ctx, operands, opts[0] as Opts));
}

/** A user's operand: a CrypTensor as it is, anything else as public values. */
export function operand(op: string, value: TensorLike): CrypTensor | ops.Plain {
  return value instanceof CrypTensor ? value : toPlain(op, value);
}

function convolve<Saved>(
  op: ops.OpRecord<ops.Operand, ops.ConvTransposeOptions, Saved>,
  x: TensorLike,
  kernel: TensorLike,
  options: WithBias<ops.ConvTransposeOptions>,
): CrypTensor {
  const given = options.bias === undefined ? [x, kernel] : [x, kernel, options.bias];
  const operands = given.map((value) => operand(op.name, value));
  return mixed(op, operands, options);
}

type Backward<Saved> = Pick<
  ops.OpRecord<never, never, Saved>,
  'name' | 'differentiable' | 'backward'
>;

function run<Saved>(
  op: Backward<Saved>,
  inputs: readonly (CrypTensor | ops.Plain)[],
  forward: (ctx: Context) => ops.Forward<Saved>,
): CrypTensor {
  const tensors = inputs.filter((input) => input instanceof CrypTensor);
  const party = partyOf(op.name, tensors);
  const edges = inputs.map((input) =>
    input instanceof CrypTensor ? CrypTensor.edgeOf(input) : null,
  );
  const { ledger } = party.context.session;
  const { output, saved } = ledger.under(op.name, () => forward(party.context));
  const needs = edges.map((edge) => edge !== null);
  if (!party.tape.recording || op.differentiable === false || !needs.includes(true)) {
    return new CrypTensor(party, output);
  }
  const pull = (ctx: Context, dy: Share): ops.Gradients =>
    ledger.under(`${op.name}.backward`, () => op.backward?.(ctx, saved, dy, needs) ?? []);
  const node = party.tape.node(op.name, edges, op.backward === undefined ? undefined : pull);
  return new CrypTensor(party, output, node);
}

/** The party that operations on these tensors belong to: the innermost fork among them. */
function partyOf(op: string, tensors: readonly CrypTensor[]): Party {
  const [party] = tensors.map((tensor) => tensor.party).sort((a, b) => b.forkDepth - a.forkDepth);
  for (const tensor of tensors) {
    if (tensor.party.context.session !== party.context.session) {
      throw new MpcError('ERR_MPC_UNSUPPORTED', `${op}: the tensors belong to different sessions`);
    }
  }
  return party;
}

/** The result of a call in place at the handle's own precision. */
function keepScale(ctx: Context, share: Share, precision: number): Share {
  if (precision === 0 || share.nominal <= precision) return share;
  const settled = share.fracBits - precision > 60 ? settle(ctx, share) : share;
  return rescaleA(ctx, settled, settled.fracBits, precision);
}

function listOf(sizes: Sizes): readonly number[] {
  const [first] = sizes;
  return Array.isArray(first) ? first : (sizes as readonly number[]);
}
