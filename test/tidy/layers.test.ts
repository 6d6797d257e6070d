/** Imports point down; siblings are strangers; Node is named where it is needed (ARCHITECTURE.md, code map). */

import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { librarySources, withoutComments, type Source } from './sources.ts';

/** Layer → layers it may import besides itself and core. `.` are the files directly in src/: they put the layers together. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  kernels: [],
  net: [],
  ring: ['kernels'],
  prg: ['kernels'],
  protocol: ['kernels', 'ring', 'prg', 'net'],
  functions: ['protocol', 'ring'],
  tensor: ['functions', 'protocol', 'ring'],
  nn: ['tensor'],
  optim: ['tensor'],
  onnx: ['tensor', 'nn'],
  formats: ['tensor'],
  cli: ['*'],
  '.': ['*'],
};

/** Layers that see another one only through its index. */
const BY_INDEX = new Set(['nn', 'optim', 'onnx', 'formats']);

/** Package → the only places that may import it. */
const PACKAGES: Record<string, RegExp> = {
  '@noble/hashes': /^src\/(net|protocol|prg|kernels\/ts|cli)\//,
  tweetnacl: /^src\/net\//,
  'as-bind': /^src\/kernels\/wasm\//,
  ws: /^src\/net\/[\w-]+\.node\.ts$/,
  commander: /^src\/cli\//,
  fflate: /^src\/formats\//,
  papaparse: /^src\/cli\//,
  pbf: /^src\/onnx\//,
  asciichart: /^src\/cli\//,
};

const nodeOnly = (path: string): boolean =>
  path.startsWith('src/cli/') || path.endsWith('.node.ts');

/** Module specifiers of a file. */
function importsOf(text: string): string[] {
  const pattern = /\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g;
  return [...withoutComments(text).matchAll(pattern)].map(([, specifier]) => specifier);
}

function layerOf(path: string): string {
  const [, first, second] = path.split('/');
  return second === undefined ? '.' : first;
}

/** Everything a set of files does against the rules. */
function violations(sources: readonly Source[]): string[] {
  const bad: string[] = [];
  for (const { path, text } of sources) {
    const layer = layerOf(path);
    const may = MAY_IMPORT[layer];
    if (may === undefined) {
      bad.push(`${path}: ${layer} is no layer`);
      continue;
    }
    for (const specifier of importsOf(text)) {
      if (specifier.startsWith('node:')) {
        if (!nodeOnly(path)) bad.push(`${path}: ${specifier} outside .node.ts and cli/`);
      } else if (!specifier.startsWith('.')) {
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/');
        if (!PACKAGES[name]?.test(path)) bad.push(`${path}: package ${name}`);
      } else {
        const target = posix.join(posix.dirname(path), specifier);
        const to = layerOf(target);
        const allowed = to === layer || to === 'core' || may.includes('*') || may.includes(to);
        if (!allowed) bad.push(`${path}: ${layer} -> ${to}`);
        else if (
          BY_INDEX.has(layer) &&
          to !== layer &&
          to !== 'core' &&
          !target.endsWith('/index.ts')
        ) {
          bad.push(`${path}: ${target} is not an index`);
        }
      }
    }
    const global = /(?<![.\w'"#-])(?:process|Buffer|__dirname|require)\s*[.(]/.exec(
      withoutComments(text),
    );
    if (global && !nodeOnly(path)) bad.push(`${path}: ${global[0]} exists only in Node`);
  }
  return bad.sort();
}

/** Files that `entry` reaches by imports. */
function reachable(sources: readonly Source[], entry: string): Set<string> {
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  const seen = new Set<string>();
  const visit = (path: string): void => {
    const text = texts.get(path);
    if (text === undefined || seen.has(path)) return;
    seen.add(path);
    for (const specifier of importsOf(text).filter((name) => name.startsWith('.'))) {
      visit(posix.join(posix.dirname(path), specifier));
    }
  };
  visit(entry);
  return seen;
}

describe('tidy: layers', () => {
  it('imports point down', () => {
    assert.deepEqual(violations(librarySources()), []);
  });

  it('the default entry reaches no file that needs Node', () => {
    const reached = [...reachable(librarySources(), 'src/index.ts')];
    assert.ok(reached.length > 10);
    assert.deepEqual(reached.filter(nodeOnly), []);
  });

  it('finds seeded violations', () => {
    const seeded: [path: string, text: string, expected: string][] = [
      ['src/core/a.ts', `import { x } from '../net/x.ts';`, 'src/core/a.ts: core -> net'],
      ['src/net/a.ts', `export { x } from '../ring/view.ts';`, 'src/net/a.ts: net -> ring'],
      [
        'src/ring/a.ts',
        `const a = await import('../prg/stream.ts');`,
        'src/ring/a.ts: ring -> prg',
      ],
      ['src/tensor/a.ts', `import '../simulate.ts';`, 'src/tensor/a.ts: tensor -> .'],
      [
        'src/nn/a.ts',
        `import '../tensor/tape.ts';`,
        'src/nn/a.ts: src/tensor/tape.ts is not an index',
      ],
      [
        'src/net/a.ts',
        `import net from 'node:net';`,
        'src/net/a.ts: node:net outside .node.ts and cli/',
      ],
      ['src/net/a.ts', `Buffer.from('')`, 'src/net/a.ts: Buffer. exists only in Node'],
      ['src/tensor/a.ts', `import nacl from 'tweetnacl';`, 'src/tensor/a.ts: package tweetnacl'],
      ['src/extra/a.ts', '', 'src/extra/a.ts: extra is no layer'],
    ];
    for (const [path, text, expected] of seeded) {
      assert.deepEqual(violations([{ path, text }]), [expected]);
    }
    const chain = [
      { path: 'src/index.ts', text: `export * from './net/a.ts';` },
      { path: 'src/net/a.ts', text: `import './tcp.node.ts';` },
      { path: 'src/net/tcp.node.ts', text: '' },
    ];
    assert.ok(reachable(chain, 'src/index.ts').has('src/net/tcp.node.ts'));
  });

  it('lets through what is allowed, and does not read comments', () => {
    const text = `// import '../net/x.ts'\nimport { a } from '../core/errors.ts';\nimport '../protocol/a.ts';`;
    assert.deepEqual(violations([{ path: 'src/functions/a.ts', text }]), []);
    assert.deepEqual(violations([{ path: 'src/net/a.node.ts', text: `import 'node:net';` }]), []);
  });
});
