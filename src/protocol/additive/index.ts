/**
 * Additive sharing mod 2^64 over any number of parties, with material from a dealer.
 * @module
 */

import type { BinaryGates } from '../binary/gates.ts';
import type { Gates } from '../gates.ts';
import * as io from './binary-io.ts';
import { add, and, carry, every, pick } from './binary.ts';
import { negative } from './compare.ts';
import { curve } from './curve.ts';
import { fromArithmetic, toArithmetic } from './convert.ts';
import { powerOfTwo } from './power.ts';
import { matmul, mul } from './product.ts';
import { random } from './random.ts';
import { rectify } from './rectify.ts';
import { series } from './series.ts';
import { input, reveal } from './share-io.ts';
import { steps } from './steps.ts';
import { truncate } from './truncate.ts';
import { zero } from './zero.ts';

/** Its gates on bits. */
const binary: BinaryGates = {
  input: io.input,
  reveal: io.reveal,
  and,
  pick,
  every,
  add,
  carry,
  fromArithmetic,
  toArithmetic,
};

/** The additive scheme's gates. */
export const additive: Gates = {
  name: 'additive',
  binary,
  input,
  reveal,
  random,
  mul,
  matmul,
  truncate,
  negative,
  rectify,
  steps,
  series,
  curve,
  powerOfTwo,
  zero,
};
