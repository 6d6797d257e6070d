/**
 * What the demo shows: who has what, how the training went, what it cost, how to repeat it at home.
 * @module
 */

import asciichart from 'asciichart';
import { basename } from 'node:path';
import type { DealerReport } from '../connect.node.ts';
import type { DemoTables } from './demo-split.ts';
import { ONE_USER_NOTE } from './launch.ts';
import type { HospitalsResult, ModelResult } from './programs/hospitals.ts';
import {
  bytes,
  count,
  indent,
  pad,
  percent,
  seconds,
  sideBySide,
  table,
  type Terminal,
} from './terminal.ts';
import { flatten, type Trained } from './twin.ts';

/** One model as both hospitals saw it, beside its twin in the clear. */
export interface ModelOutcome {
  readonly parties: readonly [ModelResult, ModelResult];
  readonly twin: Trained;
  /** The largest difference of a weight. */
  readonly difference: number;
}

/** All that the demo found out. */
export interface DemoOutcome {
  readonly hospitals: HospitalsResult;
  readonly models: readonly ModelOutcome[];
  readonly dealer: DealerReport;
  readonly seconds: number;
}

const CHART = { height: 7, width: 28 };
const WEIGHTS_SHOWN = 4;

/** Before the training: who holds what. */
export function showIntroduction(terminal: Terminal, tables: DemoTables): void {
  const { paint } = terminal;
  const { rows } = tables.whole;
  const [a, b] = tables.features;
  terminal.print();
  terminal.print(
    `${paint('bold', 'cryptensor demo')}  two hospitals train on patients that neither shows the other`,
  );
  terminal.print();
  const holds = [
    ['hospital A', `${a} features and the diagnosis`, basename(tables.fileA)],
    ['hospital B', `${b} other features of the same ${rows} patients`, basename(tables.fileB)],
    ['dealer', 'nothing: makes random numbers, sees only sizes', '-'],
  ];
  terminal.print(indent(table(['process', 'holds', 'file'], holds, paint, ['left'])));
  terminal.print();
  terminal.print(
    indent(paint('dim', 'three processes, own keys, encrypted authenticated channels on loopback')),
  );
  terminal.print(`  ${paint('yellow', 'note')} ${paint('dim', ONE_USER_NOTE)}`);
  terminal.print();
}

/** After it: results, chart, costs, shares, commands. */
export function showOutcome(terminal: Terminal, outcome: DemoOutcome): void {
  const { paint } = terminal;
  const section = (title: string, body: string): void => {
    terminal.print(paint(['bold', 'cyan'], title));
    terminal.print(`${indent(body)}\n`);
  };
  terminal.print();
  const { trainRows, testRows } = outcome.hospitals;
  section(
    `Result  ${trainRows} patients to train, ${testRows} to test`,
    accuracies(outcome, terminal),
  );
  section('Loss on the training patients', charts(outcome, terminal));
  section('What it took', costs(outcome, terminal));
  section('What each hospital held of the trained weights', shares(outcome.models[0], terminal));
  section('The same with two machines and your own files', commands(terminal));
  section('Programs of your own', programs(terminal));
  terminal.print(
    paint('dim', `  ${seconds(outcome.seconds)} in all, with starting and comparing.`),
  );
}

/** A model's name for people. */
export function modelName({ recipe, layers }: ModelResult): string {
  return recipe.hidden === 0 ? 'logistic regression' : `neural network ${layers}`;
}

function accuracies({ models }: DemoOutcome, { paint }: Terminal): string {
  const rows = models.map(({ parties: [model], twin, difference }) => [
    modelName(model),
    paint('green', percent(model.accuracy)),
    percent(twin.accuracy),
    model.losses[model.losses.length - 1].toFixed(4),
    twin.losses[twin.losses.length - 1].toFixed(4),
    difference.toExponential(1),
  ]);
  const head = ['model', 'private', 'in the clear', 'loss', 'in the clear', 'largest Δ weight'];
  const note = '“In the clear” is the same training in float64 on the joined table.';
  return `${table(head, rows, paint)}\n${paint('dim', note)}`;
}

