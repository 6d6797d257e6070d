/**
 * How each layer of nn is written as operators of ONNX, as PyTorch's exporter writes it.
 * @module
 */

import { sizeOf } from '../core/shape.ts';
import * as nn from '../nn/index.ts';
import type { AttributeValue } from './builder.ts';
import { batched, each, knownSizes, NotWritten, type Layer, type Place } from './place.ts';
import { writeAdaptivePool, writeAvgPool, writeMaxPool } from './pools.ts';

interface Row {
  readonly layer: abstract new (...args: never) => Layer;
  readonly write: (module: Layer, inputs: readonly string[], place: Place) => string;
}

function row<T extends Layer>(
  layer: abstract new (...args: never) => T,
  write: (module: T, x: string, place: Place) => string,
): Row {
  return { layer, write: (module, [x], place) => write(module as T, x, place) };
}

function simple(layer: Row['layer'], op: string): Row {
  return row(layer, (_, x, { builder }) => builder.add(op, [x]));
}

/** A parameter or buffer, or one value everywhere where there is none. */
function part(
  { builder, path }: Place,
  name: string,
  stored: nn.Parameter | nn.Buffer | null,
  size: number,
  value: number,
): string {
  if (stored !== null) return builder.weight(`${path}${name}`, stored, stored.plain);
  return builder.floats([size], new Array<number>(size).fill(value));
}

function clip({ builder }: Place, x: string, min: number, max: number): string {
  return builder.add('Clip', [x, builder.floats([], [min]), builder.floats([], [max])]);
}

function writeLinear({ weight, bias }: nn.Linear, x: string, place: Place): string {
  const { builder, path } = place;
  const w = builder.weight(`${path}weight`, weight, weight.plain);
  const b = bias === null ? null : builder.weight(`${path}bias`, bias, bias.plain);
  if (builder.shapeOf(x).length === 2) {
    return builder.add('Gemm', b === null ? [x, w] : [x, w, b], { transB: 1 });
  }
  const product = builder.add('MatMul', [x, builder.add('Transpose', [w], { perm: [1, 0] })]);
  return b === null ? product : builder.add('Add', [product, b]);
}

type AnyConv = nn.Conv1d | nn.Conv2d | nn.ConvTranspose1d | nn.ConvTranspose2d;

function writeConv(module: AnyConv, x: string, place: Place): string {
  const { weight, bias, options } = module;
  const kernel = weight.shape.slice(2);
  const dims = kernel.length;
  batched(place, x, dims + 2);
  const padding = each(options.padding, dims, 0);
  const transposed = module instanceof nn.ConvTranspose1d || module instanceof nn.ConvTranspose2d;
  const attributes: Record<string, AttributeValue> = {
    kernel_shape: kernel,
    strides: each(options.stride, dims, 1),
    pads: [...padding, ...padding],
    dilations: each(options.dilation, dims, 1),
    group: options.groups ?? 1,
  };
  if (transposed) attributes.output_padding = each(options.outputPadding, dims, 0);
  const inputs = [x, part(place, 'weight', weight, 0, 0)];
  if (bias !== null) inputs.push(part(place, 'bias', bias, 0, 0));
  return place.builder.add(transposed ? 'ConvTranspose' : 'Conv', inputs, attributes);
}

function writeBatchNorm(module: nn.BatchNorm2d, x: string, place: Place): string {
  const { weight, bias, runningMean, runningVar, eps } = module;
  if (runningMean === null || runningVar === null) {
    throw new NotWritten('a batch normalisation without running statistics');
  }
  const [size] = runningMean.shape;
  const inputs = [
    x,
    part(place, 'weight', weight, size, 1),
    part(place, 'bias', bias, size, 0),
    part(place, 'running_mean', runningMean, size, 0),
    part(place, 'running_var', runningVar, size, 1),
  ];
  return place.builder.add('BatchNormalization', inputs, { epsilon: { float: eps } });
}

function writeLayerNorm(module: nn.LayerNorm, x: string, place: Place): string {
  const { normalizedShape, weight, bias, eps } = module;
  const { builder, path } = place;
  const size = sizeOf(normalizedShape);
  const scale =
    weight === null
      ? builder.floats(normalizedShape, new Array<number>(size).fill(1))
      : builder.weight(`${path}weight`, weight, weight.plain);
  const inputs = [x, scale];
  if (bias !== null) inputs.push(builder.weight(`${path}bias`, bias, bias.plain));
  const attributes = { axis: -normalizedShape.length, epsilon: { float: eps } };
  return builder.add('LayerNormalization', inputs, attributes);
}

/** Groups become channels: opset 17 normalises channels of instances alone. */
function writeGroupNorm(module: nn.GroupNorm, x: string, place: Place): string {
  const { numGroups, numChannels, weight, bias, eps } = module;
  const { builder } = place;
  const scale = part(place, 'weight', weight, numChannels, 1);
  const shift = part(place, 'bias', bias, numChannels, 0);
  const epsilon = { float: eps };
  if (numGroups === numChannels) {
    return builder.add('InstanceNormalization', [x, scale, shift], { epsilon });
  }
  const shape = builder.add('Shape', [x]);
  const groups = builder.add('Reshape', [x, builder.ints([0, numGroups, -1])]);
  const ones = builder.floats([numGroups], new Array<number>(numGroups).fill(1));
  const zeros = builder.floats([numGroups], new Array<number>(numGroups).fill(0));
  const normal = builder.add('InstanceNormalization', [groups, ones, zeros], { epsilon });
  const back = builder.add('Reshape', [normal, shape]);
  const spread = builder.ints([
    numChannels,
    ...builder
      .shapeOf(x)
      .slice(2)
      .map(() => 1),
  ]);
  const wide = (vector: string): string => builder.add('Reshape', [vector, spread]);
  return builder.add('Add', [builder.add('Mul', [back, wide(scale)]), wide(shift)]);
}

