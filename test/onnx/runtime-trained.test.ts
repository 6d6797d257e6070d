/** A model that two parties train in secret, its owner takes home, and another runtime runs. */

import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import * as onnx from '../../src/onnx/index.ts';
import { SGD } from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import { Tensor } from '../../src/tensor/index.ts';
import { apart, run, type Values } from './onnxruntime.ts';

const OWNER = 0;
const CLASSES = 3;
const TRAINED = 24;
const TESTED = 9;
const TOLERANCE = 1e-3;

/** Rows of a class each in turn: a pattern of the class, and noise that is the same at every run. */
function rows(count: number, from: number, shape: readonly number[]): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: count * size }, (_, at) => {
    const [row, place] = [from + Math.floor(at / size), at % size];
    const noise = (((row * 71 + place * 37) % 101) - 50) / 125;
    return (place % CLASSES === row % CLASSES ? 1 : -0.5) + noise;
  });
  return new Tensor([count, ...shape], data);
}

/** The class of every row of logits, and how far its logit is above the next. */
function predictions({ data }: Values): { readonly classes: number[]; readonly margin: number } {
  const lines = Array.from({ length: TESTED }, (_, row) =>
    Array.from({ length: CLASSES }, (__, k) => data[row * CLASSES + k]),
  );
  const gaps = lines.map((line) => {
    const [first, second] = line.toSorted((a, b) => b - a);
    return first - second;
  });
  return {
    classes: lines.map((line) => line.indexOf(Math.max(...line))),
    margin: Math.min(...gaps),
  };
}

type Story = readonly [title: string, model: () => nn.Module, shape: number[], steps: number];

const STORIES: readonly Story[] = [
  [
    'an MLP',
    () => new nn.Sequential(new nn.Linear(6, 12), new nn.ReLU(), new nn.Linear(12, CLASSES)),
    [6],
    16,
  ],
  [
    'a convolutional network with batch normalisation',
    () =>
      new nn.Sequential(
        new nn.Conv2d(1, 4, 3, { padding: 1 }),
        new nn.BatchNorm2d(4),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Flatten(),
        new nn.Linear(36, CLASSES),
      ),
    [1, 6, 6],
    6,
  ],
];

describe('onnx: trained in secret by two parties, run by onnxruntime', () => {
  for (const [title, make, shape, steps] of STORIES) {
    it(title, async () => {
      const test = rows(TESTED, TRAINED, shape);
      const [owner, other] = await simulate(2, async (party) => {
        const x = party.cryptensor(party.rank === 1 ? rows(TRAINED, 0, shape) : null, {
          src: 1,
          shape: [TRAINED, ...shape],
        });
        const labels = Array.from({ length: TRAINED * CLASSES }, (_, at) =>
          Number(at % CLASSES === Math.floor(at / CLASSES) % CLASSES),
        );
        const y = party.cryptensor(party.rank === OWNER ? labels : null, {
          src: OWNER,
          shape: [TRAINED, CLASSES],
        });
        const model = make().encrypt(party, { src: OWNER });
        const optimizer = new SGD(model.parameters(), { lr: 0.2 });
        for (let step = 0; step < steps; step++) {
          optimizer.zeroGrad();
          model.forward(x).crossEntropy(y, { skipForward: true }).backward();
          optimizer.step();
        }
        model.eval();
        const revealed = await party
          .noGrad(() => model.forward(party.cryptensor(test)))
          .getPlainText();
        await model.decrypt({ dst: OWNER });
        const options = { inputShape: [null, ...shape] };
        if (party.rank === OWNER) return { revealed, bytes: onnx.save(model, options) };
        assert.throws(() => onnx.save(model, options), { code: 'ERR_MPC_MODEL' });
        return { revealed };
      });
      assert.ok(owner.bytes !== undefined && other.bytes === undefined);
      const result = await run(owner.bytes, [test]);
      const off = apart(result, [owner.revealed]);
      process.stdout.write(`      largest difference ${off.toExponential(1)}\n`);
      assert.ok(off <= TOLERANCE, `off by ${off}`);
      const [secret, elsewhere] = [predictions(owner.revealed), predictions(result[0])];
      assert.ok(secret.margin > 2 * TOLERANCE, `the classes lie ${secret.margin} apart`);
      assert.deepEqual(elsewhere.classes, secret.classes);
      const right = secret.classes.filter((k, row) => k === (TRAINED + row) % CLASSES);
      assert.ok(right.length > TESTED / 2, `${right.length} of ${TESTED} right after training`);
    });
  }
});
