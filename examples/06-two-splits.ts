/**
 * 6. Two ways to hold a table together.
 *
 * Vertical: two hospitals measure different things about the same patients (as in examples 3 and 4).
 * Horizontal: they measure the same things about different patients. Only the lines that put the table
 * together differ; the training cannot tell. It is done for a logistic regression and a small network.
 *
 *     npx tsx examples/06-two-splits.ts [--epochs 12] [--hidden 16]
 */
import { type CrypTensor, nn, optim, type Party, simulate } from 'cryptensor';
import { test, train, type Patients } from './patients.ts';
import { settings } from './settings.ts';
import { curve, megabytes, progress, say, table } from './show.ts';

const { epochs, hidden } = settings({ epochs: 12, hidden: 16 });
const BATCH = 64;

interface Shared {
  readonly x: CrypTensor;
  readonly y: CrypTensor;
}
type Split = (party: Party, patients: Patients) => Shared;

/** Columns side by side. Both parties list the same patients in the same order. */
const vertical: Split = (party, { a, b, labels }) => ({
  x: party.cat([party.cryptensor(a, { src: 0 }), party.cryptensor(b, { src: 1 })], 1),
  y: party.cryptensor(labels, { src: 0 }),
});

/** Rows one below the other: the first half belongs to party 0, the rest to party 1, labels too. */
const horizontal: Split = (party, { a, b, labels }) => {
  const rows = a.map((own, i) => [...own, ...b[i]]);
  const half = Math.floor(rows.length / 2);
  const below = (values: number[][]): CrypTensor =>
    party.cat([
      party.cryptensor(values.slice(0, half), { src: 0 }),
      party.cryptensor(values.slice(half), { src: 1 }),
    ]);
  return { x: below(rows), y: below(labels) };
};

const logistic = (): nn.Sequential => new nn.Sequential(new nn.Linear(30, 1));
const network = (): nn.Sequential =>
  new nn.Sequential(new nn.Linear(30, hidden), new nn.ReLU(), new nn.Linear(hidden, 1));

const results = [['model', 'split', 'mistakes', 'loss by epoch', 'seconds', 'sent by each']];
for (const [name, build] of Object.entries({ 'logistic regression': logistic, network })) {
  for (const [way, split] of Object.entries({ vertical, horizontal })) {
    await simulate(2, async (party) => {
      const started = performance.now();
      const { x, y } = split(party, train);
      const exam = split(party, test);
      const model = build().encrypt(party);
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.3 });
      const criterion = new nn.BCEWithLogitsLoss();
      const gradientOnly = new nn.BCEWithLogitsLoss({ skipForward: true });
      const starts = Array.from({ length: Math.ceil(x.size(0) / BATCH) }, (_, i) => i * BATCH);
      const batches = starts.map((start) => {
        const rows = Math.min(BATCH, x.size(0) - start);
        return { x: x.narrow(0, start, rows), y: y.narrow(0, start, rows) };
      });

      const losses: number[] = [];
      for (let epoch = 1; epoch <= epochs; epoch++) {
        for (const batch of batches) {
          optimizer.zeroGrad();
          gradientOnly.forward(model.forward(batch.x), batch.y).backward();
          optimizer.step();
        }
        await party.settle(...model.parameters());
        const loss = party.noGrad(() => criterion.forward(model.forward(x), y));
        losses.push((await loss.getPlainText())?.item() ?? NaN);
        if (party.rank === 0) progress(`${name}, ${way}: epoch ${epoch}, loss ${losses.at(-1)}`);
      }

      const answers = party.noGrad(() => model.forward(exam.x)).ge(0);
      const mistakes = await answers.sub(exam.y).square().sum().getPlainText();
      if (party.rank !== 0) return;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const sent = megabytes(party.stats().online.bytesSent);
      const first = `${Number(mistakes)} of ${test.labels.length}`;
      results.push([name, way, first, curve(losses), seconds, sent]);
    });
  }
}
say(table(results));
say('\nOpened: the loss of each epoch and the number of mistakes. No row, no label, no weight.');
