/**
 * Operations that a program defines itself: a forward and a backward on tensors, recorded like any other operation.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sameShape, showShape } from '../core/shape.ts';
import type { Gradients } from '../functions/index.ts';
import { partyOf } from './apply.ts';
import type { Party } from './party.ts';
import type { Pull } from './tape.ts';
import { CrypTensor } from './tensor.ts';

/** What a function's forward leaves for its backward. */
export class FunctionContext {
  /** Whether each tensor among the arguments takes a gradient, in order of appearance. */
  readonly needsInputGrad: readonly boolean[];
  #saved: readonly CrypTensor[] = [];
  #differentiable = true;

  constructor(needsInputGrad: readonly boolean[]) {
    this.needsInputGrad = needsInputGrad;
  }

  /** Keeps tensors as they are now, whatever is done to their handles in place. */
  saveForBackward(...tensors: readonly CrypTensor[]): void {
    this.#saved = tensors.map((tensor) => tensor.detach());
  }

  /** What was kept. */
  get savedTensors(): readonly CrypTensor[] {
    return this.#saved;
  }

  /** The result takes no gradient, whatever it was made of. */
  markNonDifferentiable(): void {
    this.#differentiable = false;
  }

  get differentiable(): boolean {
    return this.#differentiable;
  }
}

/** An operation of a program's own. Both parts run without being recorded. */
export interface OwnFunction<Args extends readonly unknown[]> {
  forward(ctx: FunctionContext, ...args: Args): CrypTensor;
  /** A gradient, or null, for each tensor among the arguments, in order of appearance; absent: there is none. */
  backward?(ctx: FunctionContext, gradient: CrypTensor): readonly (CrypTensor | null)[];
}

/**
 * The callable of a program's own function.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED for a name that an operation has already.
 */
export function ownFunction<Args extends readonly unknown[]>(
  party: Party,
  name: string,
  own: OwnFunction<Args>,
): (...args: Args) => CrypTensor {
  if (party.ownNames.has(name) || name in CrypTensor.prototype) {
    throw new MpcError('ERR_MPC_UNSUPPORTED', `registerFunction: there is a ${name} already`);
  }
  party.ownNames.add(name);
  return (...args) => run(name, own, args);
}

function run<Args extends readonly unknown[]>(
  name: string,
  own: OwnFunction<Args>,
  args: Args,
): CrypTensor {
  const inputs = tensorsIn(args);
  if (inputs.length === 0) {
    throw new TypeError(`${name}: expected at least one CrypTensor among the arguments`);
  }
  const party = partyOf(name, inputs);
  const edges = inputs.map((input) => CrypTensor.edgeOf(input));
  const needs = edges.map((edge) => edge !== null);
  const ctx = new FunctionContext(needs);
  const output = unrecorded(party, name, () => own.forward(ctx, ...args));
  if (!(output instanceof CrypTensor)) {
    throw new TypeError(`${name}: its forward must return a CrypTensor`);
  }
  if (!party.tape.recording || !ctx.differentiable || !needs.includes(true)) return output.detach();
  const shapes = inputs.map(({ shape }) => shape);
  const pull: Pull = (walker, dy) => {
    const gradient = new CrypTensor(walker, dy);
    const given = unrecorded(walker, `${name}.backward`, () => own.backward?.(ctx, gradient) ?? []);
    return checked(name, given, shapes, needs);
  };
  const node = party.tape.node(name, edges, own.backward === undefined ? undefined : pull);
  return new CrypTensor(party, CrypTensor.shareOf(output), node);
}

/** Runs a part of a function under its name in the statistics, without the tape. */
function unrecorded<T>(party: Party, name: string, body: () => T): T {
  return party.scope(name, () => party.tape.during(name, false, body));
}

function checked(
  name: string,
  gradients: readonly (CrypTensor | null)[],
  shapes: readonly CrypTensor['shape'][],
  needs: readonly boolean[],
): Gradients {
  if (gradients.length !== shapes.length) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${name}.backward: expected ${shapes.length} gradients, one for each tensor among the arguments, got ${gradients.length}`,
    );
  }
  return gradients.map((gradient, i) => {
    if (gradient === null || !needs[i]) return null;
    if (sameShape(gradient.shape, shapes[i])) return CrypTensor.shareOf(gradient);
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `${name}.backward: gradient ${i} has shape ${showShape(gradient.shape)}, its tensor ${showShape(shapes[i])}`,
    );
  });
}

/** The tensors in a value: itself, or inside arrays, plain objects, maps and sets, in order. */
function tensorsIn(value: unknown): CrypTensor[] {
  if (value instanceof CrypTensor) return [value];
  if (Array.isArray(value) || value instanceof Set) return [...value].flatMap(tensorsIn);
  if (value instanceof Map) return [...value.values()].flatMap(tensorsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.getPrototypeOf(value) === Object.prototype
    ? Object.values(value).flatMap(tensorsIn)
    : [];
}
