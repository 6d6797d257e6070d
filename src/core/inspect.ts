/**
 * How consoles print an object of ours: as its `toString`, never field by field.
 * @module
 */

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Makes Node, Deno and Bun print instances as `toString()` says; call it in a static block with the prototype. */
export function printAsString(prototype: object, heading: (self: object) => string = String): void {
  Object.defineProperty(prototype, INSPECT, {
    value(this: object): string {
      return heading(this);
    },
  });
}
