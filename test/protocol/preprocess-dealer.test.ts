/** The dealer's side of lots: one order of all parties, and blocks as the last one has room. */
import assert from 'node:assert/strict';
import { Arena } from '../../src/kernels/memory.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { randomBytes } from '../../src/net/secure/crypto.ts';
import type { Context } from '../../src/protocol/context.ts';
import { truncateOpenedRequest } from '../../src/protocol/provider/kinds/truncation.ts';
import { orderLots, serveLots } from '../../src/protocol/provider/lots.ts';
import { CHANNELS, lotMessage } from '../../src/protocol/provider/together.ts';
import { encodeTrace } from '../../src/protocol/provider/trace.ts';
import { localMuxes, rejection } from '../support/muxes.ts';
import { traceOf } from '../support/preprocessing.ts';
import { backend, own, put, smallWords } from '../support/seats.ts';

describe('dealer of lots', () => {
  /** Two parties' orders and what becomes of them. */
  async function order(
    traces: readonly Uint8Array[],
    runs: readonly number[] = [1, 1],
  ): Promise<(Error & { code?: string })[]> {
    const muxes = localMuxes(3, {}, { timeoutMs: 1500 }).map(({ mux }) => mux);
    const arena = new Arena(await selectKernels({ backend }));
    const totals = { requests: 0, dealtBytes: 0 };
    const seeds = [randomBytes(32), randomBytes(32)];
    serveLots({ arena, mux: muxes[2], seeds, fileId: randomBytes(32), totals });
    const ends = traces.map((trace, rank) =>
      rejection(
        orderLots({
          ...{ mux: muxes[rank], rank, world: 2, lots: runs[rank], trace, lotBytes: 64 },
          write: () => Promise.resolve(),
          onProgress: () => undefined,
        }),
      ),
    );
    const errors = await Promise.all(ends);
    await Promise.all(muxes.map((mux) => mux.close()));
    assert.equal(totals.requests, 0, 'the dealer served it');
    return errors;
  }
  const step = (seq: number, n = 4) => ({
    tag: { space: [], seq },
    descriptor: truncateOpenedRequest(n, 16).descriptor,
  });

  it('serves nothing unless all parties traced the same, and says where they differ', async () => {
    const base = [step(1), step(5)];
    const cases: [other: Uint8Array, why: RegExp, runs?: number[]][] = [
      [encodeTrace([step(1), step(6)]), /first difference is at step 5/],
      [encodeTrace([step(1), step(5, 3)]), /first difference is at step 5/],
      [encodeTrace([step(1)]), /first difference is at step 5|2 and 1 steps|1 and 2 steps/],
      [encodeTrace([...base, step(9)]), /step 9|2 and 3 steps|3 and 2 steps/],
      [encodeTrace(base), /orders 1 runs, party 1 2|orders 2 runs, party 0 1/, [1, 2]],
    ];
    for (const [other, why, runs] of cases) {
      for (const error of await order([encodeTrace(base), other], runs)) {
        assert.equal(error.code, 'ERR_MPC_DESYNC');
        assert.match(error.message, why);
      }
    }
  });

  it('refuses what is no trace, or asks for what no party may ask', async () => {
    const unknown = { tag: { space: [], seq: 1 }, descriptor: Uint8Array.of(250, 1) };
    for (const trace of [encodeTrace([unknown]), Uint8Array.of(9, 0, 0, 0), new Uint8Array(2)]) {
      for (const error of await order([trace, trace])) assert.equal(error.code, 'ERR_MPC_ABORT');
    }
  });

  it('refuses messages that belong to no order', async () => {
    for (const [party, seq] of [
      [0, 1],
      [0, 7],
    ]) {
      const muxes = localMuxes(3).map(({ mux }) => mux);
      const arena = new Arena(await selectKernels({ backend }));
      const seeds = [randomBytes(32), randomBytes(32)];
      const totals = { requests: 0, dealtBytes: 0 };
      serveLots({ arena, mux: muxes[2], seeds, fileId: randomBytes(32), totals });
      const told = new Promise<string>((resolve) =>
        muxes[1].onFailure(({ code }) => resolve(code)),
      );
      muxes[party].post(2, lotMessage(2, CHANNELS.lots, seq), 0n, []);
      assert.equal(await told, 'ERR_MPC_ABORT');
      await Promise.all(muxes.map((mux) => mux.close()));
    }
  });

  it('sends blocks only as the last party makes room, and no party waits for ever', async () => {
    const N = 16_384;
    const program = (ctx: Context): Promise<unknown> =>
      own(ctx.gates.rectify(ctx, put(ctx, 0, [N], smallWords([N], 20, 'x')), 16).value);
    const { trace, accounts } = await traceOf(2, 0, program);
    const muxes = localMuxes(3).map(({ mux }) => mux);
    const arena = new Arena(await selectKernels({ backend }));
    const totals = { requests: 0, dealtBytes: 0 };
    const seeds = [randomBytes(32), randomBytes(32)];
    serveLots({ arena, mux: muxes[2], seeds, fileId: randomBytes(32), totals });
    const lots = 12;
    const lotBytes = accounts.get('')?.dealtBytes ?? 0;
    let written = 0;
    let ahead = 0;
    const progress: number[] = [];
    const orders = [0, 1].map((rank) =>
      orderLots({
        ...{ mux: muxes[rank], rank, world: 2, lots, trace, lotBytes },
        write: async (block) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          ahead = Math.max(ahead, totals.dealtBytes - written);
          written += block.length;
        },
        onProgress: (done, of) => {
          if (rank === 0) progress.push(done / of);
        },
      }),
    );
    await Promise.all(orders);
    await Promise.all(muxes.map((mux) => mux.close()));
    assert.equal(written, lots * lotBytes);
    assert.equal(totals.dealtBytes, written);
    assert.ok(written > 30 * 2 ** 20, 'the test is too small to see a bound');
    // 16 blocks of 1 MiB, and the step that the dealer is at.
    assert.ok(ahead <= 17 * 2 ** 20 + lotBytes, `${ahead} bytes ahead`);
    assert.equal(progress.at(-1), 1);
    assert.ok(progress.every((part, i) => i === 0 || part > progress[i - 1]));
  });
});
