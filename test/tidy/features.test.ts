/** FEATURES.md: every row once, its status justified, its test real, its counts right. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { read, ROOT } from './sources.ts';

const ROWS = 192;
const STATUSES = ['done', 'different', 'missing'];

/** What is wrong with the document; `textOf` gives a test file's text, or null when there is none. */
function violations(
  document: string,
  textOf: (path: string) => string | null,
  rows: number,
): string[] {
  const bad: string[] = [];
  const counts = new Map(STATUSES.map((status) => [status, 0]));
  const found = [...document.matchAll(/^\| (\d+) \| ([^|]+) \| (\w+) \| (.*?) ?\|$/gm)];
  found.forEach(([, number, , status, evidence], i) => {
    if (Number(number) !== i + 1) bad.push(`row ${i + 1} is numbered ${number}`);
    const count = counts.get(status);
    if (count === undefined) bad.push(`${number}: status ${status}`);
    else counts.set(status, count + 1);
    if (status === 'different' && evidence.trim() === '') bad.push(`${number}: no reason`);
    if (status !== 'done') return;
    const test = /^`(test\/[^`]+)`: (.+)$/.exec(evidence.trim());
    if (test === null) bad.push(`${number}: names no test`);
    else if (!textOf(test[1])?.includes(test[2].trim()))
      bad.push(`${number}: ${test[1]} has no "${test[2]}"`);
  });
  if (found.length !== rows) bad.push(`${found.length} rows instead of ${rows}`);
  for (const [status, count] of counts) {
    const stated = new RegExp(`^\\| ${status} +\\|[^|]*\\| +(\\d+) +\\|$`, 'm').exec(document);
    if (Number(stated?.[1] ?? -1) !== count)
      bad.push(`${status}: ${count} rows, the legend says ${stated?.[1]}`);
  }
  return bad;
}

describe('tidy: features', () => {
  it('rows, counts and tests of FEATURES.md are right', () => {
    const textOf = (path: string): string | null => (existsSync(ROOT + path) ? read(path) : null);
    assert.deepEqual(violations(read('FEATURES.md'), textOf, ROWS), []);
  });

  it('finds seeded violations', () => {
    const legend = (done: number): string =>
      `| done | x | ${done} |\n| different | x | 0 |\n| missing | x | 0 |\n`;
    const textOf = (path: string): string | null =>
      path === 'test/a.test.ts' ? `it('adds')` : null;
    const of = (row: string, done = 1): string[] =>
      violations(`${legend(done)}${row}\n`, textOf, 1);
    assert.deepEqual(of('| 1 | x | done | `test/a.test.ts`: adds |'), []);
    assert.deepEqual(of('| 1 | x | done | `test/a.test.ts`: adds |', 2), [
      'done: 1 rows, the legend says 2',
    ]);
    assert.deepEqual(of('| 1 | x | done | `test/a.test.ts`: multiplies |'), [
      '1: test/a.test.ts has no "multiplies"',
    ]);
    assert.deepEqual(of('| 1 | x | done | |'), ['1: names no test']);
    assert.deepEqual(of('| 2 | x | done | `test/a.test.ts`: adds |'), ['row 1 is numbered 2']);
    assert.equal(of('| 1 | x | different | |', 0).length, 2);
    assert.deepEqual(violations(legend(0), textOf, 1), ['0 rows instead of 1']);
  });
});
