/** Tensors and comparisons for tests of convolutions. */
import assert from 'node:assert/strict';
import { type CrypTensor, type Party, Tensor } from '../../src/tensor/index.ts';

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Multiples of 1/4 from −2 to 2. */
export function quarters(shape: readonly number[], seed: number): Tensor {
  return new Tensor(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => (((i * 7 + seed * 5) % 17) - 8) / 4),
  );
}

export const share = (party: Party, x: Tensor, requiresGrad = false): CrypTensor =>
  party.cryptensor(x, { requiresGrad });

export async function equal(x: CrypTensor, y: CrypTensor, ulps: number): Promise<void> {
  const [a, b] = [await x.getPlainText(), await y.getPlainText()];
  assert.deepEqual(a.shape, b.shape);
  a.data.forEach((value, i) => {
    assert.ok(Math.abs(value - b.data[i]) <= ulps * 2 ** -16, `[${i}] ${value} and ${b.data[i]}`);
  });
}
