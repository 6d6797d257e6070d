/** One suite for every link, and one for every byte transport. */
import assert from 'node:assert/strict';
import { concat, equalBytes } from '../../src/core/bytes.ts';
import type { MpcError } from '../../src/core/errors.ts';
import type { Link, Transport } from '../../src/net/link.ts';
import { bytesOf } from './muxes.ts';

interface Seen {
  readonly frames: Uint8Array[];
  readonly closed: Promise<MpcError | undefined>;
  wait(count: number): Promise<void>;
}

export function watch(link: Link): Seen {
  const frames: Uint8Array[] = [];
  let arrived: () => void = () => undefined;
  let closes = 0;
  const closed = new Promise<MpcError | undefined>((resolve) => {
    link.start({
      frame: (parts) => {
        frames.push(concat(parts));
        arrived();
      },
      closed: (error) => {
        assert.equal(++closes, 1, 'closed once');
        resolve(error);
      },
    });
  });
  const wait = async (count: number): Promise<void> => {
    while (frames.length < count) await new Promise<void>((resolve) => (arrived = resolve));
  };
  return { frames, closed, wait };
}

export function linkSuite(name: string, connect: () => Promise<readonly [Link, Link]>): void {
  describe(`link: ${name}`, () => {
    it('delivers whole frames in order, both ways, never inside send()', async () => {
      const [a, b] = await connect();
      const [atA, atB] = [watch(a), watch(b)];
      const sizes = [1, 0, 7, 100, 65535, 262128, 262129, 300000, 1000000, 3];
      for (const [i, size] of sizes.entries()) {
        const bytes = bytesOf(size, i);
        a.send([bytes.subarray(0, size >> 1), bytes.subarray(size >> 1)]);
        b.send([bytesOf(size, i + 100)]);
      }
      assert.equal(atB.frames.length + atA.frames.length, 0);
      await Promise.all([atA.wait(sizes.length), atB.wait(sizes.length)]);
      sizes.forEach((size, i) => {
        assert.ok(equalBytes(bytesOf(size, i), atB.frames[i]), `frame ${i}`);
        assert.ok(equalBytes(bytesOf(size, i + 100), atA.frames[i]), `frame ${i}`);
      });
      a.close();
      assert.deepEqual(await Promise.all([atA.closed, atB.closed]), [undefined, undefined]);
    });

    it('keeps frames for a receiver that starts late, then tells it of the close', async () => {
      const [a, b] = await connect();
      const atA = watch(a);
      a.send([bytesOf(10)]);
      a.send([bytesOf(20)]);
      a.close();
      await new Promise((resolve) => setTimeout(resolve, 30));
      const atB = watch(b);
      assert.equal(await atB.closed, undefined);
      assert.deepEqual(
        atB.frames.map((f) => f.length),
        [10, 20],
      );
      await atA.closed;
    });

    it('delivers everything queued before close(), ignores send() after it, delivers nothing', async () => {
      const [a, b] = await connect();
      const [atA, atB] = [watch(a), watch(b)];
      for (let i = 0; i < 20; i++) a.send([bytesOf(100000, i)]);
      a.close();
      a.send([bytesOf(1)]);
      b.send([bytesOf(2)]);
      await Promise.all([atA.closed, atB.closed]);
      assert.equal(atB.frames.length, 20);
      assert.equal(atA.frames.length, 0, 'nothing is delivered after close()');
    });

    it('destroy() ends both sides, the other one with ERR_MPC_TRANSPORT', async () => {
      const [a, b] = await connect();
      const [atA, atB] = [watch(a), watch(b)];
      a.destroy();
      assert.equal((await atB.closed)?.code, 'ERR_MPC_TRANSPORT');
      await atA.closed;
      b.send([bytesOf(1)]);
    });
  });
}

