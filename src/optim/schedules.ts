/**
 * Learning rates as functions of the number of steps.
 *
 * A rate is public and must have the same bits at every party: everything is made of IEEE additions, multiplications and
 * divisions.
 * @module
 */

import { LRScheduler, type Rated } from './lr-scheduler.ts';
import { checkFromZero, refused } from './options.ts';

/** base·gamma^⌊epoch/stepSize⌋. */
export class StepLR extends LRScheduler {
  readonly #stepSize: number;
  readonly #gamma: number;

  /** @throws {MpcError} ERR_MPC_RANGE unless the size is a whole number from 1 up. */
  constructor(
    optimizer: Rated,
    { stepSize, gamma = 0.1 }: { readonly stepSize: number; readonly gamma?: number },
  ) {
    super(optimizer);
    checkCount('stepSize', stepSize);
    checkFromZero('lr', { gamma });
    this.#stepSize = stepSize;
    this.#gamma = gamma;
  }

  override rateAt(epoch: number, base: number): number {
    return base * power(this.#gamma, Math.floor(epoch / this.#stepSize));
  }
}

/** base·gamma^(number of milestones reached). */
export class MultiStepLR extends LRScheduler {
  readonly #milestones: readonly number[];
  readonly #gamma: number;

  constructor(
    optimizer: Rated,
    {
      milestones,
      gamma = 0.1,
    }: { readonly milestones: readonly number[]; readonly gamma?: number },
  ) {
    super(optimizer);
    checkFromZero('lr', { gamma });
    this.#milestones = [...milestones];
    this.#gamma = gamma;
  }

  override rateAt(epoch: number, base: number): number {
    return base * power(this.#gamma, this.#milestones.filter((at) => at <= epoch).length);
  }
}

/** base·gamma^epoch. */
export class ExponentialLR extends LRScheduler {
  readonly #gamma: number;

  constructor(optimizer: Rated, { gamma }: { readonly gamma: number }) {
    super(optimizer);
    checkFromZero('lr', { gamma });
    this.#gamma = gamma;
  }

  override rateAt(epoch: number, base: number): number {
    return base * power(this.#gamma, epoch);
  }
}

/** From base to etaMin along half a cosine of `tMax` epochs. */
export class CosineAnnealingLR extends LRScheduler {
  readonly #tMax: number;
  readonly #etaMin: number;

  /** @throws {MpcError} ERR_MPC_RANGE unless tMax is a whole number from 1 up and etaMin a number from 0 up. */
  constructor(
    optimizer: Rated,
    { tMax, etaMin = 0 }: { readonly tMax: number; readonly etaMin?: number },
  ) {
    super(optimizer);
    checkCount('tMax', tMax);
    checkFromZero('lr', { etaMin });
    this.#tMax = tMax;
    this.#etaMin = etaMin;
  }

  override rateAt(epoch: number, base: number): number {
    return this.#etaMin + ((base - this.#etaMin) * (1 + cosPi(epoch / this.#tMax))) / 2;
  }
}

/** From base·startFactor to base·endFactor on a line of `totalIters` epochs, then there: a warm-up. */
export class LinearLR extends LRScheduler {
  readonly #from: number;
  readonly #to: number;
  readonly #totalIters: number;

  /** @throws {MpcError} ERR_MPC_RANGE unless factors are from 0 up and totalIters a whole number from 1 up. */
  constructor(
    optimizer: Rated,
    {
      startFactor = 1 / 3,
      endFactor = 1,
      totalIters = 5,
    }: {
      readonly startFactor?: number;
      readonly endFactor?: number;
      readonly totalIters?: number;
    } = {},
  ) {
    super(optimizer);
    checkFromZero('lr', { startFactor, endFactor });
    checkCount('totalIters', totalIters);
    this.#from = startFactor;
    this.#to = endFactor;
    this.#totalIters = totalIters;
    this.apply();
  }

  override rateAt(epoch: number, base: number): number {
    const part = Math.min(1, epoch / this.#totalIters);
    return base * (this.#from + (this.#to - this.#from) * part);
  }
}

/** base·factor(epoch), with one function or one for each group; it must give the same number at every party. */
export class LambdaLR extends LRScheduler {
  readonly #factors: readonly ((epoch: number) => number)[];

  /** @throws {MpcError} ERR_MPC_RANGE unless there are as many functions as groups. */
  constructor(
    optimizer: Rated,
    factor: ((epoch: number) => number) | readonly ((epoch: number) => number)[],
  ) {
    super(optimizer);
    const { length } = optimizer.groups;
    this.#factors = typeof factor === 'function' ? new Array(length).fill(factor) : [...factor];
    if (this.#factors.length !== length) {
      throw refused('lr', `expected ${length} functions, got ${this.#factors.length}`);
    }
    this.apply();
  }

  override rateAt(epoch: number, base: number, group: number): number {
    return base * this.#factors[group](epoch);
  }
}

/** x^n for a whole n from 0 up, by multiplications. */
function power(x: number, n: number): number {
  let result = 1;
  for (let i = 0; i < n; i++) result *= x;
  return result;
}

/** cos(π·x) by its series on a quarter turn; error below 1e-15. */
function cosPi(x: number): number {
  const turn = x % 2;
  if (turn > 1) return -cosPi(turn - 1);
  if (turn > 0.5) return -cosPi(1 - turn);
  const angle = Math.PI * turn;
  const square = angle * angle;
  let term = 1;
  let sum = 1;
  for (let i = 2; i <= 24; i += 2) {
    term *= -square / ((i - 1) * i);
    sum += term;
  }
  return sum;
}

function checkCount(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw refused('lr', `${name} must be a whole number from 1 up, got ${value}`);
}
