/**
 * `cryptensor demo`: two hospitals and a dealer, three processes of this machine, train two models on
 * rows whose columns they hold apart; then everything is compared with the same training in the clear.
 * @module
 */

import type { Command } from 'commander';
import { join } from 'node:path';
import type { DealerReport } from '../connect.node.ts';
import { type ChildEnd, type ChildPlan, groupExitCode, runChildren } from './children.ts';
import { addTuningOptions, wholeNumber } from './connect-flags.ts';
import {
  type DemoOutcome,
  type ModelOutcome,
  showIntroduction,
  showOutcome,
} from './demo-report.ts';
import { inTheClear, TARGET, writeDemoTables } from './demo-split.ts';
import { EXIT, ReportedFailure } from './exit.ts';
import { interrupted, interruption } from './interrupt.ts';
import { makeLocalSession } from './local-session.ts';
import type { HospitalsResult } from './programs/hospitals.ts';
import { initialWeights } from './programs/recipe.ts';
import { indent, type Terminal } from './terminal.ts';
import { largestDifference, trainInTheClear } from './twin.ts';

interface DemoFlags {
  readonly timeout: string;
  readonly backend: string;
  readonly epochs: string;
  readonly seed: string;
  readonly json?: true;
}

const HOSPITALS = ['hospital A', 'hospital B'] as const;
const PRECISION = 16;
/** Logistic regression, then a network with 16 hidden neurons. */
const MODELS = { hidden: '0,16', lr: '0.5,0.2' } as const;

/** Adds the command. */
export function demoCommand(root: Command, terminal: Terminal): void {
  const command = root
    .command('demo')
    .description('watch two hospitals train on data that neither shows: under a minute, no set-up')
    .option('--epochs <n>', 'passes over the rows, for both models', '20')
    .option('--seed <n>', 'names the split and the initial weights', '1');
  addTuningOptions(command).action((flags: DemoFlags) => demo(terminal, flags));
}

async function demo(terminal: Terminal, flags: DemoFlags): Promise<void> {
  wholeNumber(flags.epochs, '--epochs', 1, 1000);
  const seed = wholeNumber(flags.seed, '--seed', 0, 1_000_000);
  const startedMs = performance.now();
  const signal = interruption(false);
  const session = await makeLocalSession(HOSPITALS, PRECISION);
  try {
    const tables = await writeDemoTables(session.folder);
    if (!flags.json) showIntroduction(terminal, tables);
    const models = join(session.folder, 'models.json');
    const asked = [
      ...['--hidden', MODELS.hidden, '--lr', MODELS.lr],
      ...['--epochs', flags.epochs, '--seed', flags.seed, '--save', models],
      '--demo-only-show-shares',
    ];
    const place = (i: number): string[] => [
      ...['--session', session.sessionFile, '--identity', session.keyFiles[i]],
      ...['--timeout', flags.timeout, '--backend', flags.backend],
    ];
    const plans: ChildPlan[] = [
      {
        name: HOSPITALS[0],
        args: [
          ...['run', 'hospitals', ...place(0), '--'],
          ...['--csv', tables.fileA, '--target', TARGET, ...asked],
        ],
      },
      {
        name: HOSPITALS[1],
        args: ['run', 'hospitals', ...place(1), '--', '--csv', tables.fileB, ...asked],
      },
      { name: 'dealer', args: ['dealer', ...place(2)] },
    ];
    const ends = await watch(terminal, plans, signal);
    const [a, b] = ends.map(({ result }) => result as HospitalsResult);
    const compared = a.models.map((model, i): ModelOutcome => {
      const { train, test } = inTheClear(tables.whole, seed);
      const start = initialWeights(train.x[0].length, model.recipe.hidden, seed);
      const twin = trainInTheClear(model.recipe, start, train, test);
      const difference = largestDifference(model.weights ?? [], twin.layers);
      return { parties: [model, b.models[i]], twin, difference };
    });
    const outcome: DemoOutcome = {
      hospitals: a,
      models: compared,
      dealer: ends[2].result as DealerReport,
      seconds: (performance.now() - startedMs) / 1000,
    };
    if (flags.json) terminal.print(JSON.stringify(outcome));
    else showOutcome(terminal, outcome);
  } finally {
    session.remove();
  }
}

/** Runs the three processes, showing what hospital A reports; throws unless all end well. */
async function watch(
  terminal: Terminal,
  plans: readonly ChildPlan[],
  signal: AbortSignal,
): Promise<ChildEnd[]> {
  const ends = await runChildren(
    plans,
    {
      progress: (name, text, part) => {
        if (name === HOSPITALS[0]) terminal.progress(indent(text), part);
      },
      milestone: (name, text) => {
        if (name === HOSPITALS[0]) terminal.milestone(indent(text));
      },
      line: (name, _stream, text) => terminal.note(`${terminal.paintError('dim', name)}  ${text}`),
    },
    signal,
  );
  terminal.clearProgress();
  if (signal.aborted) throw interrupted();
  for (const { name, signal: death } of ends) {
    if (death !== undefined) terminal.note(`${name} was ended by ${death}`);
  }
  const code = groupExitCode(ends);
  if (code !== EXIT.ok) throw new ReportedFailure(code);
  return ends;
}
