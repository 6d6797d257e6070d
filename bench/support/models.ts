/**
 * The workloads of `models`: inference (`e2e`) and training (`train`), by the names of the published CrypTen baseline.
 *
 * Data are party 0's and weights party 1's; all is drawn from public seeds, but for the medical table of the examples. A model keeps its
 * weights from run to run; a training begins with new ones each time.
 * @module
 */

import { readFileSync } from 'node:fs';
import { sizeOf } from '../../src/core/shape.ts';
import type * as nn from '../../src/nn/index.ts';
import { Tensor, type Party } from '../../src/tensor/index.ts';
import { evaluated } from './float-nets.ts';
import { logisticTrained, mlpStepped, svmTrained } from './float-trainings.ts';
import { drawn, normal, uniform, type Input } from './inputs.ts';
import { lenet5, logisticRegression, mlp, resnet18 } from './nets.ts';
import { logisticEpoch, mlpStep, svm } from './trainings.ts';
import {
  OPERATIONS,
  type ModelWorkload,
  type Operation,
  type OperationWorkload,
  type Workload,
} from './workloads.ts';

const MODEL_SEED = 3000;
const std = normal();

/** All rows of `models`. */
export const MODELS: readonly Workload[] = [
  inference('logreg-30x569', logisticRegression, () => table().x, 1e-3),
  inference('mlp-b1', mlp, () => drawn(2001, [1, 784], 0, std), 2e-3),
  inference('mlp-b64', mlp, () => drawn(2002, [64, 784], 0, std), 2e-3),
  inference('lenet5-b1', lenet5, () => drawn(2003, [1, 1, 28, 28], 0, std), 2e-3),
  inference('lenet5-b16', lenet5, () => drawn(2004, [16, 1, 28, 28], 0, std), 2e-3),
  inference('resnet18-1x3x64x64', resnet18, () => drawn(2005, [1, 3, 64, 64], 0, std), 0.05),
  training('svm-example-defaults', svmInputs, svm as Operation, svmTrained, 1e-3),
  training('logreg-bc-1epoch', logisticInputs, logisticEpoch as Operation, logisticTrained, 1e-3),
  training('mlp-step-b64', mlpInputs, mlpStep as Operation, mlpStepped, 4e-3),
];

/** Rows of all suites. */
export const WORKLOADS: readonly Workload[] = [...OPERATIONS, ...MODELS];

function inference(
  name: string,
  build: () => nn.Module,
  input: () => Input,
  tolerance: number,
): ModelWorkload {
  const weights = (): readonly Input[] => weightsOf(build());
  return {
    name: `e2e:${name}`,
    inputs: () => [input()],
    weights,
    expected: ([x, ...own]) => evaluated(build(), x, own.values()).values,
    tolerance,
    share: (party, own) => sharedModel(party, build(), own),
  };
}

function training(
  name: string,
  inputs: () => readonly Input[],
  run: Operation,
  expected: OperationWorkload['expected'],
  tolerance: number,
): OperationWorkload {
  return { name: `train:${name}`, inputs, run, expected, tolerance };
}

/** Weights as new secrets of a model for inference; they are of its parameters in order. */
export function sharedModel(party: Party, model: nn.Module, weights: readonly Input[]): Operation {
  const names = model.allParameters().map(([name]) => name);
  const state = weights.map(({ shape, values }, i) => [names[i], new Tensor(shape, values)]);
  model.loadStateDict(Object.fromEntries(state) as nn.StateDict);
  model.encrypt(party, { src: weights[0].src }).eval();
  return (x) => party.noGrad(() => model.forward(x));
}

/** Parameters in the order of the module's state: of convolutions, weights keep the variance and biases are small; else ±1/√fan-in. */
function weightsOf(model: nn.Module): Input[] {
  let fanIn = 1;
  return model.allParameters().map(([, { shape }], i) => {
    if (shape.length > 1) fanIn = sizeOf(shape.slice(1));
    const bound = 1 / Math.sqrt(fanIn);
    const draw = shape.length === 4 ? normal(Math.SQRT2 * bound) : uniform(-bound, bound);
    return drawn(MODEL_SEED + i, shape, 1, draw);
  });
}

/** Points of 100 features, and on which side of a plane each of the 50 is; weights to begin with. */
function svmInputs(): Input[] {
  const [features, examples] = [100, 50];
  const x = drawn(2100, [features, examples], 0, std);
  const plane = drawn(2101, [features], 1, std).values;
  const labels = Float64Array.from({ length: examples }, (_, i) => {
    const margin = plane.reduce((sum, value, j) => sum + value * x.values[j * examples + i], 0);
    return margin < 0 ? -1 : 1;
  });
  const y = { shape: [1, examples], src: 1, values: labels };
  return [x, y, drawn(2102, [1, features], 1, std), drawn(2103, [1], 1, std)];
}

/** 455 rows of the medical table: columns 1 to 15 at party 0, the others and the labels at party 1; weights to begin with. */
function logisticInputs(): Input[] {
  const rows = 455;
  const { x, y } = table();
  const columns = (from: number, src: number): Input => {
    const values = Float64Array.from({ length: rows * 15 }, (_, at) => {
      return x.values[Math.floor(at / 15) * 30 + from + (at % 15)];
    });
    return { shape: [rows, 15], src, values };
  };
  const labels = { shape: [rows, 1], src: 1, values: y.subarray(0, rows) };
  const start = [drawn(2200, [30, 1], 1, normal(0.1)), drawn(2201, [1], 1, normal(0.1))];
  return [columns(0, 0), columns(15, 1), labels, ...start];
}

/** 64 rows of 784 and their classes; the network's weights. */
function mlpInputs(): Input[] {
  const classes = drawn(2301, [64], 1, (next) => Math.floor(10 * next())).values;
  const oneHot = Float64Array.from({ length: 640 }, (_, at) => {
    return classes[Math.floor(at / 10)] === at % 10 ? 1 : 0;
  });
  const y = { shape: [64, 10], src: 1, values: oneHot };
  return [drawn(2300, [64, 784], 0, std), y, ...weightsOf(mlp())];
}

/** The medical table: columns of mean 0 and deviation 1, and labels of 0 and 1. */
function table(): { readonly x: Input; readonly y: Float64Array } {
  const file = new URL('../../examples/data/breast_cancer.csv', import.meta.url);
  const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  const scales = rows[0].slice(0, -1).map((_, j) => {
    const mean = rows.reduce((sum, row) => sum + row[j] / rows.length, 0);
    const variance = rows.reduce((sum, row) => sum + (row[j] - mean) ** 2 / rows.length, 0);
    return { mean, deviation: Math.sqrt(variance) };
  });
  const scaled = rows.flatMap((row) =>
    scales.map(({ mean, deviation }, j) => Math.fround((row[j] - mean) / deviation)),
  );
  return {
    x: { shape: [rows.length, scales.length], src: 0, values: Float64Array.from(scaled) },
    y: Float64Array.from(rows, (row) => row[row.length - 1]),
  };
}
