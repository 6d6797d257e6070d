/**
 * Layers, containers and losses, named as in torch.nn; `init` has the recipes of torch.nn.init.
 * @module
 */

export {
  ELU,
  GELU,
  Hardtanh,
  LeakyReLU,
  LogSoftmax,
  ReLU,
  ReLU6,
  SiLU,
  Sigmoid,
  Softmax,
  Softplus,
  Tanh,
} from './activation.ts';
export { MultiheadAttention, type AttentionOptions } from './attention.ts';
export { BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormOptions } from './batch-norm.ts';
export { ModuleBuffer as Buffer } from './buffer.ts';
export { Sequential } from './container.ts';
export {
  Conv1d,
  Conv2d,
  ConvTranspose1d,
  ConvTranspose2d,
  type ConvLayerOptions,
  type ConvTransposeLayerOptions,
} from './conv.ts';
export { Dropout, Dropout2d, Dropout3d, DropoutNd } from './dropout.ts';
export { Embedding } from './embedding.ts';
export { Graph } from './graph.ts';
export * as init from './init.ts';
export { Linear } from './linear.ts';
export {
  BCELoss,
  BCEWithLogitsLoss,
  CosineSimilarity,
  CrossEntropyLoss,
  HingeEmbeddingLoss,
  HingeLoss,
  HuberLoss,
  L1Loss,
  Loss,
  MSELoss,
  NLLLoss,
  RAPPORLoss,
  SmoothL1Loss,
} from './loss.ts';
export { ModuleDict, type ModuleEntries } from './module-dict.ts';
export { ModuleList } from './module-list.ts';
export { Module, type StateDict } from './module.ts';
export {
  GroupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  LayerNorm,
  type LayerNormOptions,
  type NormOptions,
} from './norm.ts';
export { Parameter } from './parameter.ts';
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AvgPool1d,
  AvgPool2d,
  GlobalAveragePool,
  MaxPool1d,
  MaxPool2d,
} from './pooling.ts';
export type { RecurrentOptions } from './recurrent.ts';
export { GRU, LSTM, RNN, type RNNOptions } from './rnn.ts';
export { ConstantPad1d, ConstantPad2d, ConstantPad3d, Flatten, Identity } from './shape.ts';
export * as utils from './clip-grad.ts';
export {
  DPSplit,
  PlainMLP,
  type DPSplitOptions,
  type PlainModel,
  type PrivacyQuestion,
} from './split/index.ts';
export { TransformerEncoderLayer, type EncoderLayerOptions } from './transformer.ts';
