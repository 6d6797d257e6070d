/**
 * Tracing a program: which material one run of it takes.
 *
 * The program runs once at every party as it would run, with absent peers (`solo.ts`): messages hold zeros and what it reveals reads
 * as zeros, so no secret is needed and none leaves. One thing is real: what the program opens of inputs alone before it opens
 * anything else, as parties do to agree on public terms (numbers of rows and columns); it is opened to the same parties as in a
 * run. From the first opening of anything that a gate made, all openings are zeros: no branch that was taken on a zero can open an
 * input.
 * @module
 */

import { estimate } from './estimate.ts';
import { afterTick } from './core/tick.ts';
import type { Kernels } from './kernels/contract.ts';
import { idKey } from './net/frame.ts';
import { MESSAGE_KINDS } from './net/kinds.ts';
import { Meter } from './net/meter.ts';
import type { PairSeeds } from './prg/zero.ts';
import { additive } from './protocol/additive/index.ts';
import { Context, type Session, type Wire } from './protocol/context.ts';
import type { Gates } from './protocol/gates.ts';
import { encodeTrace, RecordingProvider, type TraceAccount } from './protocol/provider/trace.ts';
import type { Tag } from './protocol/tag.ts';
import { soloSession } from './solo.ts';
import { Party } from './tensor/index.ts';

/** Longest time without a turn for the others. */
const BREATH_MS = 50;

/** The party that traces. */
export interface Tracing {
  readonly rank: number;
  readonly world: number;
  readonly names: readonly string[];
  readonly kernels: Kernels;
  readonly precision: number;
  /** For what is opened for real: the others, who trace the same program, and seeds with them. */
  readonly peers?: { readonly wire: Wire; readonly zeroSeeds: PairSeeds };
}

/** What one run of a program takes. */
export interface Traced {
  /** See `protocol/provider/trace.ts`. */
  readonly trace: Uint8Array;
  /** How many steps take material. */
  readonly steps: number;
  /** By operation and by the names of `scope`. */
  readonly accounts: ReadonlyMap<string, TraceAccount>;
}

/**
 * Runs a program to see what material it asks for.
 *
 * @throws whatever the program throws.
 */
export async function traceProgram(
  { rank, world, names, kernels, precision, peers }: Tracing,
  program: (party: Party) => unknown,
): Promise<Traced> {
  const meter = new Meter();
  const alone = soloSession({ rank, world, kernels, precision, meter });
  const provider = new RecordingProvider(alone.provider);
  const session = peers === undefined ? alone : withTerms(alone, peers);
  const context = new Context({ ...session, provider });
  const party = new Party({
    context,
    names,
    traffic: () => meter.snapshot().total,
    resetTraffic: () => meter.reset(),
    close: async (error) => {
      if (error !== undefined) throw error;
      await context.session.outstanding.idle();
    },
    estimate: (inner, network) => estimate(world, inner, { precision, ...network }),
  });
  await program(party);
  await context.session.outstanding.idle();
  const { steps, accounts } = provider;
  return { trace: encodeTrace(steps), steps: steps.length, accounts };
}

/** Opens inputs for real until something else is opened. */
function withTerms(alone: Session, { wire, zeroSeeds }: NonNullable<Tracing['peers']>): Session {
  const real = new Set<string>();
  const keyOf = (tag: Tag): string => idKey({ ...tag, kind: MESSAGE_KINDS.opening });
  const breathe = breather();
  let terms = true;
  const gates: Gates = {
    ...alone.gates,
    reveal: (ctx, x, to) => {
      // Depth counts the openings behind a share: at 0 it comes from inputs alone. Forks run in no fixed order.
      terms &&= x.depth === 0 && ctx.here.space.length === 0;
      if (!terms) return alone.gates.reveal(ctx, x, to);
      real.add(keyOf(ctx.here));
      return additive.reveal(ctx, x, to);
    },
  };
  const mux: Wire = {
    get failure() {
      return wire.failure;
    },
    post: (peer, id, ...rest) => (real.has(idKey(id)) ? wire : alone.mux).post(peer, id, ...rest),
    expectParts: async (peer, id, ...rest) => {
      if (real.has(idKey(id))) return wire.expectParts(peer, id, ...rest);
      await breathe();
      return alone.mux.expectParts(peer, id, ...rest);
    },
  };
  return { ...alone, gates, mux, zeroSeeds };
}

/** Absent peers answer at once, and a program that never waits would keep timers and sockets from their turn. */
function breather(): () => Promise<void> | undefined {
  let lastMs = performance.now();
  return () => {
    if (performance.now() - lastMs < BREATH_MS) return undefined;
    return new Promise((resolve) =>
      afterTick(() => {
        lastMs = performance.now();
        resolve();
      }),
    );
  };
}
