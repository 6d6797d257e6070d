/** Split learning with private labels: gradients, corrections, noise, what is opened and to whom. */

import assert from 'node:assert/strict';
import { makeParty } from '../../src/make-party.ts';
import * as nn from '../../src/nn/index.ts';
import { simulateSeats } from '../../src/seats.ts';
import { simulate } from '../../src/simulate.ts';
import { Tensor, type Party } from '../../src/tensor/index.ts';
import { openings, record, shuffled } from '../support/seats.ts';

/** A model that hands out what it is given and keeps what it gets back. */
class Probe implements nn.PlainModel {
  readonly logits: Float64Array;
  lastLayer: Float64Array = new Float64Array(0);
  logitGradients: Float64Array = new Float64Array(0);

  constructor(logits: readonly number[]) {
    this.logits = Float64Array.from(logits);
  }

  forward(inputs: Tensor): { inputs: Tensor; logits: Float64Array } {
    return { inputs, logits: this.logits };
  }

  backward(lastLayer: Float64Array, logitGradients: Float64Array): void {
    this.lastLayer = lastLayer;
    this.logitGradients = logitGradients;
  }

  step(): void {
    assert.fail('nobody asked for a step');
  }
}

const A = new Tensor([4, 3], [1, 0.5, -2, 0, 3, 1, -1, 0.25, 0.5, 2, -2, 1]);
const LOGITS = [0.5, -2, 3, 0.125];
const LABELS = [1, 0, 0, 1];

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** −log of the probability of a label, under RAPPOR's correction. */
const lossOf = (z: number, t: number, alpha: number | null): number => {
  const p = sigmoid(z);
  const r = alpha === null ? p : alpha * p + (1 - alpha) * (1 - p);
  return t === 1 ? -Math.log(r) : -Math.log(1 - r);
};

/** d loss/d logit by a difference, so that no formula of the code is repeated. */
const slopeOf = (z: number, t: number, alpha: number | null): number =>
  (lossOf(z + 1e-5, t, alpha) - lossOf(z - 1e-5, t, alpha)) / 2e-5;

const row = (i: number): number[] => [...A.data.subarray(3 * i, 3 * i + 3), 1];

/** Gradient of the mean loss by the last layer, rows scaled to `clipNorm` where they are longer. */
const expectedGradient = (alpha: number | null, clipNorm = Infinity): number[] =>
  [0, 1, 2, 3].map((j) =>
    LABELS.reduce((sum, t, i) => {
      // What a change of the label changes: the difference of the two slopes, times the row.
      const change = Math.abs(slopeOf(LOGITS[i], 0, alpha) - slopeOf(LOGITS[i], 1, alpha));
      const factor = Math.min(1, clipNorm / (Math.hypot(...row(i)) * change));
      return sum + (slopeOf(LOGITS[i], t, alpha) * factor * row(i)[j]) / 4;
    }, 0),
  );

const close = (got: ArrayLike<number>, expected: readonly number[], tolerance: number): void => {
  assert.equal(got.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(got[i] - value) <= tolerance, `${Array.from(got)} instead of ${expected}`);
  });
};

/** One forward and backward pass; the probe of the feature party. */
async function onePass(
  party: Party,
  options: Omit<nn.DPSplitOptions, 'width'>,
): Promise<{ probe: Probe; loss: number; epsilon: number }> {
  const probe = new Probe(LOGITS);
  const { featureSrc, labelSrc } = options;
  const split = new nn.DPSplit(party, party.rank === featureSrc ? probe : null, {
    width: 3,
    ...options,
  });
  const labels = split.shareLabels(party.rank === labelSrc ? LABELS : null, 4);
  const logits = split.forward(party.rank === featureSrc ? A : null, 4);
  assert.deepEqual(logits === null, party.rank !== featureSrc);
  const loss = split.loss(labels).getPlainText();
  await split.backward(labels);
  const epsilon = split.epsilon({ participations: 1, delta: 1e-5 });
  return { probe, loss: (await loss).item(), epsilon };
}