/** Collects what a transport delivers. */
export function collect(transport: Transport): {
  readonly got: Uint8Array[];
  readonly closed: Promise<MpcError | undefined>;
  bytes(count: number): Promise<Uint8Array>;
} {
  const got: Uint8Array[] = [];
  let total = 0;
  let arrived: () => void = () => undefined;
  let closes = 0;
  const closed = new Promise<MpcError | undefined>((resolve) => {
    transport.start({
      data: (bytes) => {
        assert.equal(closes, 0, 'no data after the end');
        // Lent: the transport may use the memory again.
        got.push(new Uint8Array(bytes));
        total += bytes.length;
        arrived();
      },
      closed: (error) => {
        assert.equal(++closes, 1, 'closed once');
        resolve(error);
      },
    });
  });
  const bytes = async (count: number): Promise<Uint8Array> => {
    while (total < count) await new Promise<void>((resolve) => (arrived = resolve));
    return concat(got);
  };
  return { got, closed, bytes };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What every carrier of bytes must hold. */
export function transportSuite(
  name: string,
  connect: () => Promise<readonly [Transport, Transport]>,
): void {
  describe(`transport: ${name}`, () => {
    it('carries bytes in order with back-pressure, and ends orderly', async () => {
      const [a, b] = await connect();
      const [atA, atB] = [collect(a), collect(b)];
      const sent = Array.from({ length: 30 }, (_, i) => bytesOf(i * 1000, i));
      for (const bytes of sent) a.send([bytes.subarray(0, 5), bytes.subarray(5)]);
      b.pause();
      await pause(20);
      b.resume();
      a.close();
      a.send([bytesOf(5)]);
      assert.deepEqual(await Promise.all([atA.closed, atB.closed]), [undefined, undefined]);
      assert.ok(equalBytes(concat(atB.got), concat(sent)));
      assert.ok(a.remote.length > 0);
    });

    it('carries large and odd parts both ways at once; its backlog goes to nothing', async () => {
      const [a, b] = await connect();
      const [atA, atB] = [collect(a), collect(b)];
      const parts = [0, 1, 8, 16383, 16385, 262144, 3, 524288, 524289, 2500000, 0, 1].map(bytesOf);
      const whole = concat(parts);
      a.send(parts.map((part) => part.slice()));
      b.send(parts.map((part) => part.slice()).reverse());
      assert.equal(atA.got.length + atB.got.length, 0, 'nothing is delivered inside send()');
      assert.ok(equalBytes(await atB.bytes(whole.length), whole));
      const back = concat([...parts].reverse());
      assert.ok(equalBytes(await atA.bytes(whole.length), back));
      for (let i = 0; i < 200 && a.backlogBytes + b.backlogBytes > 0; i++) await pause(5);
      assert.equal(a.backlogBytes + b.backlogBytes, 0);
      b.close();
      assert.deepEqual(await Promise.all([atA.closed, atB.closed]), [undefined, undefined]);
    });

    it('keeps what comes before start(), and delivers nothing while paused', async () => {
      const [a, b] = await connect();
      const atA = collect(a);
      const sent = [bytesOf(100000, 1), bytesOf(100000, 2)];
      a.send([sent[0].slice()]);
      await pause(20);
      const atB = collect(b);
      assert.equal(atB.got.length, 0, 'start() delivers later');
      assert.ok(equalBytes(await atB.bytes(sent[0].length), sent[0]));
      b.pause();
      const before = atB.got.length;
      a.send([sent[1].slice()]);
      a.close();
      await pause(30);
      assert.equal(atB.got.length, before);
      b.resume();
      assert.deepEqual(await Promise.all([atB.closed, atA.closed]), [undefined, undefined]);
      assert.ok(equalBytes(concat(atB.got), concat(sent)));
    });

    it('destroy() ends both sides at once, and nothing follows', async () => {
      const [a, b] = await connect();
      const [atA, atB] = [collect(a), collect(b)];
      a.send([bytesOf(10)]);
      await atB.bytes(10);
      b.pause();
      b.resume();
      a.destroy();
      a.send([bytesOf(10)]);
      a.close();
      await Promise.all([atA.closed, atB.closed]);
      assert.equal(concat(atB.got).length, 10);
      b.send([bytesOf(1)]);
      b.destroy();
    });
  });
}
