/**
 * Installation of the binary tensor's methods on its prototype.
 * @module
 */

import { binaryMethods } from './methods.ts';
import { binaryMovement, binarySplit } from './movement.ts';
import { BinaryTensor } from './tensor.ts';

type Method = (this: BinaryTensor, ...args: unknown[]) => BinaryTensor;

/** Puts the methods and their twins on the class; `Party`, which makes the tensors, calls it once. */
export function installBinaryMethods(): void {
  for (const [name, method] of methodsOf(binarySplit)) install(name, method);
  for (const [name, method] of [...methodsOf(binaryMethods), ...methodsOf(binaryMovement)]) {
    install(name, method);
    install(`${name}_`, function (...args) {
      return BinaryTensor.changeInPlace(this, `${name}_`, method.apply(this, args));
    });
  }
}

function methodsOf(table: object): [name: string, method: Method][] {
  return Object.entries(table);
}

function install(name: string, value: Method): void {
  Object.defineProperty(BinaryTensor.prototype, name, {
    value,
    writable: true,
    configurable: true,
  });
}
