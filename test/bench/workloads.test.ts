/** The workloads of the benchmarks: right on the plain scheme, and known to the program that runs CrypTen. */

import assert from 'node:assert/strict';
import { maxAbsError } from '../../bench/support/references.ts';
import { WORKLOADS } from '../../bench/support/models.ts';
import {
  allInputs,
  allowedError,
  expectedOf,
  familyOf,
  isModel,
  OPERATIONS,
  type Workload,
} from '../../bench/support/workloads.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor } from '../../src/tensor/index.ts';
import { read } from '../tidy/sources.ts';

/** Rows small enough for a test. */
const SMALL = WORKLOADS.filter(({ inputs, name }) => {
  return (
    !/1e[56]|mm:(256|512|1024|128x)|56x56|resnet18|lenet5-b16/.test(name) &&
    inputs().every(({ shape }) => sizeOf(shape) < 2e5)
  );
});

async function computed(workload: Workload): Promise<Float64Array> {
  const [data] = await simulate(1, async (party) => {
    const tensors = workload
      .inputs()
      .map(({ shape, values }) => party.cryptensor({ shape, data: values }));
    const run = isModel(workload)
      ? workload.share(
          party,
          workload.weights().map((weight) => ({ ...weight, src: 0 })),
        )
      : workload.run;
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
      allowedError(workload, maxAbsError(await computed(workload), expectedOf(workload)));
    });
  }

  it('cover every group of rows with a small one', () => {
    const families = new Set(WORKLOADS.map(({ name }) => familyOf(name)));
    for (const { name } of SMALL) families.delete(familyOf(name));
    assert.deepEqual(
      [...families],
      ['io:encrypt', 'io:decrypt', 'e2e:lenet5-b16', 'e2e:resnet18-1x3x64x64'],
    );
  });

  it('have a twin in the program that runs CrypTen', () => {
    const script = ['crypten-run', 'crypten_models']
      .map((name) => read(`bench/support/${name}.py`))
      .join('\n');
    const without = WORKLOADS.filter(({ name }) => !script.includes(`"${familyOf(name)}"`));
    assert.deepEqual(
      without.map(({ name }) => name),
      [],
    );
  });

  it('give the same single-precision inputs each time', () => {
    const [{ inputs }] = WORKLOADS;
    assert.deepEqual(inputs(), inputs());
    for (const workload of WORKLOADS.filter(({ name }) => !/1e[56]|1024|resnet18/.test(name))) {
      for (const { values } of allInputs(workload)) {
        assert.ok(
          values.every((value) => value === Math.fround(value)),
          workload.name,
        );
      }
    }
    assert.notDeepEqual(inputs()[0].values, inputs()[1].values);
  });

  it('refuse a wrong, a short and a missing result', () => {
    const [workload] = OPERATIONS;
    const right = expectedOf(workload);
    const wrong = right.slice();
    wrong[17] += 1;
    assert.equal(maxAbsError(wrong, right), 1);
    assert.equal(allowedError(workload, maxAbsError(right, right)), 0);
    for (const bad of [wrong, right.subarray(1), null, right.map(() => NaN)]) {
      assert.throws(() => allowedError(workload, maxAbsError(bad, right)), /wrong by/);
    }
  });
});
