/**
 * The Noise protocol framework, revision 34: handshakes XX and KK, with or without psk0, suite
 * 25519_AESGCM_SHA256. Names (s, e, rs, re, h, ck, tokens) are the specification's.
 *
 * A pure state machine: it neither reads nor writes a network. What follows the handshake on the
 * wire is our own record layer (`channel.ts`), not Noise transport messages.
 *
 * Reference  noiseprotocol.org/noise.html; vectors in test/vectors/noise-*.json.
 * @module
 */

import { concat, wipe } from '../../core/bytes.ts';
import { assert, MpcError } from '../../core/errors.ts';
import { CipherState } from './cipher-state.ts';
import {
  type Aead,
  hmacSha256,
  KEY_BYTES,
  type KeyPair,
  sha256,
  TAG_BYTES,
  x25519,
  x25519KeyPair,
} from './crypto.ts';

/** Handshakes this package speaks. */
export type NoisePattern = 'XX' | 'KK' | 'XXpsk0' | 'KKpsk0';

type Token = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss' | 'psk';

const MESSAGES: Readonly<Record<'XX' | 'KK', readonly (readonly Token[])[]>> = {
  XX: [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']],
  KK: [
    ['e', 'es', 'ss'],
    ['e', 'ee', 'se'],
  ],
};

/** What a handshake starts from. */
export interface HandshakeOptions {
  readonly pattern: NoisePattern;
  readonly initiator: boolean;
  readonly prologue: Uint8Array;
  /** Our static key pair. */
  readonly s: KeyPair;
  /** The peer's static public key: required for KK. */
  readonly rs?: Uint8Array;
  /** 32 bytes: required for psk0. */
  readonly psk?: Uint8Array;
  /** Fixed ephemeral key pair, for test vectors only. */
  readonly e?: KeyPair;
  readonly aead: Aead;
}

/** What a finished handshake leaves. */
export interface HandshakeResult {
  readonly send: CipherState;
  readonly receive: CipherState;
  /** h: names the transcript; public. */
  readonly handshakeHash: Uint8Array;
  /** ck: the secret that keys of the run are drawn from (C4). Wipe it. */
  readonly chainingKey: Uint8Array;
  /** The peer's authenticated static public key. */
  readonly remoteStatic: Uint8Array;
}

/** ck, h and the key of the handshake's own messages. */
class SymmetricState {
  readonly #aead: Aead;
  #cipher: CipherState | undefined;
  ck: Uint8Array;
  h: Uint8Array;

  constructor(aead: Aead, protocolName: string) {
    this.#aead = aead;
    const name = new TextEncoder().encode(protocolName);
    this.h = name.length <= 32 ? concat([name, new Uint8Array(32 - name.length)]) : sha256(name);
    this.ck = this.h.slice();
  }

  mixKey(ikm: Uint8Array): void {
    const [ck, k] = noiseHkdf(this.ck, ikm, 2);
    wipe(this.ck);
    this.ck = ck;
    this.#setKey(k);
  }

  mixHash(bytes: Uint8Array): void {
    this.h = sha256(concat([this.h, bytes]));
  }

  mixKeyAndHash(ikm: Uint8Array): void {
    const [ck, h, k] = noiseHkdf(this.ck, ikm, 3);
    wipe(this.ck);
    this.ck = ck;
    this.mixHash(h);
    this.#setKey(k);
  }

  get hasKey(): boolean {
    return this.#cipher !== undefined;
  }

  async encryptAndHash(plaintext: Uint8Array): Promise<Uint8Array> {
    const out =
      this.#cipher === undefined ? plaintext : concat(await this.#cipher.seal(this.h, [plaintext]));
    this.mixHash(out);
    return out;
  }

  async decryptAndHash(bytes: Uint8Array): Promise<Uint8Array> {
    const out =
      this.#cipher === undefined ? bytes : concat(await this.#cipher.open(this.h, [bytes]));
    this.mixHash(bytes);
    return out;
  }

  /** The two directions' keys: initiator to responder first. */
  split(): [CipherState, CipherState] {
    const [k1, k2] = noiseHkdf(this.ck, new Uint8Array(), 2);
    this.#cipher?.wipe();
    const pair: [CipherState, CipherState] = [
      new CipherState(this.#aead, k1),
      new CipherState(this.#aead, k2),
    ];
    return pair;
  }

  #setKey(k: Uint8Array): void {
    this.#cipher?.wipe();
    this.#cipher = new CipherState(this.#aead, k);
  }
}

/** One side of a handshake. Call `write` and `read` in turn, the initiator writing first. */
export class HandshakeState {
  readonly #options: HandshakeOptions;
  readonly #symmetric: SymmetricState;
  readonly #messages: readonly (readonly Token[])[];
  readonly #psk: boolean;
  #e: KeyPair | undefined;
  #re: Uint8Array | undefined;
  #rs: Uint8Array | undefined;
  #turn = 0;

  constructor(options: HandshakeOptions) {
    const { pattern, initiator, prologue, s, rs, psk, aead } = options;
    const base = pattern.startsWith('XX') ? 'XX' : 'KK';
    this.#options = options;
    this.#psk = pattern.endsWith('psk0');
    this.#messages = this.#psk
      ? [['psk', ...MESSAGES[base][0]], ...MESSAGES[base].slice(1)]
      : MESSAGES[base];
    this.#symmetric = new SymmetricState(aead, `Noise_${pattern}_25519_AESGCM_SHA256`);
    this.#symmetric.mixHash(prologue);
    assert(!this.#psk || psk?.length === KEY_BYTES, 'a psk pattern needs a 32-byte psk');
    if (base === 'KK') {
      assert(rs?.length === KEY_BYTES, 'KK needs the static key of the peer');
      this.#rs = rs;
      for (const key of initiator ? [s.public, rs] : [rs, s.public]) this.#symmetric.mixHash(key);
    }
  }

  /** Whether every message of the pattern has been written or read. */
  get finished(): boolean {
    return this.#turn === this.#messages.length;
  }

  /** Whether the next message is ours. */
  get ourTurn(): boolean {
    return !this.finished && (this.#turn % 2 === 0) === this.#options.initiator;
  }

  /** The peer's static key once known; authenticated only when the handshake is finished. */
  get remoteStatic(): Uint8Array | undefined {
    return this.#rs;
  }

  /** The next message, with a payload that is protected as far as the pattern has come. */
  async write(payload: Uint8Array = new Uint8Array()): Promise<Uint8Array> {
    assert(this.ourTurn, 'handshake messages alternate');
    const state = this.#symmetric;
    const parts: Uint8Array[] = [];
    for (const token of this.#messages[this.#turn]) {
      if (token === 'e') {
        const e = this.#options.e ?? x25519KeyPair();
        this.#e = e;
        parts.push(e.public);
        this.#mixEphemeral(e.public);
      } else if (token === 's') {
        parts.push(await state.encryptAndHash(this.#options.s.public));
      } else {
        this.#mix(token);
      }
    }
    parts.push(await state.encryptAndHash(payload));
    this.#turn += 1;
    return concat(parts);
  }

  /**
   * Takes the peer's message and gives its payload.
   *
   * @throws {MpcError} ERR_MPC_HANDSHAKE if it is too short, does not verify, or holds a low-order key.
   */
  async read(message: Uint8Array): Promise<Uint8Array> {
    assert(!this.finished && !this.ourTurn, 'handshake messages alternate');
    const state = this.#symmetric;
    let at = 0;
    const take = (byteLength: number): Uint8Array => {
      if (at + byteLength > message.length) throw refused('is too short');
      at += byteLength;
      return message.subarray(at - byteLength, at);
    };
    for (const token of this.#messages[this.#turn]) {
      if (token === 'e') {
        this.#re = take(KEY_BYTES).slice();
        this.#mixEphemeral(this.#re);
      } else if (token === 's') {
        this.#rs = await verified(
          state.decryptAndHash(take(KEY_BYTES + (state.hasKey ? TAG_BYTES : 0))),
        );
      } else {
        this.#mix(token);
      }
    }
    const rest = take(message.length - at);
    if (state.hasKey && rest.length < TAG_BYTES) throw refused('is too short');
    const payload = await verified(state.decryptAndHash(rest));
    this.#turn += 1;
    return payload;
  }

  /** Keys of the finished handshake; wipes the ephemeral secret. Call it once. */
  finish(): HandshakeResult {
    const rs = this.#rs;
    assert(this.finished && rs !== undefined, 'the handshake is not finished');
    const [first, second] = this.#symmetric.split();
    const { initiator } = this.#options;
    this.wipe();
    return {
      send: initiator ? first : second,
      receive: initiator ? second : first,
      handshakeHash: this.#symmetric.h,
      chainingKey: this.#symmetric.ck,
      remoteStatic: rs,
    };
  }

  /** Forgets the ephemeral secret. */
  wipe(): void {
    if (this.#options.e === undefined) wipe(this.#e?.secret);
  }

  #mixEphemeral(publicKey: Uint8Array): void {
    this.#symmetric.mixHash(publicKey);
    if (this.#psk) this.#symmetric.mixKey(publicKey);
  }

  #mix(token: Exclude<Token, 'e' | 's'>): void {
    if (token === 'psk') {
      const { psk } = this.#options;
      assert(psk !== undefined, 'a psk pattern needs a psk');
      this.#symmetric.mixKeyAndHash(psk);
      return;
    }
    // The first letter is the initiator's key, the second the responder's.
    const { initiator, s } = this.#options;
    const mine = (initiator ? token[0] : token[1]) === 'e' ? this.#e : s;
    const theirs = (initiator ? token[1] : token[0]) === 'e' ? this.#re : this.#rs;
    assert(mine !== undefined && theirs !== undefined, `no key for ${token}`);
    const shared = x25519(mine.secret, theirs);
    this.#symmetric.mixKey(shared);
    wipe(shared);
  }
}

/** HKDF of the Noise specification, §4.3. */
function noiseHkdf(ck: Uint8Array, ikm: Uint8Array, count: 2 | 3): Uint8Array[] {
  const temp = hmacSha256(ck, ikm);
  const out: Uint8Array[] = [];
  let previous: Uint8Array = new Uint8Array();
  for (let i = 1; i <= count; i++) {
    previous = hmacSha256(temp, concat([previous, Uint8Array.of(i)]));
    out.push(previous);
  }
  wipe(temp);
  return out;
}

async function verified(opened: Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await opened;
  } catch (cause) {
    throw new MpcError('ERR_MPC_HANDSHAKE', 'a handshake message does not verify', { cause });
  }
}

function refused(why: string): MpcError {
  return new MpcError('ERR_MPC_HANDSHAKE', `a handshake message ${why}`);
}
