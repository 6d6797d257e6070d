/**
 * `preprocess`: the material of coming runs of a program, made now and kept in a file at each party.
 *
 * All parties and the dealer are connected meanwhile; later runs need no dealer (`connect({ preprocessing })`). A file is bound to
 * its party's key, to the session and to the program as it was traced; each of its lots serves one run.
 * @module
 */

import { type ConnectOptions, loaded, platform } from './connect.node.ts';
import { join, type Joined, zeroSeedsOf } from './connect-session.ts';
import { equalBytes } from './core/bytes.ts';
import { asMpcError, MpcError } from './core/errors.ts';
import { selectKernels } from './kernels/select.ts';
import { manifestHash } from './net/manifest.ts';
import { LotFileWriter, refuseExisting } from './protocol/provider/lot-writer.node.ts';
import { fileIdOf, type LotOrder, orderLots } from './protocol/provider/lots.ts';
import { CHANNELS, together } from './protocol/provider/together.ts';
import { type TraceAccount, traceDigest } from './protocol/provider/trace.ts';
import type { Party } from './tensor/index.ts';
import { type Traced, traceProgram } from './trace-program.ts';

/** What to make. */
export interface PreprocessOptions extends Omit<ConnectOptions, 'preprocessing'> {
  /** What the runs will do; the same at every party. It runs once, on zeros, to see what material it takes. */
  readonly program: (party: Party) => unknown;
  /** How many runs. */
  readonly runs: number;
  /** Where this party's file goes; nothing may be there yet. */
  readonly file: string;
  /** Called as material arrives: the part that is done, 0 to 1. */
  readonly onPart?: (part: number) => void;
}

/** What was made. */
export interface PreprocessReport {
  readonly file: string;
  /** Name of this generation, the same at all parties. */
  readonly fileId: Uint8Array;
  readonly fileBytes: number;
  readonly runs: number;
  /** Steps of one run that take material. */
  readonly steps: number;
  /** Bytes of corrections that the last party stores for one run. */
  readonly bytesPerRun: number;
  /** Steps and bytes of one run, by operation. */
  readonly accounts: ReadonlyMap<string, TraceAccount>;
}

/** Most runs of one file. */
export const MAX_RUNS = 1_000_000;

/**
 * Traces a program and makes material for its next runs, together with the other parties and the dealer.
 *
 * The trace opens what the program opens of inputs alone before anything else, and nothing more (`trace-program.ts`).
 *
 * @throws {MpcError} ERR_MPC_FILE if there is a file already or none can be written; ERR_MPC_DESYNC when the parties' programs take
 * different material; else as `connect`, and whatever the program throws.
 * @example
 * await preprocess({ session: 'session.json', identity: 'alice.key', program, runs: 10, file: 'alice.prep' });
 * const party = await connect({ session: 'session.json', identity: 'alice.key', preprocessing: 'alice.prep' });
 */
export async function preprocess(options: PreprocessOptions): Promise<PreprocessReport> {
  const { runs, file, signal } = options;
  if (!Number.isInteger(runs) || runs < 1 || runs > MAX_RUNS) {
    const why = `preprocess: runs must be a whole number from 1 to ${MAX_RUNS}, got ${runs}`;
    throw new MpcError('ERR_MPC_RANGE', why);
  }
  await refuseExisting(file);
  const joined = await join(await loaded(options), platform, 'party');
  const { mux } = joined;
  const interrupt = (): void =>
    mux.fail(new MpcError('ERR_MPC_INTERRUPTED', 'interrupted by its user'));
  signal?.addEventListener('abort', interrupt);
  try {
    if (signal?.aborted === true) interrupt();
    return await makeFile(joined, options);
  } catch (error) {
    mux.fail(asMpcError(error));
    throw error;
  } finally {
    signal?.removeEventListener('abort', interrupt);
    await mux.close();
  }
}

async function makeFile(joined: Joined, options: PreprocessOptions): Promise<PreprocessReport> {
  const { rank, world, manifest, identity, names, mux, run } = joined;
  const { program, runs, file, onProgress, onPart } = options;
  const kernels = await selectKernels(options);
  const fileId = fileIdOf(run.runId);
  const seed = run.rootSeed(world, 'lots');
  const peers = { wire: mux, zeroSeeds: zeroSeedsOf(joined) };
  run.wipe();
  onProgress?.('tracing the program');
  const party = { rank, world, names, kernels, precision: manifest.precision, peers };
  const tracing = (): Promise<Traced> => traceProgram(party, program);
  const { result: traced } = await together(joined, CHANNELS.traced, tracing);
  const bytesPerRun = sum(traced);
  const isLast = rank === world - 1;
  const contents = {
    ...{ rank, world, precision: manifest.precision, manifestHash: manifestHash(manifest) },
    ...{ lots: runs, lotBytes: isLast ? bytesPerRun : 0, fileId, seed, trace: traced.trace },
  };
  const writer = await LotFileWriter.create(file, identity, contents);
  try {
    const order: LotOrder = {
      ...{ mux, rank, world, lots: runs, trace: traced.trace, lotBytes: bytesPerRun },
      write: (block) => writer.write(block),
      onProgress: (blocks, of) => onPart?.(blocks / of),
    };
    await orderLots(order);
    const digest = traceDigest(traced.trace);
    const syncing = (): Promise<void> => writer.sync();
    const { views } = await together(joined, CHANNELS.stored, syncing, () => digest);
    if (views.some((view) => !equalBytes(view, digest))) {
      throw new MpcError('ERR_MPC_DESYNC', 'preprocess: the parties traced different programs');
    }
    const fileBytes = await writer.finish();
    const { steps, accounts } = traced;
    return { file, fileId, fileBytes, runs, steps, bytesPerRun, accounts };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

function sum({ accounts }: Traced): number {
  return [...accounts.values()].reduce((total, { dealtBytes }) => total + dealtBytes, 0);
}
