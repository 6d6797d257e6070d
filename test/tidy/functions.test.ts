/** docs/functions.md is of today, and the doc comments of the functions say the same costs. */

import assert from 'node:assert/strict';
import { FACTS, ROWS, type FunctionFacts } from '../functions/facts.ts';
import { DOCUMENT, functionsDocument } from './functions-table.ts';
import { opSources } from './op-index.ts';
import { read, type Source } from './sources.ts';

type Facts = Pick<FunctionFacts, 'name' | 'cost'>;

/** Functions whose comment states other costs than the table says, or none. */
function disagreements(sources: readonly Source[], all: readonly Facts[]): string[] {
  return all.flatMap(({ name, cost }) => {
    const text = sources.map((source) => source.text).find((one) => definition(name).test(one));
    if (text === undefined) return [`${name}: no function of this name`];
    const end = text.search(definition(name));
    const doc = text.slice(text.lastIndexOf('/**', end), end);
    const found = /(\d+) rounds?, ([\d.]+) B an element[^;]*; dealer (\d+) B/.exec(
      doc.replace(/\s*\n \*\s*/g, ' '),
    );
    const stated = found?.slice(1).join(', ');
    const table = [cost.rounds, Math.round(cost.bytes * 10) / 10, Math.round(cost.dealt)];
    return stated === table.join(', ') ? [] : [`${name}: ${stated} for ${table.join(', ')}`];
  });
}

function definition(name: string): RegExp {
  return new RegExp(`^export function ${name}\\(`, 'm');
}

describe('tidy: functions', () => {
  it('docs/functions.md is of today', () => {
    const message = 'run: node --import tsx test/tidy/functions-table.ts --update';
    assert.ok(read(DOCUMENT) === functionsDocument(), message);
  });

  it('doc comments state the rounds, bytes and dealt bytes of the table', () => {
    assert.deepEqual(disagreements(opSources(), [...FACTS, ...ROWS]), []);
  });

  it('finds seeded disagreements', () => {
    const cost = { rounds: 3, bytes: 20.5, bytesOfThree: 20.5, dealt: 608 };
    const of = (line: string): string[] =>
      disagreements(
        [{ path: 'a.ts', text: `/**\n * Cost    ${line}\n */\nexport function f() {}` }],
        [{ name: 'f', cost }],
      );
    assert.deepEqual(of('3 rounds, 20.5 B an element; dealer 608 B.'), []);
    assert.deepEqual(of('3 rounds,\n *         20.5 B an element; dealer 608 B.'), []);
    assert.deepEqual(of('3 rounds, 20.5 B an element; dealer 600 B.'), [
      'f: 3, 20.5, 600 for 3, 20.5, 608',
    ]);
    assert.deepEqual(of('free'), ['f: undefined for 3, 20.5, 608']);
  });
});
