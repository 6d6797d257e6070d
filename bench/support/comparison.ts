/**
 * One row of the comparison with another library.
 * @module
 */

import { recordOf, type Times } from './figures.ts';
import type { Pair } from './paired.ts';
import { maxAbsError } from './references.ts';
import { allowedError, expectedOf, type Workload } from './workloads.ts';

/** What is written for one workload. Ratios are CrypTen's median by ours. */
export interface Comparison {
  readonly workload: string;
  readonly ratioOnline: number;
  readonly ratioTotal: number;
  readonly ours: Readonly<Record<string, number>>;
  readonly crypten: Readonly<Record<string, number>>;
  readonly samples: { readonly ours: Times<string>; readonly crypten: Times<string> };
}

/**
 * Medians, ratios and errors of a pair.
 *
 * @throws {Error} when our result is wrong; CrypTen's error is reported, whatever it is.
 */
export function comparisonOf(workload: Workload, { ours, theirs, results }: Pair): Comparison {
  const [our, their] = [recordOf(ours), recordOf(theirs)];
  const want = expectedOf(workload);
  return {
    workload: workload.name,
    ratioOnline: their['medianMs'] / our['medianMs'],
    ratioTotal: their['medianMs'] / our['totalMs'],
    ours: { ...our, maxAbsError: allowedError(workload, maxAbsError(results.ours, want)) },
    crypten: { ...their, maxAbsError: maxAbsError(results.theirs, want) },
    samples: { ours: ours.times, crypten: theirs.times },
  };
}

const WIDTHS = [26, 18, 9, 18, 8, 8, 17, 8, 19, 12];

/** The head of the table. */
export const HEAD: string = padded([
  'workload',
  'ours online, ms',
  'total',
  'CrypTen, ms',
  '×online',
  '×total',
  'kB ours/CrypTen',
  'rounds',
  'error ours/CrypTen',
  'one-off kB',
]);

/** A comparison as a line of the table. */
export function lineOf({ workload, ours, crypten, ratioOnline, ratioTotal }: Comparison): string {
  const times = (record: Readonly<Record<string, number>>): string =>
    `${ms(record['medianMs'])}/${ms(record['minMs'])}`;
  const sides = (show: (record: Readonly<Record<string, number>>) => string): string =>
    [ours, crypten].map(show).join('/');
  return padded([
    workload,
    times(ours),
    ms(ours['totalMs']),
    times(crypten),
    ratioOnline.toFixed(2),
    ratioTotal.toFixed(2),
    sides(({ bytesSent }) => kilobytes(bytesSent)),
    sides(({ rounds }) => String(rounds)),
    sides(({ maxAbsError }) => maxAbsError.toExponential(1)),
    kilobytes(ours['oneOffBytes']),
  ]);
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(bytes < 1e5 ? 1 : 0);
}

function ms(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0);
}

function padded(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[i]) : cell.padStart(WIDTHS[i])))
    .join('');
}
