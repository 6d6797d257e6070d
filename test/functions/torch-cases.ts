/** Runs the cases of test/vectors/torch-ops.json as one party. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type CrypTensor, type IndexEntry, type Party, Tensor } from '../../src/tensor/index.ts';

type Values = readonly [shape: number[], data: number[]];

export interface Case {
  readonly op: string;
  readonly args: readonly unknown[];
  readonly in: readonly Values[];
  readonly out: Values;
  readonly dy?: number[];
  readonly grads?: readonly (number[] | null)[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/torch-ops.json', import.meta.url), 'utf8'),
) as { source: string; cases: readonly Case[] };

/** Where the vectors come from. */
export const source: string = vectors.source;
/** All cases. */
export const cases: readonly Case[] = vectors.cases;

const ULP = 2 ** -16;

/** Allowed errors in ulp of 2^-16: forward, gradient. What is not named is exact. */
const TOLERANCE: Record<string, readonly [number, number]> = {
  mul: [1, 1],
  mulSelf: [1, 2],
  square: [1, 2],
  matmul: [1, 1],
  div: [3, 6],
  relu: [0, 0],
  sigmoid: [4, 10],
  mean: [2, 2],
  where: [0, 0],
  binaryCrossEntropyWithLogits: [6, 12],
  mseLoss: [2, 6],
  chain: [3, 16],
  shared: [20, 80],
};

/** A public factor that is no integer keeps 16 significant bits: this much of the result may be off, too. */
const RELATIVE = 2 ** -17;
const BY_FACTOR = new Set(['div', 'mean', 'mseLoss', 'binaryCrossEntropyWithLogits', 'chain']);

type Args = readonly never[];
type X = CrypTensor;
type Call = (x: readonly X[], args: Args, party: Party) => X;

const CALLS: Record<string, Call> = {
  neg: ([x]) => x.neg(),
  square: ([x]) => x.square(),
  relu: ([x]) => x.relu(),
  sigmoid: ([x]) => x.sigmoid(),
  abs: ([x]) => x.abs(),
  sign: ([x]) => x.sign(),
  clone: ([x]) => x.clone(),
  mulSelf: ([x]) => x.mul(x),
  addSelf: ([x]) => x.add(x),
  subSelf: ([x]) => x.sub(x),
  add: ([x, y]) => x.add(y),
  sub: ([x, y]) => x.sub(y),
  mul: ([x, y]) => x.mul(y),
  matmul: ([x, y]) => x.matmul(y),
  lt: ([x, y]) => x.lt(y),
  le: ([x, y]) => x.le(y),
  gt: ([x, y]) => x.gt(y),
  ge: ([x, y]) => x.ge(y),
  where: ([c, a, b], _, party) => party.where(c, a, b),
  sum: ([x], [dim, options]) => x.sum(dim ?? undefined, options),
  mean: ([x], [dim, options]) => x.mean(dim ?? undefined, options),
  t: ([x]) => x.t(),
  transpose: ([x], [a, b]) => x.transpose(a, b),
  permute: ([x], [dims]) => x.permute(dims),
  reshape: ([x], [sizes]) => x.reshape(sizes),
  reshapeAfterT: ([x], [sizes]) => (x.dim() > 0 ? x.transpose(0, -1) : x).reshape(sizes),
  flatten: ([x], [start, end]) => x.flatten(start, end),
  squeeze: ([x], [dim]) => x.squeeze(dim),
  unsqueeze: ([x], [dim]) => x.unsqueeze(dim),
  expand: ([x], [sizes]) => x.expand(sizes),
  index: ([x], entries) => x.index(...(entries as readonly IndexEntry[])),
  narrow: ([x], [dim, start, length]) => x.narrow(dim, start, length),
  flip: ([x], [dims]) => x.flip(dims),
  cat: (x, [dim], party) => party.cat(x, dim),
  stack: (x, [dim], party) => party.stack(x, dim),
  mseLoss: ([x, y], [options]) => x.mseLoss(y, options),
  binaryCrossEntropyWithLogits: ([x, y], [options]) => x.binaryCrossEntropyWithLogits(y, options),
  chain: ([x, w, b]) => x.matmul(w).add(b).relu().mul(0.3).mean(0),
  shared: ([x, y]) => x.mul(y).add(x).sigmoid().mul(x).sub(y.mul(y)),
};

