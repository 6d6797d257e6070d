/**
 * What a party holds, for the demo's table of random-looking numbers.
 *
 * # Warning
 * Whoever gets these words from all parties has the secret. The demo may show them, since all of its
 * parties belong to one user anyway; nothing else may.
 * @module
 */

import { CrypTensor } from '../../tensor/index.ts';
import { contiguousWords } from '../../protocol/share.ts';
import { settle } from '../../protocol/settle.ts';

const WORDS_SHOWN = 8;

/** This party's own ring words of the first elements, in hexadecimal. */
export async function demoOnlyShareWords(tensor: CrypTensor): Promise<string[]> {
  const { context } = tensor.party;
  const share = settle(context, CrypTensor.shareOf(tensor));
  const words = await contiguousWords(context.arena, share);
  return Array.from(words.subarray(0, WORDS_SHOWN), (word) =>
    BigInt.asUintN(64, word).toString(16).padStart(16, '0'),
  );
}
