/**
 * Headers of the record layer that follows the Noise handshake: our own format, so not named Noise
 * transport messages (M1).
 *
 *   record  u24 bytes of the body · u8 type · u32 whole frame's bytes (first piece only, else 0) · body
 *   body    AES-256-GCM ciphertext and 16-byte tag; the 8 header bytes are its associated data
 *
 * A frame is one `first` record and as many `more` records as its length needs.
 * @module
 */

import { TAG_BYTES } from './crypto.ts';

/** Bytes before the body of a record. */
export const RECORD_HEADER_BYTES = 8;
/** Largest body, tag included. */
export const MAX_BODY_BYTES: number = 256 * 1024;
/** Largest plaintext of a record. */
export const MAX_PIECE_BYTES: number = MAX_BODY_BYTES - TAG_BYTES;

/** Numbers are wire format: never reused. */
export const RECORD_TYPES = {
  first: 1,
  more: 2,
  /** Authenticated end; the body is one byte, a CLOSE_REASONS. */
  close: 3,
  /** Key confirmation: the handshake is complete and accepted. Empty body. */
  ready: 4,
} as const;

/** Why a side ends the channel. */
export const CLOSE_REASONS = {
  orderly: 0,
  /** A record of the other side did not verify or was malformed. */
  badRecord: 1,
  /** Another process holds this rank already. */
  rankTaken: 2,
} as const;

/** The fields of a record header. */
export interface RecordHeader {
  readonly bodyBytes: number;
  readonly type: number;
  readonly frameBytes: number;
}

/** The 8 bytes of a header. */
export function encodeRecordHeader({ bodyBytes, type, frameBytes }: RecordHeader): Uint8Array {
  const header = new Uint8Array(RECORD_HEADER_BYTES);
  header[0] = bodyBytes;
  header[1] = bodyBytes >>> 8;
  header[2] = bodyBytes >>> 16;
  header[3] = type;
  for (let i = 0; i < 4; i++) header[4 + i] = frameBytes >>> (8 * i);
  return header;
}

/** The fields of 8 bytes; nothing is checked yet. */
export function decodeRecordHeader(header: Uint8Array): RecordHeader {
  return {
    bodyBytes: header[0] | (header[1] << 8) | (header[2] << 16),
    type: header[3],
    frameBytes: (header[4] | (header[5] << 8) | (header[6] << 16) | (header[7] << 24)) >>> 0,
  };
}
