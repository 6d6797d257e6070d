/**
 * `cryptensor launch`: all parties and a dealer as processes of this machine.
 * @module
 */

import type { Command } from 'commander';
import { type ChildPlan, groupExitCode, runChildren } from './children.ts';
import { addTuningOptions, timeoutMsOf, wholeNumber } from './connect-flags.ts';
import { ReportedFailure } from './exit.ts';
import { interrupted, interruption } from './interrupt.ts';
import { makeLocalSession } from './local-session.ts';
import { showResult } from './run.ts';
import { pad, type Style, type Terminal } from './terminal.ts';

interface LaunchFlags {
  readonly parties: string;
  readonly precision: string;
  readonly timeout: string;
  readonly backend: string;
  readonly json?: true;
}

const MAX_LOCAL_PARTIES = 16;
const STYLES: readonly Style[] = ['cyan', 'magenta', 'green', 'blue', 'yellow'];
/** Shown wherever one user holds the secrets of several parties (M9). */
export const ONE_USER_NOTE =
  'all parties run on this machine under one user, who can read every secret: for trying out only';

/** Adds the command. */
export function launchCommand(root: Command, terminal: Terminal): void {
  const command = root
    .command('launch')
    .argument('<program>', 'ES module with a default function, or a built-in program: hospitals')
    .argument('[args...]', 'after --: arguments of the program, the same for all parties')
    .description('run a program with all parties and a dealer as processes on this machine')
    .option('-n, --parties <n>', 'how many parties', '2')
    .option('--precision <bits>', 'fractional bits', '16');
  addTuningOptions(command).action((program: string, args: readonly string[], flags: LaunchFlags) =>
    launch(terminal, program, args, flags),
  );
}

async function launch(
  terminal: Terminal,
  program: string,
  args: readonly string[],
  flags: LaunchFlags,
): Promise<void> {
  const n = wholeNumber(flags.parties, '--parties', 2, MAX_LOCAL_PARTIES);
  const precision = wholeNumber(flags.precision, '--precision', 1, 30);
  timeoutMsOf(flags.timeout);
  const signal = interruption(false);
  terminal.note(`${terminal.paintError('yellow', 'note')}  ${ONE_USER_NOTE}`);
  const names = Array.from({ length: n }, (_, rank) => `party ${rank}`);
  const session = await makeLocalSession(names, precision);
  try {
    const plans = [...names, 'dealer'].map((name, i): ChildPlan => {
      const terms = ['--timeout', flags.timeout, '--backend', flags.backend];
      const place = ['--session', session.sessionFile, '--identity', session.keyFiles[i]];
      if (i === n) return { name, args: ['dealer', ...place, ...terms] };
      return { name, args: ['run', program, ...place, ...terms, '--', ...args] };
    });
    const label = (name: string): string => {
      const style = name === 'dealer' ? 'dim' : STYLES[names.indexOf(name) % STYLES.length];
      return `${terminal.paint(style, pad(name, 8))} │`;
    };
    const ends = await runChildren(
      plans,
      {
        progress: (name, text, part) => {
          if (name === names[0]) terminal.progress(text, part);
        },
        milestone: (name, text) => {
          if (name === names[0]) terminal.milestone(text);
        },
        line: (name, stream, text) => {
          if (stream === 'out' && !flags.json) terminal.print(`${label(name)} ${text}`);
          else terminal.note(`${label(name)} ${text}`);
        },
      },
      signal,
    );
    if (signal.aborted) throw interrupted();
    for (const { name, signal: death } of ends) {
      if (death !== undefined) terminal.note(`${label(name)} ended by ${death}`);
    }
    const code = groupExitCode(ends);
    if (code !== 0) throw new ReportedFailure(code);
    const parties = ends.slice(0, n);
    if (flags.json) {
      const results = parties.map(({ result }) => result ?? null);
      terminal.print(JSON.stringify({ parties: results, dealer: ends[n].result ?? null }));
      return;
    }
    for (const { name, result } of parties) {
      if (result === undefined) continue;
      for (const line of showResult(result).split('\n')) terminal.print(`${label(name)} ${line}`);
    }
  } finally {
    session.remove();
  }
}
