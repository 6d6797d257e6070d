import { localNetwork, type LocalNetworkOptions } from '../../src/net/local.ts';
import type { Link } from '../../src/net/link.ts';
import { MessagePortTransport } from '../../src/net/message-port.ts';
import { webAead } from '../../src/net/secure/aead-web.ts';
import { seededGenerator } from '../../src/net/shuffle.ts';
import { VirtualClock } from '../../src/net/virtual-clock.ts';
import { PipeTransport } from '../support/pipe.ts';
import { securePair } from '../support/session.ts';
import { linkSuite, transportSuite } from '../support/transport-suite.ts';

const local = async (options?: LocalNetworkOptions): Promise<[Link, Link]> => {
  const network = localNetwork(2, options);
  const [a, b] = [network.linksOf(0).get(1), network.linksOf(1).get(0)];
  if (a === undefined || b === undefined) throw new Error('no link');
  return [a, b];
};

const ports = (): [MessagePortTransport, MessagePortTransport] => {
  const { port1, port2 } = new MessageChannel();
  return [new MessagePortTransport(port1), new MessagePortTransport(port2)];
};

transportSuite('pipe', async () => PipeTransport.pair());
transportSuite('message port', async () => ports());
linkSuite('in-process', () => local());
linkSuite('in-process, shuffled', () => local({ shuffle: seededGenerator(4) }));
linkSuite('in-process, virtual clock', () => local({ clock: new VirtualClock() }));
linkSuite('secure over pipe', () => securePair(PipeTransport.pair()));
linkSuite('secure over message port', () => securePair(ports()));
const web = { aead: webAead };
linkSuite('secure over pipe, WebCrypto', () => securePair(PipeTransport.pair(), web, web));
const rekey = { channel: { rekeyRecords: 3, rekeyBytes: 150000 } };
linkSuite('secure over pipe, frequent REKEY', () => securePair(PipeTransport.pair(), rekey, rekey));
linkSuite('secure, WebCrypto, frequent REKEY', () =>
  securePair(PipeTransport.pair(), { ...web, ...rekey }, { ...web, ...rekey }),
);
