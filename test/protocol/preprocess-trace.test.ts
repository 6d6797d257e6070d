/** Tracing: the same list at every party, nothing secret leaves, and its encoding. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MpcError } from '../../src/core/errors.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { MESSAGE_KINDS } from '../../src/net/kinds.ts';
import { localRuns } from '../../src/net/run.ts';
import type { Context } from '../../src/protocol/context.ts';
import { compareTags, decodeTrace, encodeTrace } from '../../src/protocol/provider/trace.ts';
import { showTag } from '../../src/protocol/tag.ts';
import type { Party } from '../../src/tensor/index.ts';
import { type Traced, traceProgram } from '../../src/trace-program.ts';
import { localMuxes } from '../support/muxes.ts';
import { traceOf } from '../support/preprocessing.ts';
import { backend, own, put, smallWords } from '../support/seats.ts';

const plain = { noNullPrototype: true };
const fork = fc.record({ rank: fc.nat(70), counter: fc.maxSafeNat() }, plain);
const tag = fc.record({ space: fc.array(fork, { maxLength: 8 }), seq: fc.maxSafeNat() }, plain);
const step = fc.record({ tag, descriptor: fc.uint8Array({ maxLength: 400 }) }, plain);
const steps = fc.uniqueArray(step, { selector: ({ tag: at }) => showTag(at), maxLength: 20 });

describe('trace: encoding', () => {
  it('gives every step back, in one order whatever the order of the calls', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (list, turn) => {
        const at = list.length === 0 ? 0 : turn % list.length;
        const turned = [...list.slice(at), ...list.slice(0, at)];
        const bytes = encodeTrace(list);
        assert.deepEqual(encodeTrace(turned), bytes);
        const sorted = [...list].sort((a, b) => compareTags(a.tag, b.tag));
        assert.deepEqual(decodeTrace(bytes), sorted);
      }),
    );
  });

  it('refuses any cut, longer, doubled or arbitrary bytes with ERR_MPC_ABORT', () => {
    const read = (bytes: Uint8Array): boolean => {
      try {
        decodeTrace(bytes);
        return true;
      } catch (error) {
        if (!(error instanceof MpcError)) throw error;
        assert.equal(error.code, 'ERR_MPC_ABORT');
        return false;
      }
    };
    fc.assert(
      fc.property(steps, fc.nat(), (list, where) => {
        const bytes = encodeTrace(list);
        assert.equal(read(bytes.subarray(0, where % bytes.length)), false);
        assert.equal(read(Uint8Array.of(...bytes, 0)), false);
        if (list.length > 0) assert.equal(read(encodeTrace([...list, list[0]])), false);
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void read(bytes)));
  });
});

/** All parties trace over a network of their own; what leaves them. */
async function traceTogether(
  n: number,
  program: (party: Party) => unknown,
): Promise<{ traces: Traced[]; sent: Map<number, string[]> }> {
  const muxes = localMuxes(n, { shuffle: true }).map(({ mux }) => mux);
  const runs = localRuns(n);
  const sent = new Map<number, string[]>();
  const traces = await Promise.all(
    muxes.map(async (mux, rank) => {
      const kernels = await selectKernels({ backend });
      const texts: string[] = [];
      sent.set(rank, texts);
      const post = mux.post.bind(mux);
      mux.post = (peer, id, digest, parts, describe) => {
        assert.equal(id.kind, MESSAGE_KINDS.opening);
        texts.push(describe?.() ?? '');
        post(peer, id, digest, parts, describe);
      };
      const zeroSeeds = runs.map((_, peer) =>
        peer === rank ? null : runs[rank].rootSeed(peer, 'zero'),
      );
      const peers = { wire: mux, zeroSeeds };
      const names = runs.map((_, i) => `party ${i}`);
      return traceProgram({ rank, world: n, names, kernels, precision: 16, peers }, program);
    }),
  );
  assert.deepEqual(
    muxes.map((mux) => mux.leftovers()),
    muxes.map(() => 0),
  );
  await Promise.all(muxes.map((mux) => mux.close()));
  return { traces, sent };
}

