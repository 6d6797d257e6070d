/**
 * 11. A model from elsewhere: LeNet, out of an ONNX file.
 *
 * Alice (party 0) sells answers of a network that PyTorch trained and exported. Bob (party 1) has images that he
 * shows to nobody. The network stays Alice's, the images and the answers stay Bob's.
 *
 *     npx tsx examples/11-onnx-lenet.ts [--images 100]
 *
 * `training/lenet.py` has trained it; the images here are of people whose writing it has not seen.
 */
import { readFileSync } from 'node:fs';
import { simulate } from 'cryptensor';
import * as onnx from 'cryptensor/onnx';
import { digits } from './digits.ts';
import { settings } from './settings.ts';
import { bar, megabytes, percent, picture, say } from './show.ts';

const { images } = settings({ images: 100 });
const ALICE = 0;
const BOB = 1;
/** The digits before have trained the network. */
const TRAINED = 1400;
/** How many answers are drawn. */
const SHOWN = 2;

const file = readFileSync(new URL('data/lenet.onnx', import.meta.url));
const own = digits(TRAINED, images);

await simulate(2, async (party) => {
  const started = performance.now();
  // All parties read the file for its structure; the weights that count are Alice's.
  const model = onnx.load(file).eval().encrypt(party, { src: ALICE });
  const x = party.cryptensor(own.images, { src: BOB }).reshape(images, 1, 8, 8);
  const scores = party.noGrad(() => model.forward(x).softmax(1));
  const opened = await scores.getPlainText({ dst: BOB });
  if (opened === null) return;

  const answers = own.labels.map((_, i) => [...opened.data.subarray(10 * i, 10 * i + 10)]);
  const best = answers.map((answer) => answer.indexOf(Math.max(...answer)));
  for (let i = 0; i < Math.min(SHOWN, images); i++) {
    say(picture(own.images[i], 8).join('\n'));
    const sure = answers[i][best[i]];
    say(`looks like ${best[i]}  ${bar(sure)} ${percent(sure)}; written as ${own.labels[i]}\n`);
  }
  const right = best.filter((digit, i) => digit === own.labels[i]).length / images;
  const { rounds, online } = party.stats();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`${images} images, ${percent(right)} recognised`);
  say(`${seconds} s, ${rounds} rounds, ${megabytes(online.bytesSent)} sent by each party`);
});
