/**
 * Why a party stopped, as its peers may know it: a code and a public text.
 *
 * Peers get codes, ops, shapes and sizes only. Errors that may quote data or paths of the local
 * machine travel as their code alone (M8).
 * @module
 */

import { utf8 } from '../core/bytes.ts';
import type { MpcError, MpcErrorCode } from '../core/errors.ts';

/** Longest text that is sent or believed; characters. */
export const MAX_ABORT_CHARS = 500;

const PUBLIC_CODES: ReadonlySet<MpcErrorCode> = new Set([
  'ERR_MPC_SHAPE',
  'ERR_MPC_SCALE',
  'ERR_MPC_UNSUPPORTED',
  'ERR_MPC_ABORT',
  'ERR_MPC_TRANSPORT',
  'ERR_MPC_HANDSHAKE',
  'ERR_MPC_CLOSED',
  'ERR_MPC_TIMEOUT',
  'ERR_MPC_DESYNC',
  'ERR_MPC_MANIFEST',
  'ERR_MPC_VERSION',
  'ERR_MPC_RANK',
  'ERR_MPC_INTERRUPTED',
  'ERR_MPC_PREPROCESSING',
]);

/** An abort as received. */
export interface AbortNotice {
  readonly code: string;
  readonly text: string;
}

/** Payload of an abort message that reports `error`. */
export function encodeAbort(error: MpcError): Uint8Array {
  return encodeNotice(error.code, PUBLIC_CODES.has(error.code) ? error.message : '');
}

/** Payload of an abort message that says where we are in the program. */
export function encodeDesync(ourPoint: string): Uint8Array {
  return encodeNotice('ERR_MPC_DESYNC', ourPoint);
}

/** Reads an abort; whatever it holds, the result is short printable text. */
export function decodeAbort(payload: Uint8Array): AbortNotice {
  const text = new TextDecoder().decode(payload.subarray(0, 4 * MAX_ABORT_CHARS + 64));
  const cut = text.indexOf('\n');
  const code = cut < 0 ? text : text.slice(0, cut);
  return {
    code: /^ERR_MPC_[A-Z]{1,20}$/.test(code) ? code : 'ERR_MPC_ABORT',
    text: cut < 0 ? '' : printable(text.slice(cut + 1)),
  };
}

/** Text without control, bidirectional and line-breaking characters, cut to MAX_ABORT_CHARS. */
export function printable(text: string): string {
  // Cut first: a cut may halve a character, and halves are replaced, too.
  return text.slice(0, MAX_ABORT_CHARS).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, ' ');
}

function encodeNotice(code: MpcErrorCode, text: string): Uint8Array {
  return utf8(`${code}\n${printable(text)}`);
}
