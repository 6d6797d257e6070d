/**
 * The training itself: a model of one layer or two, over rows that stay secret.
 * @module
 */

import { type CrypTensor, nn, optim, type Party, Tensor } from '../../index.ts';
import type { Report } from '../program.ts';
import { bytes, count, pad, seconds } from '../terminal.ts';
import { demoOnlyShareWords } from './demo-only-shares.ts';
import type { Options } from './options.ts';
import { batchesOf, initialWeights, type LayerWeights, type Recipe } from './recipe.ts';

/** Secret rows and their secret labels: x [n, features], y [n, 1]. */
export interface SharedRows {
  readonly x: CrypTensor;
  readonly y: CrypTensor;
}

/** What one model's training came to. */
export interface ModelResult {
  /** E.g. `30-16-1`. */
  readonly layers: string;
  readonly recipe: Recipe;
  /** Loss over the training rows after each epoch. */
  readonly losses: readonly number[];
  /** Part of the test rows that are classified rightly. */
  readonly accuracy: number;
  readonly seconds: number;
  readonly rounds: number;
  /** Sent by this party: masked values. */
  readonly onlineBytes: number;
  /** Exchanged with the dealer by this party. */
  readonly preprocessingBytes: number;
  /** Present with --save. */
  readonly weights?: readonly LayerWeights[];
  /** Present in the demo alone. */
  readonly demoOnlyShareWords?: readonly string[];
}

/** What one party learns. */
export interface HospitalsResult {
  readonly rows: number;
  readonly trainRows: number;
  readonly testRows: number;
  /** Number of feature columns of each party. */
  readonly features: readonly number[];
  readonly models: readonly ModelResult[];
}

/** Steps between two pauses in which the queue of operations runs empty. */
const SETTLE_EVERY = 4;

/** Trains with SGD on the binary cross entropy, then counts right answers on the test rows. */
export async function trainModel(
  party: Party,
  recipe: Recipe,
  train: SharedRows,
  test: SharedRows,
  options: Options,
  report: Report,
): Promise<ModelResult> {
  const [rows, inputs] = train.x.shape;
  const startedMs = performance.now();
  const elapsed = (): number => (performance.now() - startedMs) / 1000;
  party.resetStats();
  const model = buildModel(inputs, recipe).encrypt(party);
  const optimizer = new optim.SGD(model.parameters(), { lr: recipe.lr });
  const criterion = new nn.BCEWithLogitsLoss();
  // A step needs the gradient of the loss, not its value.
  const gradientOnly = new nn.BCEWithLogitsLoss({ skipForward: true });
  // The same views in every epoch: what there is to open about a batch is opened once.
  const batches = batchesOf(rows, recipe.batch).map(([from, to]) => ({
    x: train.x.narrow(0, from, to - from),
    y: train.y.narrow(0, from, to - from),
  }));

  const losses: number[] = [];
  let steps = 0;
  for (let epoch = 1; epoch <= recipe.epochs; epoch++) {
    for (const { x, y } of batches) {
      optimizer.zeroGrad();
      gradientOnly.forward(model.forward(x), y).backward();
      optimizer.step();
      if (++steps % SETTLE_EVERY === 0) await party.settle(...model.parameters());
    }
    const loss = party.noGrad(() => criterion.forward(model.forward(train.x), train.y));
    losses.push(await open(loss));
    const text = progressLine(party, recipe, inputs, losses, elapsed());
    report.progress(text, epoch / recipe.epochs);
  }

  // Only the number of mistakes is opened, not which rows they are.
  const answers = party.noGrad(() => model.forward(test.x)).ge(0);
  const mistakes = Math.round(await open(answers.sub(test.y).square().sum()));
  const { rounds, online, preprocessing } = party.stats();
  report.milestone(
    `${widths(inputs, recipe)} trained: ${recipe.epochs} epochs in ${seconds(elapsed())}, ` +
      `${count(rounds)} rounds`,
  );
  const result: ModelResult = {
    layers: widths(inputs, recipe),
    recipe,
    losses,
    accuracy: 1 - mistakes / test.y.shape[0],
    seconds: elapsed(),
    rounds,
    onlineBytes: online.bytesSent,
    preprocessingBytes: preprocessing.bytesSent + preprocessing.bytesReceived,
  };
  if (options.save === undefined) return result;
  const shown = options.demoOnlyShowShares ? await demoOnlyShareWords(model.parameters()[0]) : [];
  const weights = layersOf(await model.decrypt());
  return { ...result, weights, ...(shown.length > 0 ? { demoOnlyShareWords: shown } : {}) };
}

/** Fully connected layers with ReLU between them, under initial weights that everybody knows. */
function buildModel(inputs: number, { hidden, seed }: Recipe): nn.Sequential {
  const model =
    hidden === 0
      ? new nn.Sequential(new nn.Linear(inputs, 1))
      : new nn.Sequential(new nn.Linear(inputs, hidden), new nn.ReLU(), new nn.Linear(hidden, 1));
  const entries = initialWeights(inputs, hidden, seed).flatMap(({ weight, bias }, i) => [
    [`${2 * i}.weight`, new Tensor([weight.length, weight[0].length], weight.flat())] as const,
    [`${2 * i}.bias`, new Tensor([bias.length], bias)] as const,
  ]);
  model.loadStateDict(Object.fromEntries(entries));
  return model;
}

/** The weights of a model that was decrypted. */
function layersOf(model: nn.Sequential): LayerWeights[] {
  const linear = model.layers.filter((layer) => layer instanceof nn.Linear);
  return linear.map(({ weight, bias, inFeatures, outFeatures }) => ({
    weight: Array.from({ length: outFeatures }, (_, row) =>
      Array.from(weight.plain.data.subarray(row * inFeatures, (row + 1) * inFeatures)),
    ),
    bias: Array.from(bias?.plain.data ?? []),
  }));
}

async function open(value: CrypTensor): Promise<number> {
  const opened = await value.getPlainText();
  return opened === null ? NaN : opened.item();
}

function widths(inputs: number, { hidden }: Recipe): string {
  return hidden === 0 ? `${inputs}-1` : `${inputs}-${hidden}-1`;
}

function progressLine(
  party: Party,
  recipe: Recipe,
  inputs: number,
  losses: readonly number[],
  elapsed: number,
): string {
  const epoch = losses.length;
  const { rounds, total } = party.stats();
  const left = (elapsed / epoch) * (recipe.epochs - epoch);
  return [
    `${widths(inputs, recipe)}  epoch ${pad(String(epoch), 2, 'right')}/${recipe.epochs}`,
    `loss ${losses[epoch - 1].toFixed(4)}`,
    seconds(elapsed),
    `${count(rounds)} rounds`,
    `${bytes(total.bytesSent)} sent`,
    `${seconds(left)} left`,
  ].join('  ');
}
