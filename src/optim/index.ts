/**
 * Optimizers, named as in torch.optim, and what changes their learning rates, as in torch.optim.lr_scheduler.
 * @module
 */

export { Adam, AdamW, type AdamOptions } from './adam.ts';
export { LRScheduler, SequentialLR, type Rated } from './lr-scheduler.ts';
export {
  Optimizer,
  type CompleteGroup,
  type OptimizerStateDict,
  type ParamGroup,
  type ParamState,
} from './optimizer.ts';
export { ReduceLROnPlateau, type PlateauOptions, type PlateauState } from './plateau.ts';
export { RMSprop, type RMSpropOptions } from './rmsprop.ts';
export {
  CosineAnnealingLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiStepLR,
  StepLR,
} from './schedules.ts';
export { SGD, type SGDOptions } from './sgd.ts';
