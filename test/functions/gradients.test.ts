/** Every operation with a backward gives every input that requires a gradient one, of the input's shape: none is cut silently. */

import assert from 'node:assert/strict';
import * as ops from '../../src/functions/index.ts';
import type { Operand, OpRecord } from '../../src/functions/index.ts';
import { simulate } from '../../src/simulate.ts';
import { mixed } from '../../src/tensor/apply.ts';
import type { CrypTensor, Party } from '../../src/tensor/index.ts';

type Shape = readonly number[];
type Op = OpRecord<Operand, unknown, unknown>;

/** Inputs of an operation, its options, and the inputs that take no gradient by definition. */
interface Sample {
  readonly inputs: readonly Shape[];
  readonly opts?: unknown;
  readonly without?: readonly number[];
}

const M: Shape = [2, 3];
const plain = (data: number[], shape: Shape = [data.length]): ops.Plain => ({
  shape,
  data: Float64Array.from(data),
});
const image: Shape = [1, 2, 5, 5];
const picked = { dim: 1, index: plain([0, 2, 2, 1], [2, 2]) };
const listed = { dim: 0, index: plain([1, 1, 0]) };

/** What is not here takes one matrix and no options. */
const SAMPLES: Record<string, Sample> = {
  adaptiveAvgPool1d: { inputs: [[1, 2, 5]], opts: 2 },
  adaptiveAvgPool2d: { inputs: [image], opts: 2 },
  adaptiveMaxPool1d: { inputs: [[1, 2, 5]], opts: 2 },
  adaptiveMaxPool2d: { inputs: [image], opts: 2 },
  add: { inputs: [M, [3]] },
  avgPool1d: { inputs: [[1, 2, 5]], opts: [2, {}] },
  avgPool2d: { inputs: [image], opts: [2, {}] },
  batchNorm: { inputs: [M, [3], [3]], opts: {} },
  binaryCrossEntropy: { inputs: [M, M], opts: {} },
  binaryCrossEntropyWithLogits: { inputs: [M, M], opts: {} },
  cat: { inputs: [M, [1, 3]], opts: 0 },
  channelAffine: { inputs: [M, [3], [3]], opts: 1 },
  clamp: { inputs: [M], opts: { min: -1, max: 1 } },
  conv1d: { inputs: [[1, 2, 5], [3, 2, 2], [3]], opts: {} },
  conv2d: { inputs: [image, [3, 2, 2, 2], [3]], opts: {} },
  convTranspose1d: { inputs: [[1, 2, 5], [2, 3, 2], [3]], opts: {} },
  convTranspose2d: { inputs: [image, [2, 3, 2, 2], [3]], opts: {} },
  cosineSimilarity: { inputs: [M, M], opts: 1 },
  crossEntropy: { inputs: [M, M], opts: {} },
  cumsum: { inputs: [M], opts: 1 },
  div: { inputs: [M, [3]] },
  dot: { inputs: [[3], [3]] },
  dropout: { inputs: [M], opts: { p: 0.5 } },
  elu: { inputs: [M], opts: {} },
  expand: { inputs: [[2, 1]], opts: [4, 2, 3] },
  featureDropout: { inputs: [image], opts: { p: 0.5 } },
  flatten: { inputs: [M], opts: [0, -1] },
  flip: { inputs: [M], opts: [0] },
  gather: { inputs: [M], opts: picked },
  ger: { inputs: [[2], [3]] },
  hardtanh: { inputs: [M], opts: {} },
  hingeEmbeddingLoss: { inputs: [M, M], opts: {}, without: [1] },
  hingeLoss: { inputs: [M, M], opts: {} },
  huberLoss: { inputs: [M, M], opts: {} },
  index: { inputs: [M], opts: [0] },
  indexAdd: { inputs: [M, [3, 3]], opts: listed },
  indexSelect: { inputs: [M], opts: listed },
  l1Loss: { inputs: [M, M], opts: {} },
  layerNorm: { inputs: [M, [3], [3]], opts: { normalizedShape: [3], eps: 1e-5 } },
  leakyRelu: { inputs: [M], opts: 0.1 },
  logSoftmax: { inputs: [M], opts: 1 },
  matmul: { inputs: [M, [3, 2]] },
  max: { inputs: [M], opts: { dim: 1 } },
  maxPool1d: { inputs: [[1, 2, 5]], opts: [2, {}] },
  maxPool2d: { inputs: [image], opts: [2, {}] },
  maximum: { inputs: [M, [3]] },
  mean: { inputs: [M], opts: { dim: 1 } },
  min: { inputs: [M], opts: { dim: 1 } },
  minimum: { inputs: [M, [3]] },
  mseLoss: { inputs: [M, M], opts: {} },
  mul: { inputs: [M, [3]] },
  narrow: { inputs: [M], opts: [1, 0, 2] },
  nllLoss: { inputs: [M, M], opts: {} },
  norm: { inputs: [M], opts: {} },
  pad: { inputs: [M, []], opts: [1, 1] },
  permute: { inputs: [M], opts: [1, 0] },
  polynomial: { inputs: [M, [3]] },
  posPow: { inputs: [M, [3]] },
  pow: { inputs: [M], opts: 3 },
  prod: { inputs: [M], opts: { dim: 1 } },
  rapporLoss: { inputs: [M, M], opts: { alpha: 0.75 } },
  repeat: { inputs: [M], opts: [2, 2] },
  reshape: { inputs: [M], opts: [3, 2] },
  roll: { inputs: [M], opts: { shifts: [1], dims: [1] } },
  scatter: { inputs: [M, [2, 2]], opts: picked },
  scatterAdd: { inputs: [M, [2, 2]], opts: picked },
  setIndex: { inputs: [M, [3]], opts: [0] },
  smoothL1Loss: { inputs: [M, M], opts: {} },
  softmax: { inputs: [M], opts: 1 },
  sort: { inputs: [M], opts: { dim: 1 } },
  squeeze: { inputs: [[2, 1]], opts: undefined },
  stack: { inputs: [M, M], opts: 0 },
  sub: { inputs: [M, [3]] },
  sum: { inputs: [M], opts: {} },
  take: { inputs: [M], opts: { index: plain([0, 5, 5]) } },
  topk: { inputs: [M], opts: { k: 2, dim: 1 } },
  transpose: { inputs: [M], opts: [0, 1] },
  unfold: { inputs: [M], opts: [1, 2, 1] },
  unsqueeze: { inputs: [M], opts: 0 },
  variance: { inputs: [M], opts: { dim: 1 } },
  where: { inputs: [M, M, M], opts: undefined, without: [0] },
};

