/** Handwritten digits, 8×8 grey values from 0 to 1, for the examples that follow. */
import { readFileSync } from 'node:fs';

/** Images by row of pixels, and what they show. */
export interface Digits {
  readonly images: number[][];
  readonly labels: number[];
}

const text = readFileSync(new URL('data/digits.csv', import.meta.url), 'utf8');
const rows = text
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));

/** `count` digits from number `from` on, in the order of the table; later ones are of other writers. */
export function digits(from: number, count: number): Digits {
  const part = rows.slice(from, from + count);
  if (part.length < count) throw new Error(`there are ${rows.length} digits, not ${from + count}`);
  return {
    images: part.map((row) => row.slice(0, -1).map((grey) => grey / 16)),
    labels: part.map((row) => row[row.length - 1]),
  };
}

/** Labels as rows of ten with a single 1. */
export function oneHot(labels: readonly number[]): number[][] {
  return labels.map((label) => Array.from({ length: 10 }, (_, digit) => (digit === label ? 1 : 0)));
}
