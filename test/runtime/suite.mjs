/**
 * Which tests run in which runtime: everything in FOLDERS, but for what is named here with its reason.
 * @module
 */

import { existsSync, readdirSync } from 'node:fs';

/** Folders of tests that need no particular runtime. Others are about the repository or the command line. */
const FOLDERS = [
  'core',
  'kernels',
  'prg',
  'ring',
  'net',
  'protocol',
  'functions',
  'tensor',
  'nn',
  'optim',
  'formats',
  'onnx',
];

const STATISTICS = 'minutes of statistics on the protocol, the same in every runtime';
const FILES = 'files of material, which a page does not have';
const ONNXRUNTIME = 'the other runtime that it needs is loaded as Node loads it';
const SOCKETS = 'listens on sockets, which a page cannot';

/** Runtime → test file → why it is absent. */
const ABSENT = {
  node: {},
  deno: {
    'protocol/statistics': STATISTICS,
    'protocol/truncate': STATISTICS,
    'protocol/preprocess-runs': 'starts Node processes and kills one',
    'onnx/runtime': ONNXRUNTIME,
    'onnx/runtime-trained': ONNXRUNTIME,
  },
  chromium: {
    'protocol/statistics': STATISTICS,
    'protocol/truncate': STATISTICS,
    'net/sockets': `${SOCKETS}; the socket suite runs over a relay instead`,
    'net/mesh': `${SOCKETS}; the programs of a page and Node processes cover it`,
    'net/connect': `${SOCKETS}; the programs of a page and Node processes cover it`,
    'net/identity': 'key files',
    'net/connect-save': 'files of shares, and listens on sockets',
    'tensor/saving': 'files of shares',
    'protocol/preprocess-bounds': FILES,
    'protocol/preprocess-dealer': FILES,
    'protocol/preprocess-trace': FILES,
    'protocol/preprocess': FILES,
    'protocol/preprocess-file': FILES,
    'protocol/preprocess-runs': FILES,
    'tensor/shadow': 'package and test are one bundle here: no stack tells them apart',
    'tensor/tensor': 'prints through node:util',
    'onnx/coverage': 'prints a table on a terminal; the models themselves run here, too',
    'onnx/fuzz': 'hunts with timers and memory counts of Node',
    'onnx/refusals': 'counts the memory of a Node process',
    'onnx/runtime': ONNXRUNTIME,
    'onnx/runtime-trained': ONNXRUNTIME,
    'kernels/select':
      'edits a binary in a Node Buffer; the page programs cover the choice of backend',
  },
};

/** Tests of a runtime, as `folder/name`, and the absent ones with reasons. */
export function suiteOf(runtime, root) {
  const all = FOLDERS.filter((folder) => existsSync(`${root}test/${folder}`)).flatMap((folder) =>
    readdirSync(`${root}test/${folder}`)
      .filter((file) => file.endsWith('.test.ts') && !file.endsWith('.slow.test.ts'))
      .map((file) => `${folder}/${file.replace('.test.ts', '')}`),
  );
  const absent = ABSENT[runtime];
  const unknown = Object.keys(absent).filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new Error(`absent, but there is no such test: ${unknown.join(', ')}`);
  return { present: all.filter((name) => !(name in absent)).sort(), absent };
}
