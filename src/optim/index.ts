/**
 * Optimizers, named as in torch.optim.
 * @module
 */

export { Optimizer, type ParamGroup } from './optimizer.ts';
export { SGD, type SGDOptions } from './sgd.ts';
