/** Lots dealt ahead of time: a run from a lot is the run with a live dealer; lots share nothing; who disagrees is told. */
import assert from 'node:assert/strict';
import { concat, equalBytes, toHex } from '../../src/core/bytes.ts';
import { MpcError } from '../../src/core/errors.ts';
import { sizeOf } from '../../src/core/shape.ts';
import { localRuns } from '../../src/net/run.ts';
import type { Context, Step } from '../../src/protocol/context.ts';
import { lotSeed } from '../../src/protocol/provider/lots.ts';
import { truncateOpenedRequest } from '../../src/protocol/provider/kinds/truncation.ts';
import type { Share } from '../../src/protocol/share.ts';
import { makeLots, runSeats } from '../support/preprocessing.ts';
import { bytesOf } from '../support/muxes.ts';
import { own, put, raw, smallWords } from '../support/seats.ts';
import { bitGates } from './_bit-gates.ts';
import { functionGates } from './_function-gates.ts';
import { gates } from './_gates.ts';

const SHAPE = [64];

/** Every gate, in the root space and in two forks, and what they reveal. */
async function everyGate(ctx: Context): Promise<string[]> {
  const opened: Promise<bigint[]>[] = [];
  for (const space of [ctx, ctx.fork(0), ctx.fork(1)]) {
    for (const { name, run } of [...gates(ctx.world), ...functionGates()]) {
      const x = put(space, 0, SHAPE, smallWords(SHAPE, 24, `${name} x`));
      const y = put(space, 1, SHAPE, smallWords(SHAPE, 24, `${name} y`));
      opened.push(raw(space, run(space, x, y)).then((words) => [...words]));
    }
    const x = put(space, 0, [2, 3], smallWords([2, 3], 20, 'a'));
    const y = put(space, 1, [3, 2], smallWords([3, 2], 20, 'b'));
    opened.push(raw(space, space.gates.matmul(space, x, y)).then((words) => [...words]));
    // Their words are no sum: it is enough that they come.
    for (const { name, run, put: share = put } of bitGates()) {
      const [a, b] = [0, 1].map((src) =>
        share(space, src, SHAPE, smallWords(SHAPE, 24, `${name} ${src}`)),
      );
      opened.push(own(run(space, a, b)).then((words) => [BigInt(words.length)]));
    }
  }
  return (await Promise.all(opened)).map(String);
}

const SIGN_STEPS = ['sign: blocks', 'sign: carry'];

/** Adds a party's share of what is opened: bits of a sign by XOR, words mod 2^64. */
function add(opened: Map<string, bigint[]>, name: string, payload: Uint8Array): void {
  const bytes = new Uint8Array(8 * Math.ceil(payload.length / 8));
  bytes.set(payload);
  const own = [...new BigUint64Array(bytes.buffer)];
  const sum = opened.get(name) ?? own.map(() => 0n);
  const bits = SIGN_STEPS.includes(name);
  opened.set(
    name,
    own.map((word, i) => (bits ? word ^ sum[i] : BigInt.asUintN(64, word + sum[i]))),
  );
}

const lotsOf = (n: number, lots: Awaited<ReturnType<typeof makeLots>>, k: number) =>
  Array.from({ length: n }, (_, rank) => lots.of(rank, k));

