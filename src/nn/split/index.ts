/**
 * Split learning with private labels.
 * @module
 */

export { DPSplit, type Labels } from './dp-split.ts';
export type { DPSplitOptions } from './options.ts';
export type { PrivacyQuestion } from './label-privacy.ts';
export { PlainMLP, type PlainModel } from './plain-mlp.ts';
