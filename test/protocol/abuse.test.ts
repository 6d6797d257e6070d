import assert from 'node:assert/strict';
import { MpcError } from '../../src/core/errors.ts';
import type { Context } from '../../src/protocol/context.ts';
import { xorBB } from '../../src/protocol/binary/local.ts';
import { addAA, subAA } from '../../src/protocol/local/index.ts';
import { bits, opened } from '../support/bits.ts';
import { simulateSeats, type SimulateOptions } from '../../src/seats.ts';
import { CLIP, HILL, WAVE } from './_function-gates.ts';
import { failureOf, own, put, raw, shuffled, wordsOf } from '../support/seats.ts';

/** A secret that must never show: 123456.789 at 16 fractional bits is 8090863924. */
const SECRET = wordsOf(Array<bigint>(4).fill(8_090_863_924n));
const SECRET_TEXT = /123456|8090863924|1e23f3f4|789/i;

interface Outcome {
  /** What each party's program ended with; undefined where it ended well. */
  readonly errors: readonly (MpcError | undefined)[];
  /** What the whole simulation rejected with. */
  readonly whole: Error & { code?: string };
  readonly ms: number;
}

/** Runs a program that must fail, and looks at every error on the way. */
async function breaks(
  n: number,
  program: (ctx: Context) => Promise<unknown>,
  options: SimulateOptions = {},
): Promise<Outcome> {
  const errors: (MpcError | undefined)[] = Array<undefined>(n).fill(undefined);
  const start = performance.now();
  const whole = await failureOf(
    simulateSeats(
      n,
      async ({ context }) => {
        try {
          await program(context);
        } catch (error) {
          errors[context.rank] = error as MpcError;
          throw error;
        }
      },
      { ...shuffled, timeoutMs: 3000, ...options },
    ),
  );
  for (const error of errors) {
    if (!(error instanceof MpcError)) continue;
    assert.match(error.code, /^ERR_MPC_[A-Z]+$/);
    assert.ok(!SECRET_TEXT.test(error.message), `a value shows: ${error.message}`);
  }
  return { errors, whole, ms: performance.now() - start };
}

/** An error says ERR_MPC_DESYNC: found here, or told by who found it. */
const isDesync = (error: MpcError | undefined): boolean =>
  error !== undefined && (error.code === 'ERR_MPC_DESYNC' || /ERR_MPC_DESYNC/.test(error.message));

const secret = (ctx: Context, size = 4): ReturnType<typeof put> =>
  put(ctx, 0, [size], new BigUint64Array(size).fill(SECRET[0]));

