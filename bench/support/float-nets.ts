/**
 * What the models of the benchmarks give, in doubles.
 * @module
 */

import * as nn from '../../src/nn/index.ts';
import {
  added,
  convolved,
  linear,
  maxPooled,
  meanPooled,
  rectified,
  type Slide,
  type Values,
} from './float-layers.ts';
import { ResidualBlock } from './nets.ts';

/**
 * A module's output for x; `weights` are its parameters in the order of its state, whatever values the module itself has.
 *
 * @throws {Error} for too few weights, and for modules that no benchmark has.
 */
export function evaluated(
  module: nn.Module<unknown>,
  x: Values,
  weights: Iterator<Values>,
): Values {
  const below = (child: nn.Module<unknown>, y: Values): Values => evaluated(child, y, weights);
  const taken = (parameter: nn.Parameter): Values => {
    const { done, value } = weights.next();
    if (done === true)
      throw new Error(`${module.constructor.name}: no weights of ${parameter.shape}`);
    return value;
  };
  const optional = (parameter: nn.Parameter | null): Values | null =>
    parameter === null ? null : taken(parameter);
  if (module instanceof nn.Sequential) {
    return module.layers.reduce((y, layer) => below(layer, y), x);
  }
  if (module instanceof ResidualBlock) {
    const main = below(module.main, x);
    return rectified(added(main, below(module.shortcut, x)));
  }
  if (module instanceof nn.Linear) return linear(x, taken(module.weight), optional(module.bias));
  if (module instanceof nn.Conv2d) {
    const kernel = taken(module.weight);
    return convolved(x, kernel, optional(module.bias), module.options as Slide);
  }
  if (module instanceof nn.MaxPool2d) {
    return maxPooled(x, module.kernelSize[0], module.options as Slide);
  }
  if (module instanceof nn.GlobalAveragePool) return meanPooled(x);
  if (module instanceof nn.Flatten) {
    const [rows] = x.shape;
    return { shape: [rows, x.values.length / rows], values: x.values };
  }
  if (module instanceof nn.ReLU) return rectified(x);
  if (module instanceof nn.Sigmoid) return { ...x, values: x.values.map(logistic) };
  if (module instanceof nn.Identity) return x;
  throw new Error(`no ${module.constructor.name} in doubles`);
}

/** 1 / (1 + e^−x). */
export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
