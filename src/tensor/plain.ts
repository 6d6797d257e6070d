/**
 * `Tensor`: plain values, what `getPlainText` returns and what public operands may be.
 * @module
 */

import { printAsString } from '../core/inspect.ts';
import { MpcError } from '../core/errors.ts';
import { contiguousStrides, showShape, sizeOf, type Shape } from '../core/shape.ts';

/** A number, or arrays of them, nested. */
export type NestedNumbers = number | readonly NestedNumbers[];

/** Elements at each end of a dim that is too long to print. */
const EDGE = 3;
const LONG = 1000;

/** Values of a shape, in row-major order. */
export class Tensor {
  static {
    printAsString(this.prototype, (self) =>
      self instanceof Tensor ? `Tensor ${showShape(self.shape)}\n${self.toString()}` : '',
    );
  }

  readonly shape: Shape;
  readonly data: Float64Array<ArrayBuffer>;

  /** @throws {MpcError} ERR_MPC_SHAPE when the shape does not hold as many elements as there are. */
  constructor(shape: Shape, data: ArrayLike<number>) {
    if (!shape.every((dim) => Number.isInteger(dim) && dim >= 0) || sizeOf(shape) !== data.length) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `Tensor: shape ${showShape(shape)} does not hold ${data.length} elements`,
      );
    }
    this.shape = [...shape];
    this.data = new Float64Array(data);
  }

  /** Number of dimensions. */
  dim(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  numel(): number {
    return this.data.length;
  }

  /**
   * The value of a tensor of one element.
   *
   * @throws {MpcError} ERR_MPC_SHAPE for any other.
   */
  item(): number {
    if (this.data.length !== 1) {
      throw new MpcError(
        'ERR_MPC_SHAPE',
        `item: ${showShape(this.shape)} holds ${this.data.length} elements, not one`,
      );
    }
    return this.data[0];
  }

  /** Nested arrays; a number for a 0-d tensor. */
  toArray(): NestedNumbers {
    const strides = contiguousStrides(this.shape);
    const walk = (axis: number, offset: number): NestedNumbers => {
      if (axis === this.shape.length) return this.data[offset];
      return Array.from({ length: this.shape[axis] }, (_, i) =>
        walk(axis + 1, offset + i * strides[axis]),
      );
    };
    return walk(0, 0);
  }

  toJSON(): NestedNumbers {
    return this.toArray();
  }

  /** The values in brackets, columns aligned, long dims cut short. */
  toString(): string {
    const cut = this.data.length > LONG;
    const strides = contiguousStrides(this.shape);
    const cells: string[] = [];
    const walk = (axis: number, offset: number, visit: (at: number) => string): string => {
      if (axis === this.shape.length) return visit(offset);
      const size = this.shape[axis];
      const parts: string[] = [];
      for (let i = 0; i < size; i++) {
        if (cut && size > 2 * EDGE && i === EDGE) {
          parts.push('...');
          i = size - EDGE;
        }
        parts.push(walk(axis + 1, offset + i * strides[axis], visit));
      }
      const last = axis === this.shape.length - 1;
      const blank = '\n'.repeat(this.shape.length - 1 - axis) + ' '.repeat(axis + 1);
      return `[${parts.join(last ? ', ' : `,${blank}`)}]`;
    };
    walk(0, 0, (at) => {
      cells.push(show(this.data[at]));
      return '';
    });
    const width = Math.max(0, ...cells.map((cell) => cell.length));
    const pad = this.shape.length === 0 ? 0 : width;
    return walk(0, 0, (at) => show(this.data[at]).padStart(pad));
  }
}

function show(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(6)));
}
