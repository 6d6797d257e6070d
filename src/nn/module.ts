/**
 * `Module`: a tree of layers, parameters and buffers, as torch.nn.Module.
 *
 * Fields that hold a `Parameter`, a `ModuleBuffer` or a `Module` are found by name, in the order they were assigned. Where PyTorch's name is
 * no field's name here (`running_mean`, `out_proj`, `weight_ih_l0`), a layer registers it under PyTorch's: so state dicts have
 * PyTorch's keys and load from PyTorch as they are.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { CrypTensor, OpenOptions, Party, Tensor, TensorLike } from '../tensor/index.ts';
import { ModuleBuffer } from './buffer.ts';
import { Parameter } from './parameter.ts';
import { loadState, type StateDict } from './state-dict.ts';
import type { StoredTensor } from './stored.ts';

export type { StateDict } from './state-dict.ts';

/** What a module holds by name. */
type Part = StoredTensor | Module<unknown>;

/** Named parts. */
type Named<T> = [name: string, part: T][];

/** Base of all layers and models; `Out` is what `forward` returns. */
export abstract class Module<Out = CrypTensor> {
  training = true;
  readonly #registered: Named<Part> = [];

  /** The layer's function. */
  abstract forward(...inputs: readonly (TensorLike | undefined)[]): Out;

  // What it holds -------------------------------------------------------------------------------

  /**
   * Gives a parameter a name that its field does not have.
   *
   * @throws {MpcError} ERR_MPC_MODEL for a name that is taken, is empty or has a dot; so for the other two.
   */
  registerParameter(name: string, parameter: Parameter): Parameter {
    return this.#register('registerParameter', name, parameter);
  }

  /** Gives a buffer a name that its field does not have. */
  registerBuffer(name: string, buffer: ModuleBuffer): ModuleBuffer {
    return this.#register('registerBuffer', name, buffer);
  }

  /** Gives a child a name that its field does not have. */
  registerModule<M extends Module<unknown>>(name: string, child: M): M {
    return this.#register('registerModule', name, child);
  }

  /** Direct children by name. */
  namedChildren(): Named<Module<unknown>> {
    return this.#parts(Module<unknown>);
  }

  /** Direct children, each once. */
  children(): Module<unknown>[] {
    return each(this.namedChildren()).map(([, child]) => child);
  }

  /** This module, named '', and all below by dotted name; each once. */
  namedModules(): Named<Module<unknown>> {
    const below = this.namedChildren().flatMap(([name, child]) =>
      child.namedModules().map(([inner, module]) => dotted(name, inner, module)),
    );
    return each([['', this], ...below]);
  }

