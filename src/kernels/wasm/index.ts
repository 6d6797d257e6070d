/**
 * The Wasm backend.
 * @module
 */

export { createWasmKernels, type WasmKernelOptions } from './binding.ts';
export { WasmUnavailable, type WasmSource } from './instance.ts';
