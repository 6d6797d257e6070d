/**
 * Runs recorded cases of PyTorch (test/vectors/recorder.py) as one party, and declares the suite over 1, 2 and 3 parties.
 * @module
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, type Party, Tensor } from '../../src/tensor/index.ts';

type Values = readonly [shape: number[], data: number[]];

/** One recorded call. */
export interface Case {
  readonly op: string;
  readonly args: readonly unknown[];
  readonly in: readonly Values[];
  readonly out: Values;
  readonly dy?: number[];
  readonly grads?: readonly (number[] | null)[];
}

export type Args = readonly never[];
type X = CrypTensor;
/** How a case is called when all inputs are secret. */
export type Call = (x: readonly X[], args: Args, party: Party) => X;

/** Which input a variant makes public, and how the call is then written. */
export interface Variant {
  readonly open: number;
  readonly call: (x: readonly X[], open: Tensor, args: Args, party: Party) => X;
}

/** Allowed errors: ulp of 2^-16 of the value and of gradients, and a part of the expected number. */
export type Tolerance = readonly [forward: number, backward: number, relative?: number];

/** How the operations of a file of cases are called, and how exact they are; what is not named is exact. */
export interface Table {
  readonly calls: Readonly<Record<string, Call>>;
  readonly variants: Readonly<Record<string, readonly Variant[]>>;
  readonly tolerance: Readonly<Record<string, Tolerance>>;
}

/** A file of cases and where it comes from. */
export interface Vectors {
  readonly source: string;
  readonly cases: readonly Case[];
}

const ULP = 2 ** -16;

/** The second of two inputs public. */
export function right(call: (x: X, y: Tensor, args: Args) => X): Variant {
  return { open: 1, call: ([x], y, args) => call(x, y, args) };
}

/** The first of two inputs public. */
export function left(call: (x: Tensor, y: X, args: Args) => X): Variant {
  return { open: 0, call: ([, y], x, args) => call(x, y, args) };
}

/** Reads test/vectors/`file`. */
export function readVectors(file: string): Vectors {
  const url = new URL(`../vectors/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Vectors;
}

/** Declares the tests of all cases. */
export function torchSuite({ source, cases }: Vectors, table: Table): void {
  describe(`functions: values and gradients of ${source}`, () => {
    for (const op of new Set(cases.map((one) => one.op))) {
      it(`${op}: as PyTorch, on the plain scheme`, async () => {
        await simulate(1, async (party) => {
          for (const [at, one] of cases.entries()) {
            if (one.op === op) await runCase(party, one, at, table);
          }
        });
      });
    }

    for (const n of [2, 3]) {
      it(`all of them: as PyTorch, over ${n} parties, all called before any is awaited`, async () => {
        const counts = await simulate(
          n,
          async (party) => {
            const runs = cases.map((one, at) => runCase(party, one, at, table));
            const results = await Promise.allSettled(runs);
            const failed = results.filter((result) => result.status === 'rejected');
            assert.deepEqual(failed.map(({ reason }) => String(reason.message)).slice(0, 5), []);
            return results.length;
          },
          { shuffle: true },
        );
        assert.deepEqual(counts, new Array(n).fill(cases.length));
      }).timeout(120_000);
    }
  });
}

/** Runs one case with all inputs secret, and once for each input that may be public. */
async function runCase(
  party: Party,
  { op, args, ...rest }: Case,
  at: number,
  { calls, variants, tolerance }: Table,
): Promise<void> {
  const title = `#${at} ${op} ${JSON.stringify(args)} on ${rest.in.map(([s]) => `[${s}]`).join(' ')}`;
  const checks: Promise<void>[] = [];
  const call = calls[op];
  const allowed = tolerance[op] ?? [0, 0];
  if (call !== undefined) {
    const inputs = rest.in.map((_, i) => share(party, rest, i));
    checks.push(check(party, title, allowed, rest, inputs, call(inputs, args as Args, party)));
  }
  for (const { open, call } of variants[op] ?? []) {
    const inputs = rest.in.map((_, i) => share(party, rest, i));
    const plain = new Tensor(...rest.in[open]);
    const y = call(inputs, plain, args as Args, party);
    const used = inputs.filter((_, i) => i !== open);
    const grads = rest.grads?.filter((_, i) => i !== open);
    const picked = { ...rest, ...(grads && { grads }) };
    checks.push(check(party, `${title}, input ${open} public`, allowed, picked, used, y));
  }
  assert.ok(checks.length > 0, `${op} has no call`);
  await Promise.all(checks);
}

function share(party: Party, { in: inputs, grads }: Omit<Case, 'op' | 'args'>, i: number): X {
  const [shape, data] = inputs[i];
  const src = i % party.world;
  const requiresGrad = (grads?.[i] ?? null) !== null;
  const values = party.rank === src ? Float64Array.from(data) : null;
  return party.cryptensor(values, { src, shape, requiresGrad });
}

async function check(
  party: Party,
  title: string,
  [each, backward, relative = 0]: Tolerance,
  { out, dy, grads }: Omit<Case, 'op' | 'args'>,
  inputs: readonly X[],
  y: X,
): Promise<void> {
  const terms = title.includes('"reduction":"sum"') ? inputs[0].numel() : 1;
  const forward = each * terms;
  assert.deepEqual(y.shape, out[0], `${title}: shape`);
  const wanted = (grads ?? []).some((gradient) => gradient !== null);
  const value = y.getPlainText();
  if (dy !== undefined && wanted) {
    y.backward(party.cryptensor(party.rank === 0 ? dy : null, { shape: out[0] }));
  }
  const opened = inputs.map((input) => input.grad?.getPlainText() ?? null);
  close(`${title}: value`, await value, out[1], forward, relative);
  for (const [i, expected] of (grads ?? []).entries()) {
    const gradient = await opened[i];
    if (expected === null) assert.equal(gradient, null, `${title}: gradient ${i}`);
    else close(`${title}: gradient ${i}`, gradient, expected, backward, relative);
    if (gradient !== null)
      assert.deepEqual(gradient.shape, inputs[i].shape, `${title}: gradient ${i}`);
  }
}

function close(
  title: string,
  got: Tensor | null,
  expected: readonly number[],
  ulps: number,
  relative: number,
): void {
  assert.ok(got !== null, `${title}: nothing`);
  assert.equal(got.data.length, expected.length, title);
  got.data.forEach((value, i) => {
    const error = Math.abs(value - expected[i]);
    if (!(error <= ulps * ULP + relative * Math.abs(expected[i]) + 1e-8)) {
      assert.fail(
        `${title} at ${i}: got ${value}, PyTorch ${expected[i]}, off by ${error / ULP} ulp`,
      );
    }
  });
}
