/** The workloads of the benchmarks: right on the plain scheme, and known to the program that runs CrypTen. */

import assert from 'node:assert/strict';
import { maxAbsError } from '../../bench/support/references.ts';
import { allowedError, chosen, familyOf, WORKLOADS } from '../../bench/support/workloads.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor } from '../../src/tensor/index.ts';
import { read } from '../tidy/sources.ts';

/** Rows small enough for a test. */
const SMALL = WORKLOADS.filter(({ inputs, name }) => {
  return (
    !/1e[56]|mm:(256|512|1024|128x)|56x56/.test(name) &&
    inputs().every(({ shape }) => sizeOf(shape) < 2e5)
  );
});

async function computed(name: string): Promise<Float64Array> {
  const [{ inputs, run }] = chosen([name]).filter((workload) => workload.name === name);
  const [data] = await simulate(1, async (party) => {
    const tensors = inputs().map(({ shape, values }) => party.cryptensor({ shape, data: values }));
    const output: CrypTensor | Promise<{ data: Float64Array }> = run?.(...tensors) ?? tensors[0];
    return (output instanceof Promise ? await output : await output.getPlainText()).data;
  });
  return data;
}

describe('bench: workloads', () => {
  it('have names of their own', () => {
    assert.equal(new Set(WORKLOADS.map(({ name }) => name)).size, WORKLOADS.length);
  });

  for (const workload of SMALL) {
    it(`${workload.name} gives what its reference gives`, async () => {
      const want = workload.expected(workload.inputs());
      allowedError(workload, maxAbsError(await computed(workload.name), want));
    });
  }

  it('cover every group of rows with a small one', () => {
    const families = new Set(WORKLOADS.map(({ name }) => familyOf(name)));
    for (const { name } of SMALL) families.delete(familyOf(name));
    assert.deepEqual([...families], ['io:encrypt', 'io:decrypt']);
  });

  it('have a twin in the program that runs CrypTen', () => {
    const script = read('bench/support/crypten-run.py');
    const without = WORKLOADS.filter(({ name }) => !script.includes(`"${familyOf(name)}"`));
    assert.deepEqual(
      without.map(({ name }) => name),
      [],
    );
  });

  it('give the same single-precision inputs each time', () => {
    const [{ inputs }] = WORKLOADS;
    assert.deepEqual(inputs(), inputs());
    assert.ok(inputs()[0].values.every((value) => value === Math.fround(value)));
    assert.notDeepEqual(inputs()[0].values, inputs()[1].values);
  });

  it('refuse a wrong, a short and a missing result', () => {
    const [workload] = WORKLOADS;
    const right = workload.expected(workload.inputs());
    const wrong = right.slice();
    wrong[17] += 1;
    assert.equal(maxAbsError(wrong, right), 1);
    assert.equal(allowedError(workload, maxAbsError(right, right)), 0);
    for (const bad of [wrong, right.subarray(1), null, right.map(() => NaN)]) {
      assert.throws(() => allowedError(workload, maxAbsError(bad, right)), /wrong by/);
    }
  });
});
