/**
 * Random orthogonal matrices: Gram and Schmidt on normal vectors, twice, which makes them uniform among all.
 * @module
 */

import { sizeOf, type Shape } from '../core/shape.ts';
import { Tensor } from '../tensor/index.ts';
import { normal } from './draw.ts';

/** A weight whose first dim against the others is a matrix with orthogonal rows or columns of length `gain`. */
export function orthogonal(shape: Shape, gain: number): Tensor {
  const [rows] = shape;
  const columns = sizeOf(shape.slice(1));
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const { data } = normal([length], 0, 1);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors) {
        const along = dot(data, other);
        for (let i = 0; i < length; i++) data[i] -= along * other[i];
      }
      const norm = Math.sqrt(dot(data, data));
      for (let i = 0; i < length; i++) data[i] /= norm;
    }
    vectors.push(data);
  }
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = rows < columns ? vectors[row][column] : vectors[column][row];
      values[row * columns + column] = gain * value;
    }
  }
  return new Tensor(shape, values);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
