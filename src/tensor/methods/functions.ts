/**
 * Functions of one variable. See functions/activations.ts.
 * @module
 */

import * as ops from '../../functions/index.ts';
import { apply } from '../apply.ts';
import type { CrypTensor } from '../tensor.ts';

/** Methods of a tensor. */
export interface FunctionMethods {
  /** max(this, 0). */
  relu(): CrypTensor;
}

/** What they do. */
export const functionMethods: FunctionMethods & ThisType<CrypTensor> = {
  relu() {
    return apply(ops.reluOp, [this]);
  },
};
