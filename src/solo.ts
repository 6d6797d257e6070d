/**
 * A session of one party whose peers are absent: they answer every message with zeros, at once.
 *
 * For looking at a program without running it with anybody: what it would send (`estimate`), and what it computes on the plain
 * scheme (`shadow`). Nothing leaves the process.
 * @module
 */

import { then } from './core/later.ts';
import type { Kernels } from './kernels/contract.ts';
import { Arena } from './kernels/memory.ts';
import { MESSAGE_KINDS } from './net/kinds.ts';
import type { Meter } from './net/meter.ts';
import { additive } from './protocol/additive/index.ts';
import { RoundCounter, type Session, type Step, type Wire } from './protocol/context.ts';
import type { Gates } from './protocol/gates.ts';
import { Ledger } from './protocol/ledger.ts';
import { Outstanding } from './protocol/outstanding.ts';
import { plain } from './protocol/plain/index.ts';
import { DealtProvider } from './protocol/provider/provider.ts';

/** The one party that is there. */
export interface SoloParts {
  readonly rank: number;
  readonly world: number;
  readonly kernels: Kernels;
  readonly precision: number;
  /** Books what would be sent and received. */
  readonly meter: Meter;
}

/** A session of party `rank`; world 1 is the plain scheme. */
export function soloSession({ rank, world, kernels, precision, meter }: SoloParts): Session {
  const arena = new Arena(kernels);
  const mux = new AbsentPeers(meter);
  const outstanding = new Outstanding();
  const ledger = new Ledger();
  const seed = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));
  const line = {
    peer: world,
    ask: ({ tag }: Step, descriptor: Uint8Array) =>
      mux.post(world, { ...tag, kind: MESSAGE_KINDS.materialRequest }, 0n, [descriptor]),
  };
  const isLast = rank === world - 1;
  return {
    rank,
    world,
    arena,
    mux,
    gates: world === 1 ? plain : ALONE,
    provider: new DealtProvider(arena, mux, outstanding, ledger, line, seed(), isLast),
    zeroSeeds: Array.from({ length: world }, (_, peer) => (peer === rank ? null : seed())),
    precision,
    rounds: new RoundCounter(),
    outstanding,
    ledger,
  };
}

/** The additive gates; what they reveal reads as zeros. */
const ALONE: Gates = {
  ...additive,
  reveal: (ctx, x, to) =>
    then(additive.reveal(ctx, x, to), (words) => words && new BigUint64Array(words.length)),
};

class AbsentPeers implements Wire {
  readonly failure = undefined;
  readonly #meter: Meter;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  post(...[peer, { kind }, , payload]: Parameters<Wire['post']>): void {
    const bytes = payload.reduce((sum, part) => sum + part.byteLength, 0);
    this.#meter.message('sent', peer, kind, bytes);
  }

  async expectParts(
    ...[peer, { kind }, , bytes, , each]: Parameters<Wire['expectParts']>
  ): Promise<readonly Uint8Array[]> {
    this.#meter.message('received', peer, kind, bytes);
    const parts = [new Uint8Array(bytes)];
    if (each === undefined) return parts;
    each(parts);
    return [];
  }
}
