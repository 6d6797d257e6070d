/**
 * Split learning with private labels: one party has the features and a plain model, another one the labels.
 *
 * A step opens one vector to the feature party: the labels' part of its last layer's gradient, Σ bᵢ·tᵢ over the rows of a batch, with
 * noise that no party knows. All else it computes itself: its rows b follow from its features, and its predictions' part of the gradient
 * needs no label. Gradients of the logits are estimated by least squares and go back through the model in plain.
 *
 * What the feature party learns: these width + 1 numbers of each step, and what follows from them. Without noise assume that it learns the
 * labels: a batch of width + 1 rows or fewer gives them at once, larger ones after some epochs. With noise, or randomised response,
 * `epsilon` bounds what it learns about one label, if parties are semi-honest, the dealer, who knows the noise, does not collude with the
 * feature party, and nothing else that depends on labels is opened: no loss, no count of mistakes. The label party learns nothing.
 *
 * Source   CrypTen's DPSplitModel (`layer_estimation`); RAPPOR: U. Erlingsson et al., CCS 2014.
 * @module
 */

import { MpcError } from '../../core/errors.ts';
import { sizeOf } from '../../core/shape.ts';
import { CrypTensor, Tensor, type Party } from '../../tensor/index.ts';
import { normalEpsilon, responseEpsilon, type PrivacyQuestion } from './label-privacy.ts';
import { logitGradients } from './least-squares.ts';
import { checked, type DPSplitOptions } from './options.ts';
import type { PlainModel } from './plain-mlp.ts';
import { contributions, lossTerms, type Contributions } from './rows.ts';

/** Labels in plain: one number a row. */
export type Labels = Tensor | ArrayLike<number>;

/** Batch after batch: `forward`, `backward`, `step`; every party makes the same calls. */
export class DPSplit {
  readonly #party: Party;
  readonly #model: PlainModel | null;
  readonly #options: Required<DPSplitOptions>;
  /** Rows of the last forward pass. */
  #rows: number | null = null;
  /** The feature party's part of them. */
  #own: Contributions | null = null;

  /**
   * @param model the feature party's; null elsewhere.
   * @throws {MpcError} ERR_MPC_RANK for ranks that are no parties or the same, ERR_MPC_RANGE for other options, ERR_MPC_MODEL when the
   * model is missing where it should be, or is where it should not.
   */
  constructor(party: Party, model: PlainModel | null, options: DPSplitOptions) {
    this.#options = checked(party, options);
    if ((model === null) === (party.rank === options.featureSrc)) {
      throw new MpcError(
        'ERR_MPC_MODEL',
        'DPSplit: the feature party has the model, the others null',
      );
    }
    this.#party = party;
    this.#model = model;
  }

  /**
   * Labels, 0 or 1, as `loss` and `backward` take them, shared by the label party; randomised here, once.
   *
   * Labels that are secret already may be given by every party; they must be 0 or 1 as well.
   *
   * Cost    nothing; with randomised response 1 round, 16 B a label.
   * Leaks   nothing; nobody learns which labels were changed.
   *
   * @param labels the label party's; null elsewhere.
   * @throws {MpcError} ERR_MPC_RANGE at the label party for other values, ERR_MPC_SHAPE when there are not `rows`.
   */
  shareLabels(labels: Labels | CrypTensor | null, rows: number): CrypTensor {
    const { labelSrc, randomizedResponseProb } = this.#options;
    const party = this.#party;
    const shared = labels instanceof CrypTensor ? labels : this.#shared(labels, rows, labelSrc);
    if (shared.numel() !== rows) throw wrongSize('labels', rows, shared.numel());
    const flat = shared.reshape([rows]);
    if (randomizedResponseProb === null) return flat;
    const changed = party.bernoulli({
      shape: [rows],
      data: new Float64Array(rows).fill(randomizedResponseProb),
    });
    // t XOR m = t + m − 2·t·m.
    return flat.add(changed).sub(flat.mul(changed).mul(2)).settle_();
  }

