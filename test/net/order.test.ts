import assert from 'node:assert/strict';
import { decodeFrame, encodeFrame, type MessageId } from '../../src/net/frame.ts';
import type { Link, LinkHandler } from '../../src/net/link.ts';
import { Meter } from '../../src/net/meter.ts';
import { Mux } from '../../src/net/mux.ts';

/** A link that says what it is given, and hands over what a test wants. */
class ToldLink implements Link {
  readonly remote = 'test';
  readonly backlogBytes = 0;
  readonly #events: string[];
  #handler: LinkHandler | undefined;

  constructor(events: string[]) {
    this.#events = events;
  }

  start(handler: LinkHandler): void {
    this.#handler = handler;
  }

  arrive(seq: number): void {
    const message = { id: at(seq), digest: 1n, payload: [new Uint8Array(8)], more: false };
    this.#handler?.frame(encodeFrame([message]));
  }

  send(parts: readonly Uint8Array[]): void {
    for (const { id } of decodeFrame(0, parts)) this.#events.push(`sent ${id.seq}`);
  }

  close(): void {
    this.#handler?.closed();
  }
  destroy(): void {}
}

const at = (seq: number): MessageId => ({ space: [], seq, kind: 1 });

describe('mux: order of work', () => {
  const make = (): {
    mux: Mux;
    link: ToldLink;
    events: string[];
    got: (seq: number) => Promise<number>;
  } => {
    const events: string[] = [];
    const link = new ToldLink(events);
    const links = new Map([[0, link]]);
    const mux = new Mux({ rank: 1, names: ['a', 'b'], links, timeoutMs: 5000, meter: new Meter() });
    const got = async (seq: number): Promise<number> => {
      await mux.expect(0, at(seq), 1n, 8, () => `step ${seq}`);
      return events.push(`got ${seq}`);
    };
    return { mux, link, events, got };
  };

  for (const bytes of [8, 100_000]) {
    it(`a message that is there is handed over once ${bytes} bytes that were posted have left`, async () => {
      const { mux, link, events, got } = make();
      link.arrive(0);
      link.arrive(1);
      mux.post(0, at(0), 1n, [new Uint8Array(bytes)]);
      const first = got(0);
      mux.post(0, at(1), 1n, [new Uint8Array(8)]);
      await Promise.all([first, got(1)]);
      assert.deepEqual(events, ['sent 0', 'sent 1', 'got 0', 'got 1']);
      await mux.close();
    });
  }

  it('at once where nothing is owed, and before the end where the session ends first', async () => {
    const { mux, link, events, got } = make();
    link.arrive(0);
    link.arrive(1);
    const order = [got(0).then(() => 'got'), Promise.resolve().then(() => 'microtask')];
    assert.deepEqual(await Promise.all(order), ['got', 'microtask']);
    mux.post(0, at(2), 1n, [new Uint8Array(8)]);
    const late = got(1);
    await mux.close();
    await late;
    assert.deepEqual(events, ['got 0', 'sent 2', 'got 1']);
  });
});
