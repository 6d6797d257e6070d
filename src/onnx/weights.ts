/**
 * The parameters and statistics of a graph as parts of a module, under the dotted names that the file gives them.
 * @module
 */

import { Buffer as Statistic, Module, Parameter } from '../nn/index.ts';
import { Tensor } from '../tensor/index.ts';
import { modelError, quoted } from './limits.ts';
import type { Prepared } from './prepare.ts';
import type { TensorProto } from './schema.ts';
import { hasValues, valuesOf } from './elements.ts';

/** A tensor that the module keeps. */
export type Weight = Parameter | Statistic;

/** Most parts of a name; one with more stays whole. */
const DEEPEST = 16;

/** What lies behind a dot. */
class Scope extends Module {
  override forward(): never {
    throw modelError('a part of a graph does not run alone');
  }
}

/** Registers every weight at `root`, and returns them by the names that the graph uses. */
export function registerWeights(
  root: Module,
  weights: Prepared['weights'],
): ReadonlyMap<string, Weight> {
  const scopes = new Map<string, Module>();
  const reserved = new Set(weights.keys());
  return new Map(
    [...weights].map(([name, { tensor, trains }]) => {
      const draw = (): Tensor => valuesIn(name, tensor);
      const weight = trains ? new Parameter(tensor.dims, draw) : new Statistic(tensor.dims, draw);
      const [scope, last] = place(root, scopes, reserved, name);
      if (weight instanceof Parameter) scope.registerParameter(last, weight);
      else scope.registerBuffer(last, weight);
      return [name, weight];
    }),
  );
}

function valuesIn(name: string, tensor: TensorProto): Tensor {
  if (!hasValues(tensor)) {
    throw modelError(
      `the values of ${quoted(name)} were taken out of this file; encrypt with { src } of a party that has them`,
    );
  }
  const { shape, data } = valuesOf(tensor);
  return new Tensor(shape, data);
}

/** The module and the name in it for `a.b.c`; names that do not split so keep their parts together with slashes. */
function place(
  root: Module,
  scopes: Map<string, Module>,
  reserved: ReadonlySet<string>,
  name: string,
): readonly [Module, string] {
  const parts = name.split('.');
  if (parts.length > DEEPEST || parts.includes('')) return [root, parts.join('/')];
  const prefixes = parts.map((_, i) => parts.slice(0, i).join('.'));
  if (prefixes.some((prefix) => reserved.has(prefix))) return [root, parts.join('/')];
  let scope = root;
  for (let i = 0; i < parts.length - 1; i++) {
    const path = prefixes[i + 1];
    const known = scopes.get(path) ?? scope.registerModule(parts[i], new Scope());
    scopes.set(path, known);
    scope = known;
  }
  return [scope, parts[parts.length - 1]];
}