describe('parties that disagree', () => {
  for (const trust of ['dealer', 'insecureFirstParty'] as const) {
    for (const n of [2, 3]) {
      it(`other material at one tag: ERR_MPC_DESYNC reaches every party (${n}, ${trust})`, async () => {
        for (const odd of [0, n - 1]) {
          const { errors, ms } = await breaks(
            n,
            async (ctx) => own(ctx.gates.negative(ctx, secret(ctx, ctx.rank === odd ? 5 : 4))),
            { trust },
          );
          errors.forEach((error, rank) => {
            assert.ok(isDesync(error), `party ${rank} of ${n}, odd ${odd}: ${String(error)}`);
          });
          assert.ok(ms < 2500, `${ms} ms`);
        }
      });
    }
  }

  it('two swapped calls of one shape are caught by the digest, with both views', async () => {
    const { errors, whole } = await breaks(2, async (ctx) => {
      const [x, y] = [secret(ctx), secret(ctx)];
      const [f, g] = ctx.rank === 0 ? [addAA, subAA] : [subAA, addAA];
      const first = f(ctx, x, y);
      g(ctx, x, y);
      return raw(ctx, first);
    });
    assert.equal(whole.code, 'ERR_MPC_DESYNC');
    errors.forEach((error, rank) => {
      assert.equal(error?.code, 'ERR_MPC_DESYNC');
      const views = new RegExp(
        `party ${1 - rank} is at reveal \\[4\\] 16 .*, we are at reveal \\[4\\] 16`,
      );
      // A party may hear of it from the dealer before it has seen the other's message.
      assert.match(error?.message ?? '', new RegExp(`${views.source}|stopped: ERR_MPC_DESYNC`));
    });
    assert.ok(errors.some((error) => / is at reveal .*, we are at reveal /.test(String(error))));
  });

  it('swapped operands, inputs and views of one shape are caught, too', async () => {
    const differences: ((ctx: Context, odd: boolean) => Promise<unknown>)[] = [
      (ctx, odd) => {
        const [x, y] = [secret(ctx), secret(ctx)];
        return raw(ctx, odd ? subAA(ctx, x, y) : subAA(ctx, y, x));
      },
      (ctx, odd) => {
        const [x, y] = [secret(ctx), secret(ctx)];
        return raw(ctx, odd ? x : y);
      },
      (ctx, odd) => {
        const view = { shape: [2, 2], strides: odd ? [1, 2] : [2, 1], offset: 0 };
        return raw(ctx, secret(ctx).view(view));
      },
      (ctx, odd) => {
        const x = secret(ctx);
        const spaces = [ctx.fork(0), ctx.fork(0)];
        return raw(spaces[odd ? 0 : 1], x);
      },
    ];
    for (const difference of differences.slice(0, 3)) {
      const { errors } = await breaks(2, (ctx) => difference(ctx, ctx.rank === 1));
      for (const error of errors) assert.ok(isDesync(error), String(error));
    }
    const { errors } = await breaks(2, (ctx) => differences[3](ctx, ctx.rank === 1), {
      timeoutMs: 300,
    });
    for (const error of errors) assert.match(error?.code ?? '', /TIMEOUT|ABORT|DESYNC/);
  });

  it('another gate, receiver, scale, coefficient or threshold at one tag is caught', async () => {
    const nudged = { ...WAVE, constant: WAVE.constant * (1 + 2 ** -52) };
    const moved = { ...CLIP, thresholds: [CLIP.thresholds[0], CLIP.thresholds[1] + 1n] };
    const differences: ((ctx: Context, odd: boolean) => Promise<unknown>)[] = [
      (ctx, odd) => own(odd ? ctx.gates.negative(ctx, secret(ctx)) : square(ctx)),
      (ctx, odd) => own(ctx.gates.rectify(ctx, secret(ctx), odd ? 16 : 8).value),
      (ctx, odd) =>
        own(ctx.gates.curve(ctx, secret(ctx), odd ? HILL : { ...HILL, high: 3.75 }, 16)),
      (ctx, odd) => own(ctx.gates.curve(ctx, secret(ctx), HILL, odd ? 16 : 15)),
      (ctx, odd) =>
        own(ctx.gates.curve(ctx, secret(ctx), odd ? HILL : { ...HILL, inside: nudged }, 16)),
      (ctx, odd) => own(ctx.gates.series(ctx, secret(ctx), odd ? 1n : 3n, [WAVE], 16)[0]),
      (ctx, odd) => own(ctx.gates.series(ctx, secret(ctx), 1n, [odd ? WAVE : nudged], 16)[0]),
      (ctx, odd) => own(ctx.gates.steps(ctx, secret(ctx), odd ? CLIP : moved)[0]),
      (ctx, odd) => own(ctx.gates.powerOfTwo(ctx, secret(ctx), odd ? -9 : -8, 9, 16)),
      (ctx, odd) =>
        own(odd ? ctx.gates.zero(ctx, secret(ctx)) : ctx.gates.negative(ctx, secret(ctx))),
      async (ctx, odd) => ctx.gates.reveal(ctx, secret(ctx), odd ? [0, 1] : [1, 0]),
      async (ctx, odd) => {
        const x = bits(ctx, 0, [4], SECRET);
        const { binary } = ctx.gates;
        return opened(ctx, odd ? binary.and(ctx, x, x) : binary.add(ctx, x, x, 64));
      },
      (ctx, odd) => {
        const x = bits(ctx, 0, [4], SECRET);
        return opened(ctx, ctx.gates.binary.add(ctx, x, x, odd ? 64 : 63));
      },
      (ctx, odd) => {
        const p = { shape: [], words: wordsOf([odd ? 1 : 2]), fracBits: 0 };
        return opened(ctx, ctx.gates.binary.add(ctx, bits(ctx, 0, [4], SECRET), p, 64));
      },
      (ctx, odd) => {
        const x = bits(ctx, 0, [4], SECRET);
        return raw(ctx, ctx.gates.binary.toArithmetic(ctx, x, odd ? 8 : 7));
      },
      (ctx, odd) => {
        const x = ctx.gates.binary.fromArithmetic(ctx, secret(ctx));
        const y = bits(ctx, 0, [4], SECRET);
        return opened(ctx, odd ? xorBB(ctx, x, y) : xorBB(ctx, y, x));
      },
      (ctx, odd) => raw(ctx, put(ctx, 0, [4], SECRET, odd ? 16 : 15)),
      (ctx, odd) => raw(ctx, put(ctx, odd ? 0 : 1, [4], SECRET)),
    ];
    for (const [i, difference] of differences.entries()) {
      const { errors } = await breaks(2, (ctx) => difference(ctx, ctx.rank === 1));
      for (const error of errors) assert.ok(isDesync(error), `difference ${i}: ${String(error)}`);
    }
  });
});

