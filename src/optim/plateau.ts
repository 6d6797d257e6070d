/**
 * A learning rate that falls when a public number stops getting better.
 * @module
 */

import type { Rated } from './lr-scheduler.ts';
import { checkFromZero, refused } from './options.ts';

/** Options of ReduceLROnPlateau. */
export interface PlateauOptions {
  /** Whether smaller (`min`, unless said) or larger numbers are better. */
  readonly mode?: 'min' | 'max';
  /** What rates are multiplied by; 0.1 unless said. */
  readonly factor?: number;
  /** How many epochs without improvement are let pass; 10 unless said. */
  readonly patience?: number;
  /** What counts as an improvement: by a part of the best (`rel`, unless said), or by an amount; 1e-4 unless said. */
  readonly threshold?: number;
  readonly thresholdMode?: 'rel' | 'abs';
  /** Epochs after a fall that count for nothing. */
  readonly cooldown?: number;
  /** No rate falls below this. */
  readonly minLr?: number;
  /** No rate falls by less than this; 1e-8 unless said. */
  readonly eps?: number;
}

/** Where a scheduler of this kind is. */
export interface PlateauState {
  readonly best: number | null;
  readonly bad: number;
  readonly cooling: number;
}

/**
 * As torch.optim.lr_scheduler.ReduceLROnPlateau.
 *
 * The number given to `step` is public: revealing a loss each epoch is the program's decision, and every party must give the same.
 */
export class ReduceLROnPlateau {
  readonly #optimizer: Rated;
  readonly #options: Required<PlateauOptions>;
  #state: PlateauState = { best: null, bad: 0, cooling: 0 };

  /** @throws {MpcError} ERR_MPC_RANGE for a factor that is not from 0 to below 1 or other numbers below 0. */
  constructor(
    optimizer: Rated,
    {
      mode = 'min',
      factor = 0.1,
      patience = 10,
      threshold = 1e-4,
      thresholdMode = 'rel',
      cooldown = 0,
      minLr = 0,
      eps = 1e-8,
    }: PlateauOptions = {},
  ) {
    checkFromZero('lr', { factor, patience, threshold, cooldown, minLr, eps });
    if (factor >= 1) throw refused('lr', `factor must be below 1, got ${factor}`);
    this.#optimizer = optimizer;
    this.#options = { mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps };
  }

  /**
   * Takes note of an epoch's number, and lowers the rates when it is time.
   *
   * @throws {MpcError} ERR_MPC_RANGE when it is not a number.
   */
  step(metric: number): void {
    if (Number.isNaN(metric)) throw refused('lr', 'the number to watch is not a number');
    const { patience, cooldown, factor, minLr, eps } = this.#options;
    let { best, bad, cooling } = this.#state;
    if (best === null || this.#better(metric, best)) {
      best = metric;
      bad = 0;
    } else bad++;
    if (cooling > 0) {
      cooling--;
      bad = 0;
    }
    if (bad > patience) {
      for (const group of this.#optimizer.groups) {
        const lower = Math.max(group.lr * factor, minLr);
        if (group.lr - lower > eps) group.lr = lower;
      }
      cooling = cooldown;
      bad = 0;
    }
    this.#state = { best, bad, cooling };
  }

  /** The rates of the groups. */
  getLastLr(): number[] {
    return this.#optimizer.groups.map(({ lr }) => lr);
  }

  /** What to pass to `loadStateDict` to go on from here; the rates are the optimizer's. */
  stateDict(): PlateauState {
    return this.#state;
  }

  /** Goes on from a state. */
  loadStateDict(state: PlateauState): void {
    this.#state = { ...state };
  }

  #better(metric: number, best: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const margin = thresholdMode === 'rel' ? best * threshold : threshold;
    return mode === 'min' ? metric < best - margin : metric > best + margin;
  }
}
