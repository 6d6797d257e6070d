/**
 * `cryptensor dealer`: deals correlated randomness to the runs of a session; sees sizes, never values.
 * @module
 */

import type { Command } from 'commander';
import type { DealerReport, DealerRun } from '../connect.node.ts';
import { tellParent } from './children.ts';
import { addConnectOptions, type ConnectFlags, connectOptionsOf } from './connect-flags.ts';
import { describeFailure, EXIT, exitCodeOf } from './exit.ts';
import { interrupted, interruption, unlessInterrupted } from './interrupt.ts';
import { bytes, count, seconds, type Terminal } from './terminal.ts';

interface DealerFlags extends ConnectFlags {
  readonly keepServing?: true;
}

/** Between two runs: a port that is taken must not become a busy loop. */
const PAUSE_MS = 500;

/** Adds the command. */
export function dealerCommand(root: Command, terminal: Terminal): void {
  const command = root
    .command('dealer')
    .description('deal randomness to the parties of a session; run it where no party rules');
  addConnectOptions(command)
    .option('--keep-serving', 'after a run, however it ended, wait for the next one')
    .action((flags: DealerFlags) => deal(terminal, flags));
}

async function deal(terminal: Terminal, flags: DealerFlags): Promise<void> {
  const signal = interruption(flags.supervised === true);
  const { serveAsDealer } = await import('../connect.node.ts');
  const progress = (text: string): void =>
    flags.supervised ? tellParent({ kind: 'progress', text }) : terminal.progress(text);
  for (;;) {
    try {
      const run = await serveAsDealer(connectOptionsOf(flags, signal, progress));
      progress('dealing');
      show(terminal, flags, await reportOf(run, signal));
    } catch (error) {
      if (!flags.keepServing || exitCodeOf(error) !== EXIT.peer) throw error;
      terminal.note(describeFailure(error, terminal.paintError, false));
    }
    if (!flags.keepServing) return;
    await unlessInterrupted(signal, new Promise((resolve) => setTimeout(resolve, PAUSE_MS)));
  }
}

/** Waits for the end of a run; on Ctrl-C the parties are told. */
async function reportOf(run: DealerRun, signal: AbortSignal): Promise<DealerReport> {
  try {
    return await unlessInterrupted(signal, run.done);
  } catch (error) {
    if (!signal.aborted) throw error;
    await run.close(interrupted());
    throw interrupted();
  }
}

function show(terminal: Terminal, flags: DealerFlags, report: DealerReport): void {
  if (flags.supervised) {
    tellParent({ kind: 'result', value: report });
  } else if (flags.json) {
    terminal.print(JSON.stringify(report));
  } else {
    const { requests, dealtBytes, seconds: elapsed } = report;
    const what = `${count(requests)} requests · ${bytes(dealtBytes)} dealt`;
    terminal.print(`done in ${seconds(elapsed)} · ${what}`);
  }
}
