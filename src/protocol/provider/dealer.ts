/**
 * The dealer: makes correlated randomness for parties that agree on what they want.
 *
 * It holds a seed with every party, serves each tag once and only when all parties sent the same request for it (C5), and sends
 * corrections to the last party alone. It never sees an opening.
 *
 * # Warning
 * Whoever runs this can unmask every opened value it sees. A dealer must not collude with a party; `insecureFirstParty` runs it
 * inside party 0 and protects nothing from party 0.
 * @module
 */

import { unzeroed } from '../../core/bytes.ts';
import { assert, MpcError } from '../../core/errors.ts';
import type { Ptr } from '../../kernels/contract.ts';
import type { Arena } from '../../kernels/memory.ts';
import type { ForkId } from '../../net/mux.ts';
import {
  deriveStream,
  fillNarrow,
  fillWords,
  StreamWords,
  type StreamKey,
} from '../../prg/stream.ts';
import { gatherReach } from '../../ring/view.ts';
import { showTag, streamContext, type Tag } from '../tag.ts';
import { maskDescriptor } from './kinds/mask.ts';
import { readRequest } from './kinds/read.ts';
import { dealtBytes, type Deal, type MaterialRequest, type Segment } from './material.ts';

/** Most requests that may wait for the other parties. */
const MAX_WAITING = 1_000_000;

/** What material is made from; of one run, or of one lot. */
export interface DealerSeeds {
  /** Root seed with each party, by rank. */
  readonly seeds: readonly Uint8Array[];
  /** The dealer's own root seed, for its coins. */
  readonly coinSeed: Uint8Array;
}

/** What the dealer is made of. */
export interface DealerOptions extends DealerSeeds {
  readonly arena: Arena;
  /** Delivers the corrections of a step to the last party. */
  readonly send: (tag: Tag, digest: bigint, payload: Uint8Array) => void;
}

/** Totals for the dealer's report: sizes only. */
export interface DealerTotals {
  requests: number;
  dealtBytes: number;
}

interface Waiting {
  readonly tag: Tag;
  readonly request: MaterialRequest;
  readonly digest: bigint;
  readonly from: Set<number>;
}

/** One run's dealer. */
export class Dealer {
  readonly totals: DealerTotals = { requests: 0, dealtBytes: 0 };
  readonly #options: DealerOptions;
  /** By space and turn: the k-th request of a space must be the same at all parties, so a missing one is seen at the next. */
  readonly #waiting = new Map<string, Waiting>();
  /** Last position and number of requests by (party, space): positions only grow, so no tag is served twice. */
  readonly #last = new Map<string, { readonly seq: number; readonly turn: number }>();

  constructor(options: DealerOptions) {
    this.#options = options;
  }

  /**
   * One party's request. Serves it when it is the last party to ask.
   *
   * @throws {MpcError} ERR_MPC_DESYNC when parties disagree, ERR_MPC_ABORT when a request is malformed or repeats a tag.
   */
  request(party: number, tag: Tag, digest: bigint, descriptor: Uint8Array): void {
    const name = this.#advance(party, tag);
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) {
      if (this.#waiting.size >= MAX_WAITING) {
        throw new MpcError('ERR_MPC_ABORT', `dealer: more than ${MAX_WAITING} requests wait`);
      }
      // Decoded at once: what waits is a request within the limits, not whatever a party sent.
      const request = readRequest(descriptor);
      this.#waiting.set(name, { tag, request, digest, from: new Set([party]) });
    } else {
      this.#join(waiting, party, tag, digest, descriptor);
    }
    const complete = this.#waiting.get(name);
    if (complete !== undefined && complete.from.size === this.#options.seeds.length) {
      this.#waiting.delete(name);
      this.#serve(tag, digest, complete.request);
    }
  }

  /** Notes the request; its space and which turn of the party it is there. */
  #advance(party: number, tag: Tag): string {
    const space = tag.space.map((fork: ForkId) => `${fork.rank}.${fork.counter}`).join('/');
    const last = this.#last.get(`${party}|${space}`) ?? { seq: -1, turn: -1 };
    if (tag.seq <= last.seq) {
      throw new MpcError(
        'ERR_MPC_ABORT',
        `dealer: party ${party} asks again for step ${tag.seq}; each step is served once`,
      );
    }
    const turn = last.turn + 1;
    this.#last.set(`${party}|${space}`, { seq: tag.seq, turn });
    return `${space}|${turn}`;
  }

  #join(waiting: Waiting, party: number, tag: Tag, digest: bigint, descriptor: Uint8Array): void {
    const others = [...waiting.from].join();
    if (waiting.tag.seq !== tag.seq) {
      throw new MpcError(
        'ERR_MPC_DESYNC',
        `dealer: party ${party} asks for material at step ${showTag(tag)}, party ${others} at step ${showTag(waiting.tag)}`,
      );
    }
    const same =
      waiting.digest === digest &&
      waiting.request.descriptor.length === descriptor.length &&
      waiting.request.descriptor.every((byte, i) => byte === descriptor[i]);
    if (!same) {
      throw new MpcError(
        'ERR_MPC_DESYNC',
        `dealer: party ${party} and party ${others} ask for different material at step ${showTag(tag)}`,
      );
    }
    waiting.from.add(party);
  }

  #serve(tag: Tag, digest: bigint, request: MaterialRequest): void {
    this.totals.requests++;
    if (dealtBytes(request) === 0) return;
    const payload = dealCorrections(this.#options.arena, this.#options, tag, request);
    this.totals.dealtBytes += payload.length;
    this.#options.send(tag, digest, payload);
  }
}

