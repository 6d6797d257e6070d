/**
 * What `kernels` measures: rows for every kernel of the contract. A kernel without one does not compile.
 * @module
 */

import type { Cases } from './case.ts';
import { GATE_CASES } from './gates.ts';
import { LINEAR } from './linear.ts';

export type { KernelCase, KernelName } from './case.ts';

/** Rows by kernel. */
export const KERNEL_CASES: Cases = { ...LINEAR, ...GATE_CASES };
