/**
 * The operations as their sources describe them, and the table of them in ARCHITECTURE.md.
 *
 * Rewrites the table: node --import tsx test/tidy/op-index.ts --update
 * @module
 */

import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { read, ROOT, sourcesUnder, type Source } from './sources.ts';

/** One `export const reluOp: OpRecord = …`. */
export interface OpEntry {
  readonly name: string;
  /** The name inside the record. */
  readonly declared: string | undefined;
  readonly path: string;
  /** Made by a call or from another record, so that its fields are not written here. */
  readonly made: boolean;
  readonly hasBackward: boolean;
  /** Says that it has none: `differentiable: false`, or a doc comment that mentions gradients. */
  readonly explainsNone: boolean;
}

/** All records of a set of files. */
export function opsOf(sources: readonly Source[]): OpEntry[] {
  return sources.flatMap(({ path, text }) => {
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
    return file.statements.filter(ts.isVariableStatement).flatMap((statement) => {
      const doc = ts
        .getJSDocCommentsAndTags(statement)
        .map((part) => part.getText())
        .join('\n');
      return statement.declarationList.declarations.flatMap((declaration) => {
        const constant = declaration.name.getText();
        const typed = declaration.type?.getText().startsWith('OpRecord') ?? false;
        if (!typed || !constant.endsWith('Op')) return [];
        const record = declaration.initializer;
        const fields = record && ts.isObjectLiteralExpression(record) ? [...record.properties] : [];
        const field = (name: string): ts.ObjectLiteralElementLike | undefined =>
          fields.find((property) => property.name?.getText() === name);
        const value = field('name');
        const made = fields.length === 0 || fields.some(ts.isSpreadAssignment);
        return {
          name: constant.slice(0, -2),
          declared:
            value && ts.isPropertyAssignment(value) ? unquoted(value.initializer) : undefined,
          path,
          made,
          hasBackward: field('backward') !== undefined,
          explainsNone: field('differentiable') !== undefined || /gradient|backward/i.test(doc),
        };
      });
    });
  });
}

function unquoted(node: ts.Expression): string {
  return ts.isStringLiteral(node) ? node.text : node.getText();
}

/** Names of `export function name(` with their files. */
export function functionsOf(sources: readonly Source[]): { name: string; path: string }[] {
  return sources.flatMap(({ path, text }) =>
    [...text.matchAll(/^export (?:async )?function (\w+)/gm)].map(([, name]) => ({ name, path })),
  );
}

const LOCAL = '0 rounds, 0 bytes.';

/** The `Cost` of a function as its doc comment, or else its module's, says it; without a context it cannot have one. */
function costOf(sources: readonly Source[], name: string): string {
  for (const { text } of sources) {
    const end = text.search(new RegExp(`^export function ${name}\\(`, 'm'));
    if (end < 0) continue;
    if (!/^[^(]*\(\s*_?ctx/.test(text.slice(end))) return LOCAL;
    const docs = [
      text.slice(text.lastIndexOf('/**', end), end),
      text.slice(0, text.indexOf('*/') + 2),
    ];
    for (const doc of docs) {
      const label =
        /^ \* (?:\w+, )*Cost(?:, \w+)* +([\s\S]*?)(?=\s(?:\* )?[A-Z][a-z]+ {2,}|\n \*\n|\n \*\/)/m.exec(
          doc,
        );
      if (label)
        return label[1]
          .trim()
          .replace(/\s*\n \*\s*/g, ' ')
          .replaceAll('|', '\\|');
    }
  }
  return LOCAL;
}

/** The files that hold operations. */
export function opSources(): Source[] {
  return sourcesUnder('src/functions', '.ts');
}

/** The table: op, file, gradient, cost. */
export function opTable(sources: readonly Source[]): string {
  const rows = opsOf(sources)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, path, hasBackward }) => {
      const file = path.replace('src/functions/', '');
      return `| \`${name}\` | ${file} | ${hasBackward ? 'yes' : 'none'} | ${costOf(sources, name)} |`;
    });
  return ['| op | file | gradient | cost |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const BEGIN =
  '<!-- op index: written by test/tidy/op-index.ts -->\n<!-- prettier-ignore-start -->\n\n';
const END = '<!-- prettier-ignore-end -->\n<!-- end of op index -->';

/** The document with the table of today. */
export function withOpTable(document: string, table: string): string {
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error('ARCHITECTURE.md has no markers for the op index');
  return `${before}${BEGIN}${table}\n\n${END}${after}`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href && process.argv.includes('--update')) {
  const document = read('ARCHITECTURE.md');
  writeFileSync(`${ROOT}ARCHITECTURE.md`, withOpTable(document, opTable(opSources())));
}
