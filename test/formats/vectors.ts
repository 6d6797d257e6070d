/**
 * The files of test/vectors/formats/.
 * @module
 */

import { readFileSync } from 'node:fs';
import { Tensor } from '../../src/tensor/index.ts';

type Written = readonly [shape: number[], data: (number | string)[]];

/** One file and what it holds. */
export interface Vector {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly tensor: Tensor;
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** NumPy's name, where what numpy.save writes is compared. */
  readonly dtype?: string;
  readonly input: Tensor;
  readonly output: Tensor;
}

interface Rounding {
  readonly from: number[];
  readonly to: number[];
}

/** All of them, and where they come from. */
export interface Vectors {
  readonly source: string;
  readonly rounding: { readonly f16: Rounding; readonly bf16: Rounding };
  readonly cases: readonly Vector[];
}

const NONE: Written = [[0], []];

function tensorOf([shape, data]: Written): Tensor {
  // NaN, Infinity and -0 are written as texts.
  return new Tensor(shape, data.map(Number));
}

/** Reads them. */
export function readVectors(): Vectors {
  const url = new URL('../vectors/formats/formats.json', import.meta.url);
  const { cases, ...rest } = JSON.parse(readFileSync(url, 'utf8')) as Vectors & {
    cases: Record<string, never>[];
  };
  const read = ({
    name,
    dtype,
    base64,
    tensor,
    tensors,
    input,
    output,
  }: Record<string, never>) => ({
    name,
    ...(dtype === undefined ? {} : { dtype }),
    bytes: Uint8Array.from(Buffer.from(base64, 'base64')),
    tensor: tensorOf(tensor ?? NONE),
    tensors: Object.fromEntries(
      Object.entries<Written>(tensors ?? {}).map(([key, written]) => [key, tensorOf(written)]),
    ),
    input: tensorOf(input ?? NONE),
    output: tensorOf(output ?? NONE),
  });
  return { ...rest, cases: cases.map(read) };
}
