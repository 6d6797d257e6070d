/**
 * Attention with several heads.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { showShape } from '../core/shape.ts';
import { CrypTensor, Tensor, type TensorLike } from '../tensor/index.ts';
import { checkProbability, checkSizes, secretInput } from './argument.ts';
import { uniform } from './draw.ts';
import { constant_, xavierUniform_ } from './init.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** Options of `MultiheadAttention`. */
export interface AttentionOptions {
  /** Probability that a weight is dropped in training; 0 unless said. */
  readonly dropout?: number;
  /** false: the projections add nothing. */
  readonly bias?: boolean;
  /** true: batches are the first dim, as [N,L,E] instead of [L,N,E]. */
  readonly batchFirst?: boolean;
}

/** What is added to a score that does not count: its exponential is 0. */
const NOWHERE = -1024;

/**
 * softmax(Q·Kᵀ/√d)·V for each head, between projections; `forward` returns the result and the weights, averaged over the heads.
 *
 * Masks are 1 (or −Infinity) where a query may not look and 0 elsewhere; they may be public or secret.
 *
 * Shape   query: [L,N,E], key and value: [S,N,E], or without N; keyPaddingMask: [N,S]; attnMask: [L,S] or [N·heads,L,S]; results:
 *         [L,N,E] and [N,L,S].
 */
export class MultiheadAttention extends Module<readonly CrypTensor[]> {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly inProjWeight: Parameter;
  readonly inProjBias: Parameter | null;
  readonly outProj: Linear;

  /** @throws {MpcError} ERR_MPC_SHAPE unless the heads divide the embedding, ERR_MPC_RANGE for no probability. */
  constructor(
    embedDim: number,
    numHeads: number,
    { dropout = 0, bias = true, batchFirst = false }: AttentionOptions = {},
  ) {
    super();
    checkSizes('MultiheadAttention', { embedDim, numHeads });
    checkProbability('MultiheadAttention', dropout);
    if (embedDim % numHeads !== 0) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `MultiheadAttention: ${numHeads} heads do not divide an embedding of ${embedDim}`,
      );
    }
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.dropout = dropout;
    this.batchFirst = batchFirst;
    const parameter = (shape: readonly number[]): Parameter =>
      new Parameter(shape, () => uniform(shape, 0, 0));
    const weight = xavierUniform_(parameter([3 * embedDim, embedDim]));
    this.inProjWeight = this.registerParameter('in_proj_weight', weight);
    this.inProjBias = bias
      ? this.registerParameter('in_proj_bias', parameter([3 * embedDim]))
      : null;
    this.outProj = this.registerModule('out_proj', new Linear(embedDim, embedDim, { bias }));
    if (this.outProj.bias !== null) constant_(this.outProj.bias, 0);
  }

  /** @throws {MpcError} ERR_MPC_SHAPE for shapes that do not fit, ERR_MPC_RANGE for a public mask of other numbers. */
  override forward(
    query: CrypTensor,
    key: CrypTensor = query,
    value: CrypTensor = key,
    keyPaddingMask?: TensorLike,
    attnMask?: TensorLike,
  ): readonly [output: CrypTensor, weights: CrypTensor] {
    const given = [query, key, value].map((x) => secretInput(this, x));
    for (const x of given) this.#check(x);
    const single = query.dim() === 2;
    const heads = given.map((x, part) => this.#heads(this.#batchFirst(x, single), part));
    const [q, k, v] = heads;
    const [batch, , length, size] = q.shape;
    let scores = q.mul(1 / Math.sqrt(size)).matmul(k.transpose(2, 3));
    if (keyPaddingMask !== undefined) {
      const mask = maskOf('keyPaddingMask', keyPaddingMask);
      scores = scores.add(shaped(mask, [batch, 1, 1, k.shape[2]], 'keyPaddingMask'));
    }
    if (attnMask !== undefined) {
      const mask = maskOf('attnMask', attnMask);
      const shape = mask.shape.length === 2 ? scores.shape.slice(2) : scores.shape;
      scores = scores.add(shaped(mask, shape, 'attnMask'));
    }
    const weights = scores.softmax(3);
    const kept = weights.dropout(this.dropout, { training: this.training });
    const mixed = kept.matmul(v).transpose(1, 2).reshape(batch, length, this.embedDim);
    const output = this.outProj.forward(mixed);
    const mean = weights.mean(1);
    if (single) return [output.squeeze(0), mean.squeeze(0)];
    return [this.batchFirst ? output : output.transpose(0, 1), mean];
  }

  /** [N,L,E]. */
  #batchFirst(x: CrypTensor, single: boolean): CrypTensor {
    if (single) return x.unsqueeze(0);
    return this.batchFirst ? x : x.transpose(0, 1);
  }

  /** One of the three projections, as [N,heads,L,E/heads]. */
  #heads(x: CrypTensor, part: number): CrypTensor {
    const { embedDim, numHeads } = this;
    const weight = this.inProjWeight.tensor.narrow(0, part * embedDim, embedDim);
    const product = x.matmul(weight.t());
    const bias = this.inProjBias?.tensor.narrow(0, part * embedDim, embedDim);
    const y = bias === undefined ? product : product.add(bias);
    const [batch, length] = y.shape;
    return y.reshape(batch, length, numHeads, embedDim / numHeads).transpose(1, 2);
  }

  #check({ shape }: CrypTensor): void {
    const last = shape[shape.length - 1];
    if ((shape.length === 2 || shape.length === 3) && last === this.embedDim) return;
    const wanted = this.batchFirst ? '[N,L,E]' : '[L,N,E]';
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `MultiheadAttention: expected ${wanted} or [L,E] with E = ${this.embedDim}, got ${showShape(shape)}`,
    );
  }
}

/** A mask as numbers to add to scores. */
function maskOf(name: string, mask: TensorLike): CrypTensor | Tensor {
  if (mask instanceof CrypTensor) return mask.mul(NOWHERE);
  const { shape, data } = plainMask(mask);
  const added = Array.from(data, (value) => {
    if (value === 1 || value === -Infinity) return NOWHERE;
    if (value === 0) return 0;
    throw new MpcError(
      'ERR_MPC_RANGE',
      `MultiheadAttention: ${name} is 0 where a query may look, 1 or −Infinity where not; got ${value}`,
    );
  });
  return new Tensor(shape, added);
}

function plainMask(mask: Exclude<TensorLike, CrypTensor>): Tensor {
  if (mask instanceof Tensor) return mask;
  if (Array.isArray(mask)) {
    const shape: number[] = [];
    for (let inner: unknown = mask; Array.isArray(inner); inner = inner[0])
      shape.push(inner.length);
    return new Tensor(shape, (mask as number[]).flat(shape.length - 1));
  }
  if (typeof mask === 'object' && 'shape' in mask) return new Tensor(mask.shape, mask.data);
  throw new TypeError(
    'MultiheadAttention: expected a mask as a tensor, nested arrays or { shape, data }',
  );
}

function shaped(
  mask: CrypTensor | Tensor,
  shape: readonly number[],
  name: string,
): CrypTensor | Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const given = mask.shape.reduce((a, b) => a * b, 1);
  if (size !== given) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `MultiheadAttention: ${name} of shape ${showShape(mask.shape)} does not fit scores of ${showShape(shape)}`,
    );
  }
  return mask instanceof CrypTensor ? mask.reshape(shape) : new Tensor(shape, mask.data);
}
