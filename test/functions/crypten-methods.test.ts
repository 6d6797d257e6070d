/** CrypTen's own methods by name: as its iterations in float64, where CrypTen says that they work; gradients, options, refusals. */

import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import { tanhSeries } from '../../src/functions/crypten/chebyshev.ts';
import type { CrypTensor, Party } from '../../src/tensor/index.ts';
import * as twin from '../oracle/crypten.ts';
import { erf, sigmoid } from '../oracle/functions.ts';

type Call = (x: CrypTensor) => CrypTensor;
type Real = (x: number) => number;

interface Method {
  readonly name: string;
  readonly call: Call;
  /** The same iteration in float64, and how far shares may be off it. */
  readonly twin: Real;
  readonly off: Real;
  /** The function, how far CrypTen says the method is off it, and where. */
  readonly truth: Real;
  readonly slope: Real;
  readonly error: Real;
  readonly from: number;
  readonly to: number;
  /** Points are spread evenly by their logarithm. */
  readonly log?: boolean;
  readonly signed?: boolean;
}

const abs =
  (bound: number): Real =>
  () =>
    bound;
const relative =
  (f: Real, part: number, least = 1e-4): Real =>
  (x) =>
    Math.max(least, part * Math.abs(f(x)));
const inverse: Real = (x) => 1 / x;
const inverseRoot: Real = (x) => 1 / Math.sqrt(x);
const inverseSlope: Real = (x) => -1 / (x * x);