/** Corrections of one step for the last party. The same step and seeds give the same bytes; call it once for a step. */
export function dealCorrections(
  arena: Arena,
  { seeds, coinSeed }: DealerSeeds,
  tag: Tag,
  request: MaterialRequest,
): Uint8Array {
  const context = streamContext('deal', request.descriptor, tag);
  const keys = seeds.map((seed) => deriveStream(seed, context));
  return arena.scope(() => {
    const coinKey = deriveStream(coinSeed, streamContext('coins', request.descriptor, tag));
    const secrets = request.deal(dealOf(arena, seeds, request, keys, coinKey));
    return corrections(arena, request, keys.slice(0, -1), secrets);
  });
}

function dealOf(
  arena: Arena,
  seeds: readonly Uint8Array[],
  request: MaterialRequest,
  keys: readonly StreamKey[],
  coinKey: StreamKey,
): Deal {
  const find = (name: string): { index: number; words: number; sharing: Segment['sharing'] } => {
    const index = request.segments.findIndex((segment) => segment.name === name);
    const { words, sharing } = request.segments[index];
    return { index, words, sharing };
  };
  return {
    arena,
    coins: fillWords(arena, coinKey, 0, request.coins),
    free(name): Ptr {
      const { index, words, sharing } = find(name);
      return summed(arena, words, sharing, keys, (key) => fillWords(arena, key, index, words));
    },
    own(name, party): Ptr {
      const { index, words } = find(name);
      return fillWords(arena, keys[party], index, words);
    },
    mask(ref): Ptr {
      const context = streamContext('deal', maskDescriptor(ref.length), ref.tag);
      const shares = seeds.map((seed) => new StreamWords(deriveStream(seed, context), 0));
      return gatherReach(arena, ref.view, (from, count) =>
        summed(arena, count, 'add', shares, (share) => share.read(arena, from, count)),
      );
    },
  };
}

/** The words of all, put together as they are shared. */
function summed<T>(
  arena: Arena,
  n: number,
  sharing: Segment['sharing'],
  [first, ...others]: readonly T[],
  words: (of: T) => Ptr,
): Ptr {
  const sum = words(first);
  for (const other of others) {
    arena.scope(() => arena.kernels[sharing](sum, sum, words(other), n));
  }
  return sum;
}

/** What the last party adds to the other parties' streams to reach the secrets. */
function corrections(
  arena: Arena,
  request: MaterialRequest,
  others: readonly StreamKey[],
  secrets: ReadonlyMap<string, Ptr>,
): Uint8Array {
  const payload = new Uint8Array(unzeroed(dealtBytes(request)));
  let at = 0;
  request.segments.forEach(({ name, words, sharing, source, wireBytes = 8 }, index) => {
    const secret = secrets.get(name);
    if (source !== 'dealt') return;
    assert(secret !== undefined, 'every dealt segment has a secret');
    for (const key of others) {
      arena.scope(() => {
        const stream = fillNarrow(arena, key, index, words, wireBytes);
        if (sharing === 'add') arena.kernels.sub(secret, secret, stream, words);
        else arena.kernels.xor(secret, secret, stream, words);
      });
    }
    arena.scope(() => {
      const packed = wireBytes === 8 ? secret : arena.bytes(words * wireBytes);
      if (wireBytes < 8) arena.kernels.packLow(packed, secret, wireBytes, words);
      payload.set(new Uint8Array(arena.kernels.buffer(), packed, words * wireBytes), at);
    });
    at += words * wireBytes;
  });
  assert(at === payload.length, 'every byte of the corrections is written');
  return payload;
}
