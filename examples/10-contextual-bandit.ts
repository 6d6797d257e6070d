/**
 * 10. Learning from what happens: a contextual bandit.
 *
 * Visitors come one after the other, and each is shown one of ten offers. Alice (party 0) knows who comes, Bob
 * (party 1) knows which offer that visitor would take. Together they learn what to show: a linear guess of each
 * offer's success, corrected after each visitor. Nobody learns who came, what was shown, or whether it was taken;
 * only how often, over fifty visitors. (Images of digits play the visitors: the right offer is the digit.)
 *
 * Now and then an offer is drawn by lot instead, since nothing is learned about offers that are never shown. These
 * draws are public.
 *
 *     npx tsx examples/10-contextual-bandit.ts [--visitors 500] [--explore 0.1]
 */
import { type CrypTensor, simulate } from 'cryptensor';
import { digits, oneHot } from './digits.ts';
import { coins } from './random.ts';
import { settings } from './settings.ts';
import { bar, megabytes, percent, progress, say } from './show.ts';

const { visitors, explore } = settings({ visitors: 500, explore: 0.1 });
const ALICE = 0;
const BOB = 1;
const OFFERS = 10;
const GROUP = 50;

/** What is known of a visitor: the image at half its size, and a constant. */
const { images, labels } = digits(0, visitors);
const contexts = images.map((image) => {
  const at = (row: number, column: number): number => image[8 * row + column];
  const blocks = Array.from({ length: 16 }, (_, block) => {
    const [row, column] = [2 * Math.floor(block / 4), 2 * (block % 4)];
    return at(row, column) + at(row, column + 1) + at(row + 1, column) + at(row + 1, column + 1);
  });
  return [...blocks.map((sum) => 1.5 * sum), 1];
});
const taken = oneHot(labels);
const size = contexts[0].length;

await simulate(
  2,
  async (party) => {
    const started = performance.now();
    const lots = coins(1);
    // For each offer: the weights of its guess, and the inverse of the matrix of what was seen with it.
    let weights = party.zeros([OFFERS, size]);
    let inverses = party.eye(size).expand(OFFERS, size, size);
    const rewards: CrypTensor[] = [];

    for (let visitor = 0; visitor < visitors; visitor++) {
      const x = party.cryptensor(contexts[visitor], { src: ALICE });
      const wishes = party.cryptensor(taken[visitor], { src: BOB });
      const guesses = weights.matmul(x);
      // A secret 1 at the offer that is shown; or a public one, by lot.
      const lot = Math.floor(lots() * OFFERS);
      const byLot = lots() < explore;
      const shown = byLot ? party.lift('lot', oneHot([lot])[0]) : guesses.argmax();
      const reward = shown.dot(wishes);
      rewards.push(reward);

      // Least squares, one row more (Sherman and Morrison 1950); only the offer that was shown changes.
      const inverse = shown.reshape(OFFERS, 1, 1).mul(inverses).sum(0);
      const reached = inverse.matmul(x);
      const gain = reached.div(x.dot(reached).add(1));
      const surprise = reward.sub(shown.dot(guesses));
      weights = weights.add(shown.ger(gain.mul(surprise)));
      inverses = inverses.sub(shown.reshape(OFFERS, 1, 1).mul(reached.ger(gain)));

      if (party.rank === ALICE) progress(`visitor ${visitor + 1} of ${visitors}`);
      if ((visitor + 1) % GROUP !== 0 && visitor + 1 < visitors) {
        await party.settle(weights, inverses);
        continue;
      }
      const group = rewards.splice(0);
      const successes = await party.stack(group).mean().getPlainText();
      if (party.rank !== ALICE) continue;
      const until = String(visitor + 1).padStart(5);
      const part = Number(successes);
      say(`visitors until ${until}: ${bar(part, 40)} ${percent(part)} took the offer`);
    }

    if (party.rank !== ALICE) return;
    const { rounds, online } = party.stats();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    say(`by lot alone, it would be 10 %`);
    say(`${seconds} s, ${rounds} rounds, ${megabytes(online.bytesSent)} sent by each party`);
  },
  // Small differences add up over hundreds of corrections: more fractional bits than usual.
  { precision: 20 },
);
