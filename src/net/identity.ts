/**
 * Long-term keys of a participant: X25519 for channels, Ed25519 for signatures. Two independent
 * secrets (M1). Files are in `identity.node.ts`.
 * @module
 */

import nacl from 'tweetnacl';
import { fromHex, lengthPrefixed, toHex } from '../core/bytes.ts';
import { MpcError } from '../core/errors.ts';
import { type KeyPair, KEY_BYTES, randomBytes, sha256, x25519KeyPair } from './secure/crypto.ts';

/** What a key file says it is. */
export const KEY_FORMAT = 'cryptensor-key';
/** Version of key files. */
export const KEY_VERSION = 1;

/** Secret keys of one participant. */
export interface Identity {
  readonly name: string | undefined;
  /** For Noise; its public half goes into the manifest. */
  readonly x25519: KeyPair;
  /** `secret` is the 32-byte seed. */
  readonly ed25519: KeyPair;
}

/** A fresh identity from the platform's CSPRNG. */
export function generateIdentity(name?: string): Identity {
  return identityOf(name, randomBytes(KEY_BYTES), randomBytes(KEY_BYTES));
}

/**
 * Reads a key file's JSON.
 *
 * @throws {MpcError} ERR_MPC_FILE if it is not one; the message never quotes it.
 */
export function parseIdentity(json: unknown): Identity {
  if (typeof json !== 'object' || json === null) throw notKey('not an object');
  const fields = new Map<string, unknown>(Object.entries(json));
  if (fields.get('format') !== KEY_FORMAT) throw notKey(`format is not "${KEY_FORMAT}"`);
  if (fields.get('version') !== KEY_VERSION) throw notKey(`version is not ${KEY_VERSION}`);
  const name = fields.get('name');
  if (name !== undefined && typeof name !== 'string') throw notKey('name is not a text');
  return identityOf(name, secretOf(fields, 'x25519'), secretOf(fields, 'ed25519'));
}

/** The JSON of a key file. Secret. */
export function identityJson({ name, x25519, ed25519 }: Identity): Record<string, unknown> {
  return {
    format: KEY_FORMAT,
    version: KEY_VERSION,
    ...(name === undefined ? {} : { name }),
    x25519: toHex(x25519.secret),
    ed25519: toHex(ed25519.secret),
  };
}

/** A public key to read aloud: 8 groups of 4 hexadecimal digits, 128 bits of its hash. */
export function fingerprint(publicKey: Uint8Array): string {
  const hash = sha256(lengthPrefixed(['cryptensor/fingerprint/1', publicKey]));
  return (toHex(hash.subarray(0, 16)).match(/.{4}/g) ?? []).join(' ');
}

/** Ed25519 signature, 64 bytes. */
export function sign({ ed25519 }: Identity, message: Uint8Array): Uint8Array {
  return nacl.sign.detached(message, nacl.sign.keyPair.fromSeed(ed25519.secret).secretKey);
}

/** Whether an Ed25519 signature is right. */
export function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return nacl.sign.detached.verify(message, signature, publicKey);
}

function identityOf(name: string | undefined, x: Uint8Array, seed: Uint8Array): Identity {
  const { publicKey } = nacl.sign.keyPair.fromSeed(seed);
  return { name, x25519: x25519KeyPair(x), ed25519: { secret: seed, public: publicKey } };
}

function secretOf(fields: ReadonlyMap<string, unknown>, field: string): Uint8Array {
  const text = fields.get(field);
  if (typeof text !== 'string' || !/^[0-9a-f]{64}$/.test(text)) {
    throw notKey(`${field} is not 64 hexadecimal digits`);
  }
  return fromHex(text);
}

function notKey(why: string): MpcError {
  return new MpcError('ERR_MPC_FILE', `key file: ${why}`);
}
