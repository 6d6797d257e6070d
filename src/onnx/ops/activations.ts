/**
 * Activations.
 * @module
 */

import type { CrypTensor } from '../../tensor/index.ts';
import { isInfinite, operandAt, type Call } from '../call.ts';
import { ALL, since, unary, type OnnxOp, type Step } from '../op.ts';

/** Constants of Selu, as ONNX defines them. */
const SELU = { alpha: 1.67326319217681884765625, gamma: 1.05070102214813232421875 };
const SQRT_2_OVER_PI = Math.sqrt(2 / 3.141592653589793);

function hardSigmoid(x: CrypTensor, alpha: number, beta: number): CrypTensor {
  return x.mul(alpha).add(beta).clamp(0, 1);
}

/** x·tanh-approximated normal distribution function. */
function geluByTanh(x: CrypTensor): CrypTensor {
  const inner = x.add(x.pow(3).mul(0.044715)).mul(SQRT_2_OVER_PI);
  return x.mul(0.5).mul(inner.tanh().add(1));
}

function withAlpha(
  name: string,
  fallback: number,
  run: (x: CrypTensor, alpha: number) => CrypTensor,
): OnnxOp {
  return {
    name,
    opsets: ALL,
    inputs: [1, 1],
    attributes: ['alpha'],
    plan: (call) => {
      const alpha = call.float('alpha', fallback);
      return call.same((x) => run(x, alpha));
    },
  };
}

function planClip(call: Call): Step {
  const bound = (i: number, name: string): number | null => {
    const given =
      call.opset < 11
        ? call.says(name)
          ? call.float(name)
          : null
        : call.has(i)
          ? call.number(i)
          : null;
    return given === null || isInfinite(given) ? null : given;
  };
  const [min, max] = [bound(1, 'min'), bound(2, 'max')];
  return call.same(
    (x) => (min === null && max === null ? x : x.clamp(min, max)),
    (value) => Math.min(Math.max(value, min ?? -Infinity), max ?? Infinity),
  );
}

/** The slope, shaped so that it broadcasts from the right. */
function planPrelu(call: Call): Step {
  call.broadcast(call.shape(), call.shape(1));
  return call.secret(call.shape(), (x, inputs) => {
    const above = x.relu();
    return above.add(x.sub(above).mul(operandAt(inputs, 1)));
  });
}

/** Operators of this area. */
export const activationOps: readonly OnnxOp[] = [
  unary('Relu', (x) => x.relu(), { plain: (value) => Math.max(value, 0) }),
  unary('Sigmoid', (x) => x.sigmoid()),
  unary('Tanh', (x) => x.tanh()),
  unary('Softplus', (x) => x.softplus()),
  unary('Softsign', (x) => x.div(x.abs().add(1))),
  unary('HardSwish', (x) => x.mul(hardSigmoid(x, 1 / 6, 0.5)), { opsets: since(14) }),
  unary('Mish', (x) => x.mul(x.softplus().tanh()), { opsets: since(18) }),
  withAlpha('LeakyRelu', 0.01, (x, alpha) => x.leakyRelu(alpha)),
  withAlpha('Elu', 1, (x, alpha) => x.elu(alpha)),
  withAlpha('Celu', 1, (x, alpha) =>
    x
      .mul(1 / alpha)
      .elu()
      .mul(alpha),
  ),
  withAlpha('ThresholdedRelu', 1, (x, alpha) => x.mul(x.gt(alpha))),
  {
    name: 'Selu',
    opsets: ALL,
    inputs: [1, 1],
    attributes: ['alpha', 'gamma'],
    plan: (call) => {
      const alpha = call.float('alpha', SELU.alpha);
      const gamma = call.float('gamma', SELU.gamma);
      return call.same((x) => x.elu(alpha).mul(gamma));
    },
  },
  {
    name: 'HardSigmoid',
    opsets: ALL,
    inputs: [1, 1],
    attributes: ['alpha', 'beta'],
    plan: (call) => {
      const [alpha, beta] = [call.float('alpha', 0.2), call.float('beta', 0.5)];
      return call.same((x) => hardSigmoid(x, alpha, beta));
    },
  },
  {
    name: 'Gelu',
    opsets: since(20),
    inputs: [1, 1],
    attributes: ['approximate'],
    plan: (call) => {
      const exact = call.choice('approximate', ['none', 'tanh'], 'none') === 'none';
      return call.same((x) => (exact ? x.gelu() : geluByTanh(x)));
    },
  },
  {
    name: 'Clip',
    opsets: ALL,
    inputs: [1, 3],
    attributes: ['min', 'max'],
    open: [1, 2],
    plan: planClip,
  },
  { name: 'PRelu', opsets: ALL, inputs: [2, 2], attributes: [], plan: planPrelu },
];
