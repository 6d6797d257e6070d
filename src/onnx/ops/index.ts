/**
 * Every operator that is supported, by name.
 * @module
 */

import type { OnnxOp } from '../op.ts';
import { activationOps } from './activations.ts';
import { arithmeticOps } from './arithmetic.ts';
import { constantOps } from './constants.ts';
import { convolutionOps } from './convolution.ts';
import { elementaryOps } from './elementary.ts';
import { indexingOps } from './indexing.ts';
import { linearOps } from './linear.ts';
import { logicOps } from './logic.ts';
import { normalizationOps } from './normalization.ts';
import { orderOps } from './order.ts';
import { padOps } from './pad.ts';
import { poolingOps } from './pooling.ts';
import { recurrentOps } from './recurrent.ts';
import { reduceOps } from './reduce.ts';
import { resizeOps } from './resize.ts';
import { shapeOps } from './shapes.ts';
import { slicingOps } from './slicing.ts';
import { softmaxOps } from './softmax.ts';

const ALL_OPS: readonly OnnxOp[] = [
  ...activationOps,
  ...arithmeticOps,
  ...constantOps,
  ...convolutionOps,
  ...elementaryOps,
  ...indexingOps,
  ...linearOps,
  ...logicOps,
  ...normalizationOps,
  ...orderOps,
  ...padOps,
  ...poolingOps,
  ...recurrentOps,
  ...reduceOps,
  ...resizeOps,
  ...shapeOps,
  ...slicingOps,
  ...softmaxOps,
];

/** The records by ONNX's names. */
export const OPS: ReadonlyMap<string, OnnxOp> = new Map(ALL_OPS.map((op) => [op.name, op]));
