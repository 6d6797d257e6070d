import assert from 'node:assert/strict';
import * as onnx from '../../src/onnx/index.ts';
import { bytesOf, compare, models, recorded, source, TOLERANCE } from './support.ts';

describe(`onnx: models of ${source}, over 2 parties within ${TOLERANCE}`, () => {
  for (const one of models) {
    it(`${one.name} (opset ${one.opset}, ${one.producer})`, () => compare(one, 2)).timeout(60_000);
  }
});

describe(`onnx: over 3 parties within ${TOLERANCE}`, () => {
  for (const name of ['linear', 'mlp-dynamic', 'residual-bn', 'attention', 'gru', 'hand-pools']) {
    it(name, () => compare(recorded(name), 3)).timeout(60_000);
  }
});

describe('onnx: shapes', () => {
  for (const { name, inputs, outputs } of models) {
    it(`${name}: known before anything runs`, () => {
      const model = onnx.load(bytesOf(name));
      const shapes = model.shapes(...inputs.map(([shape]) => shape));
      assert.deepEqual(
        model.outputs.map((output) => shapes.get(output)),
        outputs.map(([shape]) => shape),
      );
    });
  }
});
