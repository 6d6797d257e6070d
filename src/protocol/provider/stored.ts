/**
 * Material that was made ahead of time: a run that needs no dealer.
 *
 * A stored lot serves one run and only the requests of its trace, each once (C5); which lot that is, all parties agree on before
 * the first message that uses it, and each has it marked as used on its disk by then (C4). Requests are compared by tag and
 * descriptor, which name the randomness; digests are not, because they cover public values that a run may reveal. Messages
 * between the parties carry them as ever.
 * @module
 */

import { concat, equalBytes, toHex, u32le } from '../../core/bytes.ts';
import { MpcError } from '../../core/errors.ts';
import { then, type Later } from '../../core/later.ts';
import type { Arena } from '../../kernels/memory.ts';
import type { Mux } from '../../net/mux.ts';
import { peerLabel } from '../../net/peer-label.ts';
import type { Step } from '../context.ts';
import type { Outstanding } from '../outstanding.ts';
import { showTag, type Tag } from '../tag.ts';
import { Ahead } from './ahead.ts';
import { Streams, type Material } from './expansion.ts';
import { readRequest } from './kinds/read.ts';
import type { MaskShare } from './mask-share.ts';
import { dealtBytes, type MaterialRequest } from './material.ts';
import type { HeldMaterial, Provider, ProviderBounds } from './provider.ts';
import { type Among, CHANNELS, together, VIEW_BYTES } from './together.ts';
import { decodeTrace } from './trace.ts';

/** One lot at one party, marked as used. */
export interface StoredLot {
  /** This party's root seed of the lot. */
  readonly seed: Uint8Array;
  /** What the lot has material for, by `showTag`. */
  readonly steps: ReadonlyMap<string, StoredStep>;
  /** Bytes of the lot's corrections; the last party's alone. */
  read(offset: number, byteLength: number): Promise<Uint8Array>;
}

/** Where the corrections of a step begin in its lot. */
export interface StoredStep {
  readonly descriptor: Uint8Array;
  readonly offset: number;
}

/** Where the steps of a trace find their corrections in a lot, by `showTag`. */
export function storedSteps(trace: Uint8Array): Map<string, StoredStep> {
  let end = 0;
  return new Map(
    decodeTrace(trace).map(({ tag, descriptor }) => {
      const offset = end;
      end += dealtBytes(readRequest(descriptor));
      return [showTag(tag), { descriptor, offset }];
    }),
  );
}

/** A party's material of one generation. */
export interface StoredMaterial {
  readonly fileId: Uint8Array;
  readonly lots: number;
  /** The first lot that was never used here. */
  readonly next: number;
  /** Marks a lot as used, for good, and opens it: it is on disk when this resolves. */
  claim(lot: number): Promise<StoredLot>;
}

/**
 * Agrees with the other parties on the next lot that none of them has used, claims it, and waits until all have: a file that
 * somebody put back from a copy is overruled by any other party's.
 *
 * Cost    2 rounds, 66 bytes to each peer, and 33 more for each second that somebody takes to check a lot.
 *
 * # Warning
 * If all parties put back old copies of their files, used lots look unused, and two runs under one lot show the difference of
 * their secrets. Nothing here can notice; do not restore these files, or whole machines, from backups.
 *
 * @throws {MpcError} ERR_MPC_PREPROCESSING when the files are of different generations or used up; ERR_MPC_FILE when ours is damaged.
 */
