import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as nn from '../../src/nn/index.ts';
import { SGD } from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import { Tensor } from '../../src/tensor/index.ts';

type Values = readonly [shape: number[], data: number[]];

interface Case {
  readonly name: 'mlp' | 'cnn';
  readonly state: Readonly<Record<string, Values>>;
  readonly x: Values;
  readonly y: number[];
  readonly lr: number;
  readonly momentum: number;
  readonly losses: readonly number[];
  readonly after: Readonly<Record<string, Values>>;
  readonly scores: readonly number[];
}

const { source, cases } = JSON.parse(
  readFileSync(new URL('../vectors/torch-nn-training.json', import.meta.url), 'utf8'),
) as { source: string; cases: readonly Case[] };

const MODELS: Record<Case['name'], () => nn.Sequential> = {
  mlp: () =>
    new nn.Sequential(
      new nn.Linear(5, 6),
      new nn.Tanh(),
      new nn.Linear(6, 4),
      new nn.ReLU(),
      new nn.Linear(4, 3),
    ),
  cnn: () =>
    new nn.Sequential(
      new nn.Conv2d(1, 3, 3, { padding: 1 }),
      new nn.BatchNorm2d(3),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(27, 3),
    ),
};

/** Eight steps of rounding, each of which moves all that follow. */
const TOLERANCE = 1e-2;

const tensors = (state: Readonly<Record<string, Values>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(state).map(([name, values]) => [name, new Tensor(...values)]));

const near = (title: string, got: ArrayLike<number>, expected: ArrayLike<number>): void => {
  assert.equal(got.length, expected.length, title);
  Array.from(expected).forEach((value, i) => {
    assert.ok(
      Math.abs(got[i] - value) <= TOLERANCE,
      `${title} at ${i}: got ${got[i]}, PyTorch ${value}`,
    );
  });
};

describe(`nn: training as ${source}`, () => {
  for (const { name, state, x, y, lr, momentum, losses, after, scores } of cases) {
    for (const n of [1, 2, 3]) {
      it(`${name} over ${n}: every loss, the state and what it then answers`, () =>
        simulate(n, async (party) => {
          const model = MODELS[name]();
          model.loadStateDict(tensors(state));
          model.encrypt(party);
          const images = party.cryptensor(party.rank === 0 ? new Tensor(...x) : null, {
            shape: x[0],
          });
          const labels = party.cryptensor(y, { src: n - 1 });
          const criterion = new nn.CrossEntropyLoss();
          const optimizer = new SGD(model.parameters(), { lr, momentum });
          const values = losses.map(() => {
            optimizer.zeroGrad();
            const loss = criterion.forward(model.forward(images), labels);
            loss.backward();
            optimizer.step();
            return loss.getPlainText();
          });
          const got = (await Promise.all(values)).map((value) => value.item());
          near('losses', got, losses);
          assert.ok(got[got.length - 1] < 0.8 * got[0]);
          model.eval();
          const answers = await party.noGrad(() => model.forward(images)).getPlainText();
          near('scores', answers.data, scores);
          await model.decrypt();
          for (const [key, value] of Object.entries(model.stateDict())) {
            near(key, (value as Tensor).data, after[key][1]);
          }
        })).timeout(30_000);
    }
  }
});
