/**
 * `ModuleList`: modules in an array, which a model's own forward calls as it likes.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { Module } from './module.ts';

/** Modules by position; they are named `0`, `1`, … */
export class ModuleList extends Module<never> {
  readonly #list: Module<unknown>[];

  constructor(modules: Iterable<Module<unknown>> = []) {
    super();
    this.#list = [...modules].map(checked);
  }

  /** Number of modules. */
  get length(): number {
    return this.#list.length;
  }

  /**
   * The module at a position; negative ones count from the end.
   *
   * @throws {MpcError} ERR_MPC_MODEL where there is none; so for `set`, `insert` and `delete`.
   */
  at<M extends Module<unknown> = Module>(index: number): M {
    return this.#list[this.#position('at', index, this.length)] as M;
  }

  /** Puts another module at a position. */
  set(index: number, module: Module<unknown>): this {
    this.#list[this.#position('set', index, this.length)] = checked(module);
    return this;
  }

  /** Adds a module at the end. */
  append(module: Module<unknown>): this {
    this.#list.push(checked(module));
    return this;
  }

  /** Adds modules at the end. */
  extend(modules: Iterable<Module<unknown>>): this {
    this.#list.push(...[...modules].map(checked));
    return this;
  }

  /** Puts a module before a position; the length puts it at the end. */
  insert(index: number, module: Module<unknown>): this {
    this.#list.splice(this.#position('insert', index, this.length + 1), 0, checked(module));
    return this;
  }

  /** Takes out `count` modules from a position. */
  delete(index: number, count = 1): this {
    this.#list.splice(this.#position('delete', index, this.length), count);
    return this;
  }

  /** A list of the modules from `start` to before `end`, as an array's `slice`. */
  slice(start?: number, end?: number): ModuleList {
    return new ModuleList(this.#list.slice(start, end));
  }

  [Symbol.iterator](): Iterator<Module> {
    return (this.#list as Module[])[Symbol.iterator]();
  }

  override namedChildren(): [string, Module<unknown>][] {
    return this.#list.map((module, i) => [String(i), module]);
  }

  /** @throws {MpcError} ERR_MPC_UNSUPPORTED always: a list has no order of calls. */
  override forward(): never {
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      'ModuleList: a list has no forward; call its modules, or use Sequential',
    );
  }

  #position(op: string, index: number, length: number): number {
    const position = index < 0 ? index + length : index;
    if (Number.isInteger(index) && position >= 0 && position < length) return position;
    throw new MpcError(
      'ERR_MPC_MODEL',
      `ModuleList.${op}: there is no position ${index} among ${length}`,
    );
  }
}

function checked(module: Module<unknown>): Module<unknown> {
  if (module instanceof Module) return module;
  throw new TypeError(`ModuleList: expected a Module, got ${String(module)}`);
}
