/**
 * `ModuleDict`: modules by name, which a model's own forward calls as it likes.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { Module } from './module.ts';

/** Names with modules. */
export type ModuleEntries =
  Readonly<Record<string, Module<unknown>>> | Iterable<readonly [string, Module<unknown>]>;

/** Modules by name, in the order in which they were set. */
export class ModuleDict extends Module<never> {
  readonly #map = new Map<string, Module<unknown>>();

  constructor(modules: ModuleEntries = {}) {
    super();
    this.update(modules);
  }

  /** Number of modules. */
  get size(): number {
    return this.#map.size;
  }

  /** Whether there is a module of that name. */
  has(name: string): boolean {
    return this.#map.has(name);
  }

  /**
   * The module of a name.
   *
   * @throws {MpcError} ERR_MPC_MODEL where there is none; so for `pop`.
   */
  get<M extends Module<unknown> = Module>(name: string): M {
    const module = this.#map.get(name);
    if (module !== undefined) return module as M;
    const names = [...this.#map.keys()].join(', ') || 'nothing';
    throw new MpcError('ERR_MPC_MODEL', `ModuleDict: there is no ${name}, only ${names}`);
  }

  /**
   * Sets the module of a name.
   *
   * @throws {MpcError} ERR_MPC_MODEL for a name that is empty or has a dot.
   */
  set(name: string, module: Module<unknown>): this {
    if (name === '' || name.includes('.')) {
      throw new MpcError(
        'ERR_MPC_MODEL',
        `ModuleDict: expected a name without dots, got '${name}'`,
      );
    }
    if (!(module instanceof Module)) {
      throw new TypeError(`ModuleDict: expected a Module as ${name}, got ${String(module)}`);
    }
    this.#map.set(name, module);
    return this;
  }

  /** Sets several. */
  update(modules: ModuleEntries): this {
    const entries = Symbol.iterator in modules ? modules : Object.entries(modules);
    for (const [name, module] of entries as Iterable<[string, Module<unknown>]>) {
      this.set(name, module);
    }
    return this;
  }

  /** Takes out the module of a name and returns it. */
  pop<M extends Module<unknown> = Module>(name: string): M {
    const module = this.get<M>(name);
    this.#map.delete(name);
    return module;
  }

  /** Takes out the module of a name, and says whether there was one. */
  delete(name: string): boolean {
    return this.#map.delete(name);
  }

  /** Takes out all. */
  clear(): void {
    this.#map.clear();
  }

  /** Names. */
  keys(): string[] {
    return [...this.#map.keys()];
  }

  /** Modules. */
  values(): Module[] {
    return [...this.#map.values()] as Module[];
  }

  /** Names with modules. */
  entries(): [string, Module][] {
    return [...this.#map] as [string, Module][];
  }

  [Symbol.iterator](): Iterator<[string, Module]> {
    return this.entries()[Symbol.iterator]();
  }

  override namedChildren(): [string, Module<unknown>][] {
    return [...this.#map];
  }

  /** @throws {MpcError} ERR_MPC_UNSUPPORTED always: a dictionary has no order of calls. */
  override forward(): never {
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      'ModuleDict: a dictionary has no forward; call its modules',
    );
  }
}
