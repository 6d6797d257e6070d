import assert from 'node:assert/strict';
import { MpcError } from '../../src/core/errors.ts';
import { Meter } from '../../src/net/meter.ts';
import { Mux } from '../../src/net/mux.ts';
import { bytesOf, opening, rejection } from '../support/muxes.ts';
import { PipeTransport } from '../support/pipe.ts';
import { securePair } from '../support/session.ts';

const names = ['alice', 'bob'];

async function secureMuxes() {
  const transports = PipeTransport.pair();
  const [left, right] = await securePair(transports);
  const common = { names, timeoutMs: 3000, maxFrameBytes: 1 << 20 };
  const bob = new Mux({ ...common, rank: 1, links: new Map([[0, left]]), meter: new Meter() });
  const alice = new Mux({ ...common, rank: 0, links: new Map([[1, right]]), meter: new Meter() });
  return { alice, bob, transports };
}

describe('mux over the secure channel', () => {
  it('carries messages of every size and closes orderly', async () => {
    const { alice, bob } = await secureMuxes();
    const sizes = [0, 8, 1000, 300000, 1 << 20, 5000000];
    sizes.forEach((size, seq) => alice.post(1, opening(seq), 7n, [bytesOf(size)]));
    for (const [seq, size] of sizes.entries()) {
      const payload = await bob.expect(0, opening(seq), 7n, size, () => 'x');
      assert.ok(Buffer.from(bytesOf(size)).equals(payload));
      assert.equal(payload.byteOffset % 8, 0);
    }
    await Promise.all([alice.close(), bob.close()]);
    assert.equal(alice.failure ?? bob.failure, undefined);
  });

  it('fail() reaches the peer; a killed connection is a named error at both ends', async () => {
    const one = await secureMuxes();
    one.alice.fail(new MpcError('ERR_MPC_INTERRUPTED', 'stopped by the user'));
    const heard = await rejection(one.bob.expect(0, opening(0), 1n, 8, () => 'add [2]'));
    assert.equal(
      heard.message,
      'party 0 (alice) stopped: ERR_MPC_INTERRUPTED: stopped by the user',
    );
    const two = await secureMuxes();
    const waits = [
      rejection(two.alice.expect(1, opening(0), 1n, 8, () => 'add [2]')),
      rejection(two.bob.expect(0, opening(0), 1n, 8, () => 'add [2]')),
    ];
    two.transports[0].destroy();
    for (const { code, message } of await Promise.all(waits)) {
      assert.equal(code, 'ERR_MPC_TRANSPORT');
      assert.match(message, /connection to party [01] \((alice|bob)\) lost .* add \[2\]/);
    }
    for (const { alice, bob } of [one, two]) await Promise.all([alice.close(), bob.close()]);
  });

  it('a killed peer at every step of a small program ends the other one by name', async () => {
    for (let step = 0; step < 6; step++) {
      const { alice, bob, transports } = await secureMuxes();
      const program = async (mux: Mux, peer: number, stop: number): Promise<void> => {
        for (let seq = 0; seq < 6; seq++) {
          if (seq === stop) transports[0].destroy();
          mux.post(peer, opening(seq), 1n, [bytesOf(64)]);
          await mux.expect(peer, opening(seq), 1n, 64, () => `step ${seq}`);
        }
      };
      const ends = [program(alice, 1, -1), program(bob, 0, step)].map(rejection);
      for (const { code } of await Promise.all(ends)) {
        assert.match(code ?? '', /ERR_MPC_(TRANSPORT|ABORT|CLOSED)/);
      }
      await Promise.all([alice.close(), bob.close()]);
    }
  });
});

describe('afterTick', () => {
  it('runs after all microtasks of the tick, in order', async () => {
    const { afterTick } = await import('../../src/core/tick.ts');
    const order: string[] = [];
    const done = new Promise<void>((resolve) => {
      afterTick(() => order.push('a'));
      afterTick(() => {
        order.push('b');
        resolve();
      });
    });
    void Promise.resolve()
      .then(() => undefined)
      .then(() => order.push('microtask'));
    await done;
    assert.deepEqual(order, ['microtask', 'a', 'b']);
  });
});
