/** Every operator occurs in a recorded model, and the table of which. */

import assert from 'node:assert/strict';
import * as onnx from '../../src/onnx/index.ts';
import { OPS } from '../../src/onnx/ops/index.ts';
import { bytesOf, models } from './support.ts';

interface Use {
  readonly model: string;
  readonly opset: number;
  readonly exported: boolean;
}

/** Operator → models that need it for an output. */
function uses(): Map<string, Use[]> {
  const found = new Map<string, Use[]>([...OPS.keys()].sort().map((name) => [name, []]));
  for (const { name, opset, producer } of models) {
    const { nodes } = onnx.load(bytesOf(name)).prepared;
    for (const op of new Set(nodes.map(({ node }) => node.op))) {
      found.get(op)?.push({ model: name, opset, exported: producer.startsWith('pytorch') });
    }
  }
  return found;
}

describe('onnx: coverage', () => {
  const table = uses();

  it('every operator occurs in a model', () => {
    for (const [op, list] of table) {
      const opsets = [...new Set(list.map(({ opset }) => opset))].sort((a, b) => a - b);
      const names = list.slice(0, 4).map(({ model }) => model);
      const rest = list.length > names.length ? ` and ${list.length - names.length} more` : '';
      process.stdout.write(
        `      ${op.padEnd(22)} opsets ${opsets.join(' ').padEnd(27)} ${names.join(', ')}${rest}\n`,
      );
    }
    const exported = models.filter(({ producer }) => producer.startsWith('pytorch'));
    process.stdout.write(
      `      ${table.size} operators, ${models.length} models, ${exported.length} of them exported by PyTorch\n`,
    );
    assert.deepEqual(
      [...table].filter(([, list]) => list.length === 0).map(([op]) => op),
      [],
    );
  });

  it('models of every opset from 9 to 17 were exported by PyTorch, and some above by hand', () => {
    const opsets = new Set(
      models.filter(({ producer }) => producer.startsWith('pytorch')).map(({ opset }) => opset),
    );
    for (const opset of [9, 11, 12, 13, 14, 15, 16, 17]) assert.ok(opsets.has(opset), `${opset}`);
    const all = new Set(models.map(({ opset }) => opset));
    for (const opset of [10, 18, 19, 21]) assert.ok(all.has(opset), `${opset}`);
  });
});
