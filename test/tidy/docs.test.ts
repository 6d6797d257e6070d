/** Every exported symbol says what it is; every gate and function says what it costs and leaks. */

import assert from 'node:assert/strict';
import ts from 'typescript';
import { librarySources, read, type Source } from './sources.ts';

/** Folders whose operations carry `Cost` and `Leaks` labels. */
const LABELLED = /^src\/(?:protocol\/additive|functions)\//;
/** What an operation returns; other exports of those folders are sizes, options and parts. */
const RESULTS = /\b(?:Share|Storage|Rectified|Mask|Later<Words \| null>)\b/;

interface Exported {
  readonly name: string;
  readonly doc: string;
  readonly node: ts.Statement;
}

function parse({ path, text }: Source): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
}

/** Exported declarations of a file; re-exports are documented where they are declared. */
function exportsOf(file: ts.SourceFile): Exported[] {
  const found: Exported[] = [];
  for (const node of file.statements) {
    const exported =
      ts.canHaveModifiers(node) &&
      ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!exported) continue;
    let doc = docOf(node);
    if (ts.isVariableStatement(node)) {
      if (doc === '' && follows(file, node)) doc = found.at(-1)?.doc ?? '';
      for (const { name } of node.declarationList.declarations) {
        found.push({ name: name.getText(), doc, node });
      }
    } else if (ts.isFunctionDeclaration(node) && node.body === undefined) {
      continue; // An overload: the implementation carries the comment, or the first signature does.
    } else if ('name' in node && node.name) {
      found.push({
        name: (node.name as ts.Identifier).text,
        doc: doc || overloadDoc(file, node),
        node,
      });
    }
  }
  return found;
}

/** Whether a constant comes on the line after another one: a comment covers a block of them. */
function follows(file: ts.SourceFile, node: ts.Statement): boolean {
  const before = file.statements[file.statements.indexOf(node) - 1];
  return (
    before !== undefined &&
    ts.isVariableStatement(before) &&
    !/\n\s*\n/.test(file.text.slice(before.end, node.getStart(file)))
  );
}

function docOf(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .map((part) => part.getText())
    .join('\n');
}

function overloadDoc(file: ts.SourceFile, node: ts.Statement): string {
  if (!ts.isFunctionDeclaration(node)) return '';
  return file.statements
    .filter((other) => ts.isFunctionDeclaration(other) && other.name?.text === node.name?.text)
    .map(docOf)
    .join('\n');
}

function hasSummary(doc: string): boolean {
  return /[^\s*/]/.test(doc.replace(/@\w+[\s\S]*/, ''));
}

/** Module comments exist, every exported symbol has a summary. */
function undocumented(sources: readonly Source[]): string[] {
  const bad: string[] = [];
  for (const source of sources) {
    if (!/^(?:#![^\n]*\n)?\/\*\*[\s\S]*?\*\//.test(source.text))
      bad.push(`${source.path}: no module comment`);
    for (const { name, doc } of exportsOf(parse(source))) {
      if (!hasSummary(doc)) bad.push(`${source.path}: ${name} has no summary`);
    }
  }
  return bad;
}

/** Operations without the labels; a label in the module comment covers the whole file. */
function unlabelled(sources: readonly Source[]): string[] {
  const bad: string[] = [];
  for (const source of sources.filter(({ path }) => LABELLED.test(path))) {
    const moduleDoc = /^\/\*\*[\s\S]*?\*\//.exec(source.text)?.[0] ?? '';
    for (const { name, doc, node } of exportsOf(parse(source))) {
      if (!ts.isFunctionDeclaration(node) || !isOperation(node)) continue;
      for (const label of ['Cost', 'Leaks']) {
        const pattern = new RegExp(`^\\s*\\*\\s.*\\b${label}\\b`, 'm');
        if (!pattern.test(doc) && !pattern.test(moduleDoc)) {
          bad.push(`${source.path}: ${name} lacks the label ${label}`);
        }
      }
    }
  }
  return bad;
}

function isOperation(node: ts.FunctionDeclaration): boolean {
  const first = node.parameters[0]?.type?.getText();
  return first === 'Context' && RESULTS.test(node.type?.getText() ?? '');
}

/** Keys of the references table. */
function paperKeys(architecture: string): string[] {
  const section = architecture.split(/^## References$/m)[1] ?? '';
  return [...section.matchAll(/^\| ([^|]+?) +\|/gm)].map(([, key]) => key).slice(2);
}

function unresolvedPapers(sources: readonly Source[], keys: readonly string[]): string[] {
  const bad: string[] = [];
  for (const { path, text } of sources) {
    for (const [, paper] of text.matchAll(/^\s*\*\s+Paper\s+(.+)$/gm)) {
      if (!keys.some((key) => paper.includes(key)))
        bad.push(`${path}: no reference for "${paper}"`);
    }
  }
  return bad;
}

describe('tidy: docs', () => {
  it('every exported symbol has a summary and every file a module comment', () => {
    assert.deepEqual(undocumented(librarySources()), []);
  });

  it('operations of protocol/additive and functions state Cost and Leaks', () => {
    assert.deepEqual(unlabelled(librarySources()), []);
  });

  it('every paper cited has a row in the references of ARCHITECTURE.md', () => {
    const keys = paperKeys(read('ARCHITECTURE.md'));
    assert.ok(keys.length >= 5);
    assert.deepEqual(unresolvedPapers(librarySources(), keys), []);
  });

  it('finds seeded violations', () => {
    const path = 'src/functions/a.ts';
    const bare =
      '/** A module. */\nimport x from "x";\nexport function f(ctx: Context): Share {}\nexport const A = 1;';
    assert.deepEqual(undocumented([{ path, text: bare }]), [
      `${path}: f has no summary`,
      `${path}: A has no summary`,
    ]);
    const block =
      '/** M. */\nimport x from "x";\n\n/** Codes. */\nexport const A = 1;\nexport const B = 2;\n\nexport const C = 3;';
    assert.deepEqual(undocumented([{ path, text: block }]), [`${path}: C has no summary`]);
    assert.deepEqual(undocumented([{ path, text: 'const a = 1;' }]), [
      `${path}: no module comment`,
    ]);
    assert.deepEqual(unlabelled([{ path, text: bare }]), [
      `${path}: f lacks the label Cost`,
      `${path}: f lacks the label Leaks`,
    ]);
    const good =
      '/** M. */\n/**\n * Adds.\n *\n * Cost    none.\n * Leaks   nothing.\n */\nexport function f(ctx: Context): Share {}';
    assert.deepEqual(unlabelled([{ path, text: good }]), []);
    const cited = { path, text: '/**\n * Paper   Nobody 1999.\n */' };
    assert.deepEqual(unresolvedPapers([cited], ['Beaver 1991']).length, 1);
    assert.deepEqual(unresolvedPapers([cited], ['Nobody 1999']), []);
    assert.deepEqual(paperKeys('## References\n\n| key | paper |\n| --- | --- |\n| K 1 | x |\n'), [
      'K 1',
    ]);
  });
});
