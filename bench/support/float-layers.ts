/**
 * Layers in doubles: what convolutions, pools and linear layers should give.
 * @module
 */

/** Numbers in a shape, row-major. */
export interface Values {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** How windows slide over an image, the same in both dims. */
export interface Slide {
  readonly stride?: number;
  readonly padding?: number;
}

/** Cross-correlation of [N,C,H,W] with [F,C,h,w], and a bias for each of the F. */
export function convolved(
  { shape: [images, channels, height, width], values: x }: Values,
  { shape: [filters, , h, w], values: kernel }: Values,
  bias: Values | null,
  { stride = 1, padding = 0 }: Slide,
): Values {
  const [rows, columns] = [height - h, width - w].map(
    (room) => Math.floor((room + 2 * padding) / stride) + 1,
  );
  const out = new Float64Array(images * filters * rows * columns);
  const image = rows * columns;
  for (let at = 0; at < images * filters; at++) {
    const [n, f] = [Math.floor(at / filters), at % filters];
    const own = out.subarray(at * image, (at + 1) * image).fill(bias?.values[f] ?? 0);
    for (let tap = 0; tap < channels * h * w; tap++) {
      const c = Math.floor(tap / (h * w));
      const [i, j] = [Math.floor(tap / w) % h, tap % w];
      const factor = kernel[f * channels * h * w + tap];
      const [first, last] = inside(j - padding, stride, width, columns);
      for (let y = 0; y < rows; y++) {
        const row = y * stride + i - padding;
        if (row < 0 || row >= height) continue;
        const from = ((n * channels + c) * height + row) * width + j - padding;
        for (let column = first; column <= last; column++) {
          own[y * columns + column] += factor * x[from + column * stride];
        }
      }
    }
  }
  return { shape: [images, filters, rows, columns], values: out };
}

/** The first and the last of so many places whose tap, `offset` away, lies on a line. */
function inside(offset: number, stride: number, length: number, places: number): [number, number] {
  const last = Math.floor((length - 1 - offset) / stride);
  return [Math.max(0, Math.ceil(-offset / stride)), Math.min(places - 1, last)];
}

/** Largest elements of square windows of an image [.., H, W]; padding is never the largest. */
export function maxPooled(
  { shape, values }: Values,
  size: number,
  { stride = size, padding = 0 }: Slide,
): Values {
  const [height, width] = shape.slice(-2);
  const sides = [height, width].map((side) => Math.floor((side - size + 2 * padding) / stride) + 1);
  const [rows, columns] = sides;
  const images = values.length / (height * width);
  const out = Float64Array.from({ length: images * rows * columns }, (_, at) => {
    const image = Math.floor(at / (rows * columns)) * height * width;
    const top = (Math.floor(at / columns) % rows) * stride - padding;
    const left = (at % columns) * stride - padding;
    let best = -Infinity;
    for (let y = Math.max(0, top); y < Math.min(height, top + size); y++) {
      for (let x = Math.max(0, left); x < Math.min(width, left + size); x++) {
        best = Math.max(best, values[image + y * width + x]);
      }
    }
    return best;
  });
  return { shape: [...shape.slice(0, -2), ...sides], values: out };
}

/** The mean of each image of [N,C,H,W], as [N,C]. */
export function meanPooled({ shape: [images, channels, height, width], values }: Values): Values {
  const size = height * width;
  const means = Float64Array.from({ length: images * channels }, (_, at) => {
    return values.subarray(at * size, (at + 1) * size).reduce((sum, x) => sum + x / size, 0);
  });
  return { shape: [images, channels], values: means };
}

/** max(x, 0). */
export function rectified({ shape, values }: Values): Values {
  return { shape, values: values.map((x) => Math.max(x, 0)) };
}

/** x + y. */
export function added({ shape, values }: Values, other: Values): Values {
  return { shape, values: values.map((x, i) => x + other.values[i]) };
}

/** x·Wᵀ + b, for x: [N, in], W: [out, in]. */
export function linear(x: Values, weight: Values, bias: Values | null): Values {
  const y = multiplied(x, transposed(weight));
  const [rows, width] = y.shape;
  for (let i = 0; i < rows * width; i++) y.values[i] += bias?.values[i % width] ?? 0;
  return y;
}

/** A matrix product. */
export function multiplied(a: Values, b: Values): Values {
  const [m, k] = a.shape;
  const n = b.shape[1];
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    const row = out.subarray(i * n, (i + 1) * n);
    for (let l = 0; l < k; l++) {
      const left = a.values[i * k + l];
      const right = b.values.subarray(l * n, (l + 1) * n);
      for (let j = 0; j < n; j++) row[j] += left * right[j];
    }
  }
  return { shape: [m, n], values: out };
}

/** A matrix with its dims exchanged. */
export function transposed({ shape: [m, n], values }: Values): Values {
  return {
    shape: [n, m],
    values: values.map((_, at) => values[(at % m) * n + Math.floor(at / m)]),
  };
}
