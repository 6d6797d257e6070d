/** Declares `${name}: values, gradients and buffers, on the plain scheme` and `all of them over ${n} parties` (test/support/torch-nn.ts). */

import { moduleSuite, SEQUENCES } from '../support/torch-nn.ts';

moduleSuite('attention and recurrent layers', (name) => SEQUENCES.includes(name));
