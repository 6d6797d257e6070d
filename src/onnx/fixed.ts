/**
 * `Fixed`: a public value of a graph, such as a constant or a size, with the movement methods that a secret tensor has as well.
 * @module
 */

import { contiguousStrides, normalizeDim, sizeOf, type Shape } from '../core/shape.ts';
import type { CrypTensor } from '../tensor/index.ts';

/** What elements mean; every one is held as a double. */
export type ElementType = 'float' | 'int' | 'bool';

/** A value of a graph: public or secret. */
export type Value = Fixed | CrypTensor;

/** Public elements of a shape, in row-major order. */
export class Fixed {
  readonly shape: Shape;
  readonly data: Float64Array<ArrayBuffer>;
  readonly type: ElementType;

  constructor(shape: Shape, data: Float64Array<ArrayBuffer>, type: ElementType) {
    this.shape = shape;
    this.data = data;
    this.type = type;
  }

  /** Whole numbers as a vector. */
  static ints(values: readonly number[]): Fixed {
    return new Fixed([values.length], Float64Array.from(values), 'int');
  }

  /** Another shape of the same size. */
  reshape(shape: Shape): Fixed {
    return new Fixed([...shape], this.data, this.type);
  }

  /** Dims in another order. */
  permute(dims: readonly number[]): Fixed {
    const strides = contiguousStrides(this.shape);
    return this.#read(
      dims.map((dim) => this.shape[dim]),
      dims.map((dim) => strides[dim]),
    );
  }

  /** Dims of size 1 repeated, and new leading dims. */
  expand(shape: Shape): Fixed {
    const lead = shape.length - this.shape.length;
    const strides = contiguousStrides(this.shape);
    const stepOf = (_: number, axis: number): number =>
      axis < lead || this.shape[axis - lead] === 1 ? 0 : strides[axis - lead];
    return this.#read(shape, shape.map(stepOf));
  }

  /** `length` positions of a dim from `start`. */
  narrow(dim: number, start: number, length: number): Fixed {
    const strides = contiguousStrides(this.shape);
    const shape = this.shape.map((size, axis) => (axis === dim ? length : size));
    return this.#read(shape, strides, start * strides[dim]);
  }

  /** The positions of a dim that an index lists. */
  indexSelect(dim: number, index: readonly number[]): Fixed {
    const axis = normalizeDim('indexSelect', dim, this.shape.length);
    const inner = sizeOf(this.shape.slice(axis + 1));
    const outer = sizeOf(this.shape.slice(0, axis));
    const size = this.shape[axis];
    const data = new Float64Array(outer * index.length * inner);
    for (let o = 0, at = 0; o < outer; o++) {
      for (const position of index) {
        const from = (o * size + position) * inner;
        data.set(this.data.subarray(from, from + inner), at);
        at += inner;
      }
    }
    const shape = this.shape.map((dimSize, i) => (i === axis ? index.length : dimSize));
    return new Fixed(shape, data, this.type);
  }

  /** Repeated along its dims. */
  repeat(counts: readonly number[]): Fixed {
    return counts.reduce<Fixed>((x, count, axis) => {
      const size = x.shape[axis];
      const index = Array.from({ length: size * count }, (_, i) => i % size);
      return x.indexSelect(axis, index);
    }, this);
  }

  /** Elements by their positions in row-major order. */
  take(positions: { readonly shape: Shape; readonly data: ArrayLike<number> }): Fixed {
    const data = Float64Array.from(positions.data, (at) => this.data[at]);
    return new Fixed(positions.shape, data, this.type);
  }

  /** A function of each element. */
  map(compute: (value: number) => number, type: ElementType = this.type): Fixed {
    return new Fixed(this.shape, this.data.map(compute), type);
  }

  /** A function of the elements of this and y, broadcast to `shape`. */
  zip(
    y: Fixed,
    shape: Shape,
    compute: (a: number, b: number) => number,
    type: ElementType = this.type,
  ): Fixed {
    const [a, b] = [this.expand(shape).data, y.expand(shape).data];
    return new Fixed(
      shape,
      a.map((value, i) => compute(value, b[i])),
      type,
    );
  }

  #read(shape: Shape, strides: readonly number[], offset = 0): Fixed {
    const data = new Float64Array(sizeOf(shape));
    const at = new Array<number>(shape.length).fill(0);
    let from = offset;
    for (let i = 0; i < data.length; i++) {
      data[i] = this.data[from];
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        from += strides[axis];
        if (++at[axis] < shape[axis]) break;
        from -= strides[axis] * shape[axis];
        at[axis] = 0;
      }
    }
    return new Fixed([...shape], data, this.type);
  }
}

/** Public values joined along a dim. */
export function joined(parts: readonly Fixed[], axis: number, shape: Shape): Fixed {
  const outer = sizeOf(shape.slice(0, axis));
  const data = new Float64Array(sizeOf(shape));
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (const part of parts) {
      const row = part.data.length / outer;
      data.set(part.data.subarray(o * row, (o + 1) * row), at);
      at += row;
    }
  }
  return new Fixed([...shape], data, parts[0].type);
}
