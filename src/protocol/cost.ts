/**
 * Declared costs: what a step sends, checked against the meter by `test/protocol/cost.test.ts`.
 *
 * Bytes are payload bytes that one party sends to each peer; message headers (24 B a message) and records come on top and
 * are metered too.
 * @module
 */

/** Cost of one step for given public sizes. */
export interface Cost {
  /** Length of the chain of dependent openings. */
  readonly rounds: number;
  /** Online payload bytes from each party to each peer. */
  readonly bytes: number;
  /** Preprocessing bytes from the dealer to the last party. */
  readonly dealt: number;
}

/** Steps that run one after the other. */
export function chain(...steps: readonly Cost[]): Cost {
  return steps.reduce((a, b) => ({
    rounds: a.rounds + b.rounds,
    bytes: a.bytes + b.bytes,
    dealt: a.dealt + b.dealt,
  }));
}

/** Bytes of `bits` packed bits. */
export function packed(bits: number): number {
  return Math.ceil(bits / 8);
}
