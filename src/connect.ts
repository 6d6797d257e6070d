/**
 * `connect` where there are no files and no sockets: a page, or a worker of one, as a real party.
 *
 * It dials by WebSocket and seals by WebCrypto. Nobody can dial a page, so its entry of the manifest has no address and
 * everybody else's is `ws://host:port/path`, or `wss://…` for pages served over https.
 * @module
 */

import { joinAsParty, type JoinOptions } from './connect-session.ts';
import { makeParty } from './make-party.ts';
import { webAead, webCrypto } from './net/secure/aead-web.ts';
import { webNetwork } from './net/websocket.ts';
import type { Party } from './tensor/index.ts';

/** How a page joins. */
export type ConnectOptions = Omit<JoinOptions, 'listen' | 'preprocessing'>;

/**
 * Joins a session as one of its parties: dials everybody, agrees on a run.
 *
 * @throws {MpcError} ERR_MPC_FILE, ERR_MPC_MANIFEST or ERR_MPC_RANK for what is given; ERR_MPC_UNSUPPORTED if somebody has no
 * address of a WebSocket, we have one, or the page has no WebCrypto (http from elsewhere than localhost); ERR_MPC_TIMEOUT
 * naming who did not come; ERR_MPC_HANDSHAKE, ERR_MPC_VERSION or ERR_MPC_MANIFEST when the other side has other keys,
 * software or terms.
 * @example
 * const session = await (await fetch('session.json')).json();
 * const party = await connect({ session, identity: JSON.parse(await keyFile.text()) });
 */
export async function connect(options: ConnectOptions): Promise<Party> {
  webCrypto();
  return makeParty(await joinAsParty(options, { network: webNetwork, aead: webAead }));
}
