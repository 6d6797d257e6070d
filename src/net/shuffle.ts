/**
 * Reproducible disorder for simulated networks. Never a source of secrets.
 * @module
 */

/** Uniform integers below a bound, reproducible from a seed. */
export type SeededGenerator = (bound: number) => number;

/** A generator (splitmix32) for schedules and tests. */
export function seededGenerator(seed: number): SeededGenerator {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) % bound;
  };
}

/** A random order of 0 .. count−1. */
export function permutation(random: SeededGenerator, count: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
