/**
 * What every optimizer has: parameters in groups, `zeroGrad`, `step`.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { CrypTensor } from '../tensor/index.ts';

/** Parameters with options of their own. */
export type ParamGroup<Options> = { readonly params: readonly CrypTensor[] } & Partial<Options>;

/** Base of the optimizers. `Options` are complete in every group. */
export abstract class Optimizer<Options extends object> {
  readonly groups: readonly ({ readonly params: readonly CrypTensor[] } & Options)[];

  /**
   * @throws {TypeError} when something else than a CrypTensor is among the parameters.
   * @throws {MpcError} ERR_MPC_MODEL when there are none, or one is named twice.
   */
  constructor(params: readonly CrypTensor[] | readonly ParamGroup<Options>[], defaults: Options) {
    const groups = params.map((entry) =>
      entry instanceof CrypTensor ? { params: [entry] } : entry,
    );
    this.groups = groups.map((group) => ({ ...defaults, ...group }));
    const all = this.parameters();
    if (!all.every((parameter) => parameter instanceof CrypTensor)) {
      throw new TypeError(
        'optim: expected CrypTensors; encrypt the module before asking for its parameters',
      );
    }
    if (all.length === 0 || new Set(all).size !== all.length) {
      throw new MpcError('ERR_MPC_MODEL', 'optim: expected at least one parameter, each once');
    }
  }

  /** All parameters of all groups. */
  parameters(): CrypTensor[] {
    return this.groups.flatMap(({ params }) => [...params]);
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** Updates every parameter that has a gradient; synchronous, like every operation. */
  abstract step(): void;
}