describe('nn: split learning', () => {
  for (const [n, featureSrc, labelSrc] of [
    [2, 0, 1],
    [2, 1, 0],
    [3, 2, 0],
  ]) {
    for (const rapporProb of [null, 1, 0.8, 0.25, 0]) {
      it(`${n} parties, features at ${featureSrc}, labels at ${labelSrc}, RAPPOR ${rapporProb}: gradients and loss`, async () => {
        const results = await simulate(n, (party) =>
          onePass(party, { featureSrc, labelSrc, rapporProb }),
        );
        const { probe, epsilon } = results[featureSrc];
        close(probe.lastLayer, expectedGradient(rapporProb), 1e-4);
        // As many rows as the last layer has inputs and a bias: least squares give each logit's gradient.
        const slopes = LABELS.map((t, i) => slopeOf(LOGITS[i], t, rapporProb) / 4);
        close(probe.logitGradients, slopes, 2e-4);
        const mean = LABELS.reduce((sum, t, i) => sum + lossOf(LOGITS[i], t, rapporProb) / 4, 0);
        for (const { loss } of results) assert.ok(Math.abs(loss - mean) < 1e-4);
        assert.equal(epsilon, Infinity);
        assert.equal(results[labelSrc].probe.lastLayer.length, 0);
      });
    }
  }

  for (const rapporProb of [null, 0.8]) {
    it(`clips what each row brings, RAPPOR ${rapporProb}`, async () => {
      const options = { featureSrc: 0, labelSrc: 1, clipNorm: 1.25, rapporProb };
      const [{ probe }] = await simulate(2, (party) => onePass(party, options));
      const expected = expectedGradient(rapporProb, 1.25);
      close(probe.lastLayer, expected, 1e-4);
      const whole = expectedGradient(rapporProb);
      assert.ok(expected.some((value, j) => Math.abs(value - whole[j]) > 0.05));
    });
  }

  it('noise has the stated size, is drawn anew each time, and is none of the gradient', async () => {
    const [errors] = await simulate(2, async (party) => {
      const probe = new Probe(LOGITS);
      const split = new nn.DPSplit(party, party.rank === 0 ? probe : null, {
        ...{ featureSrc: 0, labelSrc: 1, width: 3, clipNorm: 2, noiseMultiplier: 1.5 },
      });
      const labels = split.shareLabels(party.rank === 1 ? LABELS : null, 4);
      const found: number[] = [];
      for (let i = 0; i < 300; i++) {
        split.forward(party.rank === 0 ? A : null, 4);
        await split.backward(labels);
        const expected = expectedGradient(null, 2);
        found.push(...Array.from(probe.lastLayer, (value, j) => value - expected[j]));
      }
      return found;
    });
    // 1,200 normal numbers of standard deviation 1.5·2/4: six standard errors of their mean and of their deviation.
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const deviation = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
    assert.ok(Math.abs(mean) < (6 * 0.75) / Math.sqrt(1200), `mean ${mean}`);
    assert.ok(Math.abs(deviation / 0.75 - 1) < 6 / Math.sqrt(2400), `deviation ${deviation}`);
  });

  it('randomised response changes each label with its probability, once, and leaves 0 and 1', () =>
    simulate(3, async (party) => {
      const split = new nn.DPSplit(party, party.rank === 1 ? new Probe([]) : null, {
        ...{ featureSrc: 1, labelSrc: 2, width: 3, randomizedResponseProb: 0.25 },
      });
      const count = 4000;
      const plain = Array.from({ length: count }, (_, i) => i % 2);
      const own = split.shareLabels(party.rank === 2 ? plain : null, count);
      // Labels that no party knows, at the session's scale.
      const secret = split.shareLabels(party.cryptensor(plain), count);
      for (const shared of [own, secret]) {
        const { data } = await shared.getPlainText();
        assert.ok(data.every((value) => value === 0 || value === 1));
        for (const label of [0, 1]) {
          const changed = plain.filter((t, i) => t === label && data[i] !== t).length;
          const part = changed / (count / 2);
          assert.ok(Math.abs(part - 0.25) < 6 * Math.sqrt(0.1875 / (count / 2)), `${part}`);
        }
        assert.deepEqual((await shared.getPlainText()).data, data);
      }
    }));

  for (const n of [2, 3]) {
    it(`${n}: a step opens width + 1 words, to the feature party alone; everything else is masked`, async () => {
      const { results } = await simulateSeats(
        n,
        async (seat) => {
          const recording = record(seat);
          const party = makeParty(seat);
          const split = new nn.DPSplit(party, party.rank === 1 ? new Probe(LOGITS) : null, {
            ...{ featureSrc: 1, labelSrc: 0, width: 3, clipNorm: 1, noiseMultiplier: 1 },
          });
          const labels = split.shareLabels(party.rank === 0 ? LABELS : null, 4);
          for (let i = 0; i < 2; i++) {
            split.forward(party.rank === 1 ? A : null, 4);
            await split.backward(labels);
          }
          await seat.context.session.outstanding.idle();
          return { sent: openings(recording.sent), rounds: party.stats().rounds };
        },
        shuffled,
      );
      results.forEach(({ sent, rounds }, rank) => {
        const revealed = sent.filter(({ text }) => text.includes('reveal'));
        const toFeatures = { peer: 1, bytes: 8 * 4 };
        assert.deepEqual(
          revealed.map(({ peer, payload }) => ({ peer, bytes: payload.length })),
          rank === 1 ? [] : [toFeatures, toFeatures],
        );
        const masked = sent.filter(({ text }) => !text.includes('reveal'));
        for (const { text } of masked) assert.match(text, /mask/);
        // Labels once, the rows of each step.
        const bytes = masked.reduce((sum, { payload }) => sum + payload.length, 0);
        assert.equal(bytes, (n - 1) * 8 * (4 + 2 * 16));
        assert.equal(rounds, 4);
      });
    });
  }

  it('states epsilon for normal noise and for randomised response, whichever is less', () =>
    simulate(2, (party) => {
      const base = { featureSrc: 0, labelSrc: 1, width: 3, clipNorm: 2 };
      const model = party.rank === 0 ? new Probe([]) : null;
      const noisy = new nn.DPSplit(party, model, { ...base, noiseMultiplier: 4 });
      // rho = 20/(2·16).
      const expected = 0.625 + 2 * Math.sqrt(0.625 * Math.log(1e6));
      const got = noisy.epsilon({ participations: 20, delta: 1e-6 });
      assert.ok(got > expected && got < expected + 0.01, `${got} for ${expected}`);
      assert.equal(noisy.epsilon({ participations: 20, delta: 0 }), Infinity);
      assert.equal(noisy.epsilon({ participations: 0, delta: 0 }), 0);
      const both = { ...base, noiseMultiplier: 4, randomizedResponseProb: 0.25 };
      const twice = new nn.DPSplit(party, model, both);
      assert.ok(Math.abs(twice.epsilon({ participations: 20, delta: 1e-6 }) - Math.log(3)) < 1e-12);
      for (const participations of [-1, 1.5]) {
        assert.throws(() => noisy.epsilon({ participations, delta: 0.1 }), {
          code: 'ERR_MPC_RANGE',
        });
      }
    }));

  it('refuses options, labels and calls that make no sense', () =>
    simulate(2, (party) => {
      const good = { featureSrc: 0, labelSrc: 1, width: 3 };
      const model = party.rank === 0 ? new Probe([1]) : null;
      const make = (options: Partial<nn.DPSplitOptions>) => () =>
        new nn.DPSplit(party, model, { ...good, ...options });
      for (const options of [{ labelSrc: 0 }, { labelSrc: 2 }, { featureSrc: -1 }]) {
        assert.throws(make(options), { code: 'ERR_MPC_RANK' });
      }
      for (const options of [
        { width: 0 },
        { clipNorm: 0 },
        { noiseMultiplier: -1, clipNorm: 1 },
        { noiseMultiplier: 1 },
        { randomizedResponseProb: 0 },
        { randomizedResponseProb: 0.5 },
        { rapporProb: 1.1 },
        { rapporProb: -0.1 },
      ]) {
        assert.throws(make(options), { code: 'ERR_MPC_RANGE' });
      }
      const other = party.rank === 0 ? null : new Probe([1]);
      assert.throws(() => new nn.DPSplit(party, other, good), { code: 'ERR_MPC_MODEL' });
      const split = make({})();
      const labels = party.cryptensor([1]);
      assert.throws(() => split.loss(labels), { code: 'ERR_MPC_MODEL' });
      assert.throws(() => split.forward(null, 0), { code: 'ERR_MPC_SHAPE' });
      assert.throws(() => split.shareLabels(party.cryptensor([1, 0]), 1), {
        code: 'ERR_MPC_SHAPE',
      });
      if (party.rank === 1) {
        assert.throws(() => split.shareLabels([0.5], 1), { code: 'ERR_MPC_RANGE' });
      }
    }));

  it('PlainMLP: gradients are those of differences, states those of a Sequential', () => {
    const model = new nn.PlainMLP([3, 5, 4, 1]);
    const weights = model.stateDict();
    const other = new nn.PlainMLP([3, 5, 4, 1]);
    other.loadStateDict(weights);
    assert.deepEqual(other.stateDict(), weights);
    assert.throws(() => other.loadStateDict({}), { code: 'ERR_MPC_MODEL' });
    const sum = (): number => other.forward(A).logits.reduce((all, z, i) => all + z * (i + 1), 0);
    const { inputs } = model.forward(A);
    const last = Float64Array.from({ length: 5 }, (_, k) =>
      [0, 1, 2, 3].reduce((all, i) => all + (i + 1) * (k < 4 ? inputs.data[4 * i + k] : 1), 0),
    );
    model.backward(last, Float64Array.of(1, 2, 3, 4));
    model.step(1);
    for (const [name, { data }] of Object.entries(model.stateDict())) {
      data.forEach((after, at) => {
        const slope = [1e-6, -1e-6].map((shift) => {
          const moved = weights[name].data.slice();
          moved[at] += shift;
          other.loadStateDict({ ...weights, [name]: new Tensor(weights[name].shape, moved) });
          return sum();
        });
        const gradient = (slope[0] - slope[1]) / 2e-6;
        assert.ok(Math.abs(weights[name].data[at] - after - gradient) < 1e-6, `${name} ${at}`);
      });
    }
    for (const sizes of [[3], [3, 2], [0, 1]]) {
      assert.throws(() => new nn.PlainMLP(sizes), { code: 'ERR_MPC_SHAPE' });
    }
    assert.throws(() => model.forward(new Tensor([1, 2], [1, 2])), { code: 'ERR_MPC_SHAPE' });
  });
});
