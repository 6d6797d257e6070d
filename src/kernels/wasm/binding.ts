/**
 * A Wasm instance as `Kernels`: raw exports under the contract's names.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import type { Kernels } from '../contract.ts';
import { openInstance, type KernelInstance, type WasmSource } from './instance.ts';

/** Options of {@link createWasmKernels}. */
export interface WasmKernelOptions {
  /** The binary, instead of the one inside the package. */
  readonly wasm?: WasmSource;
  /** Forces the SIMD or the scalar binary of the package; by default the engine decides. */
  readonly simd?: boolean;
}

type KernelName = Exclude<keyof Kernels, 'backend' | 'buffer' | 'reserve' | 'release'>;
type RawKernels = Pick<Kernels, KernelName>;

/** TLSF's limit for one block, less its headers. */
const BLOCK_LIMIT = 2 ** 30 - 1024;

/** Every kernel of the contract; a missing or surplus name does not compile. */
const NAMES: Readonly<Record<KernelName, true>> = {
  add: true,
  sub: true,
  mul: true,
  neg: true,
  addScalar: true,
  mulScalar: true,
  shiftLeft: true,
  shiftRight: true,
  xor: true,
  and: true,
  beaver: true,
  gatherStrided: true,
  scatterStrided: true,
  sumAxis: true,
  bitAt: true,
  packLow: true,
  unpackLow: true,
  gatherRows: true,
  addRows: true,
  runningSums: true,
  matmulScratch: true,
  matmul: true,
  encode: true,
  decode: true,
  blake3Xof: true,
  truncateSplit: true,
  truncateJoin: true,
  truncateOpened: true,
  selectOpened: true,
  bitOpened: true,
  truncateDeal: true,
  compareBlocks: true,
  compareTablesBytes: true,
  compareTables: true,
  compareCarry: true,
  compareDealMono: true,
  compareDealWide: true,
  groupMasksBytes: true,
  groupMasks: true,
  groupBlocks: true,
  groupJoin: true,
  groupCarry: true,
  groupDeal: true,
  shiftRightSigned: true,
  bitTranspose: true,
  bitUntranspose: true,
  layerMask: true,
  layerAnd: true,
  layerDeal: true,
  harmonicsDeal: true,
  harmonicsSum: true,
  powerDeal: true,
  powerSum: true,
  zeroDeal: true,
  zeroBlocks: true,
  zeroJoin: true,
  zeroSelect: true,
};

/**
 * A Wasm backend with its own memory.
 *
 * @throws {WasmUnavailable} if Wasm cannot be compiled here or was not built.
 * @throws {MpcError} ERR_MPC_BACKEND if the binary is not one of this version.
 */
export async function createWasmKernels(options: WasmKernelOptions = {}): Promise<Kernels> {
  const { exports, description } = await openInstance(options.wasm, options.simd);
  const memory = exports['memory'] as WebAssembly.Memory;
  const allocate = exports['reserve'] as (bytes: number) => number;
  return {
    ...rawKernels(exports),
    backend: description.simd ? 'wasm-simd' : 'wasm-scalar',
    buffer: () => memory.buffer as ArrayBuffer,
    reserve: (bytes) => reserve(allocate, bytes),
    release: exports['release'] as (block: number) => void,
  };
}

function rawKernels(exports: KernelInstance['exports']): RawKernels {
  const found: Record<string, WebAssembly.ExportValue> = {};
  for (const name of Object.keys(NAMES)) {
    const kernel = exports[name];
    if (typeof kernel !== 'function') {
      throw new MpcError('ERR_MPC_BACKEND', `kernels: the binary lacks ${name}`);
    }
    found[name] = kernel;
  }
  return found as Record<string, WebAssembly.ExportValue> & RawKernels;
}

function reserve(allocate: (bytes: number) => number, bytes: number): number {
  if (!(bytes >= 0 && bytes <= BLOCK_LIMIT))
    throw new RangeError(`kernels: cannot reserve ${bytes} bytes`);
  try {
    return allocate(Math.ceil(bytes)) >>> 0;
  } catch (cause) {
    // The allocator traps when memory cannot grow.
    throw new RangeError(`kernels: out of memory reserving ${bytes} bytes`, { cause });
  }
}