describe('traceProgram()', () => {
  for (const n of [2, 3]) {
    it(`${n} parties: every party lists the same requests, though forks run in another order`, async () => {
      const gate = (ctx: Context, size: number): Promise<unknown> =>
        own(ctx.gates.negative(ctx, put(ctx, 0, [size], smallWords([size], 20, 'x'))));
      const program = async (ctx: Context): Promise<void> => {
        const [a, b] = [ctx.fork(0), ctx.fork(1)];
        const inA = async (): Promise<void> => {
          for (let i = 0; i < 3; i++) await gate(a, 2 + i);
        };
        const inB = async (): Promise<void> => {
          for (let i = 0; i < 3; i++) await gate(b, 20 + i);
        };
        await (ctx.rank === 0 ? inA().then(inB) : inB().then(inA));
        await gate(ctx, 7);
      };
      const traces = await Promise.all([...Array(n).keys()].map((r) => traceOf(n, r, program)));
      for (const { trace, steps: count } of traces) {
        assert.deepEqual(trace, traces[0].trace);
        assert.equal(count, 7);
      }
    });

    it(`${n} parties: what inputs alone are opened for is real, everything else reads as zero`, async () => {
      const seen: number[][] = [];
      const { traces, sent } = await traceTogether(n, async (party) => {
        const facts = await Promise.all(
          Array.from({ length: n }, async (_, src) => {
            const opened = await party.cryptensor([10 + party.rank], { src }).getPlainText();
            return opened?.item() ?? NaN;
          }),
        );
        const x = party.cryptensor([3, 4], { src: 0 });
        const product = await x.mul(x).getPlainText();
        const late = await x.getPlainText();
        seen.push([...facts, ...(product?.data ?? []), ...(late?.data ?? [])]);
      });
      const facts = Array.from({ length: n }, (_, src) => 10 + src);
      assert.deepEqual(
        seen,
        Array.from({ length: n }, () => [...facts, 0, 0, 0, 0]),
      );
      for (const texts of sent.values()) {
        assert.equal(texts.length, n * (n - 1), 'one message to each peer for each fact');
        assert.ok(texts.every((text) => text.startsWith('reveal [1]')));
      }
      assert.ok(traces.every(({ steps: count }) => count === 2));
    });
  }

  it('no branch taken on a zero opens an input, and none opens in a fork', async () => {
    for (const program of [
      async (party: Party): Promise<void> => {
        const secret = party.cryptensor([777], { src: 0 });
        const ok = await secret.gt(0).getPlainText();
        if (ok?.item() === 0) await secret.getPlainText();
      },
      async (party: Party): Promise<void> => {
        const secret = party.cryptensor([777], { src: 0 });
        // The sum of a product and the secret: in a trace the product is zero.
        await secret
          .mul(party.cryptensor([1], { src: 1 }))
          .add(secret)
          .getPlainText();
      },
      async (party: Party): Promise<void> => {
        await party.fork(0).cryptensor([777], { src: 0 }).getPlainText();
      },
    ]) {
      const { sent } = await traceTogether(2, program);
      for (const texts of sent.values()) assert.deepEqual(texts, []);
    }
  });

  it('leaves timers their turn, however long a program never waits', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 10);
    const sinceMs = performance.now();
    await traceTogether(2, async (party) => {
      let x = party.cryptensor(new Float64Array(20_000), { src: 0 });
      for (let i = 0; i < 40; i++) x = x.relu();
      await x.getPlainText();
    });
    clearInterval(timer);
    const tookMs = performance.now() - sinceMs;
    assert.ok(turns > tookMs / 500, `${turns} turns in ${tookMs} ms`);
  });

  it('books steps and bytes by operation, also when a program resets its statistics', async () => {
    const { traces } = await traceTogether(2, async (party) => {
      const x = party.cryptensor([1, 2, 3], { src: 0 });
      const y = x.mul(x);
      party.resetStats();
      await party.scope('layer', () => y.relu()).getPlainText();
    });
    const accounts = Object.fromEntries(traces[1].accounts);
    assert.deepEqual(accounts['mul'], { steps: 1, dealtBytes: 24 });
    assert.equal(accounts['layer/relu'].steps, 1);
    assert.equal(accounts['layer/relu'].dealtBytes, 3 * 166);
  });

  it('a program that fails while it is traced fails with its own error', async () => {
    const kernels = await selectKernels({ backend });
    const alone = { rank: 0, world: 2, names: [], kernels, precision: 16 };
    await assert.rejects(
      traceProgram(alone, () => Promise.reject(new TypeError('own'))),
      { name: 'TypeError', message: 'own' },
    );
    await assert.rejects(
      traceProgram(alone, (party) => party.close(new RangeError('given up'))),
      { name: 'RangeError' },
    );
  });
});
