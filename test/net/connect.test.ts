/** Sessions of real parties and a dealer in one process, one of them as a page would be. */
import assert from 'node:assert/strict';
import { connect as connectPage } from '../../src/connect.ts';
import { connect, serveAsDealer } from '../../src/connect.node.ts';
import { joinAsParty, type JoinOptions } from '../../src/connect-session.ts';
import { makeParty } from '../../src/make-party.ts';
import { identityJson } from '../../src/net/identity.ts';
import { webAead } from '../../src/net/secure/aead-web.ts';
import { webNetwork } from '../../src/net/websocket.ts';
import { dialWs } from '../../src/net/websocket.node.ts';
import type { Party } from '../../src/tensor/index.ts';
import { rejection } from '../support/muxes.ts';
import { session } from '../support/session.ts';
import { freePorts } from '../support/transport-pairs.ts';

/** `connect` of the default entry; where there is no WebSocket, with the one of `ws`. */
async function connectAsPage(options: JoinOptions): Promise<Party> {
  if (typeof globalThis.WebSocket === 'function') return connectPage(options);
  return makeParty(
    await joinAsParty(options, { network: { ...webNetwork, dial: dialWs }, aead: webAead }),
  );
}

async function product(party: Party): Promise<number[]> {
  const x = party.cryptensor(
    [
      [1, 2],
      [3, 4],
    ],
    { src: 0 },
  );
  const y = party.cryptensor([[1], [-1]], { src: 1 });
  const plain = await x.matmul(y).relu().getPlainText();
  await party.close();
  return Array.from(plain?.data ?? []);
}

describe('connect', () => {
  it('a page and a Node party multiply, with a dealer between them', async () => {
    const [alice, dealer] = (await freePorts(2)).map((port) => `ws://127.0.0.1:${port}/here`);
    const { manifest, json, identities } = session(2, true, [alice, undefined, dealer]);
    const timeoutMs = 15000;
    const dealing = serveAsDealer({ session: manifest, identity: identities[2], timeoutMs });
    const results = await Promise.all([
      connect({ session: manifest, identity: identities[0], timeoutMs }).then(product),
      connectAsPage({ session: json, identity: identityJson(identities[1]), timeoutMs }).then(
        product,
      ),
    ]);
    for (const result of results) {
      assert.ok(
        result.every((value) => Math.abs(value) < 2 ** -12),
        String(result),
      );
    }
    assert.ok((await (await dealing).done).requests > 0);
  });

  it('a page is told by name when others cannot be dialled by it, or it is to listen', async () => {
    const alice = 'ws://127.0.0.1:2/';
    const tcp = session(2, true, [1, undefined, 2]);
    const own = session(2, true, [alice, undefined, undefined]);
    const listening = session(2, true, ['ws://127.0.0.1:1/', alice, undefined]);
    const cases: [
      { manifest: JoinOptions['session']; identities: JoinOptions['identity'][] },
      RegExp,
    ][] = [
      [tcp, /pages reach ws/],
      [own, /no address for any of/],
      [listening, /leave the address of this party out/],
    ];
    for (const [{ manifest, identities }, why] of cases) {
      const error = await rejection(
        connectAsPageOnly({ session: manifest, identity: identities[1], timeoutMs: 2000 }),
      );
      assert.match(String(error.code), /ERR_MPC_(?:UNSUPPORTED|MANIFEST)/);
      assert.match(error.message, why);
    }
  });

  it('objects that are no manifest or no keys are refused by name', async () => {
    const { json, identities } = session(2, true);
    const wrong = await rejection(connect({ session: { format: 'x' }, identity: identities[0] }));
    assert.equal(wrong.code, 'ERR_MPC_MANIFEST');
    const keys = await rejection(connect({ session: json, identity: { format: 'x' } }));
    assert.equal(keys.code, 'ERR_MPC_FILE');
  });
});

/** With the network of pages alone. */
function connectAsPageOnly(options: JoinOptions): Promise<unknown> {
  return joinAsParty(options, { network: webNetwork, aead: webAead });
}
