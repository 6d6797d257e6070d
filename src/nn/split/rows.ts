/**
 * The feature party's own part of a step of split learning; no label and no secret is involved.
 *
 * With RAPPOR's correction the loss is that of r = α·p + (1 − α)·(1 − p), p = sigmoid(z), and its slope is
 * w·(r − t) with w = (2α − 1)·p·(1 − p)/(r·(1 − r)); without, r = p and w = 1.
 * @module
 */

import type { Tensor } from '../../tensor/index.ts';

/** What the rows of a batch bring to the gradient of the last layer. */
export interface Contributions {
  readonly logits: Float64Array;
  /** The layer's inputs and a 1 for the bias, [rows, width + 1]. */
  readonly inputs: Float64Array;
  /** These, times w, clipped: the gradient is Σ partsᵢ·(rᵢ − tᵢ)/rows. */
  readonly parts: Float64Array;
  /** Σ partsᵢ·rᵢ. */
  readonly predicted: Float64Array;
}

/** See `Contributions`. A row's part is scaled to norm `clipNorm` where it is longer. */
export function contributions(
  { shape: [rows, width], data }: Tensor,
  logits: Float64Array,
  alpha: number | null,
  clipNorm: number | null,
): Contributions {
  const columns = width + 1;
  const inputs = new Float64Array(rows * columns).fill(1);
  const parts = new Float64Array(rows * columns);
  const predicted = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const own = inputs.subarray(row * columns, (row + 1) * columns);
    own.set(data.subarray(row * width, (row + 1) * width));
    const { r, weight } = corrected(logits[row], alpha);
    const norm = Math.abs(weight) * Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    const factor = clipNorm !== null && norm > clipNorm ? (weight * clipNorm) / norm : weight;
    own.forEach((value, j) => {
      parts[row * columns + j] = factor * value;
      predicted[j] += factor * value * r;
    });
  }
  return { logits, inputs, parts, predicted };
}

/** The mean loss of logits is constant − Σ slopesᵢ·tᵢ/rows. */
export function lossTerms(
  logits: Float64Array,
  alpha: number | null,
): { readonly constant: number; readonly slopes: Float64Array } {
  const slopes = new Float64Array(logits.length);
  let constant = 0;
  logits.forEach((z, i) => {
    const { ofOne, ofZero } = losses(z, alpha);
    slopes[i] = ofZero - ofOne;
    constant += ofZero / logits.length;
  });
  return { constant, slopes };
}

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

function corrected(
  z: number,
  alpha: number | null,
): { readonly r: number; readonly weight: number } {
  const p = sigmoid(z);
  if (alpha === null || alpha === 1) return { r: p, weight: 1 };
  if (alpha === 0) return { r: 1 - p, weight: -1 };
  const r = alpha * p + (1 - alpha) * (1 - p);
  return { r, weight: ((2 * alpha - 1) * p * (1 - p)) / (r * (1 - r)) };
}

/** −log r and −log(1 − r): for r = p the softplus of ∓z, which no exponential overflows. */
function losses(
  z: number,
  alpha: number | null,
): { readonly ofOne: number; readonly ofZero: number } {
  const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  if (alpha === null || alpha === 1) return { ofOne: softplus(-z), ofZero: softplus(z) };
  if (alpha === 0) return { ofOne: softplus(z), ofZero: softplus(-z) };
  const { r } = corrected(z, alpha);
  return { ofOne: -Math.log(r), ofZero: -Math.log(1 - r) };
}
