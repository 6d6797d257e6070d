/**
 * Activations: each calls the tensor's method of the same name, where shapes, costs and errors are stated.
 * @module
 */

import type { CrypTensor } from '../tensor/index.ts';
import { secretInput } from './argument.ts';
import { Module } from './module.ts';

/** max(x, 0); see `relu` in functions/activations.ts. */
export class ReLU extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).relu();
  }
}

/** min(max(x, 0), 6); see functions/clamp.ts. */
export class ReLU6 extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).relu6();
  }
}

/** x above 0, a little of it below; see functions/clamp.ts. */
export class LeakyReLU extends Module {
  readonly negativeSlope: number;

  constructor(negativeSlope = 0.01) {
    super();
    this.negativeSlope = negativeSlope;
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).leakyRelu(this.negativeSlope);
  }
}

/** x above 0, α·(e^x − 1) below; see functions/elu.ts. */
export class ELU extends Module {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).elu(this.alpha);
  }
}

/** x between two bounds; see functions/clamp.ts. */
export class Hardtanh extends Module {
  readonly minVal: number;
  readonly maxVal: number;

  constructor(minVal = -1, maxVal = 1) {
    super();
    this.minVal = minVal;
    this.maxVal = maxVal;
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).hardtanh(this.minVal, this.maxVal);
  }
}

/** 1/(1 + e^−x); see `sigmoid` in functions/smooth.ts. */
export class Sigmoid extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).sigmoid();
  }
}

/** tanh(x); see functions/smooth.ts. */
export class Tanh extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).tanh();
  }
}

/** x·Φ(x), Φ the normal distribution function; see functions/rectifiers.ts. */
export class GELU extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).gelu();
  }
}

/** x·sigmoid(x); see functions/rectifiers.ts. */
export class SiLU extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).silu();
  }
}

/** log(1 + e^x); see functions/rectifiers.ts. */
export class Softplus extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).softplus();
  }
}

/** Exponentials over their sum along a dim; see functions/softmax.ts. */
export class Softmax extends Module {
  readonly dim: number;

  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).softmax(this.dim);
  }
}

/** Logarithm of `Softmax`. */
export class LogSoftmax extends Module {
  readonly dim: number;

  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  override forward(x: CrypTensor): CrypTensor {
    return secretInput(this, x).logSoftmax(this.dim);
  }
}
