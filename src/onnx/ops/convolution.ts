/**
 * Convolutions of one and two spatial dims.
 * @module
 */

import { operandAt, type Call } from '../call.ts';
import { ALL, type OnnxOp, type Step } from '../op.ts';
import {
  cropped,
  geometry,
  perDim,
  spatialSizes,
  symmetric,
  WINDOW_ATTRIBUTES,
  withMargin,
} from './windows.ts';

/** The kernel's sizes: the attribute, if there is one, must agree with the weight. */
function kernelSizes(call: Call, dims: number): readonly number[] {
  const sizes = call.shape(1).slice(2);
  if (sizes.length !== dims || sizes.includes(0)) {
    call.fail(`a kernel of ${sizes.length} spatial dims for an image of ${dims}`);
  }
  const said = call.ints('kernel_shape', sizes);
  if (said.join() !== sizes.join()) call.fail('kernel_shape differs from the weight');
  return sizes;
}

function checkBias(call: Call, channels: number): void {
  if (call.has(2) && call.shape(2).join() !== String(channels)) {
    call.fail(`a bias for ${channels} channels is expected`);
  }
}

function planConv(call: Call): Step {
  const dims = spatialSizes(call).length;
  const g = geometry(call, kernelSizes(call, dims));
  const groups = call.int('group', 1);
  const [n, channels] = call.shape();
  const [filters, perGroup] = call.shape(1);
  if (!(groups >= 1) || perGroup * groups !== channels || filters % groups !== 0) {
    call.fail(
      `${groups} groups of ${channels} channels do not fit ${filters} filters of ${perGroup}`,
    );
  }
  checkBias(call, filters);
  call.sized([n, channels, ...g.sizes.map((size, i) => size + g.begin[i] + g.end[i])]);
  const even = symmetric(g);
  return call.secret([n, filters, ...g.out], (x, inputs) => {
    const image = even ? x : withMargin(x, g.begin, g.end);
    const options = {
      stride: g.stride,
      padding: even ? g.begin : 0,
      dilation: g.dilation,
      groups,
      bias: call.has(2) ? operandAt(inputs, 2) : undefined,
    };
    const kernel = operandAt(inputs, 1);
    return dims === 1 ? image.conv1d(kernel, options) : image.conv2d(kernel, options);
  });
}

function planConvTranspose(call: Call): Step {
  if (call.says('output_shape')) call.fail('output_shape; pads say the same');
  call.choice('auto_pad', ['NOTSET'], 'NOTSET');
  const sizes = spatialSizes(call);
  const dims = sizes.length;
  const kernel = kernelSizes(call, dims);
  const stride = perDim(call, 'strides', dims, 1, 1);
  const dilation = perDim(call, 'dilations', dims, 1, 1);
  const outputPadding = perDim(call, 'output_padding', dims, 0, 0);
  const pads = perDim(call, 'pads', 2 * dims, 0, 0);
  const [begin, end] = [pads.slice(0, dims), pads.slice(dims)];
  const groups = call.int('group', 1);
  const [n, channels] = call.shape();
  const [filters, perGroup] = call.shape(1);
  if (!(groups >= 1) || filters !== channels || channels % groups !== 0) {
    call.fail(`${groups} groups of ${channels} channels do not fit a weight of ${filters}`);
  }
  const features = perGroup * groups;
  checkBias(call, features);
  const full = sizes.map(
    (size, i) => stride[i] * (size - 1) + dilation[i] * (kernel[i] - 1) + 1 + outputPadding[i],
  );
  const out = full.map((size, i) => size - begin[i] - end[i]);
  if (out.some((size) => size < 1)) call.fail('pads leave nothing');
  if (outputPadding.some((extra, i) => extra >= Math.max(stride[i], dilation[i]))) {
    call.fail('output_padding must be below the stride or the dilation');
  }
  call.sized([n, features, ...full]);
  const even = symmetric({ begin, end });
  return call.secret([n, features, ...out], (x, inputs) => {
    const padding = even ? begin : 0;
    const bias = call.has(2) ? operandAt(inputs, 2) : undefined;
    const options = { stride, padding, dilation, groups, outputPadding, bias };
    const weight = operandAt(inputs, 1);
    const y = dims === 1 ? x.convTranspose1d(weight, options) : x.convTranspose2d(weight, options);
    return even ? y : cropped(y, begin, out);
  });
}

/** Operators of this area. */
export const convolutionOps: readonly OnnxOp[] = [
  {
    name: 'Conv',
    opsets: ALL,
    inputs: [2, 3],
    attributes: [...WINDOW_ATTRIBUTES, 'group'],
    plan: planConv,
  },
  {
    name: 'ConvTranspose',
    opsets: ALL,
    inputs: [2, 3],
    attributes: [...WINDOW_ATTRIBUTES, 'group', 'output_padding', 'output_shape'],
    plan: planConvTranspose,
  },
];
