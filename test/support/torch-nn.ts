/**
 * Runs recorded modules of PyTorch (test/vectors/torch-nn.py) as one party, and declares the suite over 1, 2 and 3 parties.
 * @module
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as nn from '../../src/nn/index.ts';
import { simulate } from '../../src/simulate.ts';
import { CrypTensor, type Party, Tensor } from '../../src/tensor/index.ts';

type Values = readonly [shape: number[], data: number[]];

/** One module on inputs; see test/vectors/torch-nn.py. */
interface Case {
  readonly make: readonly [name: string, ...args: never[]];
  readonly training: boolean;
  readonly state?: Readonly<Record<string, Values>>;
  readonly in: readonly Values[];
  readonly out: readonly Values[];
  readonly dy: readonly number[][];
  readonly grads: readonly (number[] | null)[];
  readonly params: Readonly<Record<string, number[]>>;
  readonly after?: Readonly<Record<string, number[]>>;
}

const { source, cases: all } = JSON.parse(
  readFileSync(new URL('../vectors/torch-nn.json', import.meta.url), 'utf8'),
) as { source: string; cases: readonly Case[] };

type Made = nn.Module<CrypTensor | readonly CrypTensor[]>;

/** Classes that read sequences: their cases take the longest. */
export const SEQUENCES: readonly string[] = [
  'MultiheadAttention',
  'TransformerEncoderLayer',
  'RNN',
  'GRU',
  'LSTM',
];

/** Declares the tests of the classes that `chosen` names: class by class on the plain scheme, all at once on shares. */
export function moduleSuite(title: string, chosen: (name: string) => boolean): void {
  const cases = all.filter(({ make }) => chosen(make[0]));

  describe(`nn: ${title} of ${source}`, () => {
    for (const name of new Set(cases.map(({ make }) => make[0]))) {
      it(`${name}: values, gradients and buffers, on the plain scheme`, () =>
        simulate(1, async (party) => {
          for (const one of cases) if (one.make[0] === name) await runCase(party, one);
        }));
    }

    for (const n of [2, 3]) {
      it(`all of them over ${n} parties, all called before any is awaited`, async () => {
        const failures = await simulate(n, async (party) => {
          const results = await Promise.allSettled(cases.map((one) => runCase(party, one)));
          const failed = results.filter((result) => result.status === 'rejected');
          return failed.map(({ reason }) => String(reason.message)).slice(0, 5);
        });
        assert.ok(cases.length > 0);
        assert.deepEqual(failures, new Array(n).fill([]));
      }).timeout(120_000);
    }
  });
}

/** A case with all inputs secret; those without a gradient, such as targets, once more in public. */
async function runCase(party: Party, one: Case): Promise<void> {
  const open = one.grads.includes(null) ? [false, true] : [false];
  await Promise.all(open.map((plain) => runOnce(party, one, plain)));
}

async function runOnce(party: Party, one: Case, plain: boolean): Promise<void> {
  const title = `${JSON.stringify(one.make)}${plain ? ', public target' : ''}`;
  const module = made(party, one);
  const inputs = one.in.map(([shape, data], i) => {
    if (plain && one.grads[i] === null) return new Tensor(shape, data);
    const src = i % party.world;
    return party.cryptensor(party.rank === src ? new Tensor(shape, data) : null, {
      src,
      shape,
      requiresGrad: one.grads[i] !== null,
    });
  });
  const outputs = [module.forward(...inputs)].flat() as CrypTensor[];
  assert.deepEqual(
    outputs.map(({ shape }) => shape),
    one.out.map(([shape]) => shape),
    title,
  );
  const sums = outputs.map((output, i) => output.mul(new Tensor(one.out[i][0], one.dy[i])).sum());
  sums.reduce((a, b) => a.add(b)).backward();
  const checks = outputs.map((output, i) => close(`${title}: value ${i}`, output, one.out[i][1]));
  for (const [i, expected] of one.grads.entries()) {
    const { grad } = inputs[i] instanceof CrypTensor ? inputs[i] : { grad: null };
    if (expected === null) assert.equal(grad, null, `${title}: gradient ${i}`);
    else checks.push(close(`${title}: gradient ${i}`, grad, expected));
  }
  const parameters = module.namedParameters();
  assert.deepEqual(parameters.map(([name]) => name).sort(), Object.keys(one.params).sort(), title);
  for (const [name, { grad }] of parameters) {
    checks.push(close(`${title}: gradient of ${name}`, grad, one.params[name]));
  }
  for (const [name, buffer] of one.after === undefined ? [] : module.namedBuffers()) {
    checks.push(close(`${title}: ${name} after`, buffer, one.after?.[name] ?? []));
  }
  await Promise.all(checks);
}

/** The module with the state at the last party alone, secret. */
function made(party: Party, { make: [name, ...args], state = {}, training }: Case): Made {
  const classes = nn as Readonly<Record<string, unknown>>;
  const module = new (classes[name] as new (...args: never[]) => Made)(...args);
  const src = party.world - 1;
  if (party.rank === src) {
    const entries = Object.entries(state).map(
      ([key, values]) => [key, new Tensor(...values)] as const,
    );
    module.loadStateDict(Object.fromEntries(entries));
  }
  return module.encrypt(party, { src }).train(training);
}

/** Within 1e-2 and, above 0.1, within a hundredth. */
async function close(
  title: string,
  got: CrypTensor | null,
  expected: readonly number[],
): Promise<void> {
  assert.ok(got !== null, `${title}: nothing`);
  const { data } = await got.getPlainText();
  assert.equal(data.length, expected.length, title);
  data.forEach((value, i) => {
    const error = Math.abs(value - expected[i]);
    const allowed = Math.min(1e-2, Math.max(1e-3, Math.abs(expected[i]) / 100));
    assert.ok(error <= allowed, `${title} at ${i}: got ${value}, PyTorch ${expected[i]}`);
  });
}
