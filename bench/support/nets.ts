/**
 * The models of the benchmarks, as a user writes them.
 * @module
 */

import * as nn from '../../src/nn/index.ts';
import type { CrypTensor } from '../../src/tensor/index.ts';

/** 30 weights, without a bias, and a sigmoid. */
export function logisticRegression(): nn.Module {
  return new nn.Sequential(new nn.Linear(30, 1, { bias: false }), new nn.Sigmoid());
}

/** 784-128-128-10. */
export function mlp(): nn.Module {
  return new nn.Sequential(
    new nn.Linear(784, 128),
    new nn.ReLU(),
    new nn.Linear(128, 128),
    new nn.ReLU(),
    new nn.Linear(128, 10),
  );
}

/** LeNet-5 for images of 28×28, with max pools and ReLU. */
export function lenet5(): nn.Module {
  return new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(6, 16, 5),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(400, 120),
    new nn.ReLU(),
    new nn.Linear(120, 84),
    new nn.ReLU(),
    new nn.Linear(84, 10),
  );
}

/** Two convolutions of 3×3 and a way around them. */
export class ResidualBlock extends nn.Module {
  readonly main: nn.Sequential;
  readonly shortcut: nn.Module;

  constructor(inChannels: number, outChannels: number, stride: number) {
    super();
    this.main = new nn.Sequential(
      new nn.Conv2d(inChannels, outChannels, 3, { stride, padding: 1 }),
      new nn.ReLU(),
      new nn.Conv2d(outChannels, outChannels, 3, { padding: 1 }),
    );
    const same = stride === 1 && inChannels === outChannels;
    this.shortcut = same
      ? new nn.Identity()
      : new nn.Conv2d(inChannels, outChannels, 1, { stride });
  }

  override forward(x: CrypTensor): CrypTensor {
    return this.main
      .forward(x)
      .add(this.shortcut.forward(x) as CrypTensor)
      .relu();
  }
}

/**
 * torchvision's ResNet-18 for inference: batch normalisations are part of the convolutions, as in its ONNX export, which is what
 * CrypTen's figure was taken with.
 */
export function resnet18(): nn.Module {
  const widths = [64, 64, 128, 256, 512];
  const stages = widths.slice(1).flatMap((width, i) => {
    const stride = i === 0 ? 1 : 2;
    return [new ResidualBlock(widths[i], width, stride), new ResidualBlock(width, width, 1)];
  });
  return new nn.Sequential(
    new nn.Conv2d(3, 64, 7, { stride: 2, padding: 3 }),
    new nn.ReLU(),
    new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
    ...stages,
    new nn.GlobalAveragePool(),
    new nn.Flatten(),
    new nn.Linear(512, 1000),
  );
}
