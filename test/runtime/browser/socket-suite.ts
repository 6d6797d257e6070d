/** The suite of transports over this page's own WebSockets, both ends joined by a relay of the server. */
import { webAead } from '../../../src/net/secure/aead-web.ts';
import { dialWebSocket } from '../../../src/net/websocket.ts';
import type { Transport } from '../../../src/net/link.ts';
import { securePair } from '../../support/session.ts';
import { linkSuite, transportSuite } from '../../support/transport-suite.ts';

let pairs = 0;

async function relayed(): Promise<[Transport, Transport]> {
  pairs += 1;
  const address = `ws://${location.host}/relay/${pairs}`;
  return [await dialWebSocket(address, 5000), await dialWebSocket(address, 5000)];
}

transportSuite('websocket of the page', relayed);
linkSuite('secure over websockets of the page, WebCrypto', async () =>
  securePair(await relayed(), { aead: webAead }, { aead: webAead }),
);
