/** Material held before it is used: bounded, however far a program runs ahead. */
import assert from 'node:assert/strict';
import { MpcError } from '../../src/core/errors.ts';
import { Arena } from '../../src/kernels/memory.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import type { Context, Step, Wire } from '../../src/protocol/context.ts';
import { Ledger } from '../../src/protocol/ledger.ts';
import { Outstanding } from '../../src/protocol/outstanding.ts';
import { Ahead, AHEAD_BYTES } from '../../src/protocol/provider/ahead.ts';
import { RESIDENT_BYTES } from '../../src/protocol/provider/expansion.ts';
import { compareRequest } from '../../src/protocol/provider/kinds/comparison.ts';
import { dealtBytes } from '../../src/protocol/provider/material.ts';
import { DealtProvider, segment, type Material } from '../../src/protocol/provider/provider.ts';
import type { Tag } from '../../src/protocol/tag.ts';
import { simulateSeats } from '../../src/seats.ts';
import { makeLots, runSeats } from '../support/preprocessing.ts';
import { backend, own, put, raw, shuffled, smallWords } from '../support/seats.ts';

const root = (seq: number): Tag => ({ space: [], seq });
const forked = (seq: number): Tag => ({ space: [{ rank: 0, counter: 0 }], seq });
const stepAt = (tag: Tag): Step => ({ tag, digest: 0n, depth: 0, text: 'a step', account: '' });

describe('Ahead', () => {
  const bytes = new Uint8Array(1);
  /** Starts fetches of these sizes; which of them have started. */
  const started = (ahead: Ahead, sizes: readonly (readonly [Tag, number])[]): Set<number> => {
    const done = new Set<number>();
    sizes.forEach(([tag, size], i) => {
      void ahead.enter(tag, size, () => {
        done.add(i);
        return Promise.resolve(bytes);
      });
    });
    return done;
  };

  it('fetches in order, as far as there is room, and on as room is made', () => {
    const ahead = new Ahead(100);
    const done = started(
      ahead,
      [60, 40, 30, 0, 10].map((size, i) => [root(i), size]),
    );
    assert.deepEqual([...done], [0, 1]);
    assert.equal(ahead.held, 100);
    ahead.release(root(1), 40);
    assert.deepEqual([...done], [0, 1, 2, 3, 4]);
    assert.equal(ahead.held, 100);
    for (const [i, size] of [60, 30, 10].entries()) ahead.release(root(i), size);
    assert.equal(ahead.held, 0);
  });

  it('a step larger than the bound goes alone', () => {
    const ahead = new Ahead(100);
    const done = started(ahead, [
      [root(0), 10],
      [root(1), 500],
      [root(2), 10],
    ]);
    assert.deepEqual([...done], [0]);
    ahead.release(root(0), 10);
    assert.deepEqual([...done], [0, 1]);
    ahead.release(root(1), 500);
    assert.deepEqual([...done], [0, 1, 2]);
  });

  it('spaces have room of their own: a fork that waits holds up nobody', () => {
    const ahead = new Ahead(100);
    const done = started(ahead, [
      [root(0), 100],
      [root(1), 100],
      [forked(0), 100],
    ]);
    assert.deepEqual([...done], [0, 2]);
  });

  it('rejects what waits when the session fails, and whatever comes later', async () => {
    const ahead = new Ahead(100);
    void ahead.enter(root(0), 100, () => Promise.resolve(bytes));
    const waiting = ahead.enter(root(1), 100, () => Promise.resolve(bytes));
    ahead.fail(new MpcError('ERR_MPC_CLOSED', 'over'));
    await assert.rejects(waiting, { code: 'ERR_MPC_CLOSED' });
    await assert.rejects(
      ahead.enter(root(2), 1, () => Promise.resolve(bytes)),
      { code: 'ERR_MPC_CLOSED' },
    );
  });

  it('100,000 steps wait and go in order, in linear time', () => {
    const ahead = new Ahead(8);
    const n = 100_000;
    const order: number[] = [];
    for (let i = 0; i < n; i++) {
      void ahead.enter(root(i), 8, () => {
        order.push(i);
        return Promise.resolve(bytes);
      });
    }
    const sinceMs = performance.now();
    for (let i = 0; i < n; i++) ahead.release(root(i), 8);
    assert.ok(performance.now() - sinceMs < 2000);
    assert.ok(order.every((i, at) => i === at) && order.length === n);
  });
});

