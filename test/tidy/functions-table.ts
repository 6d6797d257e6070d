/**
 * docs/functions.md: what is stated of every approximated function, from test/functions/facts.ts.
 *
 * Rewrites it: node --import tsx test/tidy/functions-table.ts --update
 * @module
 */

import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { FACTS, ROWS, type FunctionFacts } from '../functions/facts.ts';
import { ROOT } from './sources.ts';

/** The document. */
export const DOCUMENT = 'docs/functions.md';

type Facts = Pick<FunctionFacts, 'name' | 'interval' | 'absolute' | 'relative' | 'cost'>;

const INTRODUCTION = `# Functions

How exact the approximated functions are and what they cost, at 16 fractional bits. The error is \`absolute + relative·|result|\`, for every
input of the interval and any number of parties; every x is |x| < 2^46, and one unit of the last place is 1.53e-5. Costs are those of one element, from settled
inputs to settled results, without message headers (24 bytes): rounds, bytes from each party to each other for two and for three parties,
bytes from the dealer for two. Of \`softmax\` and \`logSoftmax\` it is an element of 64 rows of 10, of \`layerNorm\` one of 64 rows of 64.

Where a function has no value it gives a stated one: of x ≤ 0, \`sqrt\` and \`rsqrt\` give 0 and \`log\` the logarithm of the smallest
number; a divisor of 0 gives 0.

Written by \`node --import tsx test/tidy/functions-table.ts --update\` from test/functions/facts.ts, which test/functions/accuracy.test.ts
and rows.test.ts measure.
`;

/** The whole text. */
export function functionsDocument(): string {
  const head = [
    'function',
    'interval',
    'absolute error',
    'relative error',
    'rounds',
    'B, 2 parties',
    'B, 3 parties',
    'dealer B',
  ];
  const rows = [...FACTS, ...ROWS].map((facts) => rowOf(facts));
  const table = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  const body = ['<!-- prettier-ignore-start -->', '', ...table, '', '<!-- prettier-ignore-end -->'];
  return `${INTRODUCTION}\n${body.join('\n')}\n`;
}

function rowOf({ name, interval, absolute, relative, cost }: Facts): string[] {
  const error = (value: number): string => (value === 0 ? '0' : value.toExponential(1));
  const bytes = (value: number): string => String(Math.round(value * 10) / 10);
  return [
    `\`${name}\``,
    interval.replaceAll('|', '\\|'),
    error(absolute),
    error(relative),
    String(cost.rounds),
    bytes(cost.bytes),
    bytes(cost.bytesOfThree),
    String(Math.round(cost.dealt)),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href && process.argv.includes('--update')) {
  writeFileSync(`${ROOT}${DOCUMENT}`, functionsDocument());
}
