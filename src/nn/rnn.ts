/**
 * Recurrent layers: plain, GRU, LSTM, with PyTorch's parameters and order of gates.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { CrypTensor } from '../tensor/index.ts';
import { Recurrent, type RecurrentOptions } from './recurrent.ts';

/** Options of `RNN`. */
export interface RNNOptions extends RecurrentOptions {
  /** `tanh` unless said. */
  readonly nonlinearity?: 'tanh' | 'relu';
}

/** h' = tanh(W_ih·x + b_ih + W_hh·h + b_hh), or relu; `forward` returns [outputs, h]. */
export class RNN extends Recurrent {
  readonly nonlinearity: 'tanh' | 'relu';

  /** @throws {MpcError} as `Recurrent`, and ERR_MPC_UNSUPPORTED for another nonlinearity. */
  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    super(inputSize, hiddenSize, 1, options);
    const { nonlinearity = 'tanh' } = options;
    if (nonlinearity !== 'tanh' && nonlinearity !== 'relu') {
      throw new MpcError(
        'ERR_MPC_UNSUPPORTED',
        `RNN: expected the nonlinearity tanh or relu, got ${String(nonlinearity)}`,
      );
    }
    this.nonlinearity = nonlinearity;
  }

  override forward(x: CrypTensor, h0?: CrypTensor): readonly CrypTensor[] {
    return this.run(x, [h0]);
  }

  protected override step(fromInput: CrypTensor, fromHidden: CrypTensor): readonly CrypTensor[] {
    const sum = fromInput.add(fromHidden);
    return [this.nonlinearity === 'tanh' ? sum.tanh() : sum.relu()];
  }
}

/** h' = (1 − z)·n + z·h, gates in the order r, z, n; `forward` returns [outputs, h]. */
export class GRU extends Recurrent {
  /** @throws {MpcError} as `Recurrent`. */
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, 3, options);
  }

  override forward(x: CrypTensor, h0?: CrypTensor): readonly CrypTensor[] {
    return this.run(x, [h0]);
  }

  protected override step(
    fromInput: CrypTensor,
    fromHidden: CrypTensor,
    [h]: readonly CrypTensor[],
  ): readonly CrypTensor[] {
    const [ri, zi, ni] = fromInput.chunk(3, 1);
    const [rh, zh, nh] = fromHidden.chunk(3, 1);
    const r = ri.add(rh).sigmoid();
    const z = zi.add(zh).sigmoid();
    const n = ni.add(r.mul(nh)).tanh();
    return [n.add(z.mul(h.sub(n)))];
  }
}

/** c' = f·c + i·g, h' = o·tanh(c'), gates in the order i, f, g, o; `forward` takes h and c and returns [outputs, h, c]. */
export class LSTM extends Recurrent {
  /** @throws {MpcError} as `Recurrent`. */
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, 4, options);
  }

  override forward(x: CrypTensor, h0?: CrypTensor, c0?: CrypTensor): readonly CrypTensor[] {
    return this.run(x, [h0, c0]);
  }

  protected override step(
    fromInput: CrypTensor,
    fromHidden: CrypTensor,
    [, c]: readonly CrypTensor[],
  ): readonly CrypTensor[] {
    const [i, f, g, o] = fromInput.add(fromHidden).chunk(4, 1);
    const cell = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
    return [o.sigmoid().mul(cell.tanh()), cell];
  }
}
