/** Shares that outlive a session: saved by real parties under their own keys, loaded in the next session of the same file. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, serveAsDealer } from '../../src/connect.node.ts';
import { joinAsParty } from '../../src/connect-session.ts';
import { makeParty } from '../../src/make-party.ts';
import type { Identity } from '../../src/net/identity.ts';
import type { Manifest } from '../../src/net/manifest.ts';
import { webAead } from '../../src/net/secure/aead-web.ts';
import { webNetwork } from '../../src/net/websocket.ts';
import { dialWs } from '../../src/net/websocket.node.ts';
import type { CrypTensor, Party } from '../../src/tensor/index.ts';
import { session } from '../support/session.ts';
import { freePorts } from '../support/transport-pairs.ts';

interface Terms {
  readonly manifest: Manifest;
  readonly identities: readonly Identity[];
}

const timeoutMs = 15000;

/** A Node party, a party as in a page, and a dealer. */
async function run<T>(
  { manifest, identities }: Terms,
  program: (party: Party) => Promise<T>,
): Promise<T[]> {
  const dealing = serveAsDealer({ session: manifest, identity: identities[2], timeoutMs });
  const network = { ...webNetwork, dial: dialWs };
  const [node, page] = await Promise.all([
    connect({ session: manifest, identity: identities[0], timeoutMs }),
    joinAsParty(
      { session: manifest, identity: identities[1], timeoutMs },
      { network, aead: webAead },
    ),
  ]);
  const results = await Promise.all(
    [node, makeParty(page)].map(async (party) => {
      const result = await program(party);
      await party.close();
      return result;
    }),
  );
  await (
    await dealing
  ).done;
  return results;
}

async function terms(): Promise<Terms> {
  const [alice, dealer] = (await freePorts(2)).map((port) => `ws://127.0.0.1:${port}/here`);
  return session(2, true, [alice, undefined, dealer]);
}

describe('connect: saved shares', () => {
  it('are those of the parties of a session file, whatever their runtime; other sessions are refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cryptensor-'));
    try {
      const path = join(folder, 'node.shares');
      const same = await terms();
      const [, kept] = await run(same, async (party) => {
        const x = party.cryptensor([1.5, -2], { src: 0 }).mul(party.cryptensor([2, 3], { src: 1 }));
        return party.rank === 0 ? party.save({ x }, path) : party.save({ x });
      });
      const bytes = kept as Uint8Array;
      const load = (party: Party): Promise<unknown> => party.load(party.rank === 0 ? path : bytes);
      const values = await run(same, async (party) => {
        const { x } = (await load(party)) as { x: CrypTensor };
        return (await x.add(1).getPlainText()).toArray();
      });
      assert.deepEqual(values, [
        [4, -5],
        [4, -5],
      ]);
      const manifest = { ...same.manifest, session: 'another-session-00' };
      const refusals = await run({ ...same, manifest }, (party) =>
        load(party).then(String, String),
      );
      for (const refusal of refusals) assert.match(refusal, /saved under another session file/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
