/** What a peer with valid keys may send: frames, aborts, and a mux that gets them. */
import assert from 'node:assert/strict';
import { concat, utf8 } from '../../src/core/bytes.ts';
import { MpcError } from '../../src/core/errors.ts';
import { decodeAbort, encodeDesync, MAX_ABORT_CHARS } from '../../src/net/abort.ts';
import { decodeFrame, encodeFrame, type OutMessage } from '../../src/net/frame.ts';
import { MESSAGE_KINDS } from '../../src/net/kinds.ts';
import type { Link, LinkHandler } from '../../src/net/link.ts';
import { Meter } from '../../src/net/meter.ts';
import { Mux } from '../../src/net/mux.ts';
import type { SeededGenerator } from '../../src/net/shuffle.ts';
import { hunt } from './_hunt.ts';
import { mutated, noise, pick } from './_mutate.ts';

/** Ids that the mux below waits for, and near misses. */
function message(random: SeededGenerator): OutMessage {
  const abort = random(8) === 0;
  return {
    id: {
      space: Array.from({ length: random(4) === 0 ? random(9) : 0 }, () => ({
        rank: random(3),
        counter: random(2) === 0 ? random(4) : 2 ** 53 - 1 - random(2),
      })),
      seq: random(16) === 0 ? 2 ** 53 - 1 : random(4),
      kind: abort ? MESSAGE_KINDS.abort : 1 + random(7),
    },
    digest: BigInt(random(3)),
    payload: abort ? [encodeDesync('add [2]')] : [new Uint8Array(8 * random(4))],
    more: random(8) === 0,
  };
}

function frame(random: SeededGenerator): Uint8Array {
  const good = concat(encodeFrame(Array.from({ length: random(4) }, () => message(random))));
  const kind = random(8);
  if (kind === 0) return noise(random, 120);
  return kind < 3 ? good : mutated(random, good);
}

/** Parts as a channel hands them over, or odd ones. */
function cut(random: SeededGenerator, bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const step = random(4) === 0 ? 1 + random(20) : 8 * (1 + random(8));
  for (let at = 0; at < bytes.length; at += step) parts.push(bytes.slice(at, at + step));
  return parts;
}

/** A link that only hands over. */
class FedLink implements Link {
  readonly remote = 'fuzz';
  readonly backlogBytes = 0;
  handler: LinkHandler | undefined;
  start(handler: LinkHandler): void {
    this.handler = handler;
  }
  send(parts: readonly Uint8Array[]): void {
    assert.ok(decodeFrame(0, [concat(parts)]).length >= 0, 'what we send is a frame');
  }
  close(): void {
    queueMicrotask(() => this.handler?.closed());
  }
  destroy(): void {
    this.close();
  }
}

/** A mux in the middle of a program gets a few frames. */
async function feedMux(random: SeededGenerator): Promise<boolean> {
  const links = [new FedLink(), new FedLink()];
  const mux = new Mux({
    rank: 2,
    names: ['alice', 'bob', 'carol'],
    links: new Map(links.entries()),
    timeoutMs: 60_000,
    maxInboxBytes: 100,
    maxInboxMessages: 5,
    meter: new Meter(),
  });
  mux.handle(MESSAGE_KINDS.materialRequest, (_peer, { seq }) => {
    if (seq === 3) throw new MpcError('ERR_MPC_DESYNC', 'as the dealer does');
  });
  const waits = [0, 1, 2].map((seq) =>
    mux.expect(seq % 2, { space: [], seq, kind: 1 }, BigInt(seq), 8 * seq, () => `step ${seq}`),
  );
  for (let i = 1 + random(5); i > 0; i--)
    pick(random, links).handler?.frame(cut(random, frame(random)));
  for (const link of links) link.handler?.closed();
  const settled = await Promise.allSettled(waits);
  await mux.close();
  for (const result of settled) {
    if (result.status === 'rejected') throw result.reason;
    assert.ok(result.value.length <= 16 && result.value.byteOffset % 8 === 0);
  }
  return true;
}

describe('fuzz: frames', () => {
  hunt({
    name: 'decodeFrame',
    codes: ['ERR_MPC_ABORT'],
    // Its own alignment of the input, and what makes the inputs.
    mostBytes: 4096,
    feed(random) {
      const bytes = frame(random);
      const messages = decodeFrame(1, cut(random, bytes));
      const again = encodeFrame(messages);
      assert.deepEqual(concat(again), bytes.slice(), 'a frame is read in its only form');
      return true;
    },
  });

  hunt({
    name: 'decodeAbort',
    codes: [],
    mostBytes: 16_384,
    feed(random) {
      const good = [encodeDesync('matmul [3,4]'), utf8('ERR_MPC_RANGE\n'), utf8('x'.repeat(9000))];
      const from = pick(random, good);
      const bytes = random(5) === 0 ? noise(random, 3000) : mutated(random, from, good[0]);
      const { code, text } = decodeAbort(bytes);
      assert.match(code, /^ERR_MPC_[A-Z]{1,20}$/);
      assert.ok(text.length <= MAX_ABORT_CHARS);
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      return true;
    },
  });

  hunt({
    name: 'Mux',
    codes: ['ERR_MPC_ABORT', 'ERR_MPC_DESYNC', 'ERR_MPC_CLOSED'],
    mostBytes: 4096,
    feed: feedMux,
  });
});
