/** Runs the cases of test/vectors/torch-conv.json as one party. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { AvgPoolOptions, ConvTransposeOptions } from '../../src/functions/index.ts';
import {
  convTranspose1dOp,
  convTranspose2dOp,
  type SpatialSizes,
} from '../../src/functions/index.ts';
import { type CrypTensor, type Party, Tensor } from '../../src/tensor/index.ts';
import { mixed, operand } from '../../src/tensor/apply.ts';

type Values = readonly [shape: number[], data: number[]];

export interface Case {
  readonly op: string;
  readonly args: readonly unknown[];
  readonly in: readonly Values[];
  readonly out: Values;
  readonly dy: number[];
  readonly grads: readonly number[][];
}

export const { source, cases } = JSON.parse(
  readFileSync(new URL('../vectors/torch-conv.json', import.meta.url), 'utf8'),
) as { source: string; cases: readonly Case[] };

/** Every operation that has a case; to see that none is skipped. */
export const covered = new Set(cases.map(({ op }) => op));

const ULP = 2 ** -16;
/** Allowed errors in ulp of 2^-16: forward, gradient. A sum of exact products is truncated once; a bias and its gradient are exact. */
const CONV = [1, 1] as const;
/** A mean keeps 16 significant bits of its factor; its gradient is scaled before windows add it up. */
const POOL = [2, 4] as const;
const RELATIVE = 2 ** -16;

type X = CrypTensor;
type Options = ConvTransposeOptions & { bias?: X | Tensor };
type Open = Tensor | X;

const CONVOLUTIONS: Record<string, (x: X, w: Open, options: Options) => X> = {
  conv1d: (x, w, options) => x.conv1d(w, options),
  conv2d: (x, w, options) => x.conv2d(w, options),
  convTranspose1d: (x, w, options) => x.convTranspose1d(w, options),
  convTranspose2d: (x, w, options) => x.convTranspose2d(w, options),
};

/** The same with a public image. */
const KERNELS: Record<string, (x: Tensor, w: X, options: Options) => X> = {
  conv1d: (x, w, options) => w.rconv1d(x, options),
  conv2d: (x, w, options) => w.rconv2d(x, options),
  convTranspose1d: (x, w, { bias, ...options }) =>
    mixed(convTranspose1dOp, inputsOf(x, w, bias), options),
  convTranspose2d: (x, w, { bias, ...options }) =>
    mixed(convTranspose2dOp, inputsOf(x, w, bias), options),
};

const POOLS: Record<string, (x: X, size: SpatialSizes, options: AvgPoolOptions) => X> = {
  avgPool1d: (x, size, options) => x.avgPool1d(size, options),
  avgPool2d: (x, size, options) => x.avgPool2d(size, options),
};

function inputsOf(...inputs: readonly (Open | undefined)[]): (X | ReturnType<typeof operand>)[] {
  return inputs.flatMap((input) => (input === undefined ? [] : [operand('conv', input)]));
}

/** Runs one case with all inputs secret, and once for each input that may be public. */
export async function runCase(party: Party, one: Case, at: number): Promise<void> {
  const { op, args } = one;
  const title = `#${at} ${op} ${JSON.stringify(args)} on ${one.in.map(([s]) => `[${s}]`).join(' ')}`;
  const pool = POOLS[op];
  if (pool !== undefined) {
    const [x] = shares(party, one, []);
    const y = pool(x as X, args[0] as SpatialSizes, args[1] as AvgPoolOptions);
    await check(party, title, one, [x], y, POOL, RELATIVE);
    return;
  }
  const checks = [[], [0], [1], [2], [0, 2], [1, 2]]
    .filter((open) => open.every((i) => i < one.in.length))
    .map((open) => {
      const inputs = shares(party, one, open);
      const [x, w, bias] = inputs;
      const options = { ...(args[0] as ConvTransposeOptions), ...(bias && { bias }) };
      const y =
        x instanceof Tensor ? KERNELS[op](x, w as X, options) : CONVOLUTIONS[op](x, w, options);
      return check(party, `${title}, public: [${open}]`, one, inputs, y, CONV, 0);
    });
  await Promise.all(checks);
}

/** The inputs, each known to another party or public. */
function shares(party: Party, { in: inputs }: Case, open: readonly number[]): Open[] {
  return inputs.map(([shape, data], i) => {
    if (open.includes(i)) return new Tensor(shape, Float64Array.from(data));
    const src = i % party.world;
    const values = party.rank === src ? Float64Array.from(data) : null;
    return party.cryptensor(values, { src, shape, requiresGrad: true });
  });
}

async function check(
  party: Party,
  title: string,
  { out, dy, grads }: Case,
  inputs: readonly Open[],
  y: X,
  [forward, backward]: readonly [number, number],
  relative: number,
): Promise<void> {
  assert.deepEqual(y.shape, out[0], `${title}: shape`);
  const value = y.getPlainText();
  const [shape] = out;
  y.backward(party.cryptensor(party.rank === 0 ? Float64Array.from(dy) : null, { shape }));
  const opened = inputs.map((input) => {
    if (input instanceof Tensor) return null;
    assert.deepEqual(input.grad?.shape, input.shape, `${title}: shape of a gradient`);
    return input.grad?.getPlainText() ?? null;
  });
  close(`${title}: value`, await value, out[1], forward, relative);
  for (const [i, gradient] of opened.entries()) {
    if (gradient === null) continue;
    const ulps = i === 2 ? 0 : backward;
    close(`${title}: gradient ${i}`, await gradient, grads[i], ulps, relative);
  }
}

function close(
  title: string,
  got: Tensor,
  expected: readonly number[],
  ulps: number,
  relative: number,
): void {
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