const METHODS: readonly Method[] = [
  {
    name: 'exp limit',
    call: (x) => x.exp({ method: 'limit' }),
    twin: twin.exp,
    off: (x) => 2 ** -7 * Math.max(1, Math.exp(x)),
    truth: Math.exp,
    slope: Math.exp,
    error: (x) => Math.max(0.01, 0.06 * Math.exp(x)),
    from: -4.9,
    to: 4.9,
  },
  {
    name: 'exp limit, far below',
    call: (x) => x.exp({ method: 'limit' }),
    twin: twin.exp,
    off: abs(2 ** -7),
    truth: Math.exp,
    slope: Math.exp,
    error: abs(0.01),
    from: -500,
    to: 0,
  },
  {
    name: 'log householder',
    call: (x) => x.log({ method: 'householder' }),
    twin: (x) => twin.log(x),
    off: abs(0.03),
    truth: Math.log,
    slope: inverse,
    error: abs(0.1),
    from: 2e-4,
    to: 250,
    log: true,
  },
  {
    name: 'log householder, inputIn01',
    call: (x) => x.log({ method: 'householder', inputIn01: true }),
    twin: twin.logIn01,
    off: abs(0.03),
    truth: Math.log,
    slope: inverse,
    error: abs(0.1),
    from: 2 ** -15,
    to: 1,
    log: true,
  },
  {
    name: 'reciprocal NR',
    call: (x) => x.reciprocal({ method: 'NR' }),
    twin: (x) => Math.sign(x) * twin.reciprocalNR(Math.abs(x)),
    off: relative(inverse, 0.002, 0.001),
    truth: inverse,
    slope: inverseSlope,
    error: relative(inverse, 0.002, 0.005),
    from: 0.002,
    to: 250,
    log: true,
    signed: true,
  },
  {
    name: 'reciprocal NR, allPos',
    call: (x) => x.reciprocal({ method: 'NR', allPos: true }),
    twin: (x) => twin.reciprocalNR(x),
    off: relative(inverse, 0.002, 0.001),
    truth: inverse,
    slope: inverseSlope,
    error: relative(inverse, 0.002, 0.005),
    from: 0.002,
    to: 250,
    log: true,
  },
  {
    name: 'reciprocal NR, inputIn01',
    call: (x) => x.reciprocal({ method: 'NR', inputIn01: true }),
    twin: (x) => 64 * twin.reciprocalNR(64 * x),
    off: relative(inverse, 0.002, 0.01),
    truth: inverse,
    slope: inverseSlope,
    error: relative(inverse, 0.002, 0.02),
    from: 2 ** -15,
    to: 0.9,
    log: true,
  },
  {
    name: 'reciprocal log, one step',
    call: (x) => x.reciprocal({ method: 'log' }),
    twin: (x) => Math.sign(x) * twin.reciprocalLog(Math.abs(x)),
    off: relative(inverse, 0.05, 1e-3),
    truth: inverse,
    slope: inverseSlope,
    error: relative(inverse, 0.25),
    from: 0.02,
    to: 100,
    log: true,
    signed: true,
  },
  {
    name: 'reciprocal log, two steps',
    call: (x) => x.reciprocal({ method: 'log', logIters: 2 }),
    twin: (x) => Math.sign(x) * twin.reciprocalLog(Math.abs(x), 2),
    off: relative(inverse, 0.03, 1e-3),
    truth: inverse,
    slope: inverseSlope,
    error: relative(inverse, 0.02, 5e-4),
    from: 0.02,
    to: 100,
    log: true,
    signed: true,
  },
  {
    name: 'sqrt NR',
    call: (x) => x.sqrt({ method: 'NR' }),
    twin: (x) => x * twin.rsqrt(x),
    off: relative(Math.sqrt, 0.005),
    truth: Math.sqrt,
    slope: (x) => 0.5 / Math.sqrt(x),
    error: relative(Math.sqrt, 0.05),
    from: 0.06,
    to: 165,
    log: true,
  },
  {
    name: 'rsqrt NR',
    call: (x) => x.rsqrt({ method: 'NR' }),
    twin: (x) => twin.rsqrt(x),
    off: relative(inverseRoot, 0.005),
    truth: inverseRoot,
    slope: (x) => -0.5 * x ** -1.5,
    error: relative(inverseRoot, 0.05),
    from: 0.06,
    to: 165,
    log: true,
  },
  {
    name: 'sin squaring',
    call: (x) => x.sin({ method: 'squaring' }),
    twin: (x) => twin.cossin(x)[1],
    off: abs(5e-4),
    truth: Math.sin,
    slope: Math.cos,
    error: abs(0.07),
    from: -10,
    to: 10,
  },
  {
    name: 'cos squaring',
    call: (x) => x.cos({ method: 'squaring' }),
    twin: (x) => twin.cossin(x)[0],
    off: abs(5e-4),
    truth: Math.cos,
    slope: (x) => -Math.sin(x),
    error: abs(0.07),
    from: -10,
    to: 10,
  },
  {
    name: 'sigmoid reciprocal',
    call: (x) => x.sigmoid({ method: 'reciprocal' }),
    twin: twin.sigmoidReciprocal,
    off: abs(2 ** -8),
    truth: sigmoid,
    slope: (x) => sigmoid(x) * (1 - sigmoid(x)),
    error: abs(0.005),
    from: -500,
    to: 500,
  },
  {
    name: 'sigmoid reciprocal, near 0',
    call: (x) => x.sigmoid({ method: 'reciprocal' }),
    twin: twin.sigmoidReciprocal,
    off: abs(0.0015),
    truth: sigmoid,
    slope: (x) => sigmoid(x) * (1 - sigmoid(x)),
    error: abs(0.005),
    from: -6,
    to: 6,
  },
  {
    name: 'sigmoid chebyshev',
    call: (x) => x.sigmoid({ method: 'chebyshev' }),
    twin: (x) => twin.tanhChebyshev(x / 2) / 2 + 0.5,
    off: abs(5e-5),
    truth: sigmoid,
    slope: (x) => sigmoid(x) * (1 - sigmoid(x)),
    error: abs(1e-4),
    from: -2,
    to: 2,
  },
  {
    name: 'tanh reciprocal',
    call: (x) => x.tanh({ method: 'reciprocal' }),
    twin: (x) => 2 * twin.sigmoidReciprocal(2 * x) - 1,
    off: abs(2 ** -7),
    truth: Math.tanh,
    slope: (x) => 1 - Math.tanh(x) ** 2,
    error: abs(0.01),
    from: -250,
    to: 250,
  },
  {
    name: 'tanh chebyshev',
    call: (x) => x.tanh({ method: 'chebyshev' }),
    twin: (x) => twin.tanhChebyshev(x),
    off: abs(1e-4),
    truth: Math.tanh,
    slope: (x) => 1 - Math.tanh(x) ** 2,
    error: abs(1e-4),
    from: -1,
    to: 1,
  },
  {
    name: 'erf taylor',
    call: (x) => x.erf({ method: 'taylor' }),
    twin: (x) => twin.erf(x),
    off: abs(2e-3),
    truth: erf,
    slope: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
    error: abs(0.01),
    from: -1.5,
    to: 1.5,
  },
];

