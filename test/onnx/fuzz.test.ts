/** Files and graphs made from good ones: a clear error or a module that runs, in little time and memory. */

import { sizeOf } from '../../src/core/shape.ts';
import * as onnx from '../../src/onnx/index.ts';
import { MAX_FOLDED } from '../../src/onnx/limits.ts';
import { readModel } from '../../src/onnx/read.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { simulate } from '../../src/simulate.ts';
import { hunt } from '../fuzz/_hunt.ts';
import { mutated, pick } from '../fuzz/_mutate.ts';
import { editedModel } from './fuzz-edits.ts';
import { bytesOf, models } from './support.ts';

const SMALL = 4000;
const files = models
  .map(({ name, inputs }) => ({
    bytes: bytesOf(name),
    model: readModel(bytesOf(name)),
    shapes: inputs.map(([shape]) => shape),
  }))
  .filter(({ bytes }) => bytes.length < SMALL);

const CODES = ['ERR_MPC_MODEL', 'ERR_MPC_SHAPE'];

/** Elements of all values of a graph that is run as well. */
const MOST_RUN = 2000;
/** One draw in so many is loaded, or run. */
const LOAD_EVERY = 4;
const RUN_EVERY = 40;

describe('fuzz: onnx', () => {
  hunt({
    name: 'onnx files',
    codes: CODES,
    mostBytes: 8 * MAX_FOLDED,
    feed: (random) => {
      const { bytes, shapes } = pick(random, files);
      const model = onnx.load(mutated(random, bytes, pick(random, files).bytes));
      model.shapes(...shapes);
      return true;
    },
  });

  let count = 0;
  hunt({
    name: 'onnx graphs',
    codes: CODES,
    mostBytes: 8 * MAX_FOLDED,
    feed: (random) => {
      const { model, shapes } = pick(random, files);
      if (count++ % LOAD_EVERY !== 0) return false;
      onnx.load(writeModel(editedModel(random, model))).shapes(...shapes);
      return true;
    },
  });

  hunt({
    name: 'onnx graphs that run',
    codes: [...CODES, 'ERR_MPC_RANGE', 'ERR_MPC_UNSUPPORTED'],
    mostBytes: 8 * MAX_FOLDED,
    feed: async (random) => {
      const { model, shapes } = pick(random, files);
      if (count++ % RUN_EVERY !== 0) return false;
      const graph = onnx.load(writeModel(editedModel(random, model)));
      const sizes = [...graph.shapes(...shapes).values()].map(sizeOf);
      if (sizes.reduce((a, b) => a + b, 0) > MOST_RUN) return false;
      await simulate(1, async (party) => {
        const outputs = graph.encrypt(party).run(...shapes.map((shape) => party.ones(shape)));
        await Promise.all(Object.values(outputs).map((output) => output.getPlainText()));
      });
      return true;
    },
  });
});
