/** Every operation has one definition, one record and a gradient or a reason; the table in ARCHITECTURE.md is of today. */

import assert from 'node:assert/strict';
import { functionsOf, opsOf, opSources, opTable, withOpTable } from './op-index.ts';
import { read, sourcesUnder, type Source } from './sources.ts';

/** Operations without work: the record is the definition. */
const OWN_DEFINITION = new Set(['clone']);

/** What is wrong with the operations in `sources`; `users` is the text of those who call their records. */
function violations(sources: readonly Source[], users: string): string[] {
  const bad: string[] = [];
  const definitions = new Map<string, string[]>();
  for (const { name, path } of functionsOf(sources)) {
    definitions.set(name, [...(definitions.get(name) ?? []), path]);
  }
  for (const [name, paths] of definitions) {
    if (paths.length > 1) bad.push(`${name} is defined in ${paths.join(' and ')}`);
  }
  const seen = new Set<string>();
  for (const op of opsOf(sources)) {
    if (seen.has(op.name)) bad.push(`${op.name} has two records`);
    seen.add(op.name);
    if (!definitions.has(op.name) && !OWN_DEFINITION.has(op.name))
      bad.push(`${op.name}: no export function ${op.name}(`);
    if (!op.made && op.declared !== op.name) bad.push(`${op.name}: its record says ${op.declared}`);
    if (!op.made && !op.hasBackward && !op.explainsNone)
      bad.push(`${op.name}: no backward and no reason`);
    if (!new RegExp(`\\b${op.name}Op\\b`).test(users))
      bad.push(`${op.name}: nobody calls ${op.name}Op`);
  }
  return bad;
}

describe('tidy: op-index', () => {
  it('every operation has one definition, one record, a gradient or a reason, and a caller', () => {
    const users = sourcesUnder('src/tensor', '.ts').map(({ text }) => text);
    assert.ok(opsOf(opSources()).length > 10);
    assert.deepEqual(violations(opSources(), users.join('\n')), []);
  });

  it('the table in ARCHITECTURE.md is of today', () => {
    const document = read('ARCHITECTURE.md');
    const message = 'run: node --import tsx test/tidy/op-index.ts --update';
    assert.ok(document === withOpTable(document, opTable(opSources())), message);
  });

  it('finds seeded violations', () => {
    const path = 'src/functions/a.ts';
    const of = (text: string, users = 'fOp'): string[] => violations([{ path, text }], users);
    const f = 'export function f(ctx: Context): Share {}\n';
    const record = `export const fOp: OpRecord<A, B, C> = { name: 'f', forward, backward };\n`;
    assert.deepEqual(of(f + record), []);
    assert.deepEqual(of(f + f + record), [`f is defined in ${path} and ${path}`]);
    assert.deepEqual(of(record), ['f: no export function f(']);
    assert.deepEqual(of(f + record.replace(`'f'`, `'g'`)), ['f: its record says g']);
    assert.deepEqual(of(f + record.replace(', backward', '')), ['f: no backward and no reason']);
    assert.deepEqual(of(f + record + record), ['f has two records']);
    assert.deepEqual(of(f + record, ''), ['f: nobody calls fOp']);
    const none = record.replace('backward', 'differentiable: false');
    assert.deepEqual(of(f + none), []);
  });
});
