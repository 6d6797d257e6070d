/**
 * Rows by number and running sums of one backend against their oracles.
 * @module
 */

import assert from 'node:assert/strict';
import type { Kernels } from '../../src/kernels/contract.ts';
import * as oracle from '../oracle/ring.ts';
import { bytes, type TestMemory, words } from './kernel-memory.ts';

/** Widths that meet every tail. */
const WIDTHS = [0, 1, 2, 3, 16, 33];

export function rowTests(k: Kernels, memory: TestMemory): void {
  it('gatherRows() and addRows() follow any list of rows, repeated ones too', () => {
    for (const width of WIDTHS) {
      for (const [there, n] of [
        [1, 0],
        [1, 5],
        [7, 1],
        [7, 7],
        [3, 40],
        [200, 64],
      ]) {
        const label = `rows ${width} ${there} ${n}`;
        const rows = [...bytes(n, label)].map((byte) => byte % there);
        const [all, few] = [words(there * width, `${label}/a`), words(n * width, `${label}/b`)];
        const at = memory.putInts(rows);
        const out = memory.out(8 * n * width);
        k.gatherRows(out, memory.put(all), at, width, n);
        assert.deepEqual(memory.take(out, n * width), oracle.gatherRows(all, rows, width), label);
        const sum = memory.put(all);
        k.addRows(sum, memory.put(few), at, width, n);
        const expected = oracle.addRows(all, few, rows, width);
        assert.deepEqual(memory.take(sum, there * width), expected, label);
        memory.close(label, [sum]);
      }
    }
  });

  it('runningSums() adds up along the middle axis, also an empty one', () => {
    for (const [outer, len, inner] of [
      [1, 1, 1],
      [1, 1000, 1],
      [3, 5, 1],
      [2, 17, 33],
      [4, 2, 2],
      [4, 0, 3],
      [2, 3, 0],
      [0, 3, 2],
    ]) {
      const size = outer * len * inner;
      const a = words(size, `running${outer}/${len}/${inner}`);
      const out = memory.out(8 * size);
      k.runningSums(out, memory.put(a), outer, len, inner);
      assert.deepEqual(memory.take(out, size), oracle.runningSums(a, outer, len, inner));
      memory.close('runningSums');
    }
  });
}
