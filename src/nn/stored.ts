/**
 * What a module keeps: a tensor that is plain at its owner before `encrypt` and secret after; the base of parameters and buffers.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sameShape, showShape, type Shape } from '../core/shape.ts';
import { type CrypTensor, type OpenOptions, type Party, Tensor } from '../tensor/index.ts';

/** Plain: known here, drawn when first asked for. Secret: shared. Elsewhere: decrypted to other parties only. */
type State =
  | { readonly kind: 'undrawn'; readonly draw: () => Tensor }
  | { readonly kind: 'plain'; readonly value: Tensor }
  | { readonly kind: 'secret'; readonly value: CrypTensor }
  | { readonly kind: 'elsewhere' };

/** One tensor of a module; its shape is public and equal at every party. */
export abstract class StoredTensor {
  readonly shape: Shape;
  /** Whether the secret tensor requires a gradient. */
  abstract readonly requiresGrad: boolean;
  #state: State;

  /** `draw` makes the initial values; it runs at the owner only, when they are first needed. */
  constructor(shape: Shape, draw: () => Tensor) {
    this.shape = [...shape];
    this.#state = { kind: 'undrawn', draw };
  }

  get encrypted(): boolean {
    return this.#state.kind === 'secret';
  }

  /**
   * The secret tensor; the same handle from `encrypt` to `decrypt`, which optimizers update in place.
   *
   * @throws {MpcError} ERR_MPC_MODEL before `encrypt`.
   */
  get tensor(): CrypTensor {
    if (this.#state.kind === 'secret') return this.#state.value;
    throw new MpcError(
      'ERR_MPC_MODEL',
      'nn: the parameters are not secret-shared yet; call module.encrypt(party, { src }) first',
    );
  }

  /**
   * The plain values.
   *
   * @throws {MpcError} ERR_MPC_MODEL while they are secret, or known to other parties only.
   */
  get plain(): Tensor {
    if (this.#state.kind === 'undrawn') {
      this.#state = { kind: 'plain', value: this.#state.draw() };
    }
    if (this.#state.kind === 'plain') return this.#state.value;
    throw new MpcError(
      'ERR_MPC_MODEL',
      this.#state.kind === 'secret'
        ? 'nn: the parameters are secret; await module.decrypt() first'
        : 'nn: the parameters were decrypted to other parties only',
    );
  }

  /** Shares party `src`'s values; the others' own are dropped. Nothing happens the second time. */
  encrypt(party: Party, src: number): void {
    if (this.#state.kind === 'secret') return;
    const { requiresGrad } = this;
    this.#state = { kind: 'secret', value: this.#shared(party, src, requiresGrad) };
  }

  /** Opens the values. Nothing happens when they are plain. */
  async decrypt(options: OpenOptions): Promise<void> {
    if (this.#state.kind !== 'secret') return;
    const value = await this.#state.value.getPlainText(options);
    this.#state = value === null ? { kind: 'elsewhere' } : { kind: 'plain', value };
  }

  /** Other initial values: drawn when first needed, or, where the tensor is secret, now at party `src` alone. */
  redraw(draw: () => Tensor, src: number): void {
    if (this.#state.kind !== 'secret') {
      this.#state = { kind: 'undrawn', draw };
      return;
    }
    const own = this.#state.value;
    const { party } = own;
    const values = party.rank === src ? draw() : null;
    party.noGrad(() => own.copy_(party.cryptensor(values, { src, shape: this.shape })));
  }

  /**
   * Whether `load` would take a value.
   *
   * @throws {MpcError} ERR_MPC_MODEL when one is secret and the other is not, ERR_MPC_SHAPE for another shape.
   */
  check(op: string, name: string, value: Tensor | CrypTensor): void {
    if (!sameShape(value.shape, this.shape)) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `${op}: ${name} has shape ${showShape(this.shape)}, the value given ${showShape(value.shape)}`,
      );
    }
    if (this.encrypted === value instanceof Tensor) {
      const [own, given] = this.encrypted ? ['secret', 'plain'] : ['plain', 'secret'];
      throw new MpcError(
        'ERR_MPC_MODEL',
        `${op}: ${name} is ${own}, the value given is ${given}; encrypt or decrypt the module first`,
      );
    }
  }

  /** Takes over a value that `check` accepts. */
  load(value: Tensor | CrypTensor): void {
    if (value instanceof Tensor) {
      this.#state = { kind: 'plain', value: new Tensor(value.shape, value.data) };
    } else {
      const own = this.tensor;
      own.party.noGrad(() => own.copy_(value));
    }
  }

  /** The values as they are kept: plain or secret. */
  state(): Tensor | CrypTensor {
    return this.#state.kind === 'secret' ? this.#state.value.detach() : this.plain;
  }

  #shared(party: Party, src: number, requiresGrad: boolean): CrypTensor {
    const values = party.rank === src ? this.plain : null;
    return party.cryptensor(values, { src, shape: this.shape, requiresGrad });
  }
}
