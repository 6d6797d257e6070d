/**
 * Installation of the binary tensor's methods on its prototype.
 * @module
 */

import { install, methodsOf } from '../install.ts';
import { binaryMethods } from './methods.ts';
import { binaryMovement, binarySplit } from './movement.ts';
import { BinaryTensor } from './tensor.ts';

type Method = (this: BinaryTensor, ...args: unknown[]) => BinaryTensor;

/** Puts the methods and their twins on the class; `Party`, which makes the tensors, calls it once. */
export function installBinaryMethods(): void {
  const { prototype } = BinaryTensor;
  for (const [name, method] of methodsOf([binarySplit])) install(prototype, name, method);
  for (const [name, method] of methodsOf<Method>([binaryMethods, binaryMovement])) {
    install(prototype, name, method);
    install(prototype, `${name}_`, function (this: BinaryTensor, ...args: unknown[]) {
      return BinaryTensor.changeInPlace(this, `${name}_`, method.apply(this, args));
    });
  }
}
