/**
 * Additive sharing mod 2^64 over any number of parties, with material from a dealer.
 * @module
 */

import type { Gates } from '../gates.ts';
import { negative } from './compare.ts';
import { matmul, mul } from './product.ts';
import { rectify } from './rectify.ts';
import { input, reveal } from './share-io.ts';
import { spline } from './spline.ts';
import { truncate } from './truncate.ts';

/** The additive scheme's gates. */
export const additive: Gates = {
  name: 'additive',
  input,
  reveal,
  mul,
  matmul,
  truncate,
  negative,
  rectify,
  spline,
};
