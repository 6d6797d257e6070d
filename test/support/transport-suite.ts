/** One suite for every link, and one for every byte transport. */
import assert from 'node:assert/strict';
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
      frame: (bytes) => {
        frames.push(bytes);
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
        assert.ok(Buffer.from(bytesOf(size, i)).equals(atB.frames[i]), `frame ${i}`);
        assert.ok(Buffer.from(bytesOf(size, i + 100)).equals(atA.frames[i]), `frame ${i}`);
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

    it('delivers everything queued before close(), ignores send() after it', async () => {
      const [a, b] = await connect();
      const [atA, atB] = [watch(a), watch(b)];
      for (let i = 0; i < 20; i++) a.send([bytesOf(100000, i)]);
      a.close();
      a.send([bytesOf(1)]);
      await Promise.all([atA.closed, atB.closed]);
      assert.equal(atB.frames.length, 20);
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

export function transportSuite(
  name: string,
  connect: () => Promise<readonly [Transport, Transport]>,
): void {
  describe(`transport: ${name}`, () => {
    it('carries bytes in order with back-pressure, and ends orderly', async () => {
      const [a, b] = await connect();
      const got: Uint8Array[] = [];
      const ends = new Promise<unknown[]>((resolve) => {
        const all: unknown[] = [];
        const closed = (error?: MpcError): void => void (all.push(error) === 2 && resolve(all));
        a.start({ data: () => undefined, closed });
        b.start({ data: (bytes) => void got.push(bytes), closed });
      });
      const sent = Array.from({ length: 30 }, (_, i) => bytesOf(i * 1000, i));
      for (const bytes of sent) a.send([bytes.subarray(0, 5), bytes.subarray(5)]);
      b.pause();
      await new Promise((resolve) => setTimeout(resolve, 20));
      b.resume();
      a.close();
      a.send([bytesOf(5)]);
      assert.deepEqual(await ends, [undefined, undefined]);
      assert.ok(Buffer.concat(got).equals(Buffer.concat(sent)));
    });
  });
}
