/**
 * Other sharings of the same secret. See functions/binary/convert.ts.
 * @module
 */

import { toBinary } from '../../functions/index.ts';
import { BinaryTensor, checkPtype } from '../binary/tensor.ts';
import { CrypTensor } from '../tensor.ts';

/** Methods of a tensor that give another kind of tensor. */
export interface ConvertMethods {
  /** The same words as bits shared by XOR; no gradient flows through it. Rounds: 7. */
  to(ptype: 'binary'): BinaryTensor;
}

/** What they do. */
export const convertMethods: ConvertMethods & ThisType<CrypTensor> = {
  to(ptype) {
    checkPtype('binary', ptype);
    const { party } = this;
    const { context } = party;
    const share = context.session.ledger.under('to', () =>
      toBinary(context, CrypTensor.shareOf(this)),
    );
    return new BinaryTensor(party, share);
  },
};
