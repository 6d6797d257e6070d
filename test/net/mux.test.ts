import assert from 'node:assert/strict';
import { MpcError } from '../../src/core/errors.ts';
import { localNetwork } from '../../src/net/local.ts';
import { Meter } from '../../src/net/meter.ts';
import { type MessageId, Mux } from '../../src/net/mux.ts';
import { seededGenerator } from '../../src/net/shuffle.ts';
import { VirtualClock } from '../../src/net/virtual-clock.ts';
import { bytesOf, localMuxes, opening, rejection } from '../support/muxes.ts';

const at = (text: string) => () => text;
const closeAll = (muxes: readonly { mux: Mux }[]): Promise<unknown> =>
  Promise.all(muxes.map(({ mux }) => mux.close()));

describe('mux', () => {
  it('delivers whether expect() comes before or after the message', async () => {
    const muxes = localMuxes(2);
    const [{ mux: a }, { mux: b }] = muxes;
    const early = b.expect(0, opening(7), 9n, 24, at('add'));
    a.post(1, opening(7), 9n, [bytesOf(8), bytesOf(16, 2)]);
    a.post(1, opening(8), 10n, [bytesOf(3)]);
    assert.deepEqual(Buffer.from(await early), Buffer.concat([bytesOf(8), bytesOf(16, 2)]));
    assert.equal(b.leftovers(), 1);
    assert.deepEqual(await b.expect(0, opening(8), 10n, 3, at('mul')), bytesOf(3));
    assert.equal(b.leftovers(), 0);
    await closeAll(muxes);
  });

  it('routes by id under shuffled delivery, three parties, forks and kinds', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const muxes = localMuxes(3, { shuffle: seededGenerator(seed) });
      const jobs: Promise<void>[] = [];
      for (let me = 0; me < 3; me++) {
        for (let peer = 0; peer < 3; peer++) {
          if (peer === me) continue;
          for (let seq = 0; seq < 20; seq++) {
            const id = opening(seq % 5, { rank: seq % 2, counter: seq });
            muxes[me].mux.post(peer, id, BigInt(seq), [bytesOf(8 * seq, me)]);
            const got = muxes[me].mux.expect(peer, id, BigInt(seq), 8 * seq, at(`op ${seq}`));
            jobs.push(got.then((payload) => assert.deepEqual(payload, bytesOf(8 * seq, peer))));
          }
        }
      }
      await Promise.all(jobs);
      for (const { mux } of muxes) assert.equal(mux.leftovers(), 0);
      await closeAll(muxes);
    }
  });

  it('sends 100 posts of one tick as one frame, and the meter counts them', async () => {
    const muxes = localMuxes(2);
    const [a, b] = muxes;
    for (let seq = 0; seq < 100; seq++) a.mux.post(1, opening(seq), 1n, [bytesOf(10)]);
    a.mux.post(1, { space: [], seq: 0, kind: 3 }, 1n, [bytesOf(5)]);
    await b.mux.expect(0, opening(99), 1n, 10, at('add'));
    const { sent } = a.meter.snapshot().total;
    assert.equal(sent.frames, 1);
    assert.equal(sent.messages, 101);
    assert.equal(sent.bytes, 8 + 100 * (24 + 16) + 24 + 8);
    assert.deepEqual(sent.payloadBytes, { online: 1000, preprocessing: 5, control: 0 });
    assert.deepEqual(b.meter.snapshot().peers.get(0)?.received, sent);
    a.meter.reset();
    assert.equal(a.meter.snapshot().total.sent.bytes, 0);
    await closeAll(muxes);
  });

  it('splits frames at message boundaries and large payloads into pieces', async () => {
    const muxes = localMuxes(2, { shuffle: seededGenerator(3) }, { maxFrameBytes: 1024 });
    const [a, b] = muxes;
    const parts = [bytesOf(700), bytesOf(4000, 2), bytesOf(301, 3)];
    const waits = b.mux.expect(0, opening(0), 1n, 5001, at('early'));
    for (let seq = 0; seq < 4; seq++)
      a.mux.post(1, opening(seq), 1n, seq < 2 ? parts : [bytesOf(300)]);
    assert.deepEqual(Buffer.from(await waits), Buffer.concat(parts));
    const late = await b.mux.expect(0, opening(1), 1n, 5001, at('late'));
    assert.deepEqual(Buffer.from(late), Buffer.concat(parts));
    await b.mux.expect(0, opening(3), 1n, 300, at('small'));
    assert.equal(a.meter.snapshot().total.sent.messages, 4);
    assert.ok(a.meter.snapshot().total.sent.frames >= 11);
    await closeAll(muxes);
  });

  it('hands over what has come of a message while the rest is on its way', async () => {
    const muxes = localMuxes(2, {}, { maxFrameBytes: 1024 });
    const [{ mux: a }, { mux: b }] = muxes;
    const payload = bytesOf(5000);
    for (const early of [true, false]) {
      const id = opening(early ? 0 : 1);
      const came: Uint8Array[] = [];
      let over = false;
      const expecting = (): Promise<unknown> =>
        b.expectParts(0, id, 1n, 5000, at('large'), (parts) => {
          assert.ok(!over && b.failure === undefined);
          came.push(...parts);
        });
      const first = early ? expecting() : undefined;
      a.post(1, id, 1n, [payload]);
      if (first === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual(await (first ?? expecting()), []);
      over = true;
      assert.ok(
        came.length > 1 && came.every((part, i) => i === came.length - 1 || part.length % 8 === 0),
      );
      assert.deepEqual(Buffer.concat(came), Buffer.from(payload));
      assert.equal(b.leftovers(), 0);
    }
    await closeAll(muxes);
  });

  it('hands over nothing of a message with another digest, and ends when its taker fails', async () => {
    for (const [digest, code] of [
      [2n, 'ERR_MPC_DESYNC'],
      [1n, 'ERR_MPC_ABORT'],
    ] as const) {
      const muxes = localMuxes(2, {}, { maxFrameBytes: 1024 });
      const [{ mux: a }, { mux: b }] = muxes;
      a.post(1, opening(0), digest, [bytesOf(5000)], at('theirs'));
      let calls = 0;
      const taking = b.expectParts(0, opening(0), 1n, 5000, at('ours'), () => {
        calls += 1;
        throw new Error('no memory');
      });
      assert.equal((await rejection(taking)).code, code);
      assert.equal(calls, digest === 1n ? 1 : 0);
      await closeAll(muxes);
    }
  });

  it('tells both sides both views when their programs differ', async () => {
    for (const [digest, length] of [
      [2n, 8],
      [1n, 16],
    ] as const) {
      const muxes = localMuxes(3);
      const [{ mux: a }, { mux: b }, { mux: c }] = muxes;
      const third = c.expect(0, opening(5), 1n, 8, at('add [3,4]'));
      a.post(1, opening(5), 1n, [bytesOf(8)]);
      b.post(0, opening(5), digest, [bytesOf(length)]);
      const left = a.expect(1, opening(5), 1n, 8, at('add [3,4]'));
      const right = b.expect(0, opening(5), digest, length, at('matmul [3,4]·[4,5]'));
      const [ea, eb, ec] = await Promise.all([left, right, third].map(rejection));
      assert.equal(ea.code, 'ERR_MPC_DESYNC');
      assert.equal(ea.message, 'party 1 (bob) is at matmul [3,4]·[4,5], we are at add [3,4]');
      assert.equal(eb.code, 'ERR_MPC_DESYNC');
      assert.equal(eb.message, 'party 0 (alice) is at add [3,4], we are at matmul [3,4]·[4,5]');
      assert.equal(ec.code, 'ERR_MPC_DESYNC', ec.message);
      assert.match(ec.message, /^party [01] \((alice|bob)\) stopped: ERR_MPC_DESYNC: party [01] /);
      await closeAll(muxes);
    }
  });

  it('names the point of a one-way message when post() describes it', async () => {
    const muxes = localMuxes(2);
    const [{ mux: a }, { mux: b }] = muxes;
    a.post(1, opening(0), 1n, [bytesOf(8)], at('input [1]'));
    const eb = await rejection(b.expect(0, opening(0), 2n, 8, at('input [2]')));
    assert.equal(eb.message, 'party 0 (alice) is at input [1], we are at input [2]');
    const ea = await rejection(a.expect(1, opening(1), 2n, 8, at('add')));
    assert.equal(ea.message, 'party 1 (bob) is at input [2], we are at input [1]');
    await closeAll(muxes);
  });

  it('reports a desync after half a second when the peer says nothing', async () => {
    const local = localNetwork(2);
    const silent = local.linksOf(0).get(1);
    silent?.start({ frame: () => undefined, closed: () => undefined });
    const mux = new Mux({
      rank: 1,
      names: ['', ''],
      links: local.linksOf(1),
      timeoutMs: 60000,
      meter: new Meter(),
    });
    const { encodeFrame } = await import('../../src/net/frame.ts');
    silent?.send(encodeFrame([{ id: opening(0), digest: 5n, payload: [bytesOf(8)], more: false }]));
    const began = Date.now();
    const error = await rejection(mux.expect(0, opening(0), 6n, 8, at('add [3,4]')));
    assert.equal(error.message, 'party 0 is at another point of the program, we are at add [3,4]');
    assert.ok(Date.now() - began >= 450);
    await mux.close();
  });

  it('times out naming peer and op; unneeded messages do not help', async () => {
    const muxes = localMuxes(2, {}, { timeoutMs: 150 });
    const [{ mux: a }, { mux: b }] = muxes;
    let seq = 100;
    const junk = setInterval(() => a.post(1, opening(seq++), 1n, [bytesOf(8)]), 20);
    const error = await rejection(b.expect(0, opening(0), 1n, 8, at('mul [2]')));
    clearInterval(junk);
    assert.equal(error.code, 'ERR_MPC_TIMEOUT');
    assert.match(error.message, /party 0 \(alice\).*150 ms.*mul \[2\]/);
    assert.equal((await rejection(a.expect(1, opening(1), 1n, 8, at('x')))).code, 'ERR_MPC_ABORT');
    await closeAll(muxes);
  });

  it('does not time out while expected messages keep being consumed', async () => {
    const muxes = localMuxes(2, {}, { timeoutMs: 600 });
    const [{ mux: a }, { mux: b }] = muxes;
    const last = b.expect(0, opening(9), 1n, 8, at('last'));
    for (let seq = 0; seq < 10; seq++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      a.post(1, opening(seq), 1n, [bytesOf(8)]);
      await b.expect(0, opening(seq === 9 ? 10 : seq), 1n, 8, at('step')).catch(() => undefined);
      if (seq === 8) a.post(1, opening(10), 1n, [bytesOf(8)]);
    }
    await last;
    await closeAll(muxes);
  });

  it('fail() poisons for good and reaches peers as a ProtocolAbort with public text', async () => {
    const muxes = localMuxes(2);
    const [{ mux: a }, { mux: b }] = muxes;
    const heard: MpcError[] = [];
    b.onFailure((error) => heard.push(error));
    const pending = a.expect(1, opening(0), 1n, 8, at('x'));
    const first = new MpcError(
      'ERR_MPC_SHAPE',
      'add: [2] and [3]\u0007\n\u202e' + 'y'.repeat(1000),
    );
    a.fail(first);
    a.fail(new MpcError('ERR_MPC_SCALE', 'second'));
    assert.equal(await rejection(pending), first);
    assert.equal(await rejection(a.expect(1, opening(1), 1n, 8, at('x'))), first);
    a.post(1, opening(1), 1n, [bytesOf(8)]);
    const error = await rejection(b.expect(0, opening(1), 1n, 8, at('x')));
    assert.equal(error.code, 'ERR_MPC_ABORT');
    assert.ok(
      error.message.startsWith('party 0 (alice) stopped: ERR_MPC_SHAPE: add: [2] and [3]   y'),
    );
    assert.ok(error.message.length < 600 && !/[\u0007\n\u202e]/.test(error.message));
    assert.deepEqual(heard, [error]);
    await closeAll(muxes);
  });

  it('keeps texts that may quote local values to itself (M8)', async () => {
    const muxes = localMuxes(2);
    muxes[0].mux.fail(new MpcError('ERR_MPC_RANGE', 'value 3.14159 is too large'));
    const error = await rejection(muxes[1].mux.expect(0, opening(0), 1n, 8, at('x')));
    assert.equal(error.message, 'party 0 (alice) stopped: ERR_MPC_RANGE');
    await closeAll(muxes);
  });

  it('an orderly close rejects what peers still expect with ERR_MPC_CLOSED', async () => {
    const muxes = localMuxes(2);
    const [{ mux: a }, { mux: b }] = muxes;
    a.post(1, opening(0), 1n, [bytesOf(8)]);
    const pending = rejection(a.expect(1, opening(4), 1n, 8, at('x')));
    const closed = a.close();
    assert.equal((await pending).code, 'ERR_MPC_CLOSED');
    assert.deepEqual(await b.expect(0, opening(0), 1n, 8, at('add')), bytesOf(8));
    const error = await rejection(b.expect(0, opening(1), 1n, 8, at('mul [2]')));
    assert.equal(error.code, 'ERR_MPC_CLOSED');
    assert.match(error.message, /party 0 \(alice\) closed the session .* mul \[2\]/);
    assert.throws(() => a.post(1, opening(1), 1n, []), { code: 'ERR_MPC_CLOSED' });
    assert.equal((await rejection(a.expect(1, opening(1), 1n, 8, at('x')))).code, 'ERR_MPC_CLOSED');
    await closed;
    assert.equal(await a.ended, undefined);
    await closeAll(muxes);
  });

  it('ended resolves without an error when all peers leave on purpose', async () => {
    const muxes = localMuxes(3);
    await Promise.all([muxes[0].mux.close(), muxes[1].mux.close()]);
    assert.equal(await muxes[2].mux.ended, undefined);
    assert.equal(muxes[2].mux.failure, undefined);
    await muxes[2].mux.close();
  });

  it('a dropped connection is ERR_MPC_TRANSPORT naming the peer', async () => {
    const local = localNetwork(2);
    const mux = new Mux({
      rank: 0,
      names: ['alice', 'bob'],
      links: local.linksOf(0),
      timeoutMs: 5000,
      meter: new Meter(),
    });
    const pending = mux.expect(1, opening(0), 1n, 8, at('add [1]'));
    local
      .linksOf(1)
      .get(0)
      ?.start({ frame: () => undefined, closed: () => undefined });
    local.linksOf(1).get(0)?.destroy();
    const error = await rejection(pending);
    assert.equal(error.code, 'ERR_MPC_TRANSPORT');
    assert.match(error.message, /party 1 \(bob\).*add \[1\]/);
    await mux.close();
  });

  it('limits what may wait in the inbox, by bytes and by count', async () => {
    for (const limit of [{ maxInboxBytes: 1000 }, { maxInboxMessages: 10 }]) {
      const muxes = localMuxes(2, {}, limit);
      const [{ mux: a }, { mux: b }] = muxes;
      for (let seq = 0; seq < 12; seq++) a.post(1, opening(seq), 1n, [bytesOf(100)]);
      const error = await rejection(b.expect(0, opening(99), 1n, 8, at('x')));
      assert.equal(error.code, 'ERR_MPC_ABORT');
      assert.match(error.message, new RegExp(Object.keys(limit)[0]));
      await closeAll(muxes);
    }
  });

  it('refuses a message sent twice and a malformed frame', async () => {
    for (const evil of ['twice', 'broken', 'two digests'] as const) {
      const local = localNetwork(2);
      const link = local.linksOf(0).get(1);
      link?.start({ frame: () => undefined, closed: () => undefined });
      const mux = new Mux({
        rank: 1,
        names: ['', ''],
        links: local.linksOf(1),
        timeoutMs: 5000,
        meter: new Meter(),
      });
      const { encodeFrame } = await import('../../src/net/frame.ts');
      const one = { id: opening(0), digest: 5n, payload: [bytesOf(8)], more: false };
      const piece = { ...one, more: true };
      const messages = evil === 'twice' ? [one, one] : [piece, { ...one, digest: 6n }];
      link?.send(evil === 'broken' ? [bytesOf(100)] : encodeFrame(messages));
      const error = await rejection(mux.expect(0, opening(1), 6n, 8, at('x')));
      assert.equal(error.code, 'ERR_MPC_ABORT');
      await mux.close();
    }
  });

  it('knows a message that has been used already, in forks and out of order too', async () => {
    for (const again of [opening(3), opening(5000, { rank: 0, counter: 2 }), opening(7)]) {
      const local = localNetwork(2);
      const link = local.linksOf(0).get(1);
      link?.start({ frame: () => undefined, closed: () => undefined });
      const links = local.linksOf(1);
      const mux = new Mux({ rank: 1, names: ['', ''], links, timeoutMs: 5000, meter: new Meter() });
      const { encodeFrame } = await import('../../src/net/frame.ts');
      const send = (id: MessageId): void => {
        link?.send(encodeFrame([{ id, digest: 5n, payload: [bytesOf(8)], more: false }]));
      };
      const ids = [opening(7), opening(3), opening(5000, { rank: 0, counter: 2 }), opening(4)];
      for (const id of ids) send(id);
      // The same positions of other spaces and kinds are other messages.
      send({ ...opening(3), kind: 3 });
      for (const id of ids) await mux.expect(0, id, 5n, 8, at('x'));
      await mux.expect(0, { ...opening(3), kind: 3 }, 5n, 8, at('x'));
      assert.equal(mux.failure, undefined);
      const waits = mux.expect(0, opening(9), 5n, 8, at('x'));
      send(again);
      const error = await rejection(waits);
      assert.equal(error.code, 'ERR_MPC_ABORT');
      assert.match(error.message, /sent one message twice/);
      await mux.close();
    }
  });

  it('handle() takes messages of a kind, early ones too', async () => {
    const muxes = localMuxes(2);
    const [{ mux: a }, { mux: b }] = muxes;
    const request = (seq: number) => ({ space: [], seq, kind: 2 });
    a.post(1, request(0), 5n, [bytesOf(4)]);
    a.post(1, opening(0), 1n, [bytesOf(8)]);
    await b.expect(0, opening(0), 1n, 8, at('x'));
    const got: unknown[] = [];
    b.handle(2, (peer, id, digest, payload) => got.push([peer, id.seq, digest, payload.length]));
    a.post(1, request(1), 6n, [bytesOf(12)]);
    a.post(1, opening(1), 1n, [bytesOf(8)]);
    await b.expect(0, opening(1), 1n, 8, at('x'));
    assert.deepEqual(got, [
      [0, 0, 5n, 4],
      [0, 1, 6n, 12],
    ]);
    assert.equal(b.leftovers(), 0);
    await closeAll(muxes);
  });
});

