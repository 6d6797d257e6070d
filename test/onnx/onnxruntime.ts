/**
 * Models run by onnxruntime, on its own Wasm and one thread.
 * @module
 */

import assert from 'node:assert/strict';
import * as ort from 'onnxruntime-web';

/** A plain tensor of either side. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

/** Opens a model's file. Its errors may be numbers: addresses of exceptions. */
export function open(bytes: Uint8Array): Promise<ort.InferenceSession> {
  // 3: errors only.
  return ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
}

/** Runs a model's file; inputs and outputs are in the file's order. */
export async function run(
  bytes: Uint8Array,
  inputs: readonly Values[],
): Promise<readonly Values[]> {
  const session = await open(bytes);
  try {
    const feeds = session.inputMetadata.map((input, i) => {
      const { shape, data } = inputs[i];
      const whole = input.isTensor && input.type === 'int64';
      const tensor = whole
        ? new ort.Tensor('int64', BigInt64Array.from(Array.from(data, BigInt)), shape)
        : new ort.Tensor('float32', Float32Array.from(data), shape);
      return [input.name, tensor] as const;
    });
    const results = await session.run(Object.fromEntries(feeds));
    return session.outputNames.map((name) => {
      const { dims, data } = results[name];
      return { shape: [...dims], data: Array.from(data as ArrayLike<number | bigint>, Number) };
    });
  } finally {
    await session.release();
  }
}

/** The largest difference of values, of one up to 1, or a part of a larger one. Their shapes must be the same. */
export function apart(got: readonly Values[], expected: readonly Values[]): number {
  assert.deepEqual(
    got.map(({ shape }) => [...shape]),
    expected.map(({ shape }) => [...shape]),
  );
  const each = expected.flatMap(({ data }, i) =>
    Array.from(data, (value, j) => {
      const off = Math.abs(value - got[i].data[j]) / Math.max(1, Math.abs(value));
      // No number is as far from every number as can be.
      return Number.isNaN(off) ? Infinity : off;
    }),
  );
  return Math.max(0, ...each);
}
