/**
 * Functions on shares: one file per family, a plain function and a record for the tape side by side.
 * @module
 */

export * from './activations.ts';
export * from './adaptive-pool.ts';
export * from './arithmetic.ts';
export * from './batch-norm.ts';
export * from './binary/index.ts';
export * from './clamp.ts';
export * from './class-loss.ts';
export * from './compare.ts';
export * from './conv.ts';
export type { ErfOptions, TaylorOptions } from './crypten/erf.ts';
export type { ExpOptions, LimitOptions } from './crypten/exponential.ts';
export type { HouseholderOptions, LogOptions } from './crypten/logarithm.ts';
export type {
  LogReciprocalOptions,
  NewtonOptions,
  ReciprocalOptions,
} from './crypten/reciprocal.ts';
export type { RootNewtonOptions, RootOptions } from './crypten/roots.ts';
export type {
  ChebyshevOptions,
  SigmoidOptions,
  SigmoidReciprocalOptions,
} from './crypten/sigmoid.ts';
export type { SquaringOptions, TrigOptions } from './crypten/trigonometric.ts';
export * from './cumulative.ts';
export {
  gather,
  gatherOp,
  indexSelect,
  indexSelectOp,
  take,
  takeOp,
  type IndexOptions,
  type TakeOptions,
} from './indexing.ts';
export * from './distance-loss.ts';
export * from './division.ts';
export * from './elu.ts';
export {
  binaryCrossEntropy,
  binaryCrossEntropyOp,
  crossEntropy,
  crossEntropyOp,
  rapporLoss,
  rapporLossOp,
  type RapporOptions,
} from './entropy.ts';
export { exp, expOp } from './exponential.ts';
export * from './larger.ts';
export * from './layer-norm.ts';
export * from './linear.ts';
export { log, logOp } from './logarithm.ts';
export * from './logic.ts';
export * from './loss.ts';
export * from './max-pool.ts';
export * from './maximum.ts';
export * from './movement.ts';
export * from './norm.ts';
export * from './one-hot.ts';
export * from './op.ts';
export * from './padding.ts';
export * from './parts.ts';
export { constant } from './public.ts';
export * from './pooling.ts';
export { posPow, posPowOp } from './positive-power.ts';
export { polynomial, polynomialOp } from './polynomial.ts';
export * from './powers.ts';
export * from './products.ts';
export * from './rearrange.ts';
export * from './reduce.ts';
export { reciprocal, reciprocalOp } from './reciprocal.ts';
export type { LossOptions, Reduction } from './reduction.ts';
export * from './rectifiers.ts';
export { rsqrt, rsqrtOp, sqrt, sqrtOp } from './roots.ts';
export * from './sampling.ts';
export { cosineSimilarity, cosineSimilarityOp } from './similarity.ts';
export * from './smooth.ts';
export { logSoftmax, logSoftmaxOp, softmax, softmaxOp } from './softmax.ts';
export * from './sort.ts';
export type { MaxMethod } from './tournament.ts';
export * from './trigonometric.ts';
export * from './variance.ts';
export * from './vectors.ts';
export { indexOp, type ListedEntry } from './index-lists.ts';
export type { IndexEntry } from './views.ts';
export * from './writing.ts';
export type { ConvOptions, ConvTransposeOptions, SpatialSizes } from './conv-sizes.ts';
export type { MaxPoolOptions, OutputSizes } from './pool-sizes.ts';
