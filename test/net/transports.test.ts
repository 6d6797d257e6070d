import { localNetwork } from '../../src/net/local.ts';
import { seededGenerator } from '../../src/net/shuffle.ts';
import { VirtualClock } from '../../src/net/virtual-clock.ts';
import { webAead } from '../../src/net/secure/aead-web.ts';
import { PipeTransport, tcpPair } from '../support/pipe.ts';
import { securePair } from '../support/session.ts';
import { linkSuite, transportSuite } from '../support/transport-suite.ts';
import type { Link } from '../../src/net/link.ts';
import type { LocalNetworkOptions } from '../../src/net/local.ts';
import assert from 'node:assert/strict';
import { dialTcp, listenTcp } from '../../src/net/tcp.node.ts';
import { rejection } from '../support/muxes.ts';

const local = async (options?: LocalNetworkOptions): Promise<[Link, Link]> => {
  const network = localNetwork(2, options);
  const [a, b] = [network.linksOf(0).get(1), network.linksOf(1).get(0)];
  if (a === undefined || b === undefined) throw new Error('no link');
  return [a, b];
};

transportSuite('pipe', async () => PipeTransport.pair());
transportSuite('tcp', tcpPair);
linkSuite('in-process', () => local());
linkSuite('in-process, shuffled', () => local({ shuffle: seededGenerator(4) }));
linkSuite('in-process, virtual clock', () => local({ clock: new VirtualClock() }));
linkSuite('secure over pipe', () => securePair(PipeTransport.pair()));
linkSuite('secure over tcp', async () => securePair(await tcpPair()));
const web = { aead: webAead };
linkSuite('secure over pipe, WebCrypto', () => securePair(PipeTransport.pair(), web, web));
linkSuite('secure over tcp, WebCrypto to node:crypto', async () =>
  securePair(await tcpPair(), web),
);
const rekey = { channel: { rekeyRecords: 3, rekeyBytes: 150000 } };
linkSuite('secure over pipe, frequent REKEY', () => securePair(PipeTransport.pair(), rekey, rekey));
linkSuite('secure, WebCrypto, frequent REKEY', () =>
  securePair(PipeTransport.pair(), { ...web, ...rekey }, { ...web, ...rekey }),
);

describe('tcp', () => {
  it('listenTcp() says that a port is in use; dialTcp() that nobody answers', async () => {
    const listener = await listenTcp('127.0.0.1:0', () => undefined);
    const error = await rejection(listenTcp(listener.address, () => undefined));
    assert.equal(error.code, 'ERR_MPC_TRANSPORT');
    assert.match(error.message, /port is in use/);
    listener.close();
    const refused = await rejection(dialTcp(listener.address, 1000));
    assert.equal(refused.code, 'ERR_MPC_TRANSPORT');
    assert.equal(
      (await rejection(Promise.resolve().then(() => dialTcp('nowhere', 10)))).code,
      'ERR_MPC_TRANSPORT',
    );
  });
});
