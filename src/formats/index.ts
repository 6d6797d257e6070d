/**
 * Plain tensors as files, bytes in and bytes out: safetensors, NumPy's npy and npz, and JSON.
 *
 * What is loaded is checked before anything is allocated; every refusal is an `MpcError`. Values become doubles: all types but
 * whole numbers beyond 2^53 are kept exactly, and those are refused.
 * @module
 */

export type { DType } from './dtype.ts';
export type { SaveOptions, SavedState } from './state.ts';
export * as json from './json.ts';
export * as npy from './npy.ts';
export * as npz from './npz.ts';
export * as safetensors from './safetensors.ts';