describe('DealtProvider: 20,000 steps that nobody has awaited', () => {
  const STEPS = 20_000;
  const request = compareRequest(16, 9);
  const size = dealtBytes(request);

  async function provider(isLast: boolean, bounds: { ahead?: number; resident?: number }) {
    const asked: number[] = [];
    const mux: Wire = {
      failure: undefined,
      post: () => undefined,
      expectParts: (_peer, _id, _digest, byteLength) =>
        Promise.resolve([new Uint8Array(byteLength)]),
    };
    const line = { peer: 2, ask: ({ tag }: Step) => void asked.push(tag.seq) };
    const arena = new Arena(await selectKernels({ backend }));
    const outstanding = new Outstanding();
    const seed = new Uint8Array(32).fill(7);
    const ledger = new Ledger();
    const made = new DealtProvider(arena, mux, outstanding, ledger, line, seed, isLast, bounds);
    return { made, asked, arena };
  }

  it('the last party asks for 256 KiB ahead, not for 80 MB, and for more as gates read', async () => {
    const ahead = 2 ** 18;
    const { made, asked } = await provider(true, { ahead });
    const steps = Array.from({ length: STEPS }, (_, i) => made.request(stepAt(root(i)), request));
    assert.equal(asked.length, Math.floor(ahead / size));
    for (const { take } of steps) {
      const material = await take();
      assert.ok(made.held.corrections <= ahead);
      for (const { name, words } of request.segments) {
        assert.equal(segment(material, name).length, words);
      }
      material.done();
      assert.throws(() => segment(material, 'r').at, /after its end/);
      assert.ok(made.held.resident <= RESIDENT_BYTES);
    }
    assert.equal(asked.length, STEPS);
    assert.ok(asked.every((seq, i) => seq === i));
    assert.deepEqual(made.held, { corrections: 0, resident: 0 });
  });

  it('the others ask at once, and expand 256 KiB ahead, the rest when a gate reads it', async () => {
    const resident = 2 ** 18;
    const { made, asked, arena } = await provider(false, { resident });
    const before = process.memoryUsage().arrayBuffers;
    const all = await Promise.all(
      Array.from({ length: STEPS }, (_, i) => made.request(stepAt(root(i)), request).take()),
    );
    assert.equal(asked.length, STEPS);
    const held = process.memoryUsage().arrayBuffers - before;
    assert.ok(held < 16 * 2 ** 20, `${held} bytes for ${STEPS * size} bytes of material`);
    assert.ok(made.held.resident > 0.9 * resident && made.held.resident <= resident);
    // What was expanded ahead and what was not are the same streams.
    const mono = (of: Arena, material: Material): bigint[] => {
      const { at, length } = segment(material, 'mono');
      return [...of.take(at, length)];
    };
    const [first, last] = [all[0], all[STEPS - 1]].map((material) => mono(arena, material));
    const other = await provider(false, { resident: 0 });
    const again = await other.made.request(stepAt(root(0)), request).take();
    assert.deepEqual(mono(other.arena, again), first);
    assert.notDeepEqual(last, first);
    for (const material of all) material.done();
    assert.deepEqual(made.held, { corrections: 0, resident: 0 });
  });
});

describe('programs that run far ahead', () => {
  it('the bounds are what the documents say', () => {
    assert.deepEqual([AHEAD_BYTES, RESIDENT_BYTES], [2 ** 28, 2 ** 28]);
  });

  /** A chain of ReLUs: nothing of it can run before the one before it has. */
  const chain = (ctx: Context, length: number, n: number): Promise<bigint[]> => {
    let x = put(ctx, 0, [n], smallWords([n], 30, 'x'));
    for (let i = 0; i < length; i++) x = ctx.gates.rectify(ctx, x, 0).value;
    return raw(ctx, x).then((words) => [...words]);
  };

  it('live: a chain of 64 large ReLUs, 293 MB of material, called at once', async () => {
    let most = { corrections: 0, resident: 0 };
    const { results } = await simulateSeats(
      2,
      async ({ context }) => {
        const { provider } = context.session;
        const done = chain(context, 64, 16_384);
        const timer = setInterval(() => {
          const { corrections, resident } = provider.held;
          most = {
            corrections: Math.max(most.corrections, corrections),
            resident: Math.max(most.resident, resident),
          };
        }, 5);
        try {
          return await done;
        } finally {
          clearInterval(timer);
        }
      },
      shuffled,
    );
    assert.deepEqual(results[0], results[1]);
    assert.ok(most.corrections > 0.9 * AHEAD_BYTES, 'the chain is too short to see a bound');
    assert.ok(most.corrections <= AHEAD_BYTES && most.resident <= RESIDENT_BYTES);
  });

  it('stored: reads stay within the bound, forks do not hold up each other', async () => {
    const program = async (ctx: Context): Promise<unknown[]> => {
      const spaces = [ctx, ctx.fork(0), ctx.fork(1)];
      return Promise.all(spaces.map((space) => chain(space, 20, 64)));
    };
    const lots = await makeLots(2, program, 1);
    const bounds = { ahead: 40_000, resident: 10_000 };
    let most = 0;
    const { results } = await runSeats(
      2,
      (ctx) => {
        const { provider } = ctx.session;
        const request = provider.request.bind(provider);
        provider.request = (step, wanted) => {
          const made = request(step, wanted);
          most = Math.max(most, provider.held.corrections);
          return made;
        };
        return program(ctx);
      },
      { stored: [lots.of(0, 0), lots.of(1, 0)], bounds },
    );
    assert.deepEqual(results[0], results[1]);
    assert.ok(most > 2 * bounds.ahead && most <= 3 * bounds.ahead, `${most} bytes in 3 spaces`);
  });

  it('a session that fails rejects what waits for its turn', async () => {
    await assert.rejects(
      simulateSeats(
        2,
        async ({ context: ctx, mux }) => {
          const x = put(ctx, 0, [16_384], smallWords([16_384], 30, 'x'));
          let y = x;
          // More than the bound, so that some wait.
          for (let i = 0; i < 80; i++) y = ctx.gates.negative(ctx, y);
          const end = own(y);
          if (ctx.rank === 0) mux.fail(new MpcError('ERR_MPC_INTERRUPTED', 'stopped'));
          await end;
        },
        shuffled,
      ),
      { code: 'ERR_MPC_INTERRUPTED' },
    );
  });
});
