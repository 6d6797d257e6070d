/**
 * Recording for backward: when, and the program's own functions.
 * @module
 */

import { ownFunction, type OwnFunction } from '../own-function.ts';
import type { Party } from '../party.ts';
import type { CrypTensor } from '../tensor.ts';

/** Methods of a party. */
export interface RecordingMethods {
  /** Runs a synchronous function without recording for backward; nested and throwing calls are fine. */
  noGrad<T>(body: () => T): T;
  /** Runs a synchronous function with recording, inside `noGrad` as well. */
  enableGrad<T>(body: () => T): T;
  /** Records from now on, or not; inside `noGrad` or `enableGrad` until they end. */
  setGradEnabled(mode: boolean): void;
  /**
   * An operation of the program's own, with a forward and a backward on tensors; the name stands in statistics and errors.
   *
   * Tensors are found in the arguments as they are, and inside arrays, plain objects, maps and sets.
   *
   * @throws {MpcError} ERR_MPC_UNSUPPORTED for a name that an operation has already.
   * @example
   * const cube = party.registerFunction('cube', {
   *   forward(ctx, x: CrypTensor) {
   *     ctx.saveForBackward(x);
   *     return x.square().mul(x);
   *   },
   *   backward(ctx, gradient) {
   *     const [x] = ctx.savedTensors;
   *     return [gradient.mul(x.square()).mul(3)];
   *   },
   * });
   * cube(x).sum().backward();
   */
  registerFunction<Args extends readonly unknown[]>(
    name: string,
    own: OwnFunction<Args>,
  ): (...args: Args) => CrypTensor;
}

/** What they do. */
export const recordingMethods: RecordingMethods & ThisType<Party> = {
  noGrad(body) {
    return this.tape.during('noGrad', false, body);
  },
  enableGrad(body) {
    return this.tape.during('enableGrad', true, body);
  },
  setGradEnabled(mode) {
    this.tape.recording = mode;
  },
  registerFunction(name, own) {
    return ownFunction(this, name, own);
  },
};
