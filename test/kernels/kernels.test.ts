import { createTsKernels } from '../../src/kernels/ts/index.ts';
import { createWasmKernels } from '../../src/kernels/wasm/index.ts';
import { kernelSuite } from '../support/kernel-suite.ts';

kernelSuite('ts', createTsKernels());
kernelSuite('wasm-scalar', await createWasmKernels({ simd: false }));
kernelSuite('wasm-simd', await createWasmKernels({ simd: true }));
