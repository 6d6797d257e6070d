/**
 * The encoder layer of a transformer.
 * @module
 */

import type { CrypTensor, TensorLike } from '../tensor/index.ts';
import { secretInput } from './argument.ts';
import { MultiheadAttention } from './attention.ts';
import { Dropout } from './dropout.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';
import { LayerNorm } from './norm.ts';

/** Options of `TransformerEncoderLayer`. */
export interface EncoderLayerOptions {
  /** Width of the hidden layer; 2048 unless said. */
  readonly dimFeedforward?: number;
  /** 0.1 unless said. */
  readonly dropout?: number;
  /** `relu` unless said. */
  readonly activation?: 'relu' | 'gelu';
  /** 1e-5 unless said. */
  readonly layerNormEps?: number;
  /** true: batches are the first dim. */
  readonly batchFirst?: boolean;
  /** true: normalisation before attention and feed-forward instead of after. */
  readonly normFirst?: boolean;
}

/** Self-attention and a feed-forward network, each with a residual and a normalisation. Shape   x: as `MultiheadAttention`; result: same. */
export class TransformerEncoderLayer extends Module {
  readonly selfAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout: Dropout;
  readonly activation: 'relu' | 'gelu';
  readonly normFirst: boolean;

  /** @throws {MpcError} as its parts. */
  constructor(dModel: number, nhead: number, options: EncoderLayerOptions = {}) {
    super();
    const { dimFeedforward = 2048, dropout = 0.1, layerNormEps = 1e-5 } = options;
    const { activation = 'relu', batchFirst = false, normFirst = false } = options;
    const attention = new MultiheadAttention(dModel, nhead, { dropout, batchFirst });
    this.selfAttn = this.registerModule('self_attn', attention);
    this.linear1 = new Linear(dModel, dimFeedforward);
    this.linear2 = new Linear(dimFeedforward, dModel);
    this.norm1 = new LayerNorm(dModel, { eps: layerNormEps });
    this.norm2 = new LayerNorm(dModel, { eps: layerNormEps });
    this.dropout = new Dropout(dropout);
    this.activation = activation;
    this.normFirst = normFirst;
  }

  /** `srcMask` and `srcKeyPaddingMask` as `attnMask` and `keyPaddingMask` of the attention. */
  override forward(
    x: CrypTensor,
    srcMask?: TensorLike,
    srcKeyPaddingMask?: TensorLike,
  ): CrypTensor {
    const attend = (y: CrypTensor): CrypTensor =>
      this.dropout.forward(this.selfAttn.forward(y, y, y, srcKeyPaddingMask, srcMask)[0]);
    const input = secretInput(this, x);
    if (this.normFirst) {
      const y = input.add(attend(this.norm1.forward(input)));
      return y.add(this.#feedForward(this.norm2.forward(y)));
    }
    const y = this.norm1.forward(input.add(attend(input)));
    return this.norm2.forward(y.add(this.#feedForward(y)));
  }

  #feedForward(x: CrypTensor): CrypTensor {
    const hidden = this.linear1.forward(x);
    const active = this.activation === 'relu' ? hidden.relu() : hidden.gelu();
    return this.dropout.forward(this.linear2.forward(this.dropout.forward(active)));
  }
}
