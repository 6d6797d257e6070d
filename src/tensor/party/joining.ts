/**
 * Joining tensors and choosing between them.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import * as ops from '../../functions/index.ts';
import type { Share } from '../../protocol/share.ts';
import { apply, mixed, operand, type TensorLike } from '../apply.ts';
import { BinaryTensor, joinBits } from '../binary/index.ts';
import type { Party } from '../party.ts';
import { CrypTensor } from '../tensor.ts';

/** Methods of a party. */
export interface JoiningMethods {
  /** Tensors joined along a dim; some may be public. */
  cat(tensors: readonly BinaryTensor[], dim?: number): BinaryTensor;
  cat(tensors: readonly TensorLike[], dim?: number): CrypTensor;
  /** Tensors of one shape joined along a new dim; some may be public. */
  stack(tensors: readonly BinaryTensor[], dim?: number): BinaryTensor;
  stack(tensors: readonly TensorLike[], dim?: number): CrypTensor;
  /** a where the condition is 1, b where it is 0. */
  where(condition: TensorLike, a: TensorLike, b: TensorLike): CrypTensor;
}

/** What they do. */
export const joiningMethods: JoiningMethods & ThisType<Party> = {
  cat(tensors: readonly (TensorLike | BinaryTensor)[], dim = 0) {
    return joined(this, 'cat', ops.catOp, tensors, dim);
  },
  stack(tensors: readonly (TensorLike | BinaryTensor)[], dim = 0) {
    return joined(this, 'stack', ops.stackOp, tensors, dim);
  },
  where(condition, a, b) {
    const inputs = [condition, a, b].map((value) => operand('where', value));
    if (inputs.some((value) => value instanceof CrypTensor)) return mixed(ops.whereOp, inputs);
    return mixed(ops.whereOp, [inputs[0], this.lift('where', a), inputs[2]]);
  },
};

function joined<Saved>(
  party: Party,
  op: 'cat' | 'stack',
  record: ops.OpRecord<Share, number, Saved>,
  tensors: readonly (TensorLike | BinaryTensor)[],
  dim: number,
): never {
  const result = allBits(tensors)
    ? joinBits(op, tensors, dim)
    : apply(record, lifted(party, op, tensors as readonly TensorLike[]), dim);
  // The overloads say which of the two it is; TypeScript cannot follow.
  return result as never;
}

function lifted(party: Party, op: string, tensors: readonly TensorLike[]): CrypTensor[] {
  if (tensors.length === 0) {
    throw new MpcError('ERR_MPC_SHAPE', `${op}: expected at least one tensor, got none`);
  }
  return tensors.map((tensor) => party.lift(op, tensor));
}

function allBits(
  tensors: readonly (TensorLike | BinaryTensor)[],
): tensors is readonly BinaryTensor[] {
  return tensors.length > 0 && tensors.every((tensor) => tensor instanceof BinaryTensor);
}
