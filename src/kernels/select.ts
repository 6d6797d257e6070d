/**
 * The choice of backend: Wasm where it can be compiled, else TypeScript, and why.
 *
 * Nothing is printed: the reason is a property, so that a program can show it once (a page whose content policy lacks
 * `wasm-unsafe-eval` runs, slowly, and can say so).
 * @module
 */

import type { Kernels } from './contract.ts';
import { createTsKernels } from './ts/index.ts';
import { createWasmKernels, WasmUnavailable, type WasmSource } from './wasm/index.ts';

/** Options of {@link selectKernels}. */
export interface SelectOptions {
  /** `auto` (default): Wasm if possible. `wasm`: Wasm or an error. `ts`: no Wasm at all. */
  readonly backend?: 'auto' | 'wasm' | 'ts';
  /** The binary, instead of the one inside the package. */
  readonly wasm?: WasmSource;
}

/** A backend and one line on why it is this one. */
export interface SelectedKernels extends Kernels {
  readonly reason: string;
}

/**
 * Makes a backend with its own memory.
 *
 * @throws {WasmUnavailable} if `backend` is `wasm` and Wasm cannot be compiled here or was not built.
 * @throws {MpcError} ERR_MPC_BACKEND if the binary is not one of this version.
 */
export async function selectKernels(options: SelectOptions = {}): Promise<SelectedKernels> {
  const { backend = 'auto', wasm } = options;
  if (backend === 'ts') return { ...createTsKernels(), reason: 'ts: asked for' };
  try {
    const kernels = await createWasmKernels(wasm === undefined ? {} : { wasm });
    return {
      ...kernels,
      reason: `${kernels.backend}: ${backend === 'wasm' ? 'asked for' : 'available'}`,
    };
  } catch (error) {
    if (backend === 'wasm' || !(error instanceof WasmUnavailable)) throw error;
    return { ...createTsKernels(), reason: `ts: ${error.message}` };
  }
}