const records = Object.entries(ops as Record<string, unknown>)
  .filter(([name]) => name.endsWith('Op'))
  .map(([, record]) => record as Op);

/** Which inputs of an operation end without a gradient they should have, or with one of another shape. */
async function lost(party: Party, op: Op): Promise<string[]> {
  const { inputs, opts, without = [] } = SAMPLES[op.name] ?? { inputs: [M] };
  const leaves = inputs.map((shape, i) => leaf(party, shape, i));
  const y = mixed(op, leaves, opts);
  y.backward(party.ones(y.shape));
  await Promise.all(leaves.map((x) => x.grad?.getPlainText()));
  return leaves.flatMap((x, i) => {
    if (without.includes(i) && x.grad === null) return [];
    if (x.grad === null) return [`${op.name}: input ${i} got no gradient`];
    if (without.includes(i)) return [`${op.name}: input ${i} got a gradient after all`];
    return x.grad.shape.join() === x.shape.join() ? [] : [`${op.name}: input ${i}: its shape`];
  });
}

/** Numbers between 1/2 and 1, all different: in the domain of every function, and of every loss as targets. */
function leaf(party: Party, shape: Shape, i: number): CrypTensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const data = Float64Array.from(
    { length: size },
    (_, at) => 0.5 + ((at * 37 + i * 11) % 64) / 128,
  );
  return party.cryptensor(data, { shape, requiresGrad: true });
}

describe('functions: gradients', () => {
  it('no sample is of an operation that does not exist', () => {
    const names = records.map(({ name }) => name);
    assert.deepEqual(
      Object.keys(SAMPLES).filter((name) => !names.includes(name)),
      [],
    );
  });

  for (const op of records) {
    if (op.backward === undefined) continue;
    it(`${op.name}: every input that requires a gradient gets one`, () =>
      simulate(1, async (party) => assert.deepEqual(await lost(party, op), [])));
  }

  it('finds an operation that loses one', () =>
    simulate(1, async (party) => {
      const careless = { ...(ops.addOp as Op), backward: () => [null, null] };
      assert.equal((await lost(party, careless)).length, 2);
    }));
});
