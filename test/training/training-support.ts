/**
 * Training on shares and what PyTorch made of the same data, initial weights and batches (test/vectors/torch-training.py).
 * @module
 */

import { readFileSync } from 'node:fs';
import * as nn from '../../src/nn/index.ts';
import * as optim from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import { Tensor, type CrypTensor, type Party } from '../../src/tensor/index.ts';

type Name = 'logistic' | 'softmax' | 'mlp' | 'cnn' | 'adam';

/** One model of the vectors. */
export interface Trained {
  readonly model: Name;
  readonly shapes: readonly (readonly number[])[];
  readonly optimizer: 'SGD' | 'Adam';
  readonly options: { readonly lr: number };
  readonly epochs: number;
  /** On the test rows, by seed. */
  readonly accuracies: readonly number[];
  /** Weights of seed 1 after `few` steps, all in a row. */
  readonly few: readonly number[];
  /** Weights by seed after all steps. */
  readonly final: readonly (readonly number[])[];
}

/** The vectors. */
export const vectors = JSON.parse(
  readFileSync(new URL('../vectors/torch-training.json', import.meta.url), 'utf8'),
) as {
  readonly source: string;
  readonly batch: number;
  readonly few: number;
  readonly models: readonly Trained[];
};

/** Features and labels of a table, for training and for the test. */
export interface Rows {
  readonly x: number[][];
  readonly y: number[];
}

const MEDICAL = 'breast_cancer.csv';
const DIGITS = 'digits.csv';
const TABLES: Record<Name, string> = {
  logistic: MEDICAL,
  adam: MEDICAL,
  softmax: DIGITS,
  mlp: DIGITS,
  cnn: DIGITS,
};

const MODELS: Record<Name, (shapes: Trained['shapes']) => nn.Module> = {
  logistic: ([[out, inner]]) => new nn.Sequential(new nn.Linear(inner, out)),
  softmax: ([[out, inner]]) => new nn.Sequential(new nn.Linear(inner, out)),
  mlp,
  adam: mlp,
  cnn: ([[channels], , [out, inner]]) =>
    new nn.Sequential(
      new nn.Conv2d(1, channels, 3),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(inner, out),
    ),
};

function mlp([[hidden, inner], , [out]]: Trained['shapes']): nn.Module {
  return new nn.Sequential(new nn.Linear(inner, hidden), new nn.ReLU(), new nn.Linear(hidden, out));
}

/** A table's training and test rows, scaled. */
export function load(file: string): { readonly train: Rows; readonly test: Rows } {
  const url = new URL(`../../examples/data/${file}`, import.meta.url);
  const rows = readFileSync(url, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));
  const part = (isTest: boolean): Rows => {
    const own = rows.filter((_, i) => (i % 5 === 4) === isTest);
    return { x: own.map((row) => row.slice(0, -1)), y: own.map((row) => row[row.length - 1]) };
  };
  const [train, test] = [part(false), part(true)];
  const scales = train.x[0].map((_, j) => {
    if (file === DIGITS) return { mean: 0, deviation: 16 };
    const column = train.x.map((row) => row[j]);
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length;
    return { mean, deviation: Math.sqrt(variance) };
  });
  const scaled = ({ x, y }: Rows): Rows => ({
    x: x.map((row) => row.map((value, j) => (value - scales[j].mean) / scales[j].deviation)),
    y,
  });
  return { train: scaled(train), test: scaled(test) };
}

/** The generator of the script: numbers on [0, 1). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Initial weights and the order of rows of a seed. */
export function begin(shapes: Trained['shapes'], rows: number, seed: number) {
  const next = generator(seed);
  const weights = shapes.map((shape, i) => {
    const fan = shapes[i - (i % 2)].slice(1).reduce((product, dim) => product * dim, 1);
    const count = shape.reduce((product, dim) => product * dim, 1);
    const values = Array.from({ length: count }, () => (2 * next() - 1) / Math.sqrt(fan));
    return new Tensor(shape, values);
  });
  const keys = Array.from({ length: rows }, next);
  return { weights, order: [...keys.keys()].sort((a, b) => keys[a] - keys[b]) };
}

