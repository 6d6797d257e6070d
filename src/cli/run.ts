/**
 * `cryptensor run`: one real party of a session.
 * @module
 */

import type { Command } from 'commander';
import { inspect } from 'node:util';
import { asMpcError } from '../core/errors.ts';
import type { Party } from '../tensor/index.ts';
import { tellParent } from './children.ts';
import { addConnectOptions, type ConnectFlags, connectOptionsOf } from './connect-flags.ts';
import { interrupted, interruption, unlessInterrupted } from './interrupt.ts';
import { loadProgram, type Report } from './program.ts';
import { bytes, count, seconds, type Terminal } from './terminal.ts';

interface RunFlags extends ConnectFlags {
  readonly rank?: string;
  readonly preprocessing?: string;
}

/** Adds the command. */
export function runCommand(root: Command, terminal: Terminal): void {
  const command = root
    .command('run')
    .argument('<program>', 'ES module with a default function, or a built-in program: hospitals')
    .argument('[args...]', 'after --: arguments of the program')
    .description('run a program as one party of a session');
  addConnectOptions(command)
    .option('--rank <n>', 'rank of this party; found by its key, and checked if given')
    .option('--preprocessing <file>', 'material that preprocess made: the run needs no dealer')
    .action((program: string, args: readonly string[], flags: RunFlags) =>
      run(terminal, program, args, flags),
    );
}

async function run(
  terminal: Terminal,
  name: string,
  args: readonly string[],
  flags: RunFlags,
): Promise<void> {
  const supervised = flags.supervised === true;
  const signal = interruption(supervised);
  const { program, prepare } = await loadProgram(name);
  const prepared = await unlessInterrupted(signal, Promise.resolve(prepare(args)));
  const report: Report = {
    tracing: false,
    progress: (text, part) =>
      supervised ? tellParent({ kind: 'progress', text, part }) : terminal.progress(text, part),
    milestone: (text) =>
      supervised ? tellParent({ kind: 'milestone', text }) : terminal.milestone(text),
    print: (text) => terminal.print(text),
  };
  const options = await connectOptionsOf(flags, signal, (text) => report.progress(text));
  // Loaded here, so that commands without a session start faster.
  const { connect } = await import('../connect.node.ts');
  const { rank, preprocessing } = flags;
  const party = await connect({
    ...options,
    ...(rank === undefined ? {} : { rank: Number(rank) }),
    ...(preprocessing === undefined ? {} : { preprocessing }),
  });
  const startedMs = performance.now();
  let value: unknown;
  try {
    const work = Promise.resolve().then(() => program(party, args, report, prepared));
    value = await unlessInterrupted(signal, work);
    await party.close();
  } catch (error) {
    await party.close(signal.aborted ? interrupted() : asMpcError(error));
    throw signal.aborted ? interrupted() : error;
  }
  const plain = asJson(value);
  if (supervised) {
    tellParent({ kind: 'result', value: plain });
    return;
  }
  terminal.clearProgress();
  if (flags.json) terminal.print(JSON.stringify(plain ?? null));
  else if (value !== undefined) terminal.print(showResult(value));
  terminal.note(terminal.paintError('dim', summary(party, (performance.now() - startedMs) / 1000)));
}

/** A result for people. */
export function showResult(value: unknown): string {
  if (typeof value === 'string') return value;
  return inspect(value, { depth: 6, maxArrayLength: 20, breakLength: 100 });
}

/** A result as JSON can hold it: typed arrays as lists, big integers as text. */
function asJson(value: unknown): unknown {
  if (value === undefined) return undefined;
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'bigint') return item.toString();
    if (item instanceof Float64Array) return Array.from(item);
    return item;
  });
  return text === undefined ? undefined : JSON.parse(text);
}

function summary(party: Party, elapsed: number): string {
  const { rounds, total } = party.stats();
  return `done in ${seconds(elapsed)} · ${count(rounds)} rounds · ${bytes(total.bytesSent)} sent`;
}
