/**
 * What every optimizer has: parameters in groups, `zeroGrad`, `step`, and a state that can be kept and taken over.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sameShape, showShape } from '../core/shape.ts';
import { CrypTensor } from '../tensor/index.ts';
import { exactBits, widened } from './fine.ts';

/** Parameters with options of their own. */
export type ParamGroup<Options> = { readonly params: readonly CrypTensor[] } & Partial<Options>;

/** A group with all its options, which schedulers may change. */
export type CompleteGroup<Options> = { readonly params: readonly CrypTensor[] } & {
  -readonly [Name in keyof Options]: Options[Name];
};

/** What an optimizer remembers about one parameter: secret tensors and public numbers by name. */
export type ParamState = Readonly<Record<string, CrypTensor | number>>;

/** Everything an optimizer remembers; parameters are counted through all groups. */
export interface OptimizerStateDict {
  readonly state: readonly ParamState[];
  readonly groups: readonly Readonly<Record<string, unknown>>[];
}

/** A parameter as it is before a step rounds it to its precision, and the version that the step made of it. */
interface Unrounded {
  readonly value: CrypTensor;
  readonly version: number;
}

const NOT_SECRET =
  'optim: expected CrypTensors; encrypt the module before asking for its parameters';

/** Base of the optimizers. `Options` are complete in every group. */
export abstract class Optimizer<Options extends { readonly lr: number }> {
  readonly #groups: CompleteGroup<Options>[] = [];
  readonly #defaults: Options;
  readonly #check: (options: Options) => void;
  readonly #states = new Map<CrypTensor, ParamState>();
  readonly #unrounded = new WeakMap<CrypTensor, Unrounded>();

  /**
   * @throws {TypeError} when something else than a CrypTensor is among the parameters.
   * @throws {MpcError} ERR_MPC_MODEL when there are none, or one is named twice; what `check` throws for a group's options.
   */
  constructor(
    params: readonly CrypTensor[] | readonly ParamGroup<Options>[],
    defaults: Options,
    check: (options: Options) => void,
  ) {
    this.#defaults = defaults;
    this.#check = check;
    const tensors = params.filter((entry) => entry instanceof CrypTensor);
    if (tensors.length === params.length) this.#add(tensors);
    else for (const group of params) this.addParamGroup(group as ParamGroup<Options>);
  }

  /** The groups, in the order they were added. */
  get groups(): readonly CompleteGroup<Options>[] {
    return this.#groups;
  }

  /**
   * Further parameters, with options of their own.
   *
   * @throws as the constructor; then nothing has changed.
   */
  addParamGroup(group: ParamGroup<Options>): void {
    if (group.params === undefined) throw new TypeError(NOT_SECRET);
    this.#add(group.params, group);
  }

  /** All parameters of all groups. */
  parameters(): CrypTensor[] {
    return this.#groups.flatMap(({ params }) => [...params]);
  }

  /** Forgets all gradients, or makes those that are there zero: then a step still decays and moves by momentum. */
  zeroGrad({ setToNone = true }: { readonly setToNone?: boolean } = {}): void {
    for (const parameter of this.parameters()) {
      if (setToNone) parameter.zeroGrad();
      else if (parameter.grad !== null) {
        parameter.grad = parameter.party.full(parameter.shape, 0);
      }
    }
  }

  /**
   * Updates every parameter that has a gradient; synchronous, like every operation.
   *
   * @param closure computes the loss and its gradients first, recorded even inside `noGrad`; its result is returned.
   * @throws {MpcError} ERR_MPC_RANGE for options that were changed to what the constructor refuses.
   */
  step(): null;
  step(closure: () => CrypTensor): CrypTensor;
  step(closure?: () => CrypTensor): CrypTensor | null {
    const loss = closure === undefined ? null : this.#groups[0].params[0].party.enableGrad(closure);
    for (const group of this.#groups) {
      // Schedulers may have changed it.
      this.#check(group);
      for (const parameter of group.params) {
        const { grad } = parameter;
        if (grad === null) continue;
        parameter.party.noGrad(() => {
          this.#states.set(
            parameter,
            this.update(parameter, grad, group, this.#states.get(parameter)),
          );
        });
      }
    }
    return loss;
  }

