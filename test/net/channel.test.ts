import assert from 'node:assert/strict';
import { equalBytes, utf8 } from '../../src/core/bytes.ts';
import { bytesOf, rejection } from '../support/muxes.ts';
import { PipeTransport, type Tap } from '../support/pipe.ts';
import { secureEnds, securePair } from '../support/session.ts';
import { watch } from '../support/transport-suite.ts';
import { webAead } from '../../src/net/secure/aead-web.ts';

/** Flips one bit of the byte at `target` of the whole stream once armed. */
function flipper(target: number): { tap: Tap; seen: () => number } {
  let at = 0;
  const tap: Tap = (bytes) => {
    const out = bytes.slice();
    if (target >= at && target < at + out.length) out[target - at] ^= 0x10;
    at += out.length;
    return out;
  };
  return { tap, seen: () => at };
}

const named = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^ERR_MPC_/.test(String(error.code));

describe('secure channel', () => {
  it('a flipped bit in any byte of the handshake fails at both ends, without a hang', async function () {
    this.timeout(60000);
    for (const side of [0, 1]) {
      const clean = flipper(-1);
      const taps = (tap: Tap): [Tap | undefined, Tap | undefined] =>
        side === 0 ? [tap, undefined] : [undefined, tap];
      const [a, b] = await securePair(PipeTransport.pair(...taps(clean.tap)));
      const total = clean.seen();
      a.destroy();
      b.destroy();
      assert.ok(total > 100);
      // Every byte that is not plain hello text, and every 16th of that.
      const targets = Array.from({ length: total }, (_, i) => i).filter(
        (i) => i < 16 || i % 16 === 5 || (i > total - 160 && i % 2 === 0),
      );
      const results = targets.map(async (target) => {
        const { tap } = flipper(target);
        const ends = await secureEnds(
          PipeTransport.pair(...taps(tap)),
          { timeoutMs: 8000 },
          { timeoutMs: 8000 },
        );
        const seen = await Promise.all(
          ends.map(async (end) => {
            if (end.status === 'rejected') return end.reason as unknown;
            const watched = watch(end.value);
            return watched.closed;
          }),
        );
        // The last message's sender may be connected already: it then hears of the failure.
        assert.ok(
          seen.every(named),
          `byte ${target} of side ${side}: ${seen.map(String).join(' | ')}`,
        );
      });
      await Promise.all(results);
    }
  });

  it('a flipped bit in any byte of a record ends both sides with ERR_MPC_ABORT', async () => {
    for (const web of [{}, { aead: webAead }]) {
      for (let target = 0; target < 8 + 40 + 16; target += 3) {
        let armed = false;
        const { tap } = flipper(target);
        const pair = PipeTransport.pair((bytes) => (armed ? tap(bytes) : bytes));
        const [a, b] = await securePair(pair, web, web);
        const [atA, atB] = [watch(a), watch(b)];
        armed = true;
        a.send([bytesOf(40)]);
        a.send([bytesOf(300000)]);
        const errors = await Promise.all([atA.closed, atB.closed]);
        assert.deepEqual(
          errors.map((error) => error?.code),
          ['ERR_MPC_ABORT', 'ERR_MPC_ABORT'],
          `byte ${target}`,
        );
        assert.equal(atB.frames.length, 0);
      }
    }
  });

  it('truncation without a close record is an error, also between records', async () => {
    for (const keep of [0, 4, 30]) {
      let armed = false;
      const pair = PipeTransport.pair((bytes) => (armed ? bytes.subarray(0, keep) : bytes));
      const [a, b] = await securePair(pair);
      const atB = watch(b);
      armed = true;
      a.send([bytesOf(40)]);
      pair[0].close();
      const error = await atB.closed;
      assert.equal(error?.code, 'ERR_MPC_TRANSPORT');
      assert.match(error?.message ?? '', /truncated/);
      a.destroy();
    }
  });

  it('a replayed or reordered record is refused', async () => {
    for (const evil of ['replay', 'swap'] as const) {
      const records: Uint8Array[] = [];
      let armed = false;
      const pair = PipeTransport.pair((bytes) => {
        if (!armed) return bytes;
        records.push(bytes.slice());
        if (evil === 'replay') return Buffer.concat([bytes, bytes]);
        return records.length === 2 ? Buffer.concat([records[1], records[0]]) : new Uint8Array();
      });
      const [a, b] = await securePair(pair);
      const [atA, atB] = [watch(a), watch(b)];
      armed = true;
      a.send([bytesOf(40)]);
      a.send([bytesOf(40, 2)]);
      assert.equal((await atB.closed)?.code, 'ERR_MPC_ABORT');
      assert.equal(atB.frames.length, evil === 'replay' ? 1 : 0);
      a.destroy();
      await atA.closed;
    }
  });

  it('changes keys at the distances of both ends: other distances do not verify', async () => {
    for (const channel of [{ rekeyRecords: 3 }, { rekeyBytes: 1000 }]) {
      const [a, b] = await securePair(PipeTransport.pair(), { channel }, {});
      const [atA, atB] = [watch(a), watch(b)];
      // The third record, or the one that reaches 1000 bytes, is the last under the old key.
      for (let i = 0; i < 5; i++) a.send([bytesOf(400, i)]);
      assert.equal((await atB.closed)?.code, 'ERR_MPC_ABORT');
      assert.equal(atB.frames.length, 'rekeyBytes' in channel ? 3 : 2);
      await atA.closed;
    }
  });

  it('refuses a frame above its limit on its declared length, before the bytes come', async () => {
    const small = { channel: { maxFrameBytes: 1 << 20 } };
    const [a, b] = await securePair(PipeTransport.pair(), {}, small);
    const [atA, atB] = [watch(a), watch(b)];
    a.send([new Uint8Array((1 << 20) + 8)]);
    const error = await atB.closed;
    assert.equal(error?.code, 'ERR_MPC_ABORT');
    assert.match(error?.message ?? '', /maxFrameBytes/);
    await atA.closed;
  });

  it('seals a large frame as the transport takes it, and everything before a close', async () => {
    for (const web of [{}, { aead: webAead }]) {
      const pair = PipeTransport.pair();
      const [a, b] = await securePair(pair, web, web);
      const [atA, atB] = [watch(a), watch(b)];
      const frames = [bytesOf(3_000_000), bytesOf(10), bytesOf(2_000_000, 2)];
      for (const frame of frames) a.send([frame.slice()]);
      assert.ok(pair[0].backlogBytes < 1_000_000, 'the transport holds a few records');
      assert.ok(a.backlogBytes > 4_900_000);
      await atB.wait(1);
      a.close();
      assert.deepEqual(await Promise.all([atA.closed, atB.closed]), [undefined, undefined]);
      frames.forEach((frame, i) => assert.ok(equalBytes(frame, atB.frames[i])));
      assert.equal(a.backlogBytes, 0);
    }
  });

  it('forgets its keys when it ends with frames unsent', async () => {
    for (const end of ['here', 'there', 'both', 'refused'] as const) {
      let armed = false;
      const tap: Tap = (bytes) => (armed ? bytes.map((byte) => byte ^ 1) : bytes);
      const pair = PipeTransport.pair(undefined, tap);
      const [a, b] = await securePair(pair);
      const [atA, atB] = [watch(a), watch(b)];
      a.send([bytesOf(5_000_000)]);
      if (end === 'here') a.destroy();
      else if (end === 'there') b.close();
      else if (end === 'both') pair[1].close();
      armed = end === 'refused';
      if (armed) b.send([bytesOf(10)]);
      const errors = await Promise.all([atA.closed, atB.closed]);
      assert.equal(errors[0] === undefined, end === 'there');
      await new Promise((resolve) => setTimeout(resolve, 5));
      assert.throws(() => a.exporter(utf8('x')), { code: 'ERR_MPC_CLOSED' }, end);
      assert.equal(a.backlogBytes, 0);
      assert.equal(atB.frames.length, 0);
    }
  });

  it('exporter() agrees at both ends, separates infos and sessions, and ends with the link', async () => {
    const [a, b] = await securePair(PipeTransport.pair());
    const [c, d] = await securePair(PipeTransport.pair());
    assert.deepEqual(a.exporter(utf8('x')), b.exporter(utf8('x')));
    assert.notDeepEqual(a.exporter(utf8('x')), a.exporter(utf8('y')));
    assert.notDeepEqual(a.exporter(utf8('x')), c.exporter(utf8('x')));
    for (const link of [a, b, c, d]) link.destroy();
    await a.ended;
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.throws(() => a.exporter(utf8('x')), { code: 'ERR_MPC_CLOSED' });
  });

  it('no 8-byte word of a plaintext frame shows on the wire', async () => {
    const streamed: Uint8Array[] = [];
    const [caller, called] = PipeTransport.pair();
    const original = caller.send.bind(caller);
    caller.send = (parts) => {
      for (const part of parts) streamed.push(part.slice());
      original(parts);
    };
    const [a, b] = await securePair([caller, called]);
    const atB = watch(b);
    const frame = crypto.getRandomValues(new Uint8Array(60000));
    a.send([frame]);
    a.send([frame.slice(0, 40)]);
    await atB.wait(2);
    const wire = Buffer.concat(streamed).toString('latin1');
    assert.ok(wire.length > 60040);
    for (let at = 0; at + 8 <= frame.length; at += 8) {
      assert.ok(!wire.includes(Buffer.from(frame.subarray(at, at + 8)).toString('latin1')));
    }
    a.close();
    await Promise.all([a.ended, b.ended]);
    assert.equal(a.wireBytes.sent, b.wireBytes.received);
  });

  it('WebCrypto absent: a named error', async () => {
    const original = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
    Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true });
    try {
      const error = await rejection(Promise.resolve().then(() => webAead(new Uint8Array(32))));
      assert.equal(error.code, 'ERR_MPC_UNSUPPORTED');
    } finally {
      if (original !== undefined) Object.defineProperty(globalThis, 'crypto', original);
    }
  });
});