/** The ends and `count` points between, as the ring has them. */
function pointsOf({ from, to, log, signed }: Method, count: number): number[] {
  const at = (t: number): number =>
    log === true ? from * (to / from) ** t : from + (to - from) * t;
  const points = Array.from({ length: count }, (_, i) => at(i / (count - 1)));
  const all = signed === true ? points.map((x, i) => (i % 2 === 0 ? x : -x)) : points;
  return all.map((x) => Math.round(x * 2 ** 16) / 2 ** 16);
}

function near(
  got: Float64Array,
  points: readonly number[],
  want: Real,
  off: Real,
  what: string,
): void {
  assert.equal(got.length, points.length, what);
  points.forEach((x, i) => {
    const error = Math.abs(got[i] - want(x));
    assert.ok(error <= off(x), `${what} at ${x}: ${got[i]} for ${want(x)}, off by ${error}`);
  });
}

const open = async (x: CrypTensor): Promise<Float64Array> => (await x.getPlainText()).data;

describe('functions: CrypTen’s own methods', () => {
  for (const n of [1, 2, 3]) {
    it(`follow its iterations and are as exact as it says, over ${n} parties`, () =>
      simulate(n, async (party) => {
        const runs = METHODS.map((method) => {
          const points = pointsOf(method, 60);
          return { method, points, y: open(method.call(party.cryptensor(points))) };
        });
        for (const { method, points, y } of runs) {
          near(await y, points, method.twin, method.off, `${method.name}: the iteration`);
          near(await y, points, method.truth, method.error, `${method.name}: the function`);
        }
      }));
  }

  it('have the gradient of the function, from the record of the operation', () =>
    simulate(2, async (party) => {
      for (const method of METHODS) {
        const points = pointsOf(method, 12);
        const x = party.cryptensor(points, { requiresGrad: true });
        method.call(x).sum().backward();
        assert.ok(x.grad !== null, method.name);
        const got = await open(x.grad);
        // The slope of a result that is off: 3 of its error, at most, near the ends.
        const off: Real = (at) => 0.02 + 0.4 * Math.abs(method.slope(at));
        near(got, points, method.slope, off, `${method.name}: gradient`);
      }
    }));

  it('take CrypTen’s options', () =>
    simulate(2, async (party) => {
      const check = async (call: Call, xs: number[], want: Real, off: Real): Promise<void> =>
        near(await open(call(party.cryptensor(xs))), xs, want, off, String(call));
      const two = [-2, -1, 0.5, 2];
      const above = [0.5, 1, 2, 8];
      for (const iterations of [3, 10]) {
        const want: Real = (x) => twin.exp(x, iterations);
        await check(
          (x) => x.exp({ method: 'limit', iterations }),
          two,
          want,
          relative(want, 0.03, 0.01),
        );
      }
      await check(
        (x) => x.log({ method: 'householder', iterations: 1, expIterations: 7, order: 3 }),
        above,
        (x) => twin.log(x, 1, 7, 3),
        abs(0.01),
      );
      await check(
        (x) => x.reciprocal({ method: 'NR', iterations: 2 }),
        above,
        (x) => twin.reciprocalNR(x, 2),
        abs(0.005),
      );
      await check(
        (x) => x.reciprocal({ method: 'NR', iterations: 3, initial: 0.125 }),
        above,
        (x) => twin.reciprocalNR(x, 3, 0.125),
        abs(1e-3),
      );
      await check(
        (x) => x.sqrt({ method: 'NR', iterations: 2, initial: 0.5 }),
        above,
        (x) => x * twin.rsqrt(x, 2, 0.5),
        abs(1e-3),
      );
      await check(
        (x) => x.rsqrt({ method: 'NR', iterations: 2, initial: 0.5 }),
        above,
        (x) => twin.rsqrt(x, 2, 0.5),
        abs(1e-3),
      );
      for (const iterations of [1, 4]) {
        const pair = twin.cossin;
        const options = { method: 'squaring', iterations } as const;
        await check(
          (x) => x.cos(options),
          two,
          (x) => pair(x, iterations)[0],
          abs(1e-3),
        );
        await check(
          (x) => x.sin(options),
          two,
          (x) => pair(x, iterations)[1],
          abs(1e-3),
        );
        await check(
          (x) => x.cossin(options)[0],
          two,
          (x) => pair(x, iterations)[0],
          abs(1e-3),
        );
        await check(
          (x) => x.cossin(options)[1],
          two,
          (x) => pair(x, iterations)[1],
          abs(1e-3),
        );
      }
      const small = [-0.9, 0.3, 1];
      await check(
        (x) => x.tanh({ method: 'chebyshev', terms: 6 }),
        small,
        (x) => twin.tanhChebyshev(x, 6),
        abs(1e-4),
      );
      await check((x) => x.tanh({ method: 'chebyshev' }), [-3, 2.5], Math.sign, abs(0));
      await check(
        (x) => x.erf({ method: 'taylor', iterations: 2 }),
        small,
        (x) => twin.erf(x, 2),
        abs(1e-3),
      );
    }));

  it('hold for one call only', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([3, 4.5]);
      const [rough, fine] = [x.exp({ method: 'limit', iterations: 2 }), x.exp()];
      near(await open(rough), [3, 4.5], (v) => twin.exp(v, 2), abs(0.01), 'with the option');
      near(await open(fine), [3, 4.5], Math.exp, abs(0.005), 'without');
    }));

  it('take inputs of every scale, empty and 0-d ones, and answer at the session’s precision', () =>
    simulate(2, async (party) => {
      const half = party.cryptensor([0.5, 0.25]);
      const inputs: readonly (readonly [string, CrypTensor, number[]])[] = [
        ['0/1', half.gt(0), [1, 1]],
        ['4 bits', party.cryptensor([0.5, 0.75], { precision: 4 }), [0.5, 0.75]],
        ['24 bits', party.cryptensor([0.5, 0.75], { precision: 24 }), [0.5, 0.75]],
        ['pending', half.mul(party.cryptensor([1.5, 2])), [0.75, 0.5]],
        ['0-d', half.index(0), [0.5]],
        ['nothing', half.narrow(0, 1, 0), []],
        ['public', party.full([2, 1], 0.75), [0.75, 0.75]],
        ['a view', party.cryptensor([[0.5], [0.75]]).flip(0), [0.75, 0.5]],
      ];
      for (const { name, call, truth, error, to } of METHODS) {
        if (to === 0) continue;
        const runs = inputs.map(async ([kind, input, values]) => {
          const y = call(input);
          assert.equal(y.precision, party.precision, `${name} of ${kind}`);
          assert.deepEqual(y.shape, input.shape);
          near(await open(y), values, truth, error, `${name} of ${kind}`);
        });
        await Promise.all(runs);
      }
    }));

  it('work at other precisions', async () => {
    for (const precision of [12, 20]) {
      await simulate(
        2,
        async (party) => {
          const xs = [0.3, 0.7];
          for (const { name, call, truth, error, to } of METHODS) {
            if (to === 0) continue;
            const off: Real = (x) => 2 * error(x) + 2 ** (8 - precision) * (1 + Math.abs(truth(x)));
            near(await open(call(party.cryptensor(xs))), xs, truth, off, `${name} at ${precision}`);
          }
        },
        { precision },
      );
    }
  });

  it('unknown methods and options throw at the call and say what there is', () =>
    simulate(1, (party) => {
      const x = party.cryptensor([1]);
      const refuses = (call: (options: never) => unknown, options: object, says: RegExp): void =>
        assert.throws(() => call(options as never), { code: 'ERR_MPC_UNSUPPORTED', message: says });
      refuses((o) => x.exp(o), { method: 'taylor' }, /exp: there is no method "taylor"; use limit/);
      refuses((o) => x.exp_(o), { method: 1 }, /no method "1"/);
      refuses((o) => x.log(o), { method: 'limit' }, /use householder/);
      refuses((o) => x.reciprocal(o), { method: 'newton' }, /use NR, log/);
      refuses((o) => x.sqrt(o), { method: 'nr' }, /sqrt: there is no method "nr"; use NR/);
      refuses((o) => x.rsqrt(o), { method: 'log' }, /use NR/);
      refuses((o) => x.sin(o), { method: 'taylor' }, /use squaring/);
      refuses((o) => x.cos(o), { method: 'taylor' }, /use squaring/);
      refuses((o) => x.cossin(o), { method: 'taylor' }, /use squaring/);
      refuses((o) => x.sigmoid(o), { method: 'toString' }, /use reciprocal, chebyshev/);
      refuses((o) => x.tanh(o), { method: 'limit' }, /use reciprocal, chebyshev/);
      refuses((o) => x.erf(o), { method: 'limit' }, /use taylor/);
      refuses((o) => x.exp(o), { iterations: 3 }, /option iterations needs a method, one of limit/);
      refuses((o) => x.log(o), { order: 3 }, /needs a method/);
      refuses((o) => x.sqrt(o), { initial: 3 }, /needs a method/);
      refuses((o) => x.exp(o), { method: 'limit', order: 3 }, /no option order; it has iterations/);
      refuses((o) => x.sigmoid(o), { method: 'reciprocal', terms: 8 }, /it has none/);
      refuses((o) => x.reciprocal(o), { method: 'NR', logIters: 1 }, /no option logIters/);
      for (const iterations of [0, 1.5, 65, '8', NaN]) {
        refuses((o) => x.exp(o), { method: 'limit', iterations }, /a whole number from 1 to 64/);
      }
      refuses((o) => x.reciprocal(o), { method: 'NR', initial: Infinity }, /a finite number/);
      refuses((o) => x.reciprocal(o), { method: 'NR', allPos: 1 }, /true or false/);
      for (const terms of [4, 7]) {
        refuses((o) => x.tanh(o), { method: 'chebyshev', terms }, /even and at least 6/);
        refuses((o) => x.sigmoid(o), { method: 'chebyshev', terms }, /even and at least 6/);
      }
    }));

  it('the coefficients of tanh are those of the definition', () => {
    for (const terms of [6, 8, 32, 64]) {
      const expected = twin.chebyshevSeries(Math.tanh, terms);
      tanhSeries(terms).forEach((value, j) => {
        assert.ok(Math.abs(value - expected[j]) < 1e-13, `${terms} terms, ${j}: ${value}`);
      });
    }
  });

  it('stay put in place', () =>
    simulate(2, async (party: Party) => {
      const x = party.cryptensor([0.5, 1]);
      x.exp_({ method: 'limit', iterations: 4 });
      near(await open(x), [0.5, 1], (v) => twin.exp(v, 4), abs(0.002), 'exp_');
    }));
});
