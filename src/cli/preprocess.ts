/**
 * `cryptensor preprocess`: this party's file of material for coming runs of a program.
 * @module
 */

import type { Command } from 'commander';
import { basename } from 'node:path';
import { toHex } from '../core/bytes.ts';
import type { PreprocessReport } from '../preprocess.node.ts';
import { tellParent } from './children.ts';
import {
  addConnectOptions,
  type ConnectFlags,
  connectOptionsOf,
  wholeNumber,
} from './connect-flags.ts';
import { interruption, unlessInterrupted } from './interrupt.ts';
import { loadProgram, type Report } from './program.ts';
import { bytes, count, percent, seconds, table, type Terminal } from './terminal.ts';

interface PreprocessFlags extends ConnectFlags {
  readonly runs: string;
  readonly out?: string;
  readonly rank?: string;
}

/** Most operations that the table lists; the rest is one row. */
const ROWS = 20;

const NOTES = `
All parties and the dealer run at the same time, the parties with this command. The program runs once
on zeros, to see what material it takes: what it opens reads as zeros, except for what it opens of
inputs alone before anything else, as parties do to agree on terms. Each run uses up a part of the
file; do not put back copies of it.`;

/** Adds the command. */
export function preprocessCommand(root: Command, terminal: Terminal): void {
  const command = root
    .command('preprocess')
    .argument('<program>', 'what the runs will do: as for run')
    .argument('[args...]', 'after --: arguments of the program, as for run')
    .description('make the material of coming runs now, so that they need no dealer')
    .addHelpText('after', NOTES);
  addConnectOptions(command)
    .requiredOption('--runs <n>', 'for how many runs')
    .option('--out <file>', 'file to write (default: the name of the key file with .prep)')
    .option('--rank <n>', 'rank of this party; found by its key, and checked if given')
    .action((program: string, args: readonly string[], flags: PreprocessFlags) =>
      make(terminal, program, args, flags),
    );
}

async function make(
  terminal: Terminal,
  name: string,
  args: readonly string[],
  flags: PreprocessFlags,
): Promise<void> {
  // Loaded here, so that other commands start faster.
  const { MAX_RUNS, preprocess } = await import('../preprocess.node.ts');
  const runs = wholeNumber(flags.runs, '--runs', 1, MAX_RUNS);
  const supervised = flags.supervised === true;
  const signal = interruption(supervised);
  const { program, prepare } = await loadProgram(name);
  const prepared = await unlessInterrupted(signal, Promise.resolve(prepare(args)));
  const progress = (text: string, part?: number): void =>
    supervised ? tellParent({ kind: 'progress', text, part }) : terminal.progress(text, part);
  const report: Report = {
    tracing: true,
    progress: (text, part) => progress(`tracing: ${text}`, part),
    milestone: () => undefined,
    print: () => undefined,
  };
  const startedMs = performance.now();
  let dealingMs = NaN;
  const made = await preprocess({
    ...connectOptionsOf(flags, signal, progress),
    ...(flags.rank === undefined ? {} : { rank: Number(flags.rank) }),
    program: (party) => program(party, args, report, prepared),
    runs,
    file: flags.out ?? `${basename(flags.identity, '.key')}.prep`,
    onPart: (part) => {
      const now = performance.now();
      if (Number.isNaN(dealingMs)) dealingMs = now;
      const left = ((now - dealingMs) / 1000) * (1 / part - 1);
      progress(`material for ${count(runs)} runs: ${percent(part)}, ${seconds(left)} left`, part);
    },
  });
  const result = asJson(made);
  if (supervised) {
    tellParent({ kind: 'result', value: result });
  } else if (flags.json) {
    terminal.print(JSON.stringify(result));
  } else {
    show(terminal, made, (performance.now() - startedMs) / 1000);
  }
}

function asJson({ fileId, accounts, ...rest }: PreprocessReport): object {
  return { ...rest, generation: toHex(fileId), operations: Object.fromEntries(accounts) };
}

function show(terminal: Terminal, made: PreprocessReport, elapsed: number): void {
  const { paint } = terminal;
  const { file, fileId, fileBytes, runs, steps, bytesPerRun, accounts } = made;
  const row = (name: string, of: number, size: number): string[] => [
    name,
    count(of),
    bytes(size),
    bytes(size * runs),
  ];
  const sorted = [...accounts].sort(([, a], [, b]) => b.dealtBytes - a.dealtBytes);
  const rows = sorted
    .slice(0, ROWS)
    .map(([name, account]) => row(name || '(no name)', account.steps, account.dealtBytes));
  const rest = sorted.slice(ROWS).map(([, account]) => account);
  if (rest.length > 0) {
    const total = (pick: (account: (typeof rest)[number]) => number): number =>
      rest.reduce((sum, account) => sum + pick(account), 0);
    rows.push(
      row(
        `${rest.length} others`,
        total((account) => account.steps),
        total((account) => account.dealtBytes),
      ),
    );
  }
  rows.push(row(paint('bold', 'in all'), steps, bytesPerRun));
  const head = ['operation', 'steps', 'material of a run', `of ${count(runs)}`];
  terminal.print(table(head, rows, paint));
  terminal.print();
  const line = (name: string, text: string): void => terminal.print(`${paint('dim', name)}${text}`);
  line('file        ', `${file}  (${bytes(fileBytes)}, sealed with this party's key)`);
  line('generation  ', `${toHex(fileId.subarray(0, 6))}  (the same at every party)`);
  terminal.note(
    terminal.paintError(
      'dim',
      `done in ${seconds(elapsed)} · run with --preprocessing ${file}; never put back a copy of a file that was used`,
    ),
  );
}