function writeFlatten({ startDim, endDim }: nn.Flatten, x: string, place: Place): string {
  const { builder } = place;
  const shape = builder.shapeOf(x);
  const [start, end] = [startDim, endDim].map((dim) => (dim < 0 ? dim + shape.length : dim));
  if (start === 1 && end === shape.length - 1) return builder.add('Flatten', [x], { axis: 1 });
  const sizes = [...shape.slice(0, start).map(() => 0), -1, ...knownSizes(place, x, end + 1)];
  return builder.add('Reshape', [x, builder.ints(sizes)]);
}

type AnyPad = nn.ConstantPad1d | nn.ConstantPad2d | nn.ConstantPad3d;

function writePad({ padding, value }: AnyPad, x: string, { builder }: Place): string {
  const rank = builder.shapeOf(x).length;
  const of = (side: number): number[] =>
    Array.from({ length: rank }, (_, dim) => padding[2 * (rank - 1 - dim) + side] ?? 0);
  // Not 0 but −0: onnxruntime drops a margin of zeros before a MaxPool, as if it were the pool's own padding, which never wins.
  const fill = builder.floats([], [value === 0 ? -0 : value]);
  return builder.add('Pad', [x, builder.ints([...of(0), ...of(1)]), fill]);
}

function writeGelu(_: nn.GELU, x: string, { builder }: Place): string {
  const scaled = builder.add('Div', [x, builder.constant(Math.SQRT2)]);
  const one = builder.add('Add', [builder.add('Erf', [scaled]), builder.constant(1)]);
  return builder.add('Mul', [builder.add('Mul', [x, one]), builder.constant(0.5)]);
}

function writeSequential(module: nn.Sequential, x: string, { child }: Place): string {
  return module.namedChildren().reduce((y, [name, layer]) => child(name, layer, [y]), x);
}

const same = (_: Layer, x: string): string => x;

/** Layers with their writers; the first that fits counts. */
const ROWS: readonly Row[] = [
  row(nn.Sequential, writeSequential),
  row(nn.Identity, same),
  row(nn.Dropout, same),
  row(nn.DropoutNd, same),
  row(nn.Linear, writeLinear),
  row(nn.Conv1d, writeConv),
  row(nn.Conv2d, writeConv),
  row(nn.ConvTranspose1d, writeConv),
  row(nn.ConvTranspose2d, writeConv),
  row(nn.BatchNorm1d, writeBatchNorm),
  row(nn.BatchNorm2d, writeBatchNorm),
  row(nn.LayerNorm, writeLayerNorm),
  row(nn.GroupNorm, writeGroupNorm),
  row(nn.MaxPool1d, writeMaxPool),
  row(nn.MaxPool2d, writeMaxPool),
  row(nn.AvgPool1d, writeAvgPool),
  row(nn.AvgPool2d, writeAvgPool),
  row(nn.AdaptiveAvgPool1d, writeAdaptivePool(1, 'Average')),
  row(nn.AdaptiveAvgPool2d, writeAdaptivePool(2, 'Average')),
  row(nn.AdaptiveMaxPool1d, writeAdaptivePool(1, 'Max')),
  row(nn.AdaptiveMaxPool2d, writeAdaptivePool(2, 'Max')),
  simple(nn.GlobalAveragePool, 'GlobalAveragePool'),
  row(nn.Flatten, writeFlatten),
  row(nn.ConstantPad1d, writePad),
  row(nn.ConstantPad2d, writePad),
  row(nn.ConstantPad3d, writePad),
  simple(nn.ReLU, 'Relu'),
  simple(nn.Sigmoid, 'Sigmoid'),
  simple(nn.Tanh, 'Tanh'),
  simple(nn.Softplus, 'Softplus'),
  row(nn.ReLU6, (_, x, place) => clip(place, x, 0, 6)),
  row(nn.Hardtanh, ({ minVal, maxVal }, x, place) => clip(place, x, minVal, maxVal)),
  row(nn.LeakyReLU, ({ negativeSlope }, x, { builder }) =>
    builder.add('LeakyRelu', [x], { alpha: { float: negativeSlope } }),
  ),
  row(nn.ELU, ({ alpha }, x, { builder }) => builder.add('Elu', [x], { alpha: { float: alpha } })),
  row(nn.GELU, writeGelu),
  row(nn.SiLU, (_, x, { builder }) => builder.add('Mul', [x, builder.add('Sigmoid', [x])])),
  row(nn.Softmax, ({ dim }, x, { builder }) => builder.add('Softmax', [x], { axis: dim })),
  row(nn.LogSoftmax, ({ dim }, x, { builder }) => builder.add('LogSoftmax', [x], { axis: dim })),
];

/** Writes a layer; returns the name of its output. */
export function writeLayer(module: Layer, inputs: readonly string[], place: Place): string {
  const found = ROWS.find(({ layer }) => module instanceof layer);
  if (found === undefined) {
    throw new NotWritten(
      'no operators for it; models are written that nn.Sequential and nn.Graph put together',
    );
  }
  if (inputs.length !== 1) throw new NotWritten(`${inputs.length} inputs`);
  return found.write(module, inputs, place);
}
