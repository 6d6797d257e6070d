/**
 * The TypeScript backend: every kernel without Wasm, for pages whose content policy forbids it and as the yardstick of the
 * other backend. Same results bit for bit.
 * @module
 */

import type { Kernels } from '../contract.ts';
import { LinearMemory } from './_linear.ts';
import { binary } from './binary.ts';
import { blake3 } from './blake3.ts';
import { compare } from './compare.ts';
import { groups } from './groups.ts';
import { elementwise } from './elementwise.ts';
import { fixed } from './fixed.ts';
import { harmonics } from './harmonics.ts';
import { matmul } from './matmul.ts';
import { movement } from './movement.ts';
import { rows } from './rows.ts';
import { powers } from './powers.ts';
import { truncate } from './truncate.ts';
import { zero } from './zero.ts';

/** A fresh TypeScript backend with its own memory. */
export function createTsKernels(): Kernels {
  const memory = new LinearMemory();
  return {
    backend: 'ts',
    buffer: () => memory.buffer,
    reserve: (bytes) => memory.reserve(bytes),
    release: (block) => memory.release(block),
    ...elementwise(memory),
    ...movement(memory),
    ...rows(memory),
    ...matmul(memory),
    ...fixed(memory),
    ...blake3(memory),
    ...truncate(memory),
    ...compare(memory),
    ...groups(memory),
    ...binary(memory),
    ...harmonics(memory),
    ...powers(memory),
    ...zero(memory),
  };
}
