/**
 * 12. A transformer reads what nobody may see.
 *
 * Alice (party 0) has a trained model that tells praise from blame, in a file that Python could have written. Bob
 * (party 1) has sentences. He learns what the model makes of them; Alice learns how many there are, and nothing
 * else: not even how long they are, since all are filled up to ten words.
 *
 *     npx tsx examples/12-transformer.ts ["the film was not bad but very dull" …]
 *
 * The model is small, and knows thirty words; `training/sentiment.py` has trained it.
 */
import { readFileSync } from 'node:fs';
import { type CrypTensor, formats, nn, simulate } from 'cryptensor';
import { bar, megabytes, say } from './show.ts';

const ALICE = 0;
const BOB = 1;
const LENGTH = 10;
const WIDTH = 16;
const HEADS = 2;
const SENTENCES = [
  'the film was great',
  'the film was not great',
  'the food was not bad',
  'the food was not bad but very stale',
  'this room is quite cold but really lovely',
  'the music was dull and the service was awful',
];

const file = readFileSync(new URL('data/sentiment.safetensors', import.meta.url));
// What the words are, and in which order, is public: Bob has to say which one he means.
const vocabulary = formats.safetensors.metadata(file).words.split(' ');

/** A sentence as numbers of words. */
function numbers(sentence: string): number[] {
  const words = sentence.toLowerCase().split(/\s+/).filter(Boolean);
  const unknown = words.filter((word) => !vocabulary.includes(word));
  if (unknown.length > 0 || words.length > LENGTH) {
    const known = vocabulary.slice(1).join(', ');
    throw new Error(`"${sentence}": at most ${LENGTH} words, out of these: ${known}`);
  }
  return Array.from({ length: LENGTH }, (_, i) => vocabulary.indexOf(words[i] ?? '.'));
}

/** The model of training/sentiment.py, under the same names. */
class Sentiment extends nn.Module {
  readonly words = new nn.Embedding(vocabulary.length, WIDTH);
  readonly positions = new nn.Embedding(LENGTH, WIDTH);
  readonly encoder = new nn.TransformerEncoderLayer(WIDTH, HEADS, {
    dimFeedforward: 2 * WIDTH,
    dropout: 0,
    batchFirst: true,
  });
  readonly head = new nn.Linear(WIDTH, 1);

  override forward(sentences: CrypTensor): CrypTensor {
    const x = this.words.forward(sentences).add(this.positions.weight.tensor);
    return this.head.forward(this.encoder.forward(x).mean(1)).sigmoid();
  }
}

const sentences = process.argv.length > 2 ? process.argv.slice(2) : SENTENCES;
const rows = sentences.map(numbers);

await simulate(2, async (party) => {
  const started = performance.now();
  const model = new Sentiment().eval();
  // Only Alice reads the values; Bob knows what the layers look like.
  if (party.rank === ALICE) model.loadStateDict(formats.safetensors.load(file));
  model.encrypt(party, { src: ALICE });

  const own = party.cryptensor(rows, { src: BOB });
  const praise = await party.noGrad(() => model.forward(own)).getPlainText({ dst: BOB });
  if (praise === null) return;
  sentences.forEach((sentence, i) => {
    const part = praise.data[i];
    say(`${part > 0.5 ? 'praise' : 'blame '} ${bar(part, 12)}  ${sentence}`);
  });
  const { rounds, online } = party.stats();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`\n${seconds} s, ${rounds} rounds, ${megabytes(online.bytesSent)} sent by each party`);
});
