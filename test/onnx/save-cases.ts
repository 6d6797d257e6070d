/**
 * Modules of nn that are saved, each with the shape of its input.
 * @module
 */

import * as nn from '../../src/nn/index.ts';
import type { Shape } from '../../src/core/shape.ts';

/** A title, a module, the shape of its input. */
export type SaveCase = readonly [title: string, module: () => nn.Module, shape: Shape];

/** All of them; every layer that can be written occurs. */
export const CASES: readonly SaveCase[] = [
  [
    'an MLP',
    () =>
      new nn.Sequential(new nn.Linear(4, 6), new nn.ReLU(), new nn.Linear(6, 2, { bias: false })),
    [3, 4],
  ],
  ['a linear layer on three dims', () => new nn.Linear(4, 2), [2, 3, 4]],
  [
    'activations',
    () =>
      new nn.Sequential(
        new nn.Hardtanh(-1.5, 1.25),
        new nn.LeakyReLU(0.2),
        new nn.ELU(0.5),
        new nn.GELU(),
        new nn.SiLU(),
        new nn.Softplus(),
        new nn.ReLU6(),
        new nn.Tanh(),
        new nn.Sigmoid(),
        new nn.Identity(),
        new nn.Dropout(0.5),
        new nn.Dropout2d(0.5),
      ),
    [2, 5],
  ],
  [
    'a convolutional network',
    () =>
      new nn.Sequential(
        new nn.ConstantPad2d([1, 0, 2, 1], 0.5),
        new nn.Conv2d(2, 4, [3, 2], { padding: [1, 0], stride: [2, 1], groups: 2 }),
        new nn.BatchNorm2d(4),
        new nn.ReLU(),
        new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
        new nn.Conv2d(4, 4, 2, { dilation: 2, bias: false }),
        new nn.Flatten(),
        new nn.Linear(8, 3),
        new nn.LogSoftmax(1),
      ),
    [1, 2, 8, 8],
  ],
  [
    'pools',
    () =>
      new nn.Sequential(
        new nn.AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false }),
        new nn.AdaptiveMaxPool2d([4, 2]),
        new nn.AdaptiveAvgPool2d(2),
        new nn.MaxPool2d(2, { stride: 1 }),
        new nn.GlobalAveragePool(),
      ),
    [1, 2, 15, 15],
  ],
  [
    'one spatial dim',
    () =>
      new nn.Sequential(
        new nn.Conv1d(2, 3, 3, { padding: 1 }),
        new nn.BatchNorm1d(3),
        new nn.ConvTranspose1d(3, 2, 4, { stride: 2, padding: 1, outputPadding: 1 }),
        new nn.AvgPool1d(2),
        new nn.MaxPool1d(2),
        new nn.ConstantPad1d(1, 0),
        new nn.AdaptiveMaxPool1d(3),
        new nn.AdaptiveAvgPool1d(1),
        new nn.Flatten(0, 1),
      ),
    [1, 2, 15],
  ],
  [
    'normalisations',
    () =>
      new nn.Sequential(
        new nn.GroupNorm(2, 4),
        new nn.InstanceNorm2d(4, { affine: true }),
        new nn.GroupNorm(2, 4, { affine: false }),
        new nn.ConvTranspose2d(4, 2, 2, { stride: 2 }),
        new nn.LayerNorm([6, 6]),
        new nn.LayerNorm(6, { elementwiseAffine: false }),
        new nn.Flatten(),
        new nn.Softmax(-1),
      ),
    [1, 4, 3, 3],
  ],
  [
    'pools that round up along one dim and not along the other',
    () =>
      new nn.Sequential(
        new nn.AvgPool2d([3, 2], { stride: 2, padding: 1, ceilMode: true }),
        new nn.MaxPool2d(2, { stride: [2, 3], padding: [0, 1], ceilMode: true }),
        new nn.AvgPool2d(2, { stride: 2, ceilMode: true }),
      ),
    [1, 2, 16, 13],
  ],
  [
    'pools that round up along one spatial dim',
    () =>
      new nn.Sequential(
        new nn.AvgPool1d(3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
        new nn.MaxPool1d(2, { stride: 3, dilation: 2, ceilMode: true }),
        new nn.AvgPool1d(2, { stride: 3, padding: 1, ceilMode: true }),
      ),
    [1, 2, 18],
  ],
  [
    'means that padding counts in, windows that reach past it',
    () => new nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true }),
    [1, 2, 4, 6],
  ],
  [
    'windows that reach past the image along one dim only',
    () =>
      new nn.AvgPool2d(2, {
        stride: [2, 3],
        padding: [0, 1],
        ceilMode: true,
        countIncludePad: false,
      }),
    [1, 2, 5, 8],
  ],
  [
    'zeros before maxima',
    () => new nn.Sequential(new nn.ConstantPad2d(1, 0), new nn.MaxPool2d(2)),
    [1, 2, 4, 6],
  ],
  [
    'a linear layer on one dim, and what flattens from the second on',
    () => new nn.Sequential(new nn.Flatten(0), new nn.Linear(12, 3)),
    [2, 3, 2],
  ],
  [
    'the least that layers have',
    () =>
      new nn.Sequential(
        new nn.ConstantPad3d([1, 0, 0, 1, 0, 0], -0.5),
        new nn.Flatten(1, 2),
        new nn.InstanceNorm1d(6),
        new nn.GroupNorm(3, 6),
        new nn.BatchNorm1d(6, { affine: false }),
        new nn.ConvTranspose1d(6, 4, 2, { groups: 2, dilation: 2, bias: false }),
        new nn.Linear(6, 3, { bias: false }),
        new nn.AdaptiveAvgPool1d(null),
        new nn.Softmax(0),
      ),
    [2, 2, 2, 3],
  ],
];