describe('virtual clock', () => {
  const exchange = async (mux: Mux, rank: number, seq: number, kind = 1): Promise<void> => {
    const id = { space: [], seq, kind };
    for (const peer of [0, 1, 2]) if (peer !== rank) mux.post(peer, id, 1n, [bytesOf(8)]);
    const peers = [0, 1, 2].filter((peer) => peer !== rank);
    await Promise.all(peers.map((peer) => mux.expect(peer, id, 1n, 8, at('x'))));
  };

  it('counts dependent openings once each, parallel ones together, the rest not at all', async () => {
    for (const shuffle of [undefined, seededGenerator(5)]) {
      const clock = new VirtualClock();
      const muxes = localMuxes(3, shuffle ? { clock, shuffle } : { clock });
      await Promise.all(
        muxes.map(async ({ mux }, rank) => {
          await exchange(mux, rank, 0);
          await Promise.all([exchange(mux, rank, 1), exchange(mux, rank, 2)]);
          await exchange(mux, rank, 3, 3);
          await exchange(mux, rank, 4);
        }),
      );
      assert.equal(clock.elapsed(), 3);
      clock.reset();
      await Promise.all(muxes.map(({ mux }, rank) => exchange(mux, rank, 9)));
      assert.equal(clock.elapsed(), 1);
      await closeAll(muxes);
    }
  });
});