  /**
   * Runs the model on a batch; returns its logits at the feature party, null elsewhere. Nothing is sent.
   *
   * @param x the feature party's rows; null elsewhere.
   * @throws {MpcError} ERR_MPC_SHAPE unless there are `rows` of them, at least one, and the last layer has `width` inputs.
   */
  forward(x: Tensor | null, rows: number): Tensor | null {
    if (!Number.isInteger(rows) || rows < 1 || (x !== null && x.shape[0] !== rows)) {
      throw wrongSize('features', rows, x?.shape[0] ?? rows);
    }
    this.#rows = rows;
    if (this.#model === null || x === null) return null;
    const { width, clipNorm, rapporProb } = this.#options;
    const { inputs, logits } = this.#model.forward(x);
    if (inputs.shape[1] !== width)
      throw wrongSize('inputs of the last layer', width, inputs.shape[1]);
    this.#own = contributions(inputs, logits, rapporProb, clipNorm);
    return new Tensor([rows], logits);
  }

  /**
   * The secret mean loss of the last forward pass. Opening it is beyond what `epsilon` counts.
   *
   * Cost    1 round, 16 B a row.
   * Leaks   nothing.
   *
   * @throws {MpcError} ERR_MPC_MODEL before `forward`, ERR_MPC_SHAPE for another number of labels.
   */
  loss(labels: CrypTensor): CrypTensor {
    const rows = this.#checkLabels(labels);
    const { featureSrc: src, rapporProb } = this.#options;
    const terms = this.#own === null ? null : lossTerms(this.#own.logits, rapporProb);
    const slopes = this.#party.cryptensor(terms?.slopes ?? null, { src, shape: [rows] });
    const constant = this.#party.cryptensor(terms?.constant ?? null, { src, shape: [] });
    return constant.sub(slopes.mul(labels).sum().div(rows));
  }

  /**
   * Gives the feature party the gradients of its model. To be awaited before the next step.
   *
   * Cost    2 rounds: 8·rows·(width + 2) B to each party, then 8·(width + 1) B to the feature party.
   * Leaks   to the feature party: the sum that the module comment describes.
   *
   * @throws {MpcError} ERR_MPC_MODEL before `forward`, ERR_MPC_SHAPE for another number of labels.
   */
  async backward(labels: CrypTensor): Promise<void> {
    const rows = this.#checkLabels(labels);
    const own = this.#own;
    [this.#rows, this.#own] = [null, null];
    const { featureSrc, width, noiseMultiplier } = this.#options;
    const shape = [rows, width + 1];
    // In units of the noise, which then is on the grid of what it hides: rounding it is processing after the fact.
    const unit = this.#unit();
    const sent =
      own === null
        ? null
        : new Tensor(
            shape,
            own.parts.map((value) => value / unit),
          );
    const parts = this.#party.cryptensor(sent, { src: featureSrc, shape });
    const sums = labels.detach().reshape([1, rows]).matmul(parts).settle_();
    const noisy = noiseMultiplier === 0 ? sums : sums.add(this.#party.randn(1, width + 1));
    const opened = await noisy.getPlainText({ dst: featureSrc });
    if (own === null || opened === null || this.#model === null) return;
    const gradient = own.predicted.map((value, j) => (value - unit * opened.data[j]) / rows);
    // A logit's gradient is within 1/rows: noise of unit/rows against a standard deviation of half of that.
    const kappa = noiseMultiplier === 0 ? 0 : (2 * unit) ** 2;
    this.#model.backward(gradient, logitGradients(own.inputs, width + 1, gradient, kappa));
  }

  /** One step of the feature party's model. */
  step(lr: number): void {
    this.#model?.step(lr);
  }

  /**
   * ε of (ε, δ)-differential privacy of one label against the feature party; Infinity: no guarantee. See label-privacy.ts, and the module
   * comment for what must hold.
   */
  epsilon(question: PrivacyQuestion): number {
    const { width, noiseMultiplier, randomizedResponseProb } = this.#options;
    const rounding = Math.sqrt(width + 1) * 2 ** (1 - this.#party.precision);
    const normal =
      noiseMultiplier === 0 ? Infinity : normalEpsilon(1 / noiseMultiplier + rounding, question);
    const response =
      randomizedResponseProb === null ? Infinity : responseEpsilon(randomizedResponseProb);
    return Math.min(normal, response);
  }

  #unit(): number {
    const { clipNorm, noiseMultiplier } = this.#options;
    return noiseMultiplier === 0 ? 1 : noiseMultiplier * (clipNorm as number);
  }

  #shared(labels: Labels | null, rows: number, src: number): CrypTensor {
    const shape = [rows];
    if (this.#party.rank !== src) return this.#party.cryptensor(null, { src, shape, precision: 0 });
    const values = flatNumbers(labels);
    if (values.length !== rows) throw wrongSize('labels', rows, values.length);
    if (!values.every((value) => value === 0 || value === 1)) {
      throw new MpcError('ERR_MPC_RANGE', 'DPSplit: labels must be 0 or 1');
    }
    return this.#party.cryptensor(Float64Array.from(values), { src, shape, precision: 0 });
  }

  #checkLabels(labels: CrypTensor): number {
    const rows = this.#rows;
    if (rows === null) {
      throw new MpcError('ERR_MPC_MODEL', 'DPSplit: call forward first, once for each backward');
    }
    if (sizeOf(labels.shape) !== rows) throw wrongSize('labels', rows, sizeOf(labels.shape));
    return rows;
  }
}

function flatNumbers(labels: Labels | null): readonly number[] {
  return Array.from(labels instanceof Tensor ? labels.data : (labels ?? []));
}

function wrongSize(what: string, expected: number, got: number): MpcError {
  return new MpcError('ERR_MPC_SHAPE', `DPSplit: expected ${expected} ${what}, got ${got}`);
}
