/** What is saved runs elsewhere: onnxruntime, an implementation that shares nothing with this one, gives the same results. */

import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import * as onnx from '../../src/onnx/index.ts';
import { ATTRIBUTE, emptyAttribute } from '../../src/onnx/schema.ts';
import { simulate } from '../../src/simulate.ts';
import type { CrypTensor } from '../../src/tensor/index.ts';
import { file, node } from './build.ts';
import { shaken, spread } from './modules.ts';
import { apart, open, run, type Values } from './onnxruntime.ts';
import { CASES } from './save-cases.ts';
import { bytesOf, models, type Recorded } from './support.ts';

/** Between fixed point of 16 bits, layer upon layer, and 32-bit floats. */
const OF_MODULES = 5e-4;
/** Between 32-bit floats, of a value up to 1 or a part of a larger one; records are rounded to six digits. */
const OF_RECORDS = 5e-6;

const MOD = 'its Mod of floats is written without fmod, which ONNX asks for there';

/** Recorded models that onnxruntime itself does not open, and why. Ours to read, as their meaning is plain. */
const REFUSED: Record<string, string> = {
  'hand-public': 'its Range takes lists of one number for numbers',
  'hand-folded': MOD,
  'hand-parameters': MOD,
};

const CEIL =
  'before opset 19, onnxruntime divides by all places of a window, also of one that ceil_mode lets reach past the padding';

/** Recorded models of which onnxruntime itself gives another result than PyTorch, and why. */
const DIFFERENT: Record<string, string> = { 'avg-pool': CEIL, 'hand-pools-ceil': CEIL };

function valuesOf(recorded: Recorded['inputs']): readonly Values[] {
  return recorded.map(([shape, data]) => ({ shape, data }));
}

function print(largest: number): void {
  process.stdout.write(`      largest difference ${largest.toExponential(1)}\n`);
}

describe('onnx: modules run by onnxruntime', () => {
  let largest = 0;

  for (const [title, make, shape] of CASES) {
    it(title, () =>
      simulate(1, async (party) => {
        const module = shaken(make());
        const bytes = onnx.save(module, { inputShape: shape });
        const x = spread(shape);
        const y = party.noGrad(() => module.encrypt(party).forward(party.cryptensor(x)));
        const expected = await y.getPlainText();
        const off = apart(await run(bytes, [x]), [expected]);
        assert.ok(off <= OF_MODULES, `off by ${off}`);
        largest = Math.max(largest, off);
      }),
    );
  }

  it('a graph of nn with several inputs and outputs, of open sizes', () =>
    simulate(1, async (party) => {
      const graph = new nn.Graph<CrypTensor[]>(['a', 'b'], ['left', 'right'])
        .addModule('left', new nn.Linear(3, 2), ['hidden'])
        .addModule('hidden', new nn.ReLU(), ['a'])
        .addModule('right', new nn.Sequential(new nn.Tanh()), ['b']);
      const bytes = onnx.save(graph, { inputShapes: [[null, 3], [null]] });
      const inputs = [spread([5, 3]), spread([4])];
      const outputs = graph.encrypt(party).forward(...inputs.map((x) => party.cryptensor(x)));
      const expected = await Promise.all(outputs.map((y) => y.getPlainText()));
      assert.ok(apart(await run(bytes, inputs), expected) <= OF_MODULES);
    }));

  after(() => print(largest));
});

describe('onnx: loaded models, saved again and run by onnxruntime', () => {
  let largest = 0;

  for (const one of models.filter(({ name }) => !(name in REFUSED))) {
    it(`${one.name}${one.name in DIFFERENT ? ': as before, which is not as PyTorch' : ''}`, async () => {
      const [inputs, outputs] = [valuesOf(one.inputs), valuesOf(one.outputs)];
      const original = await run(bytesOf(one.name), inputs);
      const saved = await run(onnx.save(onnx.load(bytesOf(one.name))), inputs);
      assert.ok(apart(saved, original) <= 1e-6, 'the file and what was saved differ');
      const off = apart(saved, outputs);
      if (one.name in DIFFERENT) {
        assert.ok(off > OF_RECORDS, 'onnxruntime agrees with PyTorch now: take it off the list');
      } else {
        assert.ok(off <= OF_RECORDS, `off by ${off}`);
        largest = Math.max(largest, off);
      }
    });
  }

  for (const [name, reason] of Object.entries(REFUSED)) {
    it(`${name}: refused by onnxruntime, ${reason}`, async () => {
      const opened = await open(bytesOf(name)).then(
        (session) => session.release().then(() => true),
        () => false,
      );
      assert.ok(!opened, 'onnxruntime opens it now: take it off the list');
    });
  }

  it('numbers as an attribute', async () => {
    const list = {
      ...emptyAttribute('value_floats'),
      type: ATTRIBUTE.floats,
      floats: [0.5, -1, 2],
    };
    const bytes = file({ nodes: [node('Constant', '', 'c', [list]), node('Add', 'x c', 'y')] });
    const expected = { shape: [2, 3], data: [0.5, -1, 2, 0.5, -1, 2] };
    const zeros = { shape: [2, 3], data: new Float64Array(6) };
    assert.equal(apart(await run(onnx.save(onnx.load(bytes)), [zeros]), [expected]), 0);
  });

  it('the lists name recorded models', () => {
    const names = models.map(({ name }) => name);
    for (const name of [...Object.keys(REFUSED), ...Object.keys(DIFFERENT)]) {
      assert.ok(names.includes(name), name);
    }
  });

  after(() => print(largest));
});
