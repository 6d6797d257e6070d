import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { KERNEL_ABI, type Kernels } from '../../src/kernels/contract.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { createTsKernels } from '../../src/kernels/ts/index.ts';
import { createWasmKernels, WasmUnavailable } from '../../src/kernels/wasm/index.ts';
import { openInstance } from '../../src/kernels/wasm/instance.ts';

const BINARY = new URL('../../dist/kernels.wasm', import.meta.url);

/** The kernel names of a backend, sorted. */
const namesOf = (k: Kernels): string[] =>
  Object.keys(k)
    .filter((name) => !['backend', 'buffer', 'reserve', 'release', 'reason'].includes(name))
    .sort();

describe('kernels: selection', () => {
  it('selectKernels() takes Wasm with SIMD when it can and says so', async () => {
    const k = await selectKernels();
    assert.equal(k.backend, 'wasm-simd');
    assert.match(k.reason, /^wasm-simd/);
    assert.equal((await selectKernels({ backend: 'ts' })).backend, 'ts');
  });

  it('selectKernels() falls back on TypeScript with a reason only for auto', async () => {
    const broken = new Uint8Array([0, 1, 2, 3]);
    const k = await selectKernels({ wasm: broken });
    assert.equal(k.backend, 'ts');
    assert.match(k.reason, /wasm-unsafe-eval/);
    await assert.rejects(selectKernels({ backend: 'wasm', wasm: broken }), WasmUnavailable);
  });

  it('createWasmKernels() takes bytes, a module, a Response or a data URL', async () => {
    const bytes = new Uint8Array(readFileSync(BINARY));
    const module = await WebAssembly.compile(bytes);
    const url = new URL(`data:application/wasm;base64,${Buffer.from(bytes).toString('base64')}`);
    for (const wasm of [bytes, bytes.buffer, module, new Response(bytes), url]) {
      const k = await createWasmKernels({ wasm });
      assert.equal(k.backend, 'wasm-simd');
    }
  });

  it('createWasmKernels() refuses a binary of another ABI', async () => {
    const bytes = new Uint8Array(readFileSync(BINARY));
    const text = Buffer.from('"abi":', 'utf16le');
    const digit = Buffer.from(bytes).indexOf(text) + text.length;
    assert.equal(String.fromCharCode(bytes[digit]), String(KERNEL_ABI));
    bytes[digit] = '9'.charCodeAt(0);
    await assert.rejects(createWasmKernels({ wasm: bytes }), {
      code: 'ERR_MPC_BACKEND',
      message: /ABI/,
    });
    await assert.rejects(selectKernels({ wasm: bytes }), {
      code: 'ERR_MPC_BACKEND',
      message: /ABI/,
    });
  });

  it('both binaries describe exactly the kernels of the contract', async () => {
    const expected = namesOf(createTsKernels());
    for (const simd of [true, false]) {
      const { description } = await openInstance(undefined, simd);
      assert.equal(description.abi, KERNEL_ABI);
      assert.equal(description.simd, simd);
      assert.deepEqual(description.kernels.split(' ').sort(), expected);
      assert.deepEqual(namesOf(await createWasmKernels({ simd })), expected);
    }
  });

  it('instances have memories of their own', async () => {
    const [a, b] = [await createWasmKernels(), await createWasmKernels()];
    const at = a.reserve(64);
    assert.equal(b.reserve(64), at);
    new Uint8Array(a.buffer())[at] = 7;
    new Uint8Array(b.buffer())[at] = 9;
    assert.equal(new Uint8Array(a.buffer())[at], 7);
  });
});
