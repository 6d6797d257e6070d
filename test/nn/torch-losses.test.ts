/** Declares `${name}: values, gradients and buffers, on the plain scheme` and `all of them over ${n} parties` (test/support/torch-nn.ts). */

import { moduleSuite } from '../support/torch-nn.ts';

moduleSuite('losses', (name) => name.endsWith('Loss'));
