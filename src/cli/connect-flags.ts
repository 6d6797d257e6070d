/**
 * The options that `run` and `dealer` share: which session, who we are, how patient.
 * @module
 */

import { type Command, Option } from 'commander';
import type { ConnectOptions } from '../connect.node.ts';
import { UsageError } from './exit.ts';

/** What commander makes of them. */
export interface ConnectFlags {
  readonly session: string;
  readonly identity: string;
  readonly listen?: string;
  readonly timeout: string;
  readonly backend: string;
  readonly json?: true;
  /** A parent process watches: messages instead of text. */
  readonly supervised?: true;
}

const DEFAULT_TIMEOUT_S = 60;
const BACKENDS = ['auto', 'wasm', 'ts'] as const;

/** Adds the options. */
export function addConnectOptions(command: Command): Command {
  return addTuningOptions(command)
    .requiredOption('--session <file>', 'session file, the same at every party')
    .requiredOption('--identity <file>', 'key file of this party')
    .option('--listen <host:port>', 'where to listen if not on the address in the session file')
    .addOption(new Option('--supervised').hideHelp());
}

/** Those that make sense without a session file, too. */
export function addTuningOptions(command: Command): Command {
  return command
    .option('--timeout <seconds>', 'how long to wait for a peer', String(DEFAULT_TIMEOUT_S))
    .addOption(
      new Option('--backend <name>', 'kernels: wasm, ts, or auto for the better one there is')
        .choices(BACKENDS)
        .default('auto'),
    )
    .option('--json', 'print the result as JSON');
}

/** What `connect` takes. */
export function connectOptionsOf(
  flags: ConnectFlags,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Omit<ConnectOptions, 'rank'> {
  const { session, identity, listen } = flags;
  const backend = BACKENDS.find((known) => known === flags.backend) ?? 'auto';
  const place = listen === undefined ? {} : { listen };
  const timeoutMs = timeoutMsOf(flags.timeout);
  return { session, identity, ...place, timeoutMs, signal, backend, onProgress };
}

/** Seconds as given on the command line, in ms. */
export function timeoutMsOf(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--timeout takes seconds above 0, got "${text}"`);
  return Math.ceil(1000 * value);
}

/** A whole number from the command line. */
export function wholeNumber(text: string, option: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`${option} takes a whole number from ${min} to ${max}, got "${text}"`);
}
