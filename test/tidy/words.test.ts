/** Words that must not appear: vague names, escapes from the type system, ambient randomness, printing. */

import assert from 'node:assert/strict';
import { librarySources, sourcesUnder, withoutComments, type Source } from './sources.ts';

const VAGUE = /(?:^|[-_./])(?:utils?|helpers?|common|misc|manager|impl|data|do)(?:[-_./]|$)/i;
const VAGUE_SYMBOL =
  /\bexport\s+(?:abstract\s+)?(?:async\s+)?(?:class|function|const|interface|type)\s+(\w*(?:Utils?|Helpers?|Manager|Impl|Misc)|utils?|helpers?|common|misc|data)\b/;

/** In code (comments left out), in src/ alone. */
const IN_CODE: readonly [name: string, pattern: RegExp][] = [
  ['the type any', /(?::\s*any\b|\bas any\b|<any\b|\bany\[\])/],
  ['as unknown as', /\bas unknown as\b/],
  ['Math.random', /\bMath\.random\b/],
  ['console', /\bconsole\./],
  ['a default export', /^export default\b/m],
];

/** Places with a reason. */
const ALLOWED: readonly RegExp[] = [
  // A program that `cryptensor run` starts is a module with a default function.
  /^src\/cli\/programs\/[\w-]+\.ts: a default export$/,
  // What `party.print` and `party.log` are for.
  /^src\/tensor\/print\.ts: console$/,
];

function violations(sources: readonly Source[]): string[] {
  const bad: string[] = [];
  for (const { path, text } of sources) {
    const inLibrary = path.startsWith('src/');
    const name = path.split('/').slice(1).join('/');
    if (inLibrary && VAGUE.test(`/${name.replace(/\.ts$/, '')}`))
      bad.push(`${path}: a vague file name`);
    const code = withoutComments(text);
    const found = IN_CODE.filter(([, pattern]) => inLibrary && pattern.test(code)).map(
      ([what]) => what,
    );
    const symbol = inLibrary ? VAGUE_SYMBOL.exec(code) : null;
    if (symbol) found.push(`the vague name ${symbol[1]}`);
    // Both stand in comments, which `code` has not.
    if (/@ts-(?:ignore|nocheck)/.test(text)) found.push('@ts-ignore');
    if (/\bTODO\b(?!\s*\(?#\d)/.test(text)) found.push('TODO without an issue number');
    bad.push(
      ...found
        .map((what) => `${path}: ${what}`)
        .filter((line) => !ALLOWED.some((place) => place.test(line))),
    );
  }
  return bad.sort();
}

describe('tidy: words', () => {
  it('banned words do not appear', () => {
    const self = 'test/tidy/words.test.ts';
    const all = [
      ...librarySources(),
      ...sourcesUnder('assembly', '.ts', '.mjs'),
      ...sourcesUnder('test', '.ts').filter(({ path }) => path !== self),
      ...sourcesUnder('bench', '.ts'),
      ...sourcesUnder('examples', '.ts', '.mjs', '.js'),
    ];
    assert.deepEqual(violations(all), []);
  });

  it('finds seeded violations', () => {
    const seeded: [text: string, what: string][] = [
      ['let a: any;', 'the type any'],
      ['const a = b as unknown as number;', 'as unknown as'],
      ['Math.random();', 'Math.random'],
      ['console.log(1);', 'console'],
      ['export default 1;', 'a default export'],
      ['export class PartyManager {}', 'the vague name PartyManager'],
      ['// @ts-ignore: it knows', '@ts-ignore'],
      ['// TODO later', 'TODO without an issue number'],
    ];
    for (const [text, what] of seeded) {
      assert.deepEqual(violations([{ path: 'src/a.ts', text }]), [`src/a.ts: ${what}`]);
    }
    assert.deepEqual(violations([{ path: 'src/core/utils.ts', text: '' }]), [
      'src/core/utils.ts: a vague file name',
    ]);
    assert.deepEqual(
      violations([{ path: 'src/a.ts', text: '// TODO(#12) x; any console.log' }]),
      [],
    );
  });
});
