/** The breast cancer table, standardised, for the examples that follow. */
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('data/breast_cancer.csv', import.meta.url), 'utf8');
const rows = text
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));
const columns = rows[0].slice(0, -1).map((_, j) => {
  const column = rows.map((row) => row[j]);
  const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
  const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length;
  return column.map((value) => (value - mean) / Math.sqrt(variance));
});

/** Every fifth row is kept for the test. */
const isTest = (_: unknown, i: number): boolean => i % 5 === 4;
const isTrain = (row: unknown, i: number): boolean => !isTest(row, i);

const labels = rows.map((row) => [row[row.length - 1]]);
/** Hospital A: 15 features. */
const a = rows.map((_, i) => columns.slice(0, 15).map((column) => column[i]));
/** Hospital B: the other 15. */
const b = rows.map((_, i) => columns.slice(15).map((column) => column[i]));

/** Rows of both hospitals, and the diagnosis as one column. */
export interface Patients {
  readonly a: number[][];
  readonly b: number[][];
  readonly labels: number[][];
}

export const train: Patients = {
  a: a.filter(isTrain),
  b: b.filter(isTrain),
  labels: labels.filter(isTrain),
};
export const test: Patients = {
  a: a.filter(isTest),
  b: b.filter(isTest),
  labels: labels.filter(isTest),
};
