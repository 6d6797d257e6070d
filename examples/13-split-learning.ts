/**
 * 13. Split learning: most of the work in the clear, the labels private.
 *
 * A clinic (party 0) has measurements, and keeps a network that it computes in the clear, at full speed. A registry
 * (party 1) knows the diagnoses, and shows them to nobody. In each step the clinic is told one noisy sum, out of which
 * it works out how to improve its network. How much these sums can say about any one patient is bounded: that is epsilon,
 * and the less noise, the larger it is.
 *
 *     npx tsx examples/13-split-learning.ts [--epochs 10] [--noise 2] [--batch 64] [--lr 0.5]
 */
import { nn, simulate, Tensor } from 'cryptensor';
import { test, train } from './patients.ts';
import { settings } from './settings.ts';
import { bar, percent, progress, say } from './show.ts';

const { epochs, noise, batch, lr } = settings({ epochs: 10, noise: 2, batch: 64, lr: 0.5 });
const CLINIC = 0;
const REGISTRY = 1;
/** Neurons of the hidden layer. */
const WIDTH = 8;
/** Probability with which the bound may fail. */
const DELTA = 1e-5;

const rows = train.a.map((own, i) => [...own, ...train.b[i]]);
const exam = test.a.map((own, i) => [...own, ...test.b[i]]);
const tensorOf = (values: number[][]): Tensor => new Tensor([values.length, 30], values.flat());

/** Trains with so much noise; returns the part of right answers, which the clinic finds out on patients of its own. */
async function learn(noiseMultiplier: number): Promise<[accuracy: number, epsilon: number]> {
  const results = await simulate(2, async (party) => {
    const clinic = party.rank === CLINIC;
    const network = clinic ? new nn.PlainMLP([30, WIDTH, 1]) : null;
    const split = new nn.DPSplit(party, network, {
      featureSrc: CLINIC,
      labelSrc: REGISTRY,
      width: WIDTH,
      clipNorm: 4,
      noiseMultiplier,
    });
    const labels = split.shareLabels(
      party.rank === REGISTRY ? train.labels.flat() : null,
      rows.length,
    );
    for (let epoch = 1; epoch <= epochs; epoch++) {
      for (let start = 0; start + batch <= rows.length; start += batch) {
        split.forward(clinic ? tensorOf(rows.slice(start, start + batch)) : null, batch);
        await split.backward(labels.narrow(0, start, batch));
        split.step(lr);
      }
      if (clinic) progress(`noise ${noiseMultiplier}: epoch ${epoch} of ${epochs}`);
    }
    const epsilon = split.epsilon({ participations: epochs, delta: DELTA });
    if (network === null) return null;
    const { logits } = network.forward(tensorOf(exam));
    const right = test.labels.filter(([label], i) => (logits[i] > 0 ? 1 : 0) === label).length;
    return [right / exam.length, epsilon] as [number, number];
  });
  return results[CLINIC] ?? [NaN, NaN];
}

for (const noiseMultiplier of [0, noise, 4 * noise]) {
  const [accuracy, epsilon] = await learn(noiseMultiplier);
  const bound = Number.isFinite(epsilon) ? `epsilon ${epsilon.toFixed(1)}` : 'labels not protected';
  const amount = `noise ${noiseMultiplier}`.padEnd(10);
  say(`${amount} ${bar(accuracy)} ${percent(accuracy)} of new patients right   ${bound}`);
}