  /** What is remembered but for what roundings took off, as it is now; tensors stay secret, and later steps do not change them. */
  stateDict(): OptimizerStateDict {
    return {
      state: this.parameters().map((parameter) => snapshot(this.#states.get(parameter) ?? {})),
      groups: this.#groups.map((group) => ({ ...group, params: group.params.length })),
    };
  }

  /**
   * Goes on from a state of an optimizer of the same kind over parameters of the same shapes.
   *
   * @throws {MpcError} ERR_MPC_MODEL for other groups, ERR_MPC_SHAPE for other shapes, ERR_MPC_RANGE for options that are refused;
   * then nothing has changed.
   */
  loadStateDict({ state, groups }: OptimizerStateDict): void {
    const parameters = this.parameters();
    const sizes = this.#groups.map(({ params }) => params.length);
    if (
      state.length !== parameters.length ||
      groups.map(({ params }) => params).join() !== sizes.join()
    ) {
      throw new MpcError(
        'ERR_MPC_MODEL',
        `loadStateDict: expected groups of ${sizes.join(', ')} parameters, got another division`,
      );
    }
    parameters.forEach((parameter, i) => checkShapes(parameter, state[i]));
    const options = groups.map((group, i) => ({ ...this.#groups[i], ...withoutParams(group) }));
    for (const one of options) this.#check(one);
    options.forEach((one, i) => Object.assign(this.#groups[i], one));
    parameters.forEach((parameter, i) => {
      if (Object.keys(state[i]).length === 0) this.#states.delete(parameter);
      else this.#states.set(parameter, snapshot(state[i]));
    });
  }

  #add(params: readonly CrypTensor[], options?: Partial<Options>): void {
    if (!params.every((parameter) => parameter instanceof CrypTensor)) {
      throw new TypeError(NOT_SECRET);
    }
    const all = [...this.parameters(), ...params];
    if (params.length === 0 || new Set(all).size !== all.length) {
      throw new MpcError('ERR_MPC_MODEL', 'optim: expected at least one parameter, each once');
    }
    const complete = { ...this.#defaults, ...options, params: [...params] };
    this.#check(complete);
    this.#groups.push(complete);
  }

  /**
   * parameter ← parameter − change, truncated at its own precision. What truncation takes off goes into the next step, so that
   * the roundings of many steps do not add up, unless the parameter was changed otherwise in between.
   *
   * Cost    1 truncation. Leaks   nothing; who opens a parameter after each of many steps that do not move it learns bits below
   * its precision, as from opening any value that is rounded anew.
   */
  protected move(parameter: CrypTensor, change: CrypTensor): void {
    const before = this.#unrounded.get(parameter);
    const from =
      before?.version === parameter.version
        ? before.value
        : widened(parameter, exactBits(parameter.party.precision));
    const value = from.sub(change);
    parameter.copy_(value).settle_();
    this.#unrounded.set(parameter, { value, version: parameter.version });
  }

  /** Changes one parameter in place and returns what to remember; `state` is undefined the first time. */
  protected abstract update(
    parameter: CrypTensor,
    grad: CrypTensor,
    options: Options,
    state: ParamState | undefined,
  ): ParamState;
}

function withoutParams(group: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(group).filter(([name]) => name !== 'params'));
}

function snapshot(state: ParamState): ParamState {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [
      name,
      value instanceof CrypTensor ? value.detach() : value,
    ]),
  );
}

function checkShapes(parameter: CrypTensor, state: ParamState): void {
  for (const [name, value] of Object.entries(state)) {
    if (value instanceof CrypTensor && !sameShape(value.shape, parameter.shape)) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `loadStateDict: a parameter has shape ${showShape(parameter.shape)}, its ${name} ${showShape(value.shape)}`,
      );
    }
  }
}
