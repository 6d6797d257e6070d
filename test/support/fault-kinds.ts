/**
 * Faults, and which endings are right for each.
 * @module
 */

import type { MpcErrorCode } from '../../src/core/errors.ts';

/**
 * Where a fault is put: on packets and first records of a connection, on records of a channel, on frames above it, in the
 * program, or in what a member holds for the terms of the session.
 */
export type FaultLevel = 'connect' | 'bytes' | 'frames' | 'program' | 'terms';

/** One fault: from the `at`-th unit (record or frame) that `from` sends to `to`. */
export interface Fault {
  readonly level: FaultLevel;
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly seed: number;
}

/** How somebody's run ended. `ok` is a right result; the last three must never be seen. */
export type EndCode = MpcErrorCode | 'ok' | 'wrong' | 'hang' | 'odd';

/** What is right for a kind of fault. */
export interface Verdict {
  /** Endings of the two whose link is faulty. */
  readonly ends: readonly EndCode[];
  /** Endings of everybody else. */
  readonly others: readonly EndCode[];
  /** An ending that at least one member has; it tells what is wrong. */
  readonly must?: EndCode;
  /** Whether everybody may end well although the fault was there. */
  readonly harmless: 'never' | 'maybe' | 'always';
  /** Patience of the parties: short where the fault is silence, long where a time-out would be an error. */
  readonly timeoutMs: number;
}

const SHORT = 400;
/** Never reached by a run that is not stuck, also on a busy machine. */
const LONG = 8000;

const told: readonly EndCode[] = ['ok', 'ERR_MPC_ABORT'];
const out: readonly EndCode[] = ['ok', 'ERR_MPC_ABORT', 'ERR_MPC_DESYNC'];

const verdict = (
  harmless: Verdict['harmless'],
  timeoutMs: number,
  ends: readonly EndCode[],
  others: readonly EndCode[] = told,
): Verdict => ({ harmless, timeoutMs, ends: ['ok', ...ends], others });

/** A record that does not verify: both ends of the link say ERR_MPC_ABORT, everybody else is told. */
const refused = verdict('never', LONG, ['ERR_MPC_ABORT']);
/** A lost link: whoever waits for it says so, who waits for something that depends on it times out. */
const lost = verdict(
  'maybe',
  SHORT,
  ['ERR_MPC_TRANSPORT', 'ERR_MPC_ABORT', 'ERR_MPC_TIMEOUT', 'ERR_MPC_CLOSED'],
  [...told, 'ERR_MPC_TIMEOUT'],
);
/** Where only the close record is missing, the end is a truncation. */
const silent = verdict(
  'maybe',
  SHORT,
  ['ERR_MPC_TIMEOUT', 'ERR_MPC_ABORT', 'ERR_MPC_TRANSPORT'],
  [...told, 'ERR_MPC_TIMEOUT'],
);
const late = verdict('always', LONG, []);

/** Kinds of fault on records: what a network, or somebody on the path without keys, can do. */
export const BYTE_KINDS: Readonly<Record<string, Verdict>> = {
  'kill link': lost,
  'kill peer': lost,
  'end without close': lost,
  truncate: lost,
  stall: silent,
  'black hole': silent,
  pause: late,
  'flip bit': refused,
  replay: refused,
  duplicate: refused,
  reorder: refused,
  // A record that is missing shows with the next one, or as silence.
  drop: verdict(
    'maybe',
    SHORT,
    ['ERR_MPC_ABORT', 'ERR_MPC_TIMEOUT', 'ERR_MPC_TRANSPORT'],
    [...told, 'ERR_MPC_TIMEOUT'],
  ),
  oversize: refused,
  // A declared length above the bytes that come may be possible: then it is silence.
  mislabel: verdict(
    'never',
    SHORT,
    ['ERR_MPC_ABORT', 'ERR_MPC_TIMEOUT'],
    [...told, 'ERR_MPC_TIMEOUT'],
  ),
  garbage: verdict(
    'never',
    SHORT,
    ['ERR_MPC_ABORT', 'ERR_MPC_TIMEOUT'],
    [...told, 'ERR_MPC_TIMEOUT'],
  ),
};

