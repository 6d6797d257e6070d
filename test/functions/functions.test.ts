/** Declares `${op}: as PyTorch, on the plain scheme` and `all of them: as PyTorch, over ${n} parties` (test/support/torch.ts). */

import { readVectors, torchSuite } from '../support/torch.ts';
import { table } from './functions-cases.ts';

torchSuite(readVectors('torch-functions.json'), table);
