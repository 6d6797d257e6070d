/**
 * Normalisations.
 * @module
 */

import { sizeOf, type Shape } from '../../core/shape.ts';
import { CrypTensor } from '../../tensor/index.ts';
import { operand, operandAt, type Call } from '../call.ts';
import type { Fixed, Value } from '../fixed.ts';
import { move } from '../move.ts';
import { ALL, since, type OnnxOp, type Step } from '../op.ts';

/** A value for each channel, shaped to broadcast over [N,C,…]. */
function perChannel(value: Value, rank: number): CrypTensor | Fixed {
  const spread = new Array<number>(Math.max(rank - 2, 0)).fill(1);
  return operand(move.reshape(value, [value.shape[0], ...spread]));
}

function channels(call: Call, inputs: readonly number[]): number {
  const shape = call.shape();
  if (shape.length < 2) call.fail('an input without channels');
  for (const i of inputs) {
    if (call.shape(i).join() !== String(shape[1])) {
      call.fail(`input ${i} must hold one number for each of ${shape[1]} channels`);
    }
  }
  return shape[1];
}

function planBatchNorm(call: Call): Step {
  channels(call, [1, 2, 3, 4]);
  const eps = call.float('epsilon', 1e-5);
  const training = call.flag('training_mode', false);
  return call.secret(call.shape(), (x, inputs) => {
    const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => operandAt(inputs, i));
    if (training) return x.batchNorm(scale, bias, { training, eps });
    const [runningMean, runningVar] = [mean, variance].map((statistic) =>
      x.party.lift('BatchNormalization', statistic),
    );
    return x.batchNorm(scale, bias, { runningMean, runningVar, eps });
  });
}

/** Each of `groups` parts of the channels normalised, for each row of the batch. */
function groupwise(x: CrypTensor, groups: number, eps: number): CrypTensor {
  const { shape } = x;
  const size = sizeOf(shape.slice(1)) / groups;
  return x.reshape([shape[0], groups, size]).layerNorm([size], { eps }).reshape(shape);
}

function checkFilled(call: Call): Shape {
  const shape = call.shape();
  if (shape.length < 3 || sizeOf(shape) === 0) call.fail('nothing to normalise');
  return shape;
}

function planInstanceNorm(call: Call): Step {
  const shape = checkFilled(call);
  const groups = channels(call, [1, 2]);
  const eps = call.float('epsilon', 1e-5);
  return call.secret(shape, (x, inputs) => {
    const [scale, bias] = [1, 2].map((i) => perChannel(inputs[i] as Value, shape.length));
    return groupwise(x, groups, eps).mul(scale).add(bias);
  });
}

function planGroupNorm(call: Call): Step {
  const shape = checkFilled(call);
  const groups = call.int('num_groups');
  const eps = call.float('epsilon', 1e-5);
  const count = channels(call, call.opset >= 21 ? [1, 2] : []);
  if (!(groups >= 1) || count % groups !== 0) call.fail(`${groups} groups of ${count} channels`);
  if (call.opset < 21 && [1, 2].some((i) => call.shape(i).join() !== String(groups))) {
    call.fail(`scale and bias must hold one number for each of ${groups} groups`);
  }
  const spread = (value: Value): CrypTensor | Fixed => {
    const each = move.expand(move.reshape(value, [value.shape[0], 1]), [
      value.shape[0],
      count / value.shape[0],
    ]);
    return perChannel(move.reshape(each, [count]), shape.length);
  };
  return call.secret(shape, (x, inputs) => {
    const [scale, bias] = [1, 2].map((i) => spread(inputs[i] as Value));
    return groupwise(x, groups, eps).mul(scale).add(bias);
  });
}

function planLayerNorm(call: Call): Step {
  const shape = call.shape();
  const axis = call.axis(call.int('axis', -1));
  const eps = call.float('epsilon', 1e-5);
  const normalizedShape = shape.slice(axis);
  if (sizeOf(shape) === 0) call.fail('nothing to normalise');
  for (const i of [1, 2]) {
    if (
      call.has(i) &&
      call.broadcast(call.shape(i), normalizedShape).join() !== normalizedShape.join()
    ) {
      call.fail(`input ${i} does not fit the normalised dims`);
    }
  }
  return call.secret(shape, (x, inputs) => {
    const part = (i: number): CrypTensor | Fixed | undefined =>
      call.has(i) ? operand(move.expand(operandAt(inputs, i), normalizedShape)) : undefined;
    return x.layerNorm(normalizedShape, { weight: part(1), bias: part(2), eps });
  });
}

/** Operators of this area. */
export const normalizationOps: readonly OnnxOp[] = [
  {
    name: 'BatchNormalization',
    opsets: ALL,
    inputs: [5, 5],
    attributes: ['epsilon', 'momentum', 'training_mode'],
    statistics: [3, 4],
    plan: planBatchNorm,
  },
  {
    name: 'InstanceNormalization',
    opsets: ALL,
    inputs: [3, 3],
    attributes: ['epsilon'],
    plan: planInstanceNorm,
  },
  {
    name: 'GroupNormalization',
    opsets: since(18),
    inputs: [3, 3],
    attributes: ['epsilon', 'num_groups', 'stash_type'],
    plan: planGroupNorm,
  },
  {
    name: 'LayerNormalization',
    opsets: since(17),
    inputs: [2, 3],
    attributes: ['axis', 'epsilon', 'stash_type'],
    plan: planLayerNorm,
  },
];