describe('a party that stops', () => {
  it('a program that throws stops the others with a named error, and its own error is reported', async () => {
    for (const n of [2, 3, 5]) {
      const { errors, whole, ms } = await breaks(n, async (ctx) => {
        const x = secret(ctx);
        const y = ctx.gates.mul(ctx, x, x);
        if (ctx.rank === n - 1) throw new TypeError('the value was 123456.789');
        await own(ctx.gates.rectify(ctx, y, 16).value);
        return raw(ctx, y);
      });
      assert.equal(whole.message, 'the value was 123456.789', 'the root cause');
      for (const error of errors.slice(0, -1)) {
        assert.equal(error?.code, 'ERR_MPC_ABORT');
        assert.match(error?.message ?? '', new RegExp(`party ${n - 1} .*stopped|stopped`));
      }
      assert.ok(ms < 2500, `${ms} ms`);
    }
  });

  it('a local error with values stays local: peers get its code', async () => {
    const { errors, whole } = await breaks(2, async (ctx) => {
      if (ctx.rank === 0) throw new MpcError('ERR_MPC_RANGE', 'the value 5555.25 is too large');
      return raw(ctx, secret(ctx));
    });
    assert.equal(whole.code, 'ERR_MPC_RANGE');
    assert.match(errors[1]?.message ?? '', /ERR_MPC_RANGE/);
    assert.ok(!errors[1]?.message.includes('5555'));
  });

  it('a party that leaves in silence is a timeout at who waits for it, within the limit', async () => {
    for (const absent of [0, 1, 2]) {
      const { errors, ms } = await breaks(
        3,
        async (ctx) => {
          const x = secret(ctx);
          if (ctx.rank !== absent) await own(ctx.gates.negative(ctx, x));
        },
        { timeoutMs: 400 },
      );
      errors.forEach((error, rank) => {
        if (rank !== absent) assert.match(error?.code ?? 'none', /^ERR_MPC_(TIMEOUT|ABORT)$/);
      });
      assert.ok(errors.some((error) => error?.code === 'ERR_MPC_TIMEOUT'));
      assert.ok(ms < 3000, `${ms} ms`);
    }
  });

  it('a failed operation rejects all that depends on it and nothing is left unhandled', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    const { errors } = await breaks(2, async (ctx) => {
      const x = secret(ctx, ctx.rank === 0 ? 4 : 5);
      const a = ctx.gates.mul(ctx, x, x);
      const b = ctx.gates.rectify(ctx, a, 16).value;
      const c = subAA(ctx, b, ctx.gates.negative(ctx, a));
      const all = await Promise.allSettled([own(c), own(b), own(a)]);
      assert.ok(all.every(({ status }) => status === 'rejected'));
      return own(c);
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('unhandledRejection', note);
    assert.ok(errors.every((error) => error instanceof MpcError));
    assert.deepEqual(unhandled, []);
  });

  it('messages that nobody asks for end the run', async () => {
    const error = await failureOf(
      simulateSeats(2, async ({ context: ctx }) => {
        const x = secret(ctx);
        const step = ctx.step('extra', [x]);
        if (ctx.rank === 0) ctx.post(step, 1, [new Uint8Array(8)]);
        await raw(ctx, x);
      }),
    );
    assert.match(error.message, /1 messages? (was|were) never read/);
  });
});

function square(ctx: Context): ReturnType<typeof put> {
  const x = secret(ctx);
  return ctx.gates.mul(ctx, x, x);
}
