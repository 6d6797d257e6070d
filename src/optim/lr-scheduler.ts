/**
 * Learning rates that change with the number of steps, as in torch.optim.lr_scheduler; see schedules.ts for how.
 * @module
 */

import type { CompleteGroup } from './optimizer.ts';
import { refused } from './options.ts';

/** Any optimizer, as far as its rates go. */
export interface Rated {
  readonly groups: readonly CompleteGroup<{ readonly lr: number }>[];
}

/** Base of the schedulers that need nothing but the number of steps. */
export abstract class LRScheduler {
  readonly #optimizer: Rated;
  readonly #base: readonly number[];
  #epoch = 0;

  /** The rates of the groups, as they are now, are the base of all later ones. */
  constructor(optimizer: Rated) {
    this.#optimizer = optimizer;
    this.#base = optimizer.groups.map(({ lr }) => lr);
  }

  /** How often `step` was called. */
  get lastEpoch(): number {
    return this.#epoch;
  }

  /** The rates of the groups. */
  getLastLr(): number[] {
    return this.#optimizer.groups.map(({ lr }) => lr);
  }

  /** Sets the rates of the next epoch; to be called after the optimizer's steps. */
  step(): void {
    this.#epoch++;
    this.apply();
  }

  /** What to pass to `loadStateDict` to go on from here. */
  stateDict(): { readonly lastEpoch: number } {
    return { lastEpoch: this.#epoch };
  }

  /**
   * Goes on from a state of a scheduler of the same options.
   *
   * @throws {MpcError} ERR_MPC_RANGE unless the epoch is a whole number from 0 up.
   */
  loadStateDict({ lastEpoch }: { readonly lastEpoch: number }): void {
    if (!Number.isInteger(lastEpoch) || lastEpoch < 0) {
      throw refused('lr', `lastEpoch must be a whole number from 0 up, got ${lastEpoch}`);
    }
    this.#epoch = lastEpoch;
    this.apply();
  }

  /** The rate after `epoch` steps of a group that began with `base`. */
  abstract rateAt(epoch: number, base: number, group: number): number;

  /** Sets the rates of this epoch; constructors call it when they know their options. */
  protected apply(): void {
    const { groups } = this.#optimizer;
    this.#base.forEach((base, i) => {
      groups[i].lr = this.rateAt(this.#epoch, base, i);
    });
  }
}

/** One scheduler after the other: each begins anew at its milestone. */
export class SequentialLR extends LRScheduler {
  readonly #schedulers: readonly LRScheduler[];
  readonly #milestones: readonly number[];

  /**
   * @param make makes the schedulers over the optimizer; all begin with its rates as they are now.
   * @throws {MpcError} ERR_MPC_RANGE unless there is one milestone less than schedulers, and they grow.
   */
  constructor(
    optimizer: Rated,
    make: readonly ((optimizer: Rated) => LRScheduler)[],
    milestones: readonly number[],
  ) {
    super(optimizer);
    const rates = optimizer.groups.map(({ lr }) => lr);
    this.#schedulers = make.map((one) => one({ groups: rates.map((lr) => ({ params: [], lr })) }));
    this.#milestones = [...milestones];
    const grow = milestones.every((at, i) => at > (milestones[i - 1] ?? 0));
    if (make.length !== milestones.length + 1 || !grow) {
      throw refused('lr', 'expected growing milestones, one less than schedulers');
    }
    this.apply();
  }

  override rateAt(epoch: number, base: number, group: number): number {
    const reached = this.#milestones.filter((at) => at <= epoch);
    const since = epoch - (reached.at(-1) ?? 0);
    return this.#schedulers[reached.length].rateAt(since, base, group);
  }
}
