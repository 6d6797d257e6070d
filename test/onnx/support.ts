/**
 * Recorded models of test/vectors/onnx, and how they are run.
 * @module
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as onnx from '../../src/onnx/index.ts';
import { simulate } from '../../src/simulate.ts';
import type { Party } from '../../src/tensor/index.ts';

type Values = readonly [shape: number[], data: number[]];

/** A model, where it comes from, and what PyTorch made of some inputs. */
export interface Recorded {
  readonly name: string;
  readonly producer: string;
  readonly opset: number;
  readonly inputs: readonly Values[];
  readonly outputs: readonly Values[];
}

/** Of a value up to 1, or a part of a larger one. */
export const TOLERANCE = 5e-4;

const folder = new URL('../vectors/onnx/', import.meta.url);

/** All recorded models. */
export const { source, models } = JSON.parse(
  readFileSync(new URL('models.json', folder), 'utf8'),
) as { readonly source: string; readonly models: readonly Recorded[] };

/** The recorded model of a name. */
export function recorded(name: string): Recorded {
  const found = models.find((model) => model.name === name);
  assert.ok(found, `no model ${name}`);
  return found;
}

/** The bytes of a recorded model's file. */
export function bytesOf(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`${name}.onnx`, folder)));
}

/** Runs a model with secret parameters and inputs: party 0 has the model, the last one the inputs. Opens all outputs. */
export async function outputsOf(
  party: Party,
  model: onnx.OnnxGraph,
  inputs: readonly Values[],
): Promise<readonly (readonly number[])[]> {
  const src = party.world - 1;
  model.encrypt(party, { src: 0 });
  const secrets = inputs.map(([shape, data]) =>
    party.cryptensor(party.rank === src ? Float64Array.from(data) : null, { src, shape }),
  );
  const results = party.noGrad(() => model.run(...secrets));
  const opened = await Promise.all(model.outputs.map((name) => results[name].getPlainText()));
  return opened.map(({ data }) => Array.from(data));
}

/** Checks what `outputsOf` gave. */
export function check(
  { name, outputs }: Recorded,
  got: readonly (readonly number[])[],
  tolerance = TOLERANCE,
): void {
  assert.equal(got.length, outputs.length, `${name}: outputs`);
  outputs.forEach(([, expected], i) => {
    assert.equal(got[i].length, expected.length, `${name}: size of output ${i}`);
    const off = Math.max(
      0,
      ...expected.map((value, j) => Math.abs(value - got[i][j]) / Math.max(1, Math.abs(value))),
    );
    assert.ok(off <= tolerance, `${name}: output ${i} is off by ${off}`);
  });
}

/** Loads a recorded model and compares it with PyTorch over n parties. */
export async function compare(one: Recorded, n: number): Promise<void> {
  const results = await simulate(n, (party) =>
    outputsOf(party, onnx.load(bytesOf(one.name)), one.inputs),
  );
  for (const got of results) check(one, got);
}
