/**
 * Puts tables of methods on a prototype.
 * @module
 */

/** All methods of some tables by name. */
export function methodsOf<M>(tables: readonly object[]): [name: string, method: M][] {
  return tables.flatMap((table) => Object.entries(table) as [string, M][]);
}

/** Puts a method where a class would have it: not enumerable. Two of one name are a mistake of ours. */
export function install(prototype: object, name: string, value: unknown): void {
  if (name in prototype) throw new Error(`cryptensor: two methods named ${name}`);
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}
