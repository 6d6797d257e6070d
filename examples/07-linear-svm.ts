/**
 * 7. A linear support vector machine.
 *
 * A plane between two clouds of points, as far from both as possible. One party has the points, the other
 * one knows which cloud each belongs to. The same training is then done in the clear, to see how far
 * fixed-point arithmetic and secrecy have moved the result.
 *
 *     npx tsx examples/07-linear-svm.ts [--examples 50] [--features 100] [--epochs 50] [--lr 0.5]
 */
import { simulate } from 'cryptensor';
import { coins, normals } from './random.ts';
import { settings } from './settings.ts';
import { curve, percent, progress, say } from './show.ts';

const { examples, features, epochs, lr } = settings({
  examples: 50,
  features: 100,
  epochs: 50,
  lr: 0.5,
});
/** Weight of the plane's own size beside the mistakes. */
const DECAY = 0.01;

const draw = coins(7);
const truth = normals(features, draw);
const points = Array.from({ length: examples }, () => normals(features, draw));
const labels = points.map((point) => [Math.sign(inner(point, truth))]);

function inner(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

/** The training as anybody would write it who may see everything. */
function inTheClear(): number[] {
  const w = new Array<number>(features + 1).fill(0);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const gradient = w.map((value, j) => (j < features ? DECAY * value : 0));
    points.forEach((point, i) => {
      const [label] = labels[i];
      const row = [...point, 1];
      if (label * inner(row, w) >= 1) return;
      row.forEach((value, j) => (gradient[j] -= (label * value) / examples));
    });
    gradient.forEach((value, j) => (w[j] -= lr * value));
  }
  return w;
}

await simulate(2, async (party) => {
  const x = party.cryptensor(points, { src: 0 });
  const y = party.cryptensor(labels, { src: 1 });
  const w = party.zeros([features, 1], { requiresGrad: true });
  const b = party.zeros([1], { requiresGrad: true });

  const losses: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    // How far each point is on its right side; what is missing to 1 is the hinge loss.
    const margins = x.matmul(w).add(b).mul(y);
    const hinge = margins.neg().add(1).relu().mean();
    hinge.backward();
    party.noGrad(() => {
      if (w.grad !== null) w.sub_(w.grad.add(w.mul(DECAY)).mul(lr));
      if (b.grad !== null) b.sub_(b.grad.mul(lr));
      w.zeroGrad();
      b.zeroGrad();
    });
    losses.push(Number(await hinge.getPlainText()));
    if (party.rank === 0) progress(`epoch ${epoch}: hinge loss ${losses.at(-1)}`);
  }

  const right = x.matmul(w).add(b).mul(y).gt(0).mean();
  const accuracy = Number(await right.getPlainText());
  // Here the plane is opened, to compare; a real run would keep it secret, or open it to one party.
  const opened = await party.cat([w.flatten(), b]).getPlainText();
  if (party.rank !== 0 || opened === null) return;
  const clear = inTheClear();
  const largest = Math.max(...clear.map((value, j) => Math.abs(value - opened.data[j])));
  say(`${examples} points of ${features} features, ${epochs} epochs`);
  say(`hinge loss       ${losses[0].toFixed(3)} ${curve(losses)} ${losses.at(-1)?.toFixed(3)}`);
  say(`right side       ${percent(accuracy)}`);
  say(`against in the clear: no weight differs by more than ${largest.toFixed(5)}`);
  say(`${party.stats().rounds} rounds`);
});
