/** In the place of test/support/aeads.ts: a page has one AES-GCM. */
import { webAead } from '../../../src/net/secure/aead-web.ts';
import type { Aead } from '../../../src/net/secure/crypto.ts';

export const AEADS: readonly (readonly [name: string, aead: Aead])[] = [['WebCrypto', webAead]];

export const usualAead: Aead = webAead;
