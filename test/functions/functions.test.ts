import { readVectors, torchSuite } from '../support/torch.ts';
import { table } from './functions-cases.ts';

torchSuite(readVectors('torch-functions.json'), table);
