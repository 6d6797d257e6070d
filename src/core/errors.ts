/**
 * Every error this package throws on purpose.
 *
 * Messages carry ops, shapes, ranks, scales and sizes; never a value of anyone's data (SECURITY.md, M8).
 * @module
 */

/** Every stable error code. Codes are API: never reused, never renamed. */
export type MpcErrorCode =
  | 'ERR_MPC_SHAPE'
  | 'ERR_MPC_SCALE'
  | 'ERR_MPC_UNSUPPORTED'
  | 'ERR_MPC_ABORT'
  | 'ERR_MPC_TRANSPORT'
  | 'ERR_MPC_HANDSHAKE'
  | 'ERR_MPC_CLOSED'
  | 'ERR_MPC_TIMEOUT'
  | 'ERR_MPC_DESYNC'
  | 'ERR_MPC_MANIFEST'
  | 'ERR_MPC_VERSION'
  | 'ERR_MPC_RANK'
  | 'ERR_MPC_RANGE'
  | 'ERR_MPC_FILE'
  | 'ERR_MPC_CSV'
  | 'ERR_MPC_INTERRUPTED'
  | 'ERR_MPC_PREPROCESSING'
  | 'ERR_MPC_BACKEND'
  | 'ERR_MPC_MODEL';

/** Base of all errors of this package that a program may want to tell apart by `code`. */
export class MpcError extends Error {
  readonly code: MpcErrorCode;
  constructor(code: MpcErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** A peer broke the protocol or stopped it. Fatal: the session closes, nothing is retried. */
export class ProtocolAbort extends MpcError {
  readonly peer: number;
  constructor(peer: number, message: string, options?: ErrorOptions) {
    super('ERR_MPC_ABORT', message, options);
    this.peer = peer;
  }
}

/** Throws an internal-invariant error; stays in production builds. `why` never holds a value. */
export function assert(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(`cryptensor: broken invariant: ${why}`);
}

/** Any thrown value as an MpcError; what is not one becomes ERR_MPC_ABORT and keeps its cause. */
export function asMpcError(error: unknown): MpcError {
  if (error instanceof MpcError) return error;
  const kind = error instanceof Error ? error.name : typeof error;
  return new MpcError('ERR_MPC_ABORT', `the program failed with ${kind}`, { cause: error });
}
