/** Manifests, identities and handshakes for tests of the secure channel. */
import { toHex } from '../../src/core/bytes.ts';
import { generateIdentity, type Identity } from '../../src/net/identity.ts';
import type { Transport } from '../../src/net/link.ts';
import { type Manifest, parseManifest } from '../../src/net/manifest.ts';
import type { SecureLink } from '../../src/net/secure/channel.ts';
import { type HandshakeSettings, shakeHands } from '../../src/net/secure/handshake.ts';
import { usualAead } from './aeads.ts';

export const people: readonly string[] = ['alice', 'bob', 'carol'];

/** A session; members are at these ports of loopback by TCP, at these addresses, or nowhere. */
export function session(
  n = 2,
  dealer = false,
  places: readonly (number | string | undefined)[] = [],
): { manifest: Manifest; json: Record<string, unknown>; identities: Identity[] } {
  const identities = Array.from({ length: n + (dealer ? 1 : 0) }, () => generateIdentity());
  const addressOf = (rank: number): string | undefined => {
    const place = rank in places ? places[rank] : 1;
    return typeof place === 'number' ? `127.0.0.1:${place}` : place;
  };
  const member = (rank: number) => ({
    publicKey: toHex(identities[rank].x25519.public),
    address: addressOf(rank),
  });
  const json = {
    format: 'cryptensor-session',
    version: 1,
    session: 'test-session-0123456789',
    mode: dealer ? 'dealer' : 'ot',
    precision: 16,
    parties: people.slice(0, n).map((name, rank) => ({ rank, name, ...member(rank) })),
    ...(dealer ? { dealer: { name: 'dealer', ...member(n) } } : {}),
  };
  return { manifest: parseManifest(json), json, identities };
}

/** Handshakes both ends of a transport pair; party 1 dials party 0. */
export async function secureEnds(
  [caller, called]: readonly [Transport, Transport],
  left: Partial<HandshakeSettings> = {},
  right: Partial<HandshakeSettings> = {},
): Promise<PromiseSettledResult<SecureLink>[]> {
  const { manifest, identities } = session();
  const base = { manifest, aead: usualAead, timeoutMs: 1500 };
  const settled = await Promise.allSettled([
    shakeHands(caller, { ...base, me: 1, identity: identities[1], ...left }, 0),
    shakeHands(called, { ...base, me: 0, identity: identities[0], ...right }, undefined),
  ]);
  return settled.map((result) =>
    result.status === 'rejected' ? result : { status: 'fulfilled', value: result.value.link },
  );
}

export async function securePair(
  transports: readonly [Transport, Transport],
  left: Partial<HandshakeSettings> = {},
  right: Partial<HandshakeSettings> = {},
): Promise<[SecureLink, SecureLink]> {
  const [a, b] = await secureEnds(transports, left, right);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}
