/**
 * The demo's data: one public table, split by columns between two hospitals.
 * @module
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../core/errors.ts';
import { packageRoot } from './files.ts';
import { splitRows } from './programs/recipe.ts';
import { readTable, type Table } from './table.ts';
import type { Labelled } from './twin.ts';

/** The column that says benign or malignant. */
export const TARGET = 'target';
const SOURCE = ['examples', 'data', 'breast_cancer.csv'];

/** Where each hospital's file is, and the whole for the comparison in the clear. */
export interface DemoTables {
  readonly fileA: string;
  readonly fileB: string;
  readonly whole: Table;
  /** Columns of each hospital. */
  readonly features: readonly [number, number];
}

/** Writes two files into `folder`: the same patients in the same order, half of the columns each. */
export async function writeDemoTables(folder: string): Promise<DemoTables> {
  const whole = await readTable(join(packageRoot(), ...SOURCE), { target: TARGET });
  const { target } = whole;
  assert(target !== undefined, 'the demo table has labels');
  const half = Math.ceil(whole.features.length / 2);
  const fileA = join(folder, 'hospital-a.csv');
  const fileB = join(folder, 'hospital-b.csv');
  const ofA = [...whole.columns.slice(0, half), target];
  await writeFile(fileA, csv([...whole.features.slice(0, half), TARGET], ofA));
  await writeFile(fileB, csv(whole.features.slice(half), whole.columns.slice(half)));
  return { fileA, fileB, whole, features: [half, whole.features.length - half] };
}

/** Training and test rows of the whole table, standardised as the hospitals do it. */
export function inTheClear(whole: Table, seed: number): { train: Labelled; test: Labelled } {
  const { train, test } = splitRows(whole.rows, seed);
  const columns = whole.columns.map((column) => standardise(column, train));
  const rows = (numbers: readonly number[]): Labelled => ({
    x: numbers.map((row) => columns.map((column) => column[row])),
    y: numbers.map((row) => whole.target?.[row] ?? NaN),
  });
  return { train: rows(train), test: rows(test) };
}

/** Zero mean and unit deviation over `rows`; written apart from the program's, to check it. */
function standardise(column: Float64Array, rows: readonly number[]): number[] {
  const mean = rows.reduce((sum, row) => sum + column[row], 0) / rows.length;
  const variance = rows.reduce((sum, row) => sum + (column[row] - mean) ** 2, 0) / rows.length;
  return Array.from(column, (value) => (value - mean) / Math.sqrt(variance));
}

function csv(head: readonly string[], columns: readonly Float64Array[]): string {
  const rows = Array.from(columns[0], (_, row) => columns.map((column) => column[row]).join(','));
  return `${[head.join(','), ...rows].join('\n')}\n`;
}