export async function claimTogether(
  among: Among & { readonly names: readonly string[] },
  material: StoredMaterial,
): Promise<StoredLot> {
  const { fileId } = material;
  const ours = concat([fileId.subarray(0, VIEW_BYTES - 4), u32le(material.next)]);
  const { views } = await together(
    among,
    CHANNELS.views,
    () => Promise.resolve(ours),
    (view) => view,
  );
  const ids = views.map((view) => view.subarray(0, VIEW_BYTES - 4));
  if (ids.some((id) => !equalBytes(id, ids[among.rank]))) {
    const shown = ids.map(
      (id, peer) => `${peerLabel(peer, among.names)} ${toHex(id.subarray(0, 6))}`,
    );
    throw unusable(
      `the parties hold material of different generations: ${shown.join(', ')}; give every party its file of one and the same ` +
        '`cryptensor preprocess`',
    );
  }
  const lot = Math.max(...views.map(lotOf));
  if (lot >= material.lots) {
    throw unusable(
      `all ${material.lots} runs of this material are used up; make more with \`cryptensor preprocess\``,
    );
  }
  return (await together(among, CHANNELS.claimed, () => material.claim(lot))).result;
}

function lotOf(view: Uint8Array): number {
  return new DataView(view.buffer, view.byteOffset + view.length - 4).getUint32(0, true);
}

/** What a `StoredProvider` needs of its session. */
export interface StoredParts {
  readonly arena: Arena;
  readonly mux: Pick<Mux, 'fail' | 'onFailure'>;
  readonly outstanding: Outstanding;
  readonly isLast: boolean;
  readonly bounds?: ProviderBounds;
}

/** Material of a stored lot. */
export class StoredProvider implements Provider {
  readonly #parts: StoredParts;
  readonly #lot: StoredLot;
  readonly #streams: Streams;
  readonly #ahead: Ahead;
  readonly #served = new Set<StoredStep>();

  constructor(lot: StoredLot, parts: StoredParts) {
    this.#lot = lot;
    this.#parts = parts;
    this.#streams = new Streams(parts.arena, lot.seed, parts.bounds?.resident);
    this.#ahead = new Ahead(parts.bounds?.ahead);
    parts.mux.onFailure((error) => this.#ahead.fail(error));
  }

  get held(): HeldMaterial {
    return { corrections: this.#ahead.held, resident: this.#streams.resident };
  }

  /** @throws {MpcError} ERR_MPC_PREPROCESSING when the lot has nothing, or something else, for this step; the session ends. */
  request(step: Step, request: MaterialRequest): { take(): Later<Material> } {
    const { offset } = this.#find(step, request);
    const bytes = dealtBytes(request);
    if (!this.#parts.isLast || bytes === 0) {
      return { take: () => this.#streams.material(step.tag, request, null) };
    }
    const payload = this.#ahead.enter(step.tag, bytes, () => this.#read(offset, bytes));
    const used = (): void => this.#ahead.release(step.tag, bytes);
    return {
      take: () =>
        then(payload, (dealt) =>
          this.#streams.material(step.tag, request, { payload: dealt, used }),
        ),
    };
  }

  mask(tag: Tag, length: number): MaskShare {
    return this.#streams.mask(tag, length);
  }

  #find(step: Step, request: MaterialRequest): StoredStep {
    const found = this.#lot.steps.get(showTag(step.tag));
    const fits =
      found !== undefined &&
      !this.#served.has(found) &&
      equalBytes(found.descriptor, request.descriptor);
    if (fits) {
      this.#served.add(found);
      return found;
    }
    const what = found === undefined ? 'no material' : 'other material';
    const error = unusable(
      `there is ${what} for step ${showTag(step.tag)} (${step.text}): the program asks for something else than when it was ` +
        'traced; run `cryptensor preprocess` with this program and these arguments, or run without preprocessing',
    );
    this.#parts.mux.fail(error);
    throw error;
  }

  async #read(offset: number, bytes: number): Promise<readonly Uint8Array[]> {
    const reading = this.#lot.read(offset, bytes);
    try {
      return [await this.#parts.outstanding.track(reading)];
    } catch (error) {
      // The peers wait for words that will never come.
      if (error instanceof MpcError) this.#parts.mux.fail(error);
      throw error;
    }
  }
}

function unusable(why: string): MpcError {
  return new MpcError('ERR_MPC_PREPROCESSING', `preprocessing: ${why}`);
}
