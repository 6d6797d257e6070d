/** What the tests of searches and sorts share. */
import type { MaxMethod } from '../../src/functions/index.ts';
import type { CrypTensor, Party } from '../../src/tensor/index.ts';

/** CrypTen's methods, and ours. */
export const METHODS: readonly (MaxMethod | undefined)[] = [
  undefined,
  'pairwise',
  'logReduction',
  'doubleLogReduction',
  'acceleratedCascade',
];

export async function values(x: CrypTensor): Promise<number[]> {
  return [...(await x.getPlainText()).data];
}

/** A tensor that the last party knows. */
export function secret(
  party: Party,
  data: readonly number[],
  shape: readonly number[] = [data.length],
): CrypTensor {
  const src = party.world - 1;
  return party.cryptensor(party.rank === src ? Float64Array.from(data) : null, { src, shape });
}

/** The same, as a leaf that wants a gradient. */
export function leaf(party: Party, data: readonly number[], shape?: readonly number[]): CrypTensor {
  const x = secret(party, data, shape);
  x.requiresGrad = true;
  return x;
}

/** The gradient of a leaf. */
export function gradientOf(x: CrypTensor): Promise<number[]> {
  if (x.grad === null) throw new Error('no gradient');
  return values(x.grad);
}

export const withMethod = (method: MaxMethod | undefined): { method?: MaxMethod } =>
  method === undefined ? {} : { method };
