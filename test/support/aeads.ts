/** The AES-GCMs of this runtime; the suite for browsers puts another file in the place of this one. */
import { webAead } from '../../src/net/secure/aead-web.ts';
import { nodeAead } from '../../src/net/secure/aead.node.ts';
import type { Aead } from '../../src/net/secure/crypto.ts';

export const AEADS: readonly (readonly [name: string, aead: Aead])[] = [
  ['node:crypto', nodeAead],
  ['WebCrypto', webAead],
];

/** What parties use here. */
export const usualAead: Aead = nodeAead;
