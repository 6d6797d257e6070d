/**
 * Tensors: secret (`CrypTensor`), plain (`Tensor`), and the party they belong to.
 * @module
 */

export type {
  AvgPoolOptions,
  ConvOptions,
  ConvTransposeOptions,
  IndexEntry,
  LossOptions,
  Reduction,
  SpatialSizes,
} from '../functions/index.ts';
export type { LedgerEntry } from '../protocol/ledger.ts';
export type { NumberArray, PublicTensor, ShapedData } from './operand.ts';
export {
  Party,
  type DirectionTraffic,
  type InputOptions,
  type PartyParts,
  type PartyStats,
  type PartyTraffic,
  type PhaseStats,
} from './party.ts';
export { Tensor, type NestedNumbers } from './plain.ts';
export type { OpenOptions, RawTensor } from './reveal.ts';
export { CrypTensor, type Sizes, type TensorLike } from './tensor.ts';