const desync = verdict('never', SHORT, ['ERR_MPC_DESYNC', 'ERR_MPC_ABORT'], out);
/** A message that nobody finds: silence, or the end of a sender that has all it needs. */
const misled = verdict(
  'never',
  SHORT,
  ['ERR_MPC_DESYNC', 'ERR_MPC_ABORT', 'ERR_MPC_TIMEOUT', 'ERR_MPC_CLOSED'],
  [...out, 'ERR_MPC_TIMEOUT'],
);

/** Kinds of fault on frames: what a peer that holds its keys can do. */
export const FRAME_KINDS: Readonly<Record<string, Verdict>> = {
  'kill link': lost,
  'kill peer': lost,
  close: verdict(
    'maybe',
    SHORT,
    ['ERR_MPC_CLOSED', 'ERR_MPC_ABORT', 'ERR_MPC_TIMEOUT'],
    [...told, 'ERR_MPC_TIMEOUT'],
  ),
  stall: silent,
  pause: late,
  truncate: refused,
  'flip header bit': misled,
  // Messages are found by name, so order within a link does not matter between parties; the dealer minds.
  replay: verdict('maybe', LONG, ['ERR_MPC_ABORT', 'ERR_MPC_DESYNC'], out),
  duplicate: verdict('maybe', LONG, ['ERR_MPC_ABORT', 'ERR_MPC_DESYNC'], out),
  reorder: verdict('maybe', LONG, ['ERR_MPC_ABORT', 'ERR_MPC_DESYNC'], out),
  drop: verdict(
    'maybe',
    SHORT,
    ['ERR_MPC_TIMEOUT', 'ERR_MPC_ABORT', 'ERR_MPC_DESYNC', 'ERR_MPC_CLOSED'],
    [...out, 'ERR_MPC_TIMEOUT'],
  ),
  'oversize frame': refused,
  'oversize message': refused,
  'wrong count': refused,
  'wrong kind': misled,
  'wrong tag': misled,
  'wrong digest': desync,
  'wrong length': desync,
  // Whoever is told that we stopped leaves.
  'false abort': verdict('never', LONG, ['ERR_MPC_ABORT', 'ERR_MPC_CLOSED']),
  'empty frame': late,
};

/** Another program at one party: everybody hears of it. */
export const PROGRAM_KINDS: Readonly<Record<string, Verdict>> = {
  skip: misled,
  twice: misled,
  other: misled,
};

/** Whoever meets the one that is apart says why; the others that it never came, or that somebody left. */
const apart = (must: EndCode): Verdict => {
  const codes: EndCode[] = [must, 'ERR_MPC_TIMEOUT', 'ERR_MPC_CLOSED', 'ERR_MPC_TRANSPORT'];
  return { must, ends: codes, others: codes, harmless: 'never', timeoutMs: 1500 };
};

/** Disagreement before the first key is used. */
export const TERMS_KINDS: Readonly<Record<string, Verdict>> = {
  'wire version': apart('ERR_MPC_VERSION'),
  'other precision': apart('ERR_MPC_MANIFEST'),
  'other session': apart('ERR_MPC_MANIFEST'),
  'other name': apart('ERR_MPC_MANIFEST'),
  'other key': apart('ERR_MPC_MANIFEST'),
};

/** While connecting: who is at the faulty link says what it saw, the others that somebody left or never came. */
const connecting: Omit<Verdict, 'harmless'> = {
  timeoutMs: 1500,
  ends: [
    'ok',
    'ERR_MPC_HANDSHAKE',
    'ERR_MPC_TIMEOUT',
    'ERR_MPC_CLOSED',
    'ERR_MPC_TRANSPORT',
    'ERR_MPC_ABORT',
    'ERR_MPC_MANIFEST',
    'ERR_MPC_VERSION',
    'ERR_MPC_RANK',
  ],
  others: ['ok', 'ERR_MPC_TIMEOUT', 'ERR_MPC_CLOSED', 'ERR_MPC_ABORT', 'ERR_MPC_TRANSPORT'],
};

/** The table of a level. */
export function kindsOf(level: FaultLevel): Readonly<Record<string, Verdict>> {
  const tables = {
    connect: BYTE_KINDS,
    bytes: BYTE_KINDS,
    frames: FRAME_KINDS,
    program: PROGRAM_KINDS,
    terms: TERMS_KINDS,
  };
  return tables[level];
}

/** What is right for one fault. */
export function verdictOn({ level, kind }: Fault): Verdict {
  const verdict = kindsOf(level)[kind];
  return level === 'connect' ? { ...connecting, harmless: verdict.harmless } : verdict;
}
