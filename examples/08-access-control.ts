/**
 * 8. Who has what: four reasons to compute together.
 *
 * The same classifier of tumours in four situations. Alice (party 0) and Bob (party 1) never show each
 * other what they bring; what differs is which part of the problem each of them owns, and who sees the result.
 *
 *   feature aggregation   both know the same patients, each has other measurements
 *   data labelling        Alice has measurements, Bob knows how the cases ended
 *   dataset augmentation  each has a few patients of their own
 *   model hiding          Alice has a trained model, Bob has patients; Bob alone sees the answers
 *
 *     npx tsx examples/08-access-control.ts [--epochs 40] [--few 6]
 */
import { type CrypTensor, nn, optim, type Party, simulate, Tensor } from 'cryptensor';
import { test, train } from './patients.ts';
import { settings } from './settings.ts';
import { percent, progress, say, table } from './show.ts';

const { epochs, few } = settings({ epochs: 40, few: 6 });

const ALICE = 0;
const BOB = 1;

const wide = ({ a, b }: typeof train): number[][] => a.map((own, i) => [...own, ...b[i]]);
const rows = { train: wide(train), test: wide(test) };

/** Trains a logistic regression on secret rows. */
async function fit(party: Party, x: CrypTensor, y: CrypTensor): Promise<nn.Linear> {
  const model = new nn.Linear(x.size(1), 1).encrypt(party);
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.5 });
  const criterion = new nn.BCEWithLogitsLoss({ skipForward: true });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    optimizer.zeroGrad();
    criterion.forward(model.forward(x), y).backward();
    optimizer.step();
    if (epoch % 5 === 0) await party.settle(...model.parameters());
    if (party.rank === ALICE) progress(`epoch ${epoch} of ${epochs}`);
  }
  return model;
}

/** The part of right answers: all that becomes public. */
async function score(model: nn.Module, x: CrypTensor, y: CrypTensor): Promise<number> {
  const answers = x.party.noGrad(() => model.forward(x)).ge(0);
  const mistakes = await answers.sub(y).square().mean().getPlainText();
  return 1 - Number(mistakes);
}

/** What one of them gets without the other, from plain rows: the same training by one party. */
async function alone(x: number[][], y: number[][], exam: number[][]): Promise<number> {
  const [accuracy] = await simulate(1, async (party) => {
    const model = await fit(party, party.cryptensor(x), party.cryptensor(y));
    return score(model, party.cryptensor(exam), party.cryptensor(test.labels));
  });
  return accuracy;
}

type Together = (party: Party) => Promise<number>;

const featureAggregation: Together = async (party) => {
  const beside = (own: typeof train): CrypTensor =>
    party.cat([party.cryptensor(own.a, { src: ALICE }), party.cryptensor(own.b, { src: BOB })], 1);
  const model = await fit(party, beside(train), party.cryptensor(train.labels, { src: ALICE }));
  return score(model, beside(test), party.cryptensor(test.labels, { src: ALICE }));
};

const dataLabelling: Together = async (party) => {
  const x = party.cryptensor(rows.train, { src: ALICE });
  const model = await fit(party, x, party.cryptensor(train.labels, { src: BOB }));
  const exam = party.cryptensor(rows.test, { src: ALICE });
  return score(model, exam, party.cryptensor(test.labels, { src: BOB }));
};

const datasetAugmentation: Together = async (party) => {
  const below = (values: number[][]): CrypTensor =>
    party.cat([
      party.cryptensor(values.slice(0, few), { src: ALICE }),
      party.cryptensor(values.slice(few, 2 * few), { src: BOB }),
    ]);
  const model = await fit(party, below(rows.train), below(train.labels));
  const exam = party.cryptensor(rows.test, { src: BOB });
  return score(model, exam, party.cryptensor(test.labels, { src: BOB }));
};

/** What Alice trained in the clear, on patients of her own. */
const [weights] = await simulate(1, async (party) => {
  const model = await fit(party, party.cryptensor(rows.train), party.cryptensor(train.labels));
  return (await model.decrypt()).stateDict();
});

const modelHiding: Together = async (party) => {
  const model = new nn.Linear(30, 1);
  // Bob builds the same layer; what he has in it is dropped.
  if (party.rank === ALICE) model.loadStateDict(weights);
  model.encrypt(party, { src: ALICE });
  const exam = party.cryptensor(rows.test, { src: BOB });
  const diagnoses = await model.forward(exam).ge(0).getPlainText({ dst: BOB });
  if (!(diagnoses instanceof Tensor)) return NaN;
  const wrong = test.labels.filter(([label], i) => label !== diagnoses.data[i]);
  return 1 - wrong.length / test.labels.length;
};

const scenarios: [name: string, alice: string, bob: string, single: number, run: Together][] = [
  [
    'feature aggregation',
    '15 measurements, diagnoses',
    '15 other measurements',
    await alone(train.a, train.labels, test.a),
    featureAggregation,
  ],
  ['data labelling', '30 measurements', 'diagnoses', NaN, dataLabelling],
  [
    'dataset augmentation',
    `${few} patients`,
    `${few} other patients`,
    await alone(rows.train.slice(0, few), train.labels.slice(0, few), rows.test),
    datasetAugmentation,
  ],
  ['model hiding', 'a trained model', `${test.labels.length} patients`, NaN, modelHiding],
];

const results = [['scenario', 'Alice brings', 'Bob brings', 'Alice alone', 'together']];
for (const [name, alice, bob, single, run] of scenarios) {
  const [seenByAlice, seenByBob] = await simulate(2, run);
  const without = Number.isNaN(single) ? 'impossible' : percent(single);
  const seen = Number.isNaN(seenByAlice)
    ? `${percent(seenByBob)} (Bob knows)`
    : percent(seenByAlice);
  results.push([name, alice, bob, without, seen]);
}
say(table(results));
