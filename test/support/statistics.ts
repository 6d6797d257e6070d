/**
 * Tests of uniformity with exact p-values, and intervals for rates.
 *
 * Each test returns a p-value. A suite runs thousands of them and rejects below `SIGNIFICANCE`: with 10⁴ tests the chance of
 * one false alarm is 10⁻⁵.
 * @module
 */

/** Smallest p-value that a correct protocol may show. */
export const SIGNIFICANCE = 1e-9;

/** ln Γ(x), x > 0 (Lanczos, g = 7). */
function logGamma(x: number): number {
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
    -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
    1.5056327351493116e-7,
  ];
  const z = x - 1;
  const t = z + 7.5;
  const sum = c.slice(1).reduce((s, value, i) => s + value / (z + i + 1), c[0]);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Upper tail of the regularised incomplete gamma function, Q(a, x). */
export function gammaQ(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 10_000 && term > sum * 1e-17; n++) sum += term *= x / (a + n);
    return Math.max(0, 1 - sum * scale);
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 10_000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return scale * h;
}

/** P(χ² with `freedom` degrees of freedom ≥ x). */
export const chiSquareTail = (x: number, freedom: number): number => gammaQ(freedom / 2, x / 2);

/** p-value of counts that should all be equal. */
export function uniformP(counts: ArrayLike<number>): number {
  const list = Array.from(counts);
  const expected = list.reduce((a, b) => a + b, 0) / list.length;
  const x = list.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return chiSquareTail(x, list.length - 1);
}

/** p-value of two histograms of the same distribution. */
export function sameP(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  const total = (list: number[]): number => list.reduce((sum, count) => sum + count, 0);
  const [nx, ny] = [total(x), total(y)];
  let sum = 0;
  let cells = 0;
  x.forEach((count, i) => {
    if (count + y[i] === 0) return;
    cells++;
    sum += (count * Math.sqrt(ny / nx) - y[i] * Math.sqrt(nx / ny)) ** 2 / (count + y[i]);
  });
  return cells < 2 ? 1 : chiSquareTail(sum, cells - 1);
}

/** Histograms of one field of one kind of message, and the p-values of uniformity. */
export interface Tally {
  readonly name: string;
  /** How many words or bits. */
  readonly samples: number;
  /** [name, histogram]: each should be flat. */
  readonly histograms: ReadonlyMap<string, Float64Array>;
}

/** Two tallies of the same field, counted together. */
export function addTallies(a: Tally, b: Tally): Tally {
  const histograms = new Map(
    [...a.histograms].map(([name, counts]) => {
      const more = b.histograms.get(name);
      return [name, counts.map((count, i) => count + (more?.[i] ?? 0))];
    }),
  );
  return { name: a.name, samples: a.samples + b.samples, histograms };
}

/** Counts words of `bytes` bytes each: every bit position, every byte position. */
export function tallyWords(name: string, data: Uint8Array, bytes: number): Tally {
  const samples = data.length / bytes;
  const histograms = new Map<string, Float64Array>();
  const counts = new Uint32Array(256 * bytes);
  for (let i = 0; i < data.length; i += bytes) {
    for (let at = 0; at < bytes; at++) counts[256 * at + data[i + at]]++;
  }
  for (let at = 0; at < bytes; at++) {
    const values = Float64Array.from(counts.subarray(256 * at, 256 * at + 256));
    histograms.set(`byte ${at}`, values);
    for (let bit = 0; bit < 8; bit++) {
      let ones = 0;
      values.forEach((count, value) => (ones += (value >> bit) & 1 ? count : 0));
      histograms.set(`bit ${8 * at + bit}`, Float64Array.of(samples - ones, ones));
    }
  }
  return { name, samples, histograms };
}

/** Counts packed bits in groups of `group`: every position of a group, adjacent pairs, whole bytes. */
export function tallyBits(name: string, data: Uint8Array, count: number, group: number): Tally {
  const positions = Array.from({ length: group }, () => new Float64Array(2));
  const pairs = new Float64Array(4);
  const bytes = new Float64Array(256);
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const bit = (data[i >> 3] >> (i & 7)) & 1;
    positions[i % group][bit]++;
    if (i % 2 === 1) pairs[2 * previous + bit]++;
    previous = bit;
  }
  for (let i = 0; i < count >> 3; i++) bytes[data[i]]++;
  const histograms = new Map<string, Float64Array>([
    ['adjacent bits', pairs],
    ['bytes', bytes],
  ]);
  positions.forEach((counts, at) => histograms.set(`bit ${at}`, counts));
  return { name, samples: count, histograms };
}

/** The worst p-value of a tally's uniformity tests, and how many there were. */
export function worst(tally: Tally): { p: number; where: string; tests: number } {
  let result = { p: 1, where: '', tests: 0 };
  for (const [name, counts] of tally.histograms) {
    const p = uniformP(counts);
    const tests = result.tests + 1;
    result = p < result.p ? { p, where: `${tally.name}: ${name}`, tests } : { ...result, tests };
  }
  return result;
}

/** The worst p-value of "both tallies come from one distribution". */
export function worstPair(a: Tally, b: Tally): { p: number; where: string; tests: number } {
  let result = { p: 1, where: '', tests: 0 };
  for (const [name, counts] of a.histograms) {
    const p = sameP(counts, b.histograms.get(name) ?? new Float64Array(0));
    const tests = result.tests + 1;
    result = p < result.p ? { p, where: `${a.name}: ${name}`, tests } : { ...result, tests };
  }
  return result;
}

/** Wilson interval of a rate, `z` standard deviations wide. */
export function interval(hits: number, n: number, z: number): [number, number] {
  const rate = hits / n;
  const centre = (rate + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((rate * (1 - rate)) / n + z ** 2 / (4 * n ** 2));
  return [centre - half, centre + half];
}