/** What a training on shares gave. */
export interface Result {
  readonly weights: readonly number[];
  readonly accuracy: number;
}

/** Trains a model over n parties, for some steps at most; features belong to party 0, labels to the last one. */
export async function train(
  n: number,
  trained: Trained,
  seed: number,
  { most = Infinity, precision = 16 }: { readonly most?: number; readonly precision?: number } = {},
): Promise<Result> {
  const { train: known, test } = load(TABLES[trained.model]);
  const { weights, order } = begin(trained.shapes, known.y.length, seed);
  const [result] = await simulate(
    n,
    async (party) => {
      const model = MODELS[trained.model](trained.shapes);
      const names = Object.keys(model.stateDict());
      model.loadStateDict(Object.fromEntries(names.map((name, i) => [name, weights[i]])));
      model.encrypt(party);
      const Optimizer = optim[trained.optimizer] as typeof optim.SGD;
      const optimizer = new Optimizer(model.parameters(), trained.options);
      const x = features(
        party,
        trained.model,
        order.map((row) => known.x[row]),
      );
      const y = labels(
        party,
        trained.shapes,
        order.map((row) => known.y[row]),
      );
      // Made once, so that what is opened about a batch is opened once.
      const batches: [CrypTensor, CrypTensor][] = [];
      for (let at = 0; at < order.length; at += vectors.batch) {
        const rows = Math.min(vectors.batch, order.length - at);
        batches.push([x.narrow(0, at, rows), y.narrow(0, at, rows)]);
      }
      const steps = Math.min(most, trained.epochs * batches.length);
      for (let step = 0; step < steps; step++) {
        const [inputs, targets] = batches[step % batches.length];
        optimizer.zeroGrad();
        lossOf(model.forward(inputs), targets).backward();
        optimizer.step();
        if (step % 8 === 7) await party.settle(...model.parameters());
      }
      const logits = await model.forward(features(party, trained.model, test.x)).getPlainText();
      await model.decrypt();
      const found = names.flatMap((name) => [...(model.stateDict()[name] as Tensor).data]);
      return { weights: found, accuracy: accuracyOf(logits, test.y) };
    },
    { precision },
  );
  return result;
}

/** The largest difference of two rows of weights. */
export function distance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

function features(party: Party, model: Name, rows: readonly number[][]): CrypTensor {
  const shape = model === 'cnn' ? [rows.length, 1, 8, 8] : [rows.length, rows[0].length];
  const values = party.rank === 0 ? new Tensor(shape, rows.flat()) : null;
  return party.cryptensor(values, { src: 0, shape });
}

/** A column of 0 and 1, or rows of them with a 1 at the class. */
function labels(party: Party, shapes: Trained['shapes'], classes: readonly number[]): CrypTensor {
  const [width] = shapes[shapes.length - 1];
  const hot = classes.flatMap((label) =>
    width === 1 ? [label] : Array.from({ length: width }, (_, k) => (k === label ? 1 : 0)),
  );
  const src = party.world - 1;
  const shape = [classes.length, width];
  return party.cryptensor(party.rank === src ? new Tensor(shape, hot) : null, { src, shape });
}

function lossOf(logits: CrypTensor, targets: CrypTensor): CrypTensor {
  const options = { skipForward: true };
  return logits.size(1) === 1
    ? logits.binaryCrossEntropyWithLogits(targets, options)
    : logits.crossEntropy(targets, options);
}

/** The part of rows whose largest logit, or whose sign, names their class. */
export function accuracyOf(
  { shape: [rows, width], data }: Tensor,
  classes: readonly number[],
): number {
  let right = 0;
  for (let row = 0; row < rows; row++) {
    const own = [...data.subarray(row * width, (row + 1) * width)];
    const guess = width === 1 ? Number(own[0] > 0) : own.indexOf(Math.max(...own));
    if (guess === classes[row]) right++;
  }
  return right / rows;
}
