/**
 * 9. A convolutional network: training, and then answers.
 *
 * Alice (party 0) has images of handwritten digits, Bob (party 1) knows what they show. They train a
 * network that neither of them can read. Then Bob has images of his own classified: he alone sees the answers,
 * and nobody sees his images.
 *
 *     npx tsx examples/09-digits-cnn.ts [--images 1000] [--epochs 4] [--tests 400] [--batch 25] [--lr 0.5]
 */
import { nn, optim, simulate } from 'cryptensor';
import { digits, oneHot } from './digits.ts';
import { settings } from './settings.ts';
import { bar, curve, megabytes, percent, picture, progress, say } from './show.ts';

const { images, epochs, tests, batch, lr } = settings({
  images: 1000,
  epochs: 4,
  tests: 400,
  batch: 25,
  lr: 0.5,
});
/** How many answers are drawn. */
const SHOWN = 3;

const ALICE = 0;
const BOB = 1;
const train = digits(0, images);
const exam = digits(images, tests);

await simulate(2, async (party) => {
  const started = performance.now();
  const model = new nn.Sequential(
    new nn.Conv2d(1, 8, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(8, 16, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.AvgPool2d(2),
    new nn.Flatten(),
    new nn.Linear(64, 10),
  ).encrypt(party);
  const optimizer = new optim.SGD(model.parameters(), { lr, momentum: 0.5 });

  const x = party.cryptensor(train.images, { src: ALICE }).reshape(images, 1, 8, 8);
  const y = party.cryptensor(oneHot(train.labels), { src: BOB });
  const starts = Array.from({ length: Math.floor(images / batch) }, (_, i) => i * batch);
  const batches = starts.map((start) => ({
    x: x.narrow(0, start, batch),
    y: y.narrow(0, start, batch),
  }));

  // Training asks for the gradient alone; for the curve the loss of the first batch is opened now and then.
  const losses: number[] = [];
  for (let step = 0; step < epochs * batches.length; step++) {
    const { x, y } = batches[step % batches.length];
    optimizer.zeroGrad();
    model.forward(x).crossEntropy(y, { skipForward: true }).backward();
    optimizer.step();
    if (step % 8 === 7) {
      const loss = party.noGrad(() => model.forward(batches[0].x).crossEntropy(batches[0].y));
      losses.push(Number(await loss.getPlainText()));
    }
    if (party.rank === ALICE) {
      progress(
        `epoch ${1 + Math.floor(step / batches.length)} of ${epochs}, loss ${losses.at(-1)}`,
      );
    }
  }
  await party.settle(...model.parameters());
  const trained = (performance.now() - started) / 1000;
  const { rounds, online } = party.stats();

  // Bob's own images; all that is opened, and to him alone, is the probability of each digit.
  const own = party.cryptensor(exam.images, { src: BOB }).reshape(tests, 1, 8, 8);
  const answers = party.noGrad(() => model.forward(own).softmax(1));
  const opened = await answers.getPlainText({ dst: BOB });
  if (opened === null) return;

  const guesses = exam.labels.map((_, i) => [...opened.data.subarray(10 * i, 10 * i + 10)]);
  const best = guesses.map((guess) => guess.indexOf(Math.max(...guess)));
  const right = best.filter((guess, i) => guess === exam.labels[i]).length / tests;
  say(`trained on ${images} images, ${epochs} epochs, ${trained.toFixed(1)} s: ${rounds} rounds,`);
  say(`${megabytes(online.bytesSent)} sent by each party; loss ${curve(losses)}`);
  say(`${percent(right)} of Bob's ${tests} images are recognised; the first ones:\n`);
  for (let i = 0; i < Math.min(SHOWN, tests); i++) {
    const drawn = [...picture(exam.images[i], 8), ' '.repeat(16), ' '.repeat(16)];
    drawn.forEach((line, digit) => {
      const mark = digit === best[i] ? ' ←' : '';
      say(`  ${line}   ${digit} ${bar(guesses[i][digit])} ${percent(guesses[i][digit])}${mark}`);
    });
    say();
  }
});
