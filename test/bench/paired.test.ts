/** Paired runs: who runs when, and what becomes of the samples. */

import assert from 'node:assert/strict';
import { comparisonOf, lineOf } from '../../bench/support/comparison.ts';
import {
  joined,
  recordOf,
  slowest,
  type Figures,
  type OurFigures,
} from '../../bench/support/figures.ts';
import { median } from '../../bench/support/measure.ts';
import { repetitions, runPaired } from '../../bench/support/paired.ts';
import { expectedOf, OPERATIONS } from '../../bench/support/workloads.ts';

const counts = { rounds: 1, bytesSent: 8, preprocessBytes: 0, oneOffBytes: 0, output: null };

function ours(ms: readonly number[], first: readonly number[] = []): OurFigures {
  const total = ms.map((x) => 2 * x);
  const times = { first, online: ms, pending: ms, preprocess: ms, total, cpu: ms };
  return { ...counts, times, oneOffBytes: 24 * first.length };
}

function theirs(ms: readonly number[]): Figures {
  return { ...counts, times: { online: ms, cpu: ms } };
}

describe('bench: paired runs', () => {
  it('take turns: A B, B A, A B, after one warm-up each', async () => {
    const log: string[] = [];
    const runner = <F extends Figures>(name: string, figures: (ms: readonly number[]) => F) => ({
      run: ({ reps, output }: { reps: number; output: boolean }) => {
        log.push(output ? `${name} checked` : name);
        return Promise.resolve(figures(Array<number>(reps).fill(1)));
      },
      close: () => Promise.resolve(),
    });
    const pace = { rounds: 3, budgetMs: 0 };
    const pair = await runPaired('w', runner('A', ours), runner('B', theirs), pace);
    assert.deepEqual(log.slice(0, 4), ['A checked', 'A', 'B checked', 'B']);
    assert.deepEqual(log.slice(4), ['A', 'B', 'B', 'A', 'A', 'B']);
    assert.equal(pair.ours.times.online.length, 3);
    assert.equal(pair.theirs.times.online.length, 3);
  });

  it('repetitions fit the budget, within bounds', () => {
    assert.deepEqual(
      [1, 40, 100, 400, 5000].map((ms) => repetitions(ms, 400)),
      [25, 10, 4, 1, 1],
    );
  });

  it('the slowest party counts in each repetition, and all turns together', () => {
    const merged = slowest([theirs([1, 5, 3]), { ...theirs([2, 4, 3]), bytesSent: 16 }]);
    assert.deepEqual(merged.times.online, [2, 5, 3]);
    assert.equal(merged.bytesSent, 16);
    assert.deepEqual(joined([theirs([1, 2]), theirs([3])]).times.cpu, [1, 2, 3]);
  });

  it('the median is the middle, or the mean of the middle two', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
  });

  it('ratios are CrypTen’s median by ours', () => {
    const [workload] = OPERATIONS;
    const right = expectedOf(workload);
    const off = right.map((value) => value + 0.5);
    const pair = {
      ours: ours([1, 2, 9]),
      theirs: theirs([6, 7, 8]),
      results: { ours: right, theirs: off },
    };
    const comparison = comparisonOf(workload, pair);
    assert.equal(comparison.ratioOnline, 3.5);
    assert.equal(comparison.ratioTotal, 1.75);
    assert.equal(comparison.ours['maxAbsError'], 0);
    assert.ok(Math.abs(comparison.crypten['maxAbsError'] - 0.5) < 1e-6);
    assert.match(
      lineOf(comparison),
      /^ew:mul:1e3 +2\.00\/1\.00 +4\.00 +7\.00\/6\.00 +3\.50 +1\.75 /,
    );
    const wrong = { ...pair, results: { ours: off, theirs: right } };
    assert.throws(() => comparisonOf(workload, wrong), /wrong by/);
  });

  it('a record has medians by phase, the best time and the counts', () => {
    assert.deepEqual(recordOf(theirs([3, 1, 2])), {
      medianMs: 2,
      cpuMs: 2,
      minMs: 1,
      rounds: 1,
      bytesSent: 8,
      preprocessBytes: 0,
      oneOffBytes: 0,
      reps: 3,
    });
    const model = recordOf(joined([ours([1, 2], [9]), ours([3], [5])]));
    assert.equal(model['firstMs'], 7);
    assert.equal(model['oneOffBytes'], 24);
    assert.equal('firstMs' in recordOf(ours([1])), false);
  });
});
