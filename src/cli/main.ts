#!/usr/bin/env node
/**
 * The command line. One file per command; this one only puts them together and ends the process.
 * @module
 */

import { Command, CommanderError } from 'commander';
import { demoCommand } from './demo.ts';
import { dealerCommand } from './dealer.ts';
import { describeFailure, EXIT, EXIT_HELP, exitCodeOf } from './exit.ts';
import { packageVersion } from './files.ts';
import { infoCommand } from './info.ts';
import { keygenCommand } from './keygen.ts';
import { launchCommand } from './launch.ts';
import { preprocessCommand } from './preprocess.ts';
import { runCommand } from './run.ts';
import { sessionCommand } from './session.ts';
import { Terminal } from './terminal.ts';

/** Longest time that open handles of a program may keep a finished process; ms. */
const LINGER_MS = 3000;

async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endQuietly);
  const terminal = new Terminal();
  const debug = debugAsked(process.argv);
  // Holds if the loop runs dry before the command has ended.
  process.exitCode = EXIT.program;
  let exitCode: number = EXIT.ok;
  try {
    await commandLine(terminal).parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    } else {
      exitCode = exitCodeOf(error);
      const text = describeFailure(error, terminal.paintError, debug);
      if (text !== '') terminal.note(text);
    }
  }
  terminal.clearProgress();
  process.exitCode = exitCode;
  setTimeout(() => process.exit(exitCode), LINGER_MS).unref();
}

function commandLine(terminal: Terminal): Command {
  const root = new Command('cryptensor')
    .description('machine learning on data that nobody may see')
    .version(packageVersion(), '--version')
    .option('--debug', 'show stacks of errors')
    .exitOverride()
    .showHelpAfterError(
      '(cryptensor --help lists commands; cryptensor COMMAND --help explains one)',
    )
    .addHelpText('after', EXIT_HELP);
  demoCommand(root, terminal);
  launchCommand(root, terminal);
  keygenCommand(root, terminal);
  sessionCommand(root, terminal);
  runCommand(root, terminal);
  preprocessCommand(root, terminal);
  dealerCommand(root, terminal);
  infoCommand(root, terminal);
  return root;
}

/** Whoever read our output has left (`| head`): nothing is left to say. */
function endQuietly(error: NodeJS.ErrnoException): void {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.program);
}

/** `--debug` anywhere before `--`, so that it works after the command's name, too. */
function debugAsked(argv: string[]): boolean {
  const cut = argv.indexOf('--');
  const at = argv.indexOf('--debug');
  if (at < 0 || (cut >= 0 && at > cut)) return false;
  argv.splice(at, 1);
  return true;
}

void main();
