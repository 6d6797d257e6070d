/**
 * `Module`: a tree of layers and parameters, as torch.nn.Module.
 *
 * Fields that hold a `Parameter` or a `Module` are found by name, in the order they were assigned; nothing is registered.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { CrypTensor, OpenOptions, Party, Tensor } from '../tensor/index.ts';
import { Parameter } from './parameter.ts';

/** Parameters by dotted name. */
export type StateDict = Readonly<Record<string, Tensor | CrypTensor>>;

/** Base of all layers and models. */
export abstract class Module {
  training = true;

  /** The layer's function. */
  abstract forward(...inputs: readonly CrypTensor[]): CrypTensor;

  /** Direct children by name. */
  namedChildren(): [string, Module][] {
    return Object.entries(this).filter(
      (field): field is [string, Module] => field[1] instanceof Module,
    );
  }

  /** Parameters of this module and, behind dots, of its children; each once. */
  allParameters(): [string, Parameter][] {
    const seen = new Set<Parameter>();
    const own = Object.entries(this).filter(
      (field): field is [string, Parameter] => field[1] instanceof Parameter,
    );
    const below = this.namedChildren().flatMap(([name, child]) =>
      child
        .allParameters()
        .map(([inner, parameter]): [string, Parameter] => [`${name}.${inner}`, parameter]),
    );
    return [...own, ...below].filter(([, parameter]) => {
      const fresh = !seen.has(parameter);
      seen.add(parameter);
      return fresh;
    });
  }

  /** The secret parameters, for an optimizer. */
  parameters(): CrypTensor[] {
    return this.allParameters().map(([, parameter]) => parameter.tensor);
  }

  /** The secret parameters with their names. */
  namedParameters(): [string, CrypTensor][] {
    return this.allParameters().map(([name, parameter]) => [name, parameter.tensor]);
  }

  /** Whether every parameter is secret. */
  get encrypted(): boolean {
    return this.allParameters().every(([, parameter]) => parameter.encrypted);
  }

  /**
   * Shares all parameters; party `src`'s values are the ones. Doing it again changes nothing.
   *
   * Every party builds the same module; initial values are drawn at `src` alone. Rounds: 0.
   */
  encrypt(party: Party, { src = 0 }: { readonly src?: number } = {}): this {
    for (const [, parameter] of this.allParameters()) parameter.encrypt(party, src);
    return this;
  }

  /** Opens all parameters, to all parties or to those of `dst`. */
  async decrypt(options: OpenOptions = {}): Promise<this> {
    await Promise.all(this.allParameters().map(([, parameter]) => parameter.decrypt(options)));
    return this;
  }

  /** Training mode, for layers that tell it apart. */
  train(mode = true): this {
    this.training = mode;
    for (const [, child] of this.namedChildren()) child.train(mode);
    return this;
  }

  /** Evaluation mode. */
  eval(): this {
    return this.train(false);
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** Parameters by name: plain before `encrypt`, secret after. */
  stateDict(): StateDict {
    return Object.fromEntries(
      this.allParameters().map(([name, parameter]) => [name, parameter.state()]),
    );
  }

  /**
   * Takes parameters over by name.
   *
   * @throws {MpcError} ERR_MPC_MODEL for missing or, unless `strict` is false, unknown names, or secret values where plain ones
   * are kept; ERR_MPC_SHAPE for other shapes. Names and shapes are checked before anything is changed.
   */
  loadStateDict(state: StateDict, { strict = true }: { readonly strict?: boolean } = {}): void {
    const own = this.allParameters();
    const names = new Set(own.map(([name]) => name));
    const missing = [...names].filter((name) => !(name in state));
    const unknown = Object.keys(state).filter((name) => !names.has(name));
    if (strict && (missing.length > 0 || unknown.length > 0)) {
      throw new MpcError(
        'ERR_MPC_MODEL',
        `loadStateDict: missing ${list(missing)}, unknown ${list(unknown)}; pass { strict: false } to load the rest`,
      );
    }
    const found = own.filter(([name]) => name in state);
    for (const [name, parameter] of found) parameter.check(name, state[name]);
    for (const [name, parameter] of found) parameter.load(state[name]);
  }
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ');
}
