/**
 * Vectors for class numbers, such as words.
 * @module
 */

import { CrypTensor, type TensorLike } from '../tensor/index.ts';
import { checkSizes } from './argument.ts';
import { normal } from './draw.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/**
 * A row of the weight [numEmbeddings, embeddingDim] for each number; normal at first.
 *
 * Secret numbers are compared with all positions, and the 0/1 rows multiplied by the weight: nobody learns which row it is, and a
 * number that is no position gives zeros. Public ones are looked up.
 *
 * Shape   index: any; result: [..., embeddingDim].
 * Cost    secret: `oneHot` and a product, 4 rounds, 16 B + 15 bits for each number and row, and the weight once; public: nothing.
 */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly weight: Parameter;

  /** @throws {MpcError} ERR_MPC_SHAPE unless both sizes are whole numbers from 1 up. */
  constructor(numEmbeddings: number, embeddingDim: number) {
    super();
    checkSizes('Embedding', { numEmbeddings, embeddingDim });
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    const shape = [numEmbeddings, embeddingDim];
    this.weight = new Parameter(shape, () => normal(shape, 0, 1));
  }

  override forward(index: TensorLike): CrypTensor {
    const { tensor } = this.weight;
    return index instanceof CrypTensor
      ? index.oneHot(this.numEmbeddings).matmul(tensor)
      : tensor.take(index, 0);
  }
}