/** Which inputs a variant makes public, and how the call is then written. */
interface Variant {
  readonly open: number;
  readonly call: (x: readonly X[], open: Tensor, args: Args, party: Party) => X;
}

const VARIANTS: Record<string, readonly Variant[]> = {
  add: [right((x, y) => x.add(y)), left((x, y) => y.add(x))],
  sub: [right((x, y) => x.sub(y)), left((x, y) => y.rsub(x))],
  mul: [right((x, y) => x.mul(y)), left((x, y) => y.mul(x))],
  div: [right((x, y) => x.div(y))],
  matmul: [right((x, y) => x.matmul(y)), left((x, y) => y.rmatmul(x))],
  lt: [right((x, y) => x.lt(y)), left((x, y) => y.gt(x))],
  le: [right((x, y) => x.le(y)), left((x, y) => y.ge(x))],
  gt: [right((x, y) => x.gt(y)), left((x, y) => y.lt(x))],
  ge: [right((x, y) => x.ge(y)), left((x, y) => y.le(x))],
  where: [
    { open: 0, call: ([, a, b], c, _, party) => party.where(c, a, b) },
    { open: 1, call: ([c, , b], a, _, party) => party.where(c, a, b) },
    { open: 2, call: ([c, a], b) => a.where(c, b) },
  ],
  mseLoss: [right((x, y, [options]) => x.mseLoss(y, options))],
  binaryCrossEntropyWithLogits: [
    right((x, y, [options]) => x.binaryCrossEntropyWithLogits(y, options)),
  ],
};

function right(call: (x: X, y: Tensor, args: Args) => X): Variant {
  return { open: 1, call: ([x], y, args) => call(x, y, args) };
}

function left(call: (x: Tensor, y: X, args: Args) => X): Variant {
  return { open: 0, call: ([, y], x, args) => call(x, y, args) };
}

/** Every operation that has a case; to see that none is skipped. */
export const covered: ReadonlySet<string> = new Set(cases.map(({ op }) => op));

/** Runs one case with all inputs secret, and once for each input that may be public. */
export async function runCase(
  party: Party,
  { op, args, ...rest }: Case,
  at: number,
): Promise<void> {
  const title = `#${at} ${op} ${JSON.stringify(args)} on ${rest.in.map(([s]) => `[${s}]`).join(' ')}`;
  const checks: Promise<void>[] = [];
  const call = CALLS[op];
  if (call !== undefined) {
    const inputs = rest.in.map((_, i) => share(party, rest, i));
    checks.push(check(party, title, op, rest, inputs, call(inputs, args as Args, party)));
  }
  for (const { open, call } of VARIANTS[op] ?? []) {
    const inputs = rest.in.map((_, i) => share(party, rest, i));
    const plain = new Tensor(...rest.in[open]);
    const y = call(inputs, plain, args as Args, party);
    const used = inputs.filter((_, i) => i !== open);
    const grads = rest.grads?.filter((_, i) => i !== open);
    const picked = { ...rest, ...(grads && { grads }) };
    checks.push(check(party, `${title}, input ${open} public`, op, picked, used, y));
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
  op: string,
  { out, dy, grads }: Omit<Case, 'op' | 'args'>,
  inputs: readonly X[],
  y: X,
): Promise<void> {
  const [each, backward] = TOLERANCE[op] ?? [0, 0];
  const terms = title.includes('"reduction":"sum"') ? inputs[0].numel() : 1;
  const forward = each * terms;
  const relative = BY_FACTOR.has(op) ? RELATIVE : 0;
  assert.deepEqual(y.shape, out[0], `${title}: shape`);
  const wanted = (grads ?? []).some((gradient) => gradient !== null);
  const value = y.getPlainText();
  if (dy !== undefined && wanted) {
    y.backward(
      party.cryptensor(party.rank === 0 ? dy : null, { shape: out[0].length === 0 ? [] : out[0] }),
    );
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
