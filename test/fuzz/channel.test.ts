/** What anybody may send before there is a channel, and what a peer may seal with the right key. */
import assert from 'node:assert/strict';
import { byteLengthOf, concat, u32le, utf8 } from '../../src/core/bytes.ts';
import type { MpcError } from '../../src/core/errors.ts';
import type { Transport, TransportHandler } from '../../src/net/link.ts';
import { SecureLink } from '../../src/net/secure/channel.ts';
import { CipherState } from '../../src/net/secure/cipher-state.ts';
import {
  compareHellos,
  decodeHello,
  encodeHello,
  helloOf,
  MAX_HELLO_BYTES,
} from '../../src/net/secure/hello.ts';
import { PacketIo } from '../../src/net/secure/packet-io.ts';
import { encodeRecordHeader, MAX_PIECE_BYTES, RECORD_TYPES } from '../../src/net/secure/record.ts';
import type { SeededGenerator } from '../../src/net/shuffle.ts';
import { usualAead } from '../support/aeads.ts';
import { session } from '../support/session.ts';
import { hunt } from './_hunt.ts';
import { edge, mutated, mutatedJson, noise, pick } from './_mutate.ts';

/** A transport that keeps what it is told to do. */
class FedTransport implements Transport {
  readonly remote = 'fuzz';
  readonly backlogBytes = 0;
  readonly tellsDrained = false;
  handler: TransportHandler | undefined;
  start(handler: TransportHandler): void {
    this.handler = handler;
  }
  send(): void {}
  pause(): void {}
  resume(): void {}
  close(): void {}
  destroy(): void {}
  /** Hands over in pieces. */
  feed(random: SeededGenerator, bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const end = random(3) === 0 ? at + 1 + random(30) : bytes.length;
      const lent = bytes.slice(at, end);
      this.handler?.data(lent);
      lent.fill(0xa5);
      at = end;
    }
  }
}

const { manifest, identities } = session(3, true);
const ours = helloOf(manifest, 0, 'KK', identities[0].x25519.public);
const theirs = helloOf(manifest, 1, 'KK', identities[1].x25519.public);
const hellos = [encodeHello(theirs), encodeHello(theirs, 2), encodeHello({ ...theirs, rank: 9 })];

function helloBytes(random: SeededGenerator): Uint8Array {
  const kind = random(6);
  if (kind === 0) return noise(random, 400);
  if (kind < 3) return mutated(random, pick(random, hellos), hellos[0]);
  const fields = mutatedJson(random, { ...theirs, entries: [...theirs.entries] });
  return concat([hellos[0].subarray(0, 8), utf8(JSON.stringify(fields))]);
}

async function feedPackets(random: SeededGenerator): Promise<boolean> {
  const transport = new FedTransport();
  const io = new PacketIo(transport);
  const good = Array.from({ length: 1 + random(4) }, () => {
    const body = noise(random, random(20) === 0 ? 5000 : 60);
    return concat([u32le(body.length + 1), Uint8Array.of(random(5)), body]);
  });
  const bytes = concat(good);
  transport.feed(random, random(3) === 0 ? bytes : mutated(random, bytes));
  const reading = (async () => {
    for (let packets = 0; packets < 1000; packets++) {
      const { body } = await io.read();
      assert.ok(body.length <= 4095);
    }
    return true;
  })();
  reading.catch(() => undefined);
  await new Promise<void>((resolve) => setImmediate(resolve));
  transport.handler?.closed();
  return reading;
}

const MAX_FRAME_BYTES = 2 ** 20;
const key = new Uint8Array(32).fill(7);
const BIG = new Uint8Array(MAX_PIECE_BYTES);

const { first, more, close, ready } = RECORD_TYPES;
const USUAL_TYPES = [first, first, first, first, first, more, more, close, ready];

/** A record as somebody with the key can make it: any header, over any plaintext. */
function record(random: SeededGenerator, out: CipherState, begins: boolean): Uint8Array {
  if (begins && random(12) !== 0) return sealed(out, RECORD_TYPES.ready, 0, new Uint8Array());
  const plain = random(150) === 0 ? BIG : noise(random, random(4) === 0 ? 2 : 50);
  const type = random(12) === 0 ? random(256) : pick(random, USUAL_TYPES);
  const honest = random(4) !== 0;
  let frameBytes = type === RECORD_TYPES.first ? plain.length : 0;
  if (!honest) frameBytes = edge(random);
  if (plain === BIG && type === RECORD_TYPES.first) frameBytes += random(2) * random(900_000);
  const bodyBytes = honest || random(2) === 0 ? plain.length + 16 : edge(random) & 0xffffff;
  return sealed(out, type, frameBytes, plain, bodyBytes);
}

function sealed(
  out: CipherState,
  type: number,
  frameBytes: number,
  plain: Uint8Array,
  bodyBytes: number = plain.length + 16,
): Uint8Array {
  const header = encodeRecordHeader({ bodyBytes, type, frameBytes });
  const body = out.seal(header, [plain]);
  assert.ok(!(body instanceof Promise));
  return concat([header, ...body]);
}

function feedRecords(random: SeededGenerator): boolean {
  const transport = new FedTransport();
  const link = new SecureLink(
    transport,
    {
      send: new CipherState(usualAead, key),
      receive: new CipherState(usualAead, key),
      handshakeHash: new Uint8Array(32),
      chainingKey: new Uint8Array(32),
      remoteStatic: new Uint8Array(32),
    },
    { peer: 1, label: 'party 1', maxFrameBytes: MAX_FRAME_BYTES },
  );
  let ending: { error: MpcError | undefined } | undefined;
  transport.start(link);
  link.start({
    frame: (parts) => assert.ok(byteLengthOf(parts) <= MAX_FRAME_BYTES && ending === undefined),
    closed: (error) => {
      assert.equal(ending, undefined, 'closed once');
      ending = { error };
    },
  });
  const out = new CipherState(usualAead, key);
  for (let i = 0, n = 1 + random(5); i < n; i++) {
    const bytes = record(random, out, i === 0);
    transport.feed(random, random(10) === 0 ? mutated(random, bytes) : bytes);
  }
  transport.handler?.closed();
  assert.ok(ending !== undefined, 'a link ends with its transport');
  if (ending.error !== undefined) throw ending.error;
  return true;
}

describe('fuzz: channel', () => {
  hunt({
    name: 'decodeHello',
    codes: ['ERR_MPC_HANDSHAKE', 'ERR_MPC_VERSION', 'ERR_MPC_MANIFEST'],
    mostBytes: 4 * MAX_HELLO_BYTES + 20_000,
    feed(random) {
      const hello = decodeHello(helloBytes(random));
      assert.ok(Number.isInteger(hello.rank) && hello.entries.length <= 65);
      compareHellos(manifest, ours, hello);
      return true;
    },
  });

  hunt({
    name: 'PacketIo',
    codes: ['ERR_MPC_HANDSHAKE', 'ERR_MPC_TRANSPORT'],
    mostBytes: 30_000,
    feed: feedPackets,
  });

  hunt({
    name: 'SecureLink, authenticated garbage',
    codes: ['ERR_MPC_ABORT', 'ERR_MPC_TRANSPORT', 'ERR_MPC_RANK'],
    mostBytes: MAX_FRAME_BYTES,
    feed: feedRecords,
  });
});
