/**
 * Programs that `run` and `launch` execute: an ES module with a default function, the same at every
 * party.
 * @module
 */

import { access } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MpcError } from '../core/errors.ts';
import type { Party } from '../tensor/index.ts';
import { UsageError } from './exit.ts';

/** How a program shows what it is at. */
export interface Report {
  /** `cryptensor preprocess` only looks at what the program will need: what it reveals reads as zeros, and is not to be kept. */
  readonly tracing: boolean;
  /** What is going on now; the next one replaces it. `part` of the work is done, 0 to 1. */
  progress(text: string, part?: number): void;
  /** Progress that stays: something is done. */
  milestone(text: string): void;
  /** A line of output. */
  print(text: string): void;
}

/**
 * What one party runs. The result is printed (as JSON with --json).
 *
 * @param args what follows `--` on the command line.
 * @param prepared what the module's `prepare` returned.
 */
export type Program = (
  party: Party,
  args: readonly string[],
  report: Report,
  prepared: unknown,
) => unknown;

/** A loaded program. */
export interface ProgramModule {
  readonly program: Program;
  /** Runs before anybody is called: reads files, checks arguments. */
  readonly prepare: (args: readonly string[]) => unknown;
}

type Loader = () => Promise<object>;

/** Programs that come with the package, by name. */
const BUILT_IN: ReadonlyMap<string, Loader> = new Map([
  ['hospitals', () => import('./programs/hospitals.ts')],
]);

/**
 * Loads a program by file name, or one of the package's own by its name.
 *
 * @throws {MpcError} ERR_MPC_FILE if there is no such file.
 * @throws {UsageError} if it exports no default function, or is TypeScript and this Node cannot run it.
 */
export async function loadProgram(name: string): Promise<ProgramModule> {
  const loader = BUILT_IN.get(name) ?? (await fromFile(name));
  let module: ReadonlyMap<string, unknown>;
  try {
    module = new Map(Object.entries(await loader()));
  } catch (error) {
    throw isUnknownExtension(error) ? noTypeScript(name) : error;
  }
  const program = module.get('default');
  const prepare = module.get('prepare') ?? (() => undefined);
  if (!isFunction<Program>(program) || !isFunction<ProgramModule['prepare']>(prepare)) {
    const form = 'export default async function (party, args, report) { … }';
    throw new UsageError(`${name} is not a program; it needs: ${form}`);
  }
  return { program, prepare };
}

async function fromFile(name: string): Promise<Loader> {
  const path = resolve(name);
  try {
    await access(path);
  } catch (cause) {
    const known = [...BUILT_IN.keys()].join(', ');
    const why = `no program ${name}: neither a file nor one of the built-in ones (${known})`;
    throw new MpcError('ERR_MPC_FILE', why, { cause });
  }
  const url = pathToFileURL(path).href;
  return () => import(url) as Promise<object>;
}

function isFunction<T>(value: T | unknown): value is T {
  return typeof value === 'function';
}

function isUnknownExtension(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION';
}

function noTypeScript(name: string): UsageError {
  return new UsageError(
    `Node ${process.versions.node} does not run ${extname(name)} files: use Node 22.18 or later, ` +
      `or a loader (NODE_OPTIONS="--import tsx"), or compile ${name} to JavaScript`,
  );
}
