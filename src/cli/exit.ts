/**
 * How the command line ends: exit codes, and what a failure looks like on stderr.
 * @module
 */

import { MpcError, type MpcErrorCode } from '../core/errors.ts';
import type { Paint } from './terminal.ts';

/** Exit codes. Documented in `--help`; scripts rely on them. */
export const EXIT = {
  ok: 0,
  /** The program itself failed. */
  program: 1,
  /** The command line was wrong. */
  usage: 2,
  /** A peer or the network failed, or the peers do not agree. */
  peer: 3,
  /** A file of this party is missing or wrong: table, key or session. */
  input: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** The part of `--help` on exit codes. */
export const EXIT_HELP = `
Exit codes:
  0    done
  1    the program failed
  2    the command line is wrong
  3    a peer or the network failed, or the peers do not agree
  4    a file is missing or wrong (table, key, session)
  130  interrupted (Ctrl-C)`;

/** A command line that makes no sense; the message says what would. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** A failure that another process reported already: only the exit code is left to set. */
export class ReportedFailure extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super('a process failed');
    this.name = 'ReportedFailure';
    this.exitCode = exitCode;
  }
}

const INPUT_CODES: readonly MpcErrorCode[] = ['ERR_MPC_FILE', 'ERR_MPC_CSV', 'ERR_MPC_MANIFEST'];

const PEER_CODES: readonly MpcErrorCode[] = [
  'ERR_MPC_ABORT',
  'ERR_MPC_TRANSPORT',
  'ERR_MPC_HANDSHAKE',
  'ERR_MPC_CLOSED',
  'ERR_MPC_TIMEOUT',
  'ERR_MPC_DESYNC',
  'ERR_MPC_VERSION',
  'ERR_MPC_RANK',
  'ERR_MPC_PREPROCESSING',
];

const HINTS: Readonly<Partial<Record<MpcErrorCode, string>>> = {
  ERR_MPC_FILE: 'check the path, and that this user may read the file',
  ERR_MPC_CSV: 'correct the table, or choose columns with --target and --features',
  ERR_MPC_MANIFEST: 'every party needs the same session file: copy it again from one source',
  ERR_MPC_HANDSHAKE:
    'compare the fingerprints of "cryptensor session show" with those of "cryptensor keygen"',
  ERR_MPC_RANK: 'use the key that the session names, once: two processes cannot be one party',
  ERR_MPC_VERSION: 'install the same cryptensor version at every party',
  ERR_MPC_TIMEOUT: 'start the missing party, open its port in the firewall, or raise --timeout',
  ERR_MPC_TRANSPORT: 'check the addresses in the session file and the firewall',
  ERR_MPC_DESYNC: 'every party must run the same program with the same arguments',
  ERR_MPC_ABORT: 'look at the output of the party named above; then start all parties again',
  ERR_MPC_CLOSED: 'look at the output of the party named above; then start all parties again',
};

/** The exit code of a failure. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof ReportedFailure) return error.exitCode;
  if (!(error instanceof MpcError)) return EXIT.program;
  // A program that throws something of its own is wrapped on its way through the session.
  if (isProgramFailure(error)) return EXIT.program;
  if (error.code === 'ERR_MPC_INTERRUPTED') return EXIT.interrupted;
  if (INPUT_CODES.includes(error.code)) return EXIT.input;
  if (PEER_CODES.includes(error.code)) return EXIT.peer;
  return EXIT.program;
}

/** The lines that stderr gets: `error CODE: message`, a hint; stacks only with --debug. */
export function describeFailure(error: unknown, paint: Paint, debug: boolean): string {
  if (error instanceof ReportedFailure) return '';
  const stack = debug ? `\n${stacks(error)}` : '';
  if (error instanceof UsageError) {
    const advice = paint('dim', 'hint   cryptensor --help lists the commands');
    return `${paint('red', 'error')} ${error.message}\n${advice}${stack}`;
  }
  const shown = error instanceof MpcError && isProgramFailure(error) ? error.cause : error;
  if (shown instanceof MpcError) {
    const hint = HINTS[shown.code];
    const advice = hint === undefined ? '' : `\n${paint('dim', `hint   ${hint}`)}`;
    return `${paint('red', `error ${shown.code}`)}: ${shown.message}${advice}${stack}`;
  }
  const what = shown instanceof Error ? `${shown.name}: ${shown.message}` : 'the program failed';
  const more = debug ? '' : `\n${paint('dim', 'hint   --debug shows where')}`;
  return `${paint('red', 'error')} ${what}${more}${stack}`;
}

function isProgramFailure(error: MpcError): boolean {
  return error.code === 'ERR_MPC_ABORT' && error.cause !== undefined && !isMpc(error.cause);
}

function isMpc(cause: unknown): boolean {
  return cause instanceof MpcError;
}

function stacks(error: unknown): string {
  const lines: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    lines.push(at.stack ?? at.message);
  }
  return lines.join('\ncaused by ');
}
