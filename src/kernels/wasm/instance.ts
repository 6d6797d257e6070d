/**
 * From a binary to an instance: compiled once per process, instantiated once per caller.
 *
 * as-bind compiles the binary and carries what is not a kernel: `describe()`, one string that says which contract and which
 * kernels the binary has. Callers then get instances of the same compiled module and call its raw exports (an as-bind call
 * costs 50–80 ns, a raw one 4–17).
 * @module
 */

import { instantiate } from 'as-bind/dist/as-bind.esm.js';
import { MpcError } from '../../core/errors.ts';
import { KERNEL_ABI } from '../contract.ts';

/** Where a binary can come from. */
export type WasmSource = BufferSource | WebAssembly.Module | Response | URL;

/** What `describe()` says about a binary. */
export interface Description {
  readonly abi: number;
  readonly simd: boolean;
  /** Names, separated by spaces. */
  readonly kernels: string;
}

/** A compiled binary of this version. */
interface Compiled {
  readonly module: WebAssembly.Module;
  readonly description: Description;
}

/** One caller's instance. */
export interface KernelInstance {
  readonly exports: WebAssembly.Exports;
  readonly description: Description;
}

/** Wasm cannot be used here: absent, forbidden by the page's policy, or not built. `auto` falls back on TypeScript. */
export class WasmUnavailable extends MpcError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_MPC_BACKEND', message, options);
  }
}

const REFUSED =
  "the engine refused to compile Wasm (a page needs 'wasm-unsafe-eval' in script-src)";
const NOT_BUILT = 'the Wasm binaries are not built: run `npm run build:wasm` first';

/** The package's own binaries: one promise each, shared by all callers. */
const compiled = new Map<'simd' | 'scalar', Promise<Compiled>>();

/**
 * A fresh instance with its own memory.
 *
 * @throws {WasmUnavailable} if Wasm cannot be compiled here or was not built.
 * @throws {MpcError} ERR_MPC_BACKEND if the binary is not one of this version.
 */
export async function openInstance(source?: WasmSource, simd?: boolean): Promise<KernelInstance> {
  if (typeof WebAssembly !== 'object') throw new WasmUnavailable('this engine has no WebAssembly');
  const { module, description } = await (source === undefined
    ? embedded(simd)
    : fromSource(source));
  const { exports } = await WebAssembly.instantiate(module, imports());
  return { exports, description };
}

/** SIMD where the engine validates it; `simd` forces one of the two. */
async function embedded(simd: boolean | undefined): Promise<Compiled> {
  const binaries = await loadBinaries();
  const kind = (simd ?? WebAssembly.validate(bytesOf(binaries.simdBase64))) ? 'simd' : 'scalar';
  let promise = compiled.get(kind);
  if (promise === undefined) {
    promise = compile(bytesOf(kind === 'simd' ? binaries.simdBase64 : binaries.scalarBase64));
    compiled.set(kind, promise);
  }
  return promise;
}

async function loadBinaries(): Promise<{ simdBase64: string; scalarBase64: string }> {
  try {
    // When the type checker cannot find this file: build it first, `npm run build:wasm`.
    return await import('./binary.gen.ts');
  } catch (cause) {
    throw new WasmUnavailable(NOT_BUILT, { cause });
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

async function fromSource(source: WasmSource): Promise<Compiled> {
  if (source instanceof URL) return compile(await fetch(source));
  if (source instanceof WebAssembly.Module) {
    const { exports } = await WebAssembly.instantiate(source, imports());
    return { module: source, description: checked(rawDescription(exports)) };
  }
  return compile(source);
}

async function compile(source: BufferSource | Response): Promise<Compiled> {
  // as-bind would stream a Response, which needs a MIME type that file servers often lack.
  const bytes = source instanceof Response ? await source.arrayBuffer() : source;
  try {
    const bound = await instantiate(bytes, imports());
    return { module: bound.module, description: checked(bound.exports.describe()) };
  } catch (cause) {
    if (cause instanceof MpcError) throw cause;
    throw new WasmUnavailable(REFUSED, { cause });
  }
}

/** as-bind takes no compiled Module: then the string is read by hand (UTF-16, its length in bytes before it). */
function rawDescription(exports: WebAssembly.Exports): string {
  const { describe, memory } = exports;
  if (typeof describe !== 'function' || !(memory instanceof WebAssembly.Memory)) return '{}';
  const at: number = describe();
  const bytes = new DataView(memory.buffer).getUint32(at - 4, true);
  return new TextDecoder('utf-16le').decode(new Uint8Array(memory.buffer, at, bytes));
}

function checked(text: string): Description {
  const description = JSON.parse(text) as Description;
  if (description.abi === KERNEL_ABI) return description;
  const found = `kernels: expected a binary of ABI ${KERNEL_ABI}, got ${description.abi}`;
  throw new MpcError('ERR_MPC_BACKEND', found);
}

/** The runtime's only import: it is called when memory cannot grow. */
function imports(): WebAssembly.Imports {
  const abort = (): never => {
    throw new RangeError('kernels: out of memory');
  };
  return { env: { abort } };
}