function charts({ models }: DemoOutcome, { paint }: Terminal): string {
  const blocks = models.map(({ parties: [model] }) => {
    const series = stretch(model.losses, CHART.width);
    const format = (value: number): string => pad(value.toFixed(3), 7, 'right');
    const plot = asciichart.plot(series, { height: CHART.height, min: 0, format });
    const [first, last] = [1, model.losses.length].map((epoch) => `epoch ${epoch}`);
    const axis = `${' '.repeat(9)}${pad(first, CHART.width - last.length)}${last}`;
    const coloured = plot.replace(/[─╭╮╰╯│]+/g, (line) => paint('cyan', line));
    return `${modelName(model)}\n${coloured}\n${paint('dim', axis)}`;
  });
  return sideBySide(blocks);
}

function costs({ models, dealer }: DemoOutcome, { paint }: Terminal): string {
  const rows = models.flatMap(({ parties }) =>
    parties.map((model, rank) => [
      `hospital ${'AB'[rank]}`,
      rank === 0 ? modelName(model) : paint('dim', modelName(model)),
      seconds(model.seconds),
      count(model.rounds),
      bytes(model.onlineBytes),
      bytes(model.preprocessingBytes),
    ]),
  );
  const { requests, dealtBytes } = dealer;
  rows.push([
    'dealer',
    'both models',
    seconds(dealer.seconds),
    '-',
    '-',
    `${bytes(dealtBytes)} dealt, ${count(requests)} requests`,
  ]);
  const head = ['process', 'model', 'time', 'rounds', 'sent online', 'with the dealer'];
  return table(head, rows, paint, ['left', 'left', 'right']);
}

function shares({ parties: [a, b] }: ModelOutcome, { paint }: Terminal): string {
  const [wordsA, wordsB] = [a, b].map((model) => model.demoOnlyShareWords ?? []);
  const truth = flatten(a.weights ?? []);
  const rows = wordsA
    .slice(0, WEIGHTS_SHOWN)
    .map((word, i) => [
      `w${i}`,
      paint('blue', word),
      paint('magenta', wordsB[i]),
      truth[i].toFixed(5),
    ]);
  const note = [
    'Each column alone is uniformly random. Only the sum modulo 2⁶⁴ is the weight, times 2¹⁶;',
    'the demo adds them up because both processes let it. In a real run nobody holds both.',
  ].join('\n');
  const head = ['', 'hospital A', 'hospital B', 'their sum'];
  return `${table(head, rows, paint, ['left', 'left', 'left', 'right'])}\n${paint('dim', note)}`;
}

function commands({ paint }: Terminal): string {
  const note = (text: string): string => paint('dim', `# ${text}`);
  return [
    note('each on its own machine, once; tell the others the line and the fingerprint'),
    'npx cryptensor keygen alice        npx cryptensor keygen bob        npx cryptensor keygen deal',
    note('anybody, once; then everybody gets the file (it holds no secret)'),
    'npx cryptensor session create --out session.json \\',
    '    --party alice=PUBLICKEY@alice.example:7000 --party bob=PUBLICKEY@bob.example:7000 \\',
    '    --dealer deal=PUBLICKEY@deal.example:7000',
    note('the dealer: a machine that neither party rules'),
    'npx cryptensor dealer --session session.json --identity deal.key --timeout 600',
    note('alice, whose file has the labels (0 and 1); then bob. Row i is the same person in both'),
    'npx cryptensor run hospitals --session session.json --identity alice.key --timeout 600 \\',
    '    -- --csv own.csv --target outcome',
    'npx cryptensor run hospitals --session session.json --identity bob.key --timeout 600 \\',
    '    -- --csv own.csv',
  ].join('\n');
}

function programs({ paint }: Terminal): string {
  return [
    'npx tsx examples/01-hello-share.ts',
    paint('dim', '# and twelve more in reading order, up to a transformer: examples/README.md'),
  ].join('\n');
}

/** A series drawn over `width` points. */
function stretch(series: readonly number[], width: number): number[] {
  const last = series.length - 1;
  return Array.from({ length: width }, (_, i) => {
    const at = (i * last) / (width - 1);
    const low = Math.floor(at);
    return series[low] + (at - low) * (series[Math.min(low + 1, last)] - series[low]);
  });
}