describe('material ahead of time', () => {
  for (const n of [2, 3]) {
    it(`${n} parties: a run from a lot opens what a run with a live dealer opens, every gate, forks`, async () => {
      const lots = await makeLots(n, everyGate, 2, { shuffle: true });
      // Inputs are shared alike in both, and the dealer has the seeds of the lot: even the rounding must agree.
      const runs = localRuns(n + 1);
      const live = await runSeats(n, everyGate, { dealSeeds: lots.seeds(1), runs });
      const stored = await runSeats(n, everyGate, { stored: lotsOf(n, lots, 1), runs });
      for (const result of [...live.results, ...stored.results]) {
        assert.deepEqual(result, live.results[0]);
      }
      const other = await runSeats(n, everyGate, { stored: lotsOf(n, lots, 0), runs });
      assert.notDeepEqual(other.results[0], live.results[0], 'another lot rounds differently');
      for (const { meter, context } of stored.seats) {
        const { sent, received } = meter.snapshot().total;
        assert.equal(sent.payloadBytes.preprocessing + received.payloadBytes.preprocessing, 0);
        assert.deepEqual(context.session.provider.held, { corrections: 0, resident: 0 });
        for (const [name, { dealtBytes }] of context.session.ledger.entries()) {
          assert.equal(dealtBytes, 0, name);
        }
      }
    });

    it(`${n} parties: what is opened under two lots is masked anew: by streams and by the dealer's coins`, async () => {
      // Inputs are shared alike in both runs, so that only masks can differ.
      const runs = localRuns(n + 1);
      const program = (ctx: Context): Promise<unknown> =>
        own(ctx.gates.rectify(ctx, put(ctx, 0, [64], smallWords([64], 30, 'x')), 16).value);
      const lots = await makeLots(n, program, 2);
      const openedUnder = async (k: number): Promise<Map<string, string>> => {
        const opened = new Map<string, bigint[]>();
        await runSeats(
          n,
          (ctx, { mux }) => {
            const post = mux.post.bind(mux);
            mux.post = (peer, id, digest, parts, describe) => {
              const name = describe?.() ?? '';
              // What a party sends to one peer it sends to all.
              if (peer === (ctx.rank + 1) % n) add(opened, name, concat(parts));
              post(peer, id, digest, parts, describe);
            };
            return program(ctx);
          },
          { stored: lotsOf(n, lots, k), runs },
        );
        return new Map([...opened].map(([name, words]) => [name, words.join()]));
      };
      const [first, second] = [await openedUnder(0), await openedUnder(1)];
      assert.deepEqual([...first.keys()].sort(), ['rectify [64] by 16', ...SIGN_STEPS]);
      for (const [name, words] of first) assert.notEqual(words, second.get(name), name);
    });

    it(`${n} parties: a lot is only for the requests of its trace, and the error says where`, async () => {
      const traced = (ctx: Context): Share =>
        ctx.gates.negative(ctx, put(ctx, 0, [4], smallWords([4], 30, 'x')));
      const lots = await makeLots(n, (ctx) => own(traced(ctx)), 1);
      const other: [name: string, program: (ctx: Context) => Share, why: RegExp][] = [
        [
          'another size',
          (ctx) => ctx.gates.negative(ctx, put(ctx, 0, [5], smallWords([5], 30, 'x'))),
          /other material for step 1 \(negative \[5\] 9\)/,
        ],
        [
          'another gate',
          (ctx) => ctx.gates.rectify(ctx, put(ctx, 0, [4], smallWords([4], 30, 'x')), 16).value,
          /other material for step 1 \(rectify \[4\] by 16\)/,
        ],
        [
          'one step more',
          (ctx) => ctx.gates.negative(ctx, traced(ctx)),
          /no material for step 4 \(negative/,
        ],
        ['another space', (ctx) => traced(ctx.fork(0)), /no material for step 0\.0\/1/],
      ];
      for (const [name, program, why] of other) {
        const stored = lotsOf(n, lots, 0);
        const failures: (string | undefined)[] = [];
        await assert.rejects(
          runSeats(
            n,
            async (ctx, { mux }) => {
              mux.onFailure(({ code }) => failures.push(code));
              await own(program(ctx));
            },
            { stored },
          ),
          (error: Error & { code?: string }) => {
            assert.equal(error.code, 'ERR_MPC_PREPROCESSING', name);
            assert.match(error.message, why);
            assert.match(error.message, /cryptensor preprocess/);
            return true;
          },
        );
        assert.equal(failures.length, n, `${name}: the session goes on somewhere`);
      }
    });
  }

  it('the seed of a lot hangs on all of root, generation and number', () => {
    const seeds = [1, 2].flatMap((root) =>
      [3, 4].flatMap((fileId) =>
        [0, 1, 256].map((lot) => toHex(lotSeed(bytesOf(32, root), bytesOf(32, fileId), lot))),
      ),
    );
    assert.equal(new Set(seeds).size, 12);
  });

  it('no seed serves two lots or two generations, nor do their corrections repeat', async () => {
    const program = (ctx: Context): Promise<unknown> => everyGate(ctx);
    const seen = new Map<string, string>();
    for (let generation = 0; generation < 2; generation++) {
      const lots = await makeLots(2, program, 2);
      for (const k of [0, 1]) {
        for (const [rank, seed] of lots.seeds(k).entries()) {
          const before = seen.get(toHex(seed));
          assert.equal(
            before,
            undefined,
            `seed of ${generation}/${k}/${rank} is that of ${before}`,
          );
          seen.set(toHex(seed), `${generation}/${k}/${rank}`);
        }
      }
      assert.ok(!equalBytes(lots.blocks[0], lots.blocks[1]));
    }
  });

  it('a step of a lot is served once (C5)', async () => {
    const program = (ctx: Context): Promise<unknown> =>
      own(ctx.gates.negative(ctx, put(ctx, 0, [4], smallWords([4], 30, 'x'))));
    const lots = await makeLots(2, program, 1);
    let refused: unknown;
    const again: Step = {
      ...{ tag: { space: [], seq: 1 }, digest: 0n, depth: 0, text: 'again', account: '' },
    };
    const ended = runSeats(
      2,
      async (ctx) => {
        await program(ctx);
        if (ctx.rank !== 0) return;
        const [[, { descriptor }]] = lots.of(0, 0).steps;
        try {
          ctx.session.provider.request(again, { ...truncateOpenedRequest(4, 16), descriptor });
        } catch (error) {
          refused = error;
        }
      },
      { stored: lotsOf(2, lots, 0) },
    );
    // The other party may hear of it before it has ended.
    await ended.catch(() => undefined);
    assert.ok(refused instanceof MpcError);
    assert.equal(refused.code, 'ERR_MPC_PREPROCESSING');
    assert.match(refused.message, /step 1 \(again\)/);
  });

  it('a program that uses less than its lot runs', async () => {
    const x = (ctx: Context): Share => put(ctx, 0, [4], smallWords([4], 30, 'x'));
    const lots = await makeLots(
      2,
      async (ctx) => {
        for (let i = 0; i < 3; i++) await raw(ctx, ctx.gates.negative(ctx, x(ctx)));
      },
      1,
    );
    const { results } = await runSeats(2, (ctx) => raw(ctx, ctx.gates.negative(ctx, x(ctx))), {
      stored: lotsOf(2, lots, 0),
    });
    assert.deepEqual(results[0], results[1]);
    assert.equal(sizeOf([results[0].length]), 4);
  });
});
