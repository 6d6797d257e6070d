/**
 * Clipping of gradients before a step, as torch.nn.utils; nothing is revealed, neither norms nor whether anything was clipped.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { CrypTensor } from '../tensor/index.ts';

/** Fractional bits beyond the session's of norms, their squares and their inverses. */
const SPARE_BITS = 12;

/**
 * Every element of every gradient between −clipValue and clipValue.
 *
 * Cost    3 rounds, 12.5 B an element.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE unless the value is a number above 0.
 */
export function clipGradValue_(parameters: readonly CrypTensor[], clipValue: number): void {
  checkLimit('clipGradValue_', clipValue);
  for (const parameter of parameters) {
    const { grad, party } = parameter;
    if (grad !== null) {
      parameter.grad = party.noGrad(() => grad.settle_().clamp(-clipValue, clipValue));
    }
  }
}

/**
 * All gradients times min(1, maxNorm/norm), for the norm of all of them together; returns the norm, secret.
 *
 * Cost    norm 2: 24 rounds, 16 B an element and, once, a root; other orders as `norm` and, once, a reciprocal.
 * Error   of the factor 5e-4 of it, for norms from 0.01 to 1000; the gradients get 4 more fractional bits than they may have had.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_RANGE unless maxNorm is a number above 0, ERR_MPC_MODEL without any gradient, ERR_MPC_UNSUPPORTED for
 * norms of an order below 1.
 */
export function clipGradNorm_(
  parameters: readonly CrypTensor[],
  maxNorm: number,
  { normType = 2 }: { readonly normType?: number } = {},
): CrypTensor {
  checkLimit('clipGradNorm_', maxNorm);
  const owners = parameters.filter(({ grad }) => grad !== null);
  if (owners.length === 0) {
    throw new MpcError('ERR_MPC_MODEL', 'clipGradNorm_: no parameter has a gradient');
  }
  const { party } = owners[0];
  return party.noGrad(() => {
    const grads = owners.map(({ grad }) => (grad as CrypTensor).settle_());
    const all = party.cat(grads.map((grad) => grad.flatten()));
    const { norm, inverse } = normType === 2 ? euclidean(all) : general(all, normType);
    // The smaller of two numbers up to 1/maxNorm, not up to 1: the inverse of a tiny norm leaves no room for a factor.
    const factor = inverse
      .clamp(null, 1 / maxNorm)
      .mul(maxNorm)
      .settle_();
    owners.forEach((owner, i) => {
      owner.grad = grads[i].mul(factor);
    });
    return norm;
  });
}

interface Norm {
  readonly norm: CrypTensor;
  /** 1/norm; 0 of 0. */
  readonly inverse: CrypTensor;
}

/** By r = 1/√s and one of Newton's steps, r + r·(1 − s·r²)/2: the inverse of a large norm has few bits. */
function euclidean(all: CrypTensor): Norm {
  const squares = refined(all.square().sum());
  const r = squares.rsqrt().settle_();
  const step = refined(r.square()).mul(squares).rsub(1).mul(0.5).settle_();
  const root = squares.mul(r).settle_();
  // Small products are settled before they meet large numbers, which would have no room at their scale.
  return { norm: root.add(root.mul(step).settle_()), inverse: r.add(r.mul(step).settle_()) };
}

/** By r = 1/norm and r·(2 − norm·r). */
function general(all: CrypTensor, order: number): Norm {
  const norm = all.norm(order).settle_();
  const r = norm.reciprocal().settle_();
  return { norm, inverse: r.mul(refined(norm.mul(r)).rsub(2)).settle_() };
}

/** x with the spare bits, as far as it still owes them. */
function refined(x: CrypTensor): CrypTensor {
  const { party } = x;
  return party
    .cryptensor(0, { precision: party.precision + SPARE_BITS })
    .add(x)
    .settle_();
}

function checkLimit(op: string, limit: number): void {
  if (limit > 0 && Number.isFinite(limit)) return;
  throw new MpcError('ERR_MPC_RANGE', `${op}: the limit must be a number above 0, got ${limit}`);
}
