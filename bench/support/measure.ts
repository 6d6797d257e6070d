/**
 * Timing for benchmarks: warm up, then the median of many short samples.
 * @module
 */

/** A measured rate. */
export interface Rate {
  /** Units per second at the median sample. */
  readonly median: number;
  /** Units per second that 95 % of the samples reach. */
  readonly p95: number;
}

/** How long to measure one thing. */
export interface MeasureOptions {
  /** Units of work in one call of `body`. */
  readonly units: number;
  readonly budgetMs?: number;
}

/** Times `body`; calls are grouped so that a sample lasts at least a fifth of a millisecond. */
export function measure({ units, budgetMs = 200 }: MeasureOptions, body: () => void): Rate {
  const warmEnd = performance.now() + budgetMs / 4;
  let calls = 0;
  const warmStart = performance.now();
  do {
    body();
    calls++;
  } while (performance.now() < warmEnd);
  const once = (performance.now() - warmStart) / calls;
  const group = Math.max(1, Math.ceil(0.2 / once));
  const samples: number[] = [];
  const end = performance.now() + budgetMs;
  do {
    const start = performance.now();
    for (let i = 0; i < group; i++) body();
    samples.push((performance.now() - start) / group);
  } while (performance.now() < end || samples.length < 5);
  samples.sort((x, y) => x - y);
  const at = (quantile: number): number =>
    (units / samples[Math.floor((samples.length - 1) * quantile)]) * 1000;
  return { median: at(0.5), p95: at(0.95) };
}

/** The middle of samples; of an even number the mean of the middle two. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((x, y) => x - y);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** 1234567 → "1.23 M". */
export function short(x: number): string {
  const [scale, letter] =
    x >= 1e9 ? [1e9, 'G'] : x >= 1e6 ? [1e6, 'M'] : x >= 1e3 ? [1e3, 'k'] : [1, ''];
  return `${(x / scale).toPrecision(3)} ${letter}`.trim();
}
