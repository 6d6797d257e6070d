/**
 * `simulate` for Node and Deno: with files to save to.
 * @module
 */

import { nodeFiles } from './protocol/saved/files.node.ts';
import { simulateWith, type SimulateOptions } from './simulate.ts';
import type { Party } from './tensor/index.ts';

/** As `simulate` of the common entry; `party.save` and its kin take paths. */
export function simulate<T>(
  n: number,
  program: (party: Party) => Promise<T> | T,
  options: SimulateOptions = {},
): Promise<readonly T[]> {
  return simulateWith(nodeFiles, n, program, options);
}
