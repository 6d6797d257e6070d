/**
 * Tensors: secret (`CrypTensor`), plain (`Tensor`), and the party they belong to.
 * @module
 */

export type {
  AvgPoolOptions,
  ConvOptions,
  ConvTransposeOptions,
  HingeOptions,
  HuberOptions,
  IndexEntry,
  LossOptions,
  MaxMethod,
  MaxPoolOptions,
  OutputSizes,
  RapporOptions,
  Reduction,
  SmoothL1Options,
  SpatialSizes,
} from '../functions/index.ts';
export type { Estimate, NetworkOptions, PartyEstimate } from './estimate.ts';
export type { LedgerEntry } from '../protocol/ledger.ts';
export type { Sizes, TensorLike } from './apply.ts';
export {
  BinaryTensor,
  type BinaryInputOptions,
  type BinaryLike,
  type PublicBits,
} from './binary/index.ts';
export { ValuesAndIndices } from './found.ts';
export type { BatchNormMethodOptions } from './methods/batch-norm.ts';
export type { PadOptions } from './methods/movement.ts';
export type { LayerNormMethodOptions } from './methods/normalization.ts';
export type { Entry } from './methods/indexing.ts';
export type { KeepDim } from './methods/reduce.ts';
export type { ArgmaxMethodOptions, MaxMethodOptions } from './methods/order.ts';
export type { PoolIndices, WithIndices } from './methods/pools.ts';
export type { WithBias } from './methods/convolution.ts';
export { FunctionContext, type OwnFunction } from './own-function.ts';
export type { NumberArray, PublicTensor, ShapedData } from './operand.ts';
export { Party } from './party.ts';
export type { PartyStats, PhaseStats } from './party/costs.ts';
export type { InputOptions } from './party/creation.ts';
export type { DirectionTraffic, PartyParts, PartyTraffic } from './party/parts.ts';
export { Tensor, type NestedNumbers } from './plain.ts';
export type { PrintOptions } from './print.ts';
export type { OpenOptions, RawTensor } from './reveal.ts';
export type { LoadFromPartyOptions, PlainTree, SaveFromPartyOptions } from './saving/from-party.ts';
export type { HeldOptions } from './saving/held.ts';
export type { KeyOptions } from './saving/shares.ts';
export type { Savable, SavableTensor, Tree } from './saving/tree.ts';
export { CrypTensor } from './tensor.ts';
export type { Replay, Watcher } from './watcher.ts';
