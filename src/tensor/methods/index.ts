/**
 * The methods of `CrypTensor`, area by area, and their installation on its prototype.
 *
 * An area is a file with an interface, which carries the doc comments, and a table of that type, whose entries name the
 * records of `functions/`. Adding one: extend `Methods` by its interface and `TABLES` by its table. Every method of these
 * areas gets a twin in place (`add_` of `add`); areas whose methods do not return one tensor go to `PlainMethods` and
 * `PLAIN_TABLES`, which get none.
 * @module
 */

import { install, methodsOf } from '../install.ts';
import { CrypTensor } from '../tensor.ts';
import {
  approximationMethods,
  pairMethods,
  type ApproximationMethods,
  type PairMethods,
} from './approximations.ts';
import { arithmeticMethods, type ArithmeticMethods } from './arithmetic.ts';
import { batchNormMethods, type BatchNormMethods } from './batch-norm.ts';
import { clampMethods, type ClampMethods } from './clamp.ts';
import { compareMethods, type CompareMethods } from './compare.ts';
import { convertMethods, type ConvertMethods } from './convert.ts';
import { convolutionMethods, type ConvolutionMethods } from './convolution.ts';
import { functionMethods, type FunctionMethods } from './functions.ts';
import { indexingMethods, type IndexingMethods } from './indexing.ts';
import { linearMethods, type LinearMethods } from './linear.ts';
import { logicMethods, type LogicMethods } from './logic.ts';
import { lossMethods, type LossMethods } from './loss.ts';
import { movementMethods, type MovementMethods } from './movement.ts';
import { normalizationMethods, type NormalizationMethods } from './normalization.ts';
import { argmaxMethods, orderMethods, type ArgmaxMethods, type OrderMethods } from './order.ts';
import {
  adaptivePoolMethods,
  maxPoolMethods,
  type AdaptivePoolMethods,
  type MaxPoolMethods,
} from './pools.ts';
import { normMethods, type NormMethods } from './norms.ts';
import { reduceMethods, type ReduceMethods } from './reduce.ts';
import {
  sampleMethods,
  samplingMethods,
  type SampleMethods,
  type SamplingMethods,
} from './sampling.ts';
import { splitMethods, type SplitMethods } from './split.ts';

/** Every method that returns one tensor. */
export interface Methods
  extends
    AdaptivePoolMethods,
    ApproximationMethods,
    ArgmaxMethods,
    ArithmeticMethods,
    BatchNormMethods,
    ClampMethods,
    CompareMethods,
    ConvolutionMethods,
    FunctionMethods,
    IndexingMethods,
    LinearMethods,
    LogicMethods,
    LossMethods,
    MovementMethods,
    NormalizationMethods,
    NormMethods,
    ReduceMethods,
    SamplingMethods {}

/** Every other method: they return several tensors, or none, and have no twin. */
export type PlainMethods = ConvertMethods &
  MaxPoolMethods &
  OrderMethods &
  PairMethods &
  SplitMethods &
  SampleMethods;

const TABLES: readonly object[] = [
  adaptivePoolMethods,
  approximationMethods,
  argmaxMethods,
  arithmeticMethods,
  batchNormMethods,
  clampMethods,
  compareMethods,
  convolutionMethods,
  functionMethods,
  indexingMethods,
  linearMethods,
  logicMethods,
  lossMethods,
  movementMethods,
  normalizationMethods,
  normMethods,
  reduceMethods,
  samplingMethods,
];

const PLAIN_TABLES: readonly object[] = [
  convertMethods,
  maxPoolMethods,
  orderMethods,
  pairMethods,
  sampleMethods,
  splitMethods,
];

/** Twins in place of methods: they make the handle mean the result and return it. */
export type InPlace<M extends Record<keyof M, (...args: never) => CrypTensor>> = {
  [Name in keyof M & string as `${Name}_`]: (...args: ArgsOf<M[Name]>) => CrypTensor;
};

/** As `Parameters`, but with readonly rests as well. */
type ArgsOf<F> = F extends (...args: infer Args extends readonly unknown[]) => unknown
  ? Args
  : never;

type Method = (this: CrypTensor, ...args: unknown[]) => CrypTensor;

/** Puts the methods and their twins on the class; `Party`, which makes the tensors, calls it once. */
export function installMethods(): void {
  const { prototype } = CrypTensor;
  for (const [name, method] of methodsOf(PLAIN_TABLES)) install(prototype, name, method);
  for (const [name, method] of methodsOf<Method>(TABLES)) {
    install(prototype, name, method);
    install(prototype, `${name}_`, function (this: CrypTensor, ...args: unknown[]) {
      return CrypTensor.changeInPlace(this, `${name}_`, () => method.apply(this, args));
    });
  }
}
