/** What parties say to each other about stored material: who is still at work, and which lot is next. */
import assert from 'node:assert/strict';
import { MpcError } from '../../src/core/errors.ts';
import { claimTogether, type StoredMaterial } from '../../src/protocol/provider/stored.ts';
import { CHANNELS, together } from '../../src/protocol/provider/together.ts';
import { bytesOf, localMuxes, rejection } from '../support/muxes.ts';

describe('claimTogether()', () => {
  const material = (next: number, claim: (lot: number) => Promise<void>): StoredMaterial => ({
    ...{ fileId: new Uint8Array(32), lots: 9, next },
    claim: async (lot) => {
      await claim(lot);
      return { seed: new Uint8Array(32), steps: new Map(), read: () => Promise.reject() };
    },
  });

  it('takes the first lot that nobody has used, and returns when all have it on disk', async () => {
    const muxes = localMuxes(3, { shuffle: true }).map(({ mux }) => mux);
    const claimed: number[] = [];
    let written = 0;
    await Promise.all(
      [2, 5, 0].map(async (next, rank) => {
        const mine = material(next, async (lot) => {
          claimed.push(lot);
          // The slowest disk.
          if (rank === 1) await new Promise((resolve) => setTimeout(resolve, 50));
          written++;
        });
        await claimTogether({ mux: muxes[rank], rank, world: 3, names: [] }, mine);
        assert.equal(written, 3, `party ${rank} goes on before all have claimed`);
      }),
    );
    assert.deepEqual(claimed, [5, 5, 5]);
    await Promise.all(muxes.map((mux) => mux.close()));
  });

  it('used up at one party is used up for all, and nobody claims', async () => {
    const muxes = localMuxes(2).map(({ mux }) => mux);
    const ends = await Promise.all(
      [8, 9].map((next, rank) =>
        rejection(
          claimTogether(
            { mux: muxes[rank], rank, world: 2, names: [] },
            material(next, () => Promise.reject(new Error('claimed'))),
          ),
        ),
      ),
    );
    for (const { code, message } of ends) {
      assert.equal(code, 'ERR_MPC_PREPROCESSING');
      assert.match(message, /all 9 runs/);
    }
    await Promise.all(muxes.map((mux) => mux.close()));
  });
});

describe('together()', () => {
  it('waits for a party that takes longer than the time-out, and gives every view to all', async () => {
    const muxes = localMuxes(3, { shuffle: true }, { timeoutMs: 1400 }).map(({ mux }) => mux);
    const outcomes = await Promise.all(
      muxes.map((mux, rank) =>
        together(
          { mux, rank, world: 3 },
          CHANNELS.traced,
          async () => {
            if (rank === 1) await new Promise((resolve) => setTimeout(resolve, 2600));
            return rank;
          },
          (result) => bytesOf(32, result),
        ),
      ),
    );
    for (const [rank, { result, views }] of outcomes.entries()) {
      assert.equal(result, rank);
      assert.deepEqual(
        views,
        [0, 1, 2].map((rank) => bytesOf(32, rank)),
      );
    }
    assert.deepEqual(
      muxes.map((mux) => mux.leftovers()),
      [0, 0, 0],
    );
    await Promise.all(muxes.map((mux) => mux.close()));
  });

  it('a party that fails, or dies, ends it for all', async () => {
    for (const how of ['fails', 'dies'] as const) {
      const muxes = localMuxes(2, {}, { timeoutMs: 1200 }).map(({ mux }) => mux);
      const ours = rejection(
        together({ mux: muxes[0], rank: 0, world: 2 }, CHANNELS.stored, () => Promise.resolve()),
      );
      if (how === 'fails') muxes[1].fail(new MpcError('ERR_MPC_FILE', 'disk full at /home/bob'));
      const { code, message } = await ours;
      assert.equal(code, how === 'fails' ? 'ERR_MPC_ABORT' : 'ERR_MPC_TIMEOUT');
      assert.ok(!message.includes('/home'));
      await Promise.all(muxes.map((mux) => mux.close()));
    }
  });
});