  /** This module and all below, each once. */
  modules(): Module<unknown>[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** Parameters of this module and, behind dots, of its children; each once. */
  allParameters(): Named<Parameter> {
    return each(this.#stored(Parameter));
  }

  /** Buffers of this module and, behind dots, of its children; each once. */
  allBuffers(): Named<ModuleBuffer> {
    return each(this.#stored(ModuleBuffer));
  }

  /** The secret parameters, for an optimizer. */
  parameters(): CrypTensor[] {
    return this.allParameters().map(([, parameter]) => parameter.tensor);
  }

  /** The secret parameters with their names. */
  namedParameters(): [string, CrypTensor][] {
    return this.allParameters().map(([name, parameter]) => [name, parameter.tensor]);
  }

  /** The secret buffers. */
  buffers(): CrypTensor[] {
    return this.allBuffers().map(([, buffer]) => buffer.tensor);
  }

  /** The secret buffers with their names. */
  namedBuffers(): [string, CrypTensor][] {
    return this.allBuffers().map(([name, buffer]) => [name, buffer.tensor]);
  }

  // Secret and plain ----------------------------------------------------------------------------

  /** Whether every parameter and buffer is secret. */
  get encrypted(): boolean {
    return this.#state().every(([, stored]) => stored.encrypted);
  }

  /**
   * Shares all parameters and buffers; party `src`'s values are the ones. Doing it again changes nothing.
   *
   * Every party builds the same module; initial values are drawn at `src` alone. Rounds: 0.
   */
  encrypt(party: Party, { src = 0 }: { readonly src?: number } = {}): this {
    for (const [, stored] of this.#state()) stored.encrypt(party, src);
    return this;
  }

  /** Opens all parameters and buffers, to all parties or to those of `dst`. */
  async decrypt(options: OpenOptions = {}): Promise<this> {
    await Promise.all(each(this.#state()).map(([, stored]) => stored.decrypt(options)));
    return this;
  }

  // Modes ---------------------------------------------------------------------------------------

  /** Training mode, for layers that tell it apart. */
  train(mode = true): this {
    return this.apply((module) => {
      module.training = mode;
    });
  }

  /** Evaluation mode. */
  eval(): this {
    return this.train(false);
  }

  /** Calls a function with every module below and then with this one. */
  apply(visit: (module: Module<unknown>) => void): this {
    for (const child of this.children()) child.apply(visit);
    visit(this);
    return this;
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  // State ---------------------------------------------------------------------------------------

  /** Parameters and buffers by name: plain before `encrypt`, secret after. A shared one has all its names, as in PyTorch. */
  stateDict(): StateDict {
    return Object.fromEntries(this.#state().map(([name, stored]) => [name, stored.state()]));
  }

  /**
   * Takes parameters and buffers over by name.
   *
   * @throws {MpcError} ERR_MPC_MODEL for missing or, unless `strict` is false, unknown names, or secret values where plain ones
   * are kept; ERR_MPC_SHAPE for other shapes. Names and shapes are checked before anything is changed.
   */
  loadStateDict(state: StateDict, { strict = true }: { readonly strict?: boolean } = {}): void {
    loadState(this.#state(), state, strict);
  }

  /**
   * Other values for one parameter; a secret one keeps its handle.
   *
   * @throws {MpcError} ERR_MPC_MODEL for an unknown name or a plain value where a secret one is kept, or the reverse; ERR_MPC_SHAPE for
   * another shape.
   */
  setParameter(name: string, value: Tensor | CrypTensor): void {
    set('setParameter', this.#stored(Parameter), name, value);
  }

  /** Other values for one buffer; see `setParameter`. */
  setBuffer(name: string, value: Tensor | CrypTensor): void {
    set('setBuffer', this.#stored(ModuleBuffer), name, value);
  }

  // ---------------------------------------------------------------------------------------------

  #register<T extends Part>(op: string, name: string, part: T): T {
    const of = this.constructor.name;
    // Not every runtime has a property called __proto__; a name is refused everywhere or nowhere.
    if (name === '' || name.includes('.') || name === '__proto__') {
      throw new MpcError('ERR_MPC_MODEL', `${op}: expected a name without dots, got '${name}'`);
    }
    const taken =
      this.#registered.some(([other]) => other === name) ||
      (isPart(Reflect.get(this, name)) && Reflect.get(this, name) !== part);
    if (taken) {
      throw new MpcError('ERR_MPC_MODEL', `${op}: ${of} has a ${name} already; take another name`);
    }
    this.#registered.push([name, part]);
    return part;
  }

  /** Parts of one kind: those registered, then fields. */
  #parts<T extends Part>(kind: abstract new (...args: never) => T): Named<T> {
    const named = new Set(this.#registered.map(([, part]) => part));
    const fields = Object.entries(this).filter(([, part]) => !named.has(part as Part));
    return [...this.#registered, ...fields].filter(
      (entry): entry is [string, T] => entry[1] instanceof kind,
    );
  }

  #stored<T extends StoredTensor>(kind: abstract new (...args: never) => T): Named<T> {
    const below = this.namedChildren().flatMap(([name, child]) =>
      child.#stored(kind).map(([inner, stored]) => dotted(name, inner, stored)),
    );
    return [...this.#parts(kind), ...below];
  }

  #state(): Named<StoredTensor> {
    return [...this.#stored(Parameter), ...this.#stored(ModuleBuffer)];
  }
}

function isPart(value: unknown): boolean {
  return value instanceof Module || value instanceof Parameter || value instanceof ModuleBuffer;
}

function dotted<T>(outer: string, inner: string, part: T): [string, T] {
  return [inner === '' ? outer : `${outer}.${inner}`, part];
}

/** Without those that were there under another name. */
function each<T>(named: Named<T>): Named<T> {
  const seen = new Set<T>();
  return named.filter(([, part]) => !seen.has(part) && seen.add(part));
}

function set(op: string, own: Named<StoredTensor>, name: string, value: Tensor | CrypTensor): void {
  const stored = own.find(([other]) => other === name)?.[1];
  if (stored === undefined) {
    const names = own.map(([other]) => other).join(', ');
    throw new MpcError('ERR_MPC_MODEL', `${op}: there is no ${name}, only ${names || 'nothing'}`);
  }
  stored.check(op, name, value);
  stored.load(value);
}
