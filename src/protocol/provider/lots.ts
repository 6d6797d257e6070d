/**
 * Lots: the material of whole runs of one traced program, dealt ahead of time.
 *
 * A lot is what one run uses. Its streams hang on a seed of its own, HKDF(root seed of the generation, fileId || lot), and on the
 * full descriptor and tag of each step, so no position of a stream serves two lots, files or runs (C4, C5, C8). The dealer makes
 * lots only for a trace that all parties sent (C5), and sends the last party the corrections in blocks, each when that party has
 * room for it: neither end ever holds a lot.
 * @module
 */

import { ByteQueue } from '../../core/byte-queue.ts';
import { concat, equalBytes, lengthPrefixed, u32le } from '../../core/bytes.ts';
import { asMpcError, MpcError } from '../../core/errors.ts';
import { tick } from '../../core/tick.ts';
import type { Arena } from '../../kernels/memory.ts';
import { MESSAGE_KINDS } from '../../net/kinds.ts';
import type { MessageId, Mux } from '../../net/mux.ts';
import { hkdf, randomBytes, sha256 } from '../../net/secure/crypto.ts';
import { showTag } from '../tag.ts';
import { dealCorrections, type DealerTotals } from './dealer.ts';
import { readRequest } from './kinds/read.ts';
import { dealtBytes } from './material.ts';
import { CHANNELS, type Among, lotMessage } from './together.ts';
import { decodeTrace, type TraceStep } from './trace.ts';

/** Bytes of corrections that travel and are stored together; the last block of a lot is shorter. */
export const BLOCK_BYTES: number = 2 ** 20;
/** Blocks that the last party lets the dealer send before it has stored them. */
const BLOCKS_AHEAD = 16;

/** Public name of one generation of material: fresh for each, since the run id is, and the same at all parties (C4). */
export function fileIdOf(runId: Uint8Array): Uint8Array {
  return sha256(lengthPrefixed(['cryptensor/material/1', runId]));
}

/** A party's root seed of one lot. */
export function lotSeed(root: Uint8Array, fileId: Uint8Array, lot: number): Uint8Array {
  return hkdf(root, fileId, lengthPrefixed(['cryptensor/lot/1', u32le(lot)]));
}

/** Blocks that hold the corrections of one lot. */
export function blocksOf(lotBytes: number): number {
  return Math.ceil(lotBytes / BLOCK_BYTES);
}

/** What the dealer makes lots from. */
export interface LotDealerOptions {
  readonly arena: Arena;
  readonly mux: Mux;
  /** Root seeds with each party, for the purpose `lots`. */
  readonly seeds: readonly Uint8Array[];
  readonly fileId: Uint8Array;
  /** Counted on. */
  readonly totals: DealerTotals;
}

/** Serves the parties' order, if they send one. Coins are drawn afresh for each lot. */
export function serveLots(options: LotDealerOptions): void {
  const { mux, seeds } = options;
  const world = seeds.length;
  const orders = new Map<number, Uint8Array>();
  let credit = 0;
  let wake = (): void => undefined;
  const room = async (): Promise<void> => {
    while (credit === 0) await new Promise<void>((resolve) => (wake = resolve));
    credit--;
  };
  mux.handle(MESSAGE_KINDS.control, (peer, { space, seq }, _, payload) => {
    const last = peer === world - 1;
    const ours = space.length === 1 && space[0].rank === world;
    if (!ours || (seq > 0 && !last) || (seq === 0 && orders.has(peer))) {
      throw new MpcError('ERR_MPC_ABORT', `dealer: party ${peer} sent what no party may send`);
    }
    if (seq > 0) {
      credit++;
      wake();
      return;
    }
    orders.set(peer, payload);
    if (orders.size < world) return;
    dealLots(options, orders, room).catch((error: unknown) => mux.fail(asMpcError(error)));
  });
}

async function dealLots(
  { arena, mux, seeds, fileId, totals }: LotDealerOptions,
  orders: ReadonlyMap<number, Uint8Array>,
  room: () => Promise<void>,
): Promise<void> {
  const { lots, steps } = agreedOrder(orders);
  const last = seeds.length - 1;
  let block = 0;
  const send = async (parts: readonly Uint8Array[]): Promise<void> => {
    await room();
    if (mux.failure !== undefined) throw mux.failure;
    const id = lotMessage(seeds.length, CHANNELS.lots, block++, MESSAGE_KINDS.material);
    mux.post(last, id, 0n, parts);
    await tick();
  };
  for (let lot = 0; lot < lots; lot++) {
    const ofLot = {
      seeds: seeds.map((root) => lotSeed(root, fileId, lot)),
      coinSeed: randomBytes(32),
    };
    const queue = new ByteQueue();
    for (const { tag, descriptor } of steps) {
      const request = readRequest(descriptor);
      totals.requests++;
      if (dealtBytes(request) === 0) continue;
      const payload = dealCorrections(arena, ofLot, tag, request);
      totals.dealtBytes += payload.length;
      queue.push(payload);
      while (queue.length >= BLOCK_BYTES) await send(queue.take(BLOCK_BYTES));
    }
    if (queue.length > 0) await send(queue.take(queue.length));
  }
}

function agreedOrder(orders: ReadonlyMap<number, Uint8Array>): {
  lots: number;
  steps: readonly TraceStep[];
} {
  const [first, ...others] = [...orders].map(([party, bytes]) => ({
    party,
    ...readOrder(bytes),
    bytes,
  }));
  for (const other of others) {
    if (equalBytes(first.bytes, other.bytes)) continue;
    const why =
      first.lots !== other.lots
        ? `party ${first.party} orders ${first.lots} runs, party ${other.party} ${other.lots}`
        : `party ${first.party} and party ${other.party} traced different programs: ${difference(first.steps, other.steps)}`;
    throw new MpcError('ERR_MPC_DESYNC', `dealer: ${why}`);
  }
  first.steps.forEach(({ descriptor }) => readRequest(descriptor));
  return first;
}

function readOrder(bytes: Uint8Array): { lots: number; steps: readonly TraceStep[] } {
  if (bytes.length < 8) throw new MpcError('ERR_MPC_ABORT', 'dealer: an order is truncated');
  const lots = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return { lots, steps: decodeTrace(bytes.subarray(4)) };
}

function difference(a: readonly TraceStep[], b: readonly TraceStep[]): string {
  const at = a.findIndex(({ tag, descriptor }, i) => {
    const other = b.at(i);
    return (
      other === undefined ||
      showTag(tag) !== showTag(other.tag) ||
      !equalBytes(descriptor, other.descriptor)
    );
  });
  if (at < 0) return `${a.length} and ${b.length} steps take material`;
  return `the first difference is at step ${showTag(a[at].tag)}`;
}

/** What a party orders and where it goes. */
export interface LotOrder extends Among {
  readonly lots: number;
  readonly trace: Uint8Array;
  /** Bytes of corrections of one lot. */
  readonly lotBytes: number;
  /** Stores the next block; called at the last party alone. */
  readonly write: (block: Uint8Array) => Promise<void>;
  readonly onProgress: (blocks: number, of: number) => void;
}

/**
 * Orders lots and takes them in. Resolves at every party when the last one has stored all of them.
 *
 * Cost    to the dealer the trace; from it to the last party all corrections.
 *
 * @throws {MpcError} ERR_MPC_DESYNC when the parties traced different programs; whatever ends the session.
 */
export async function orderLots(order: LotOrder): Promise<void> {
  const { mux, rank, world, lots, trace, lotBytes, write, onProgress } = order;
  const control = (seq: number): MessageId => lotMessage(world, CHANNELS.lots, seq);
  const peers = Array.from({ length: world }, (_, peer) => peer).filter((peer) => peer !== rank);
  const inLot = blocksOf(lotBytes);
  const total = lots * inLot;
  mux.post(world, control(0), 0n, [concat([u32le(lots), trace])]);
  const grant = (block: number): void => {
    if (block < total) mux.post(world, control(1 + block), 0n, []);
  };
  const isLast = rank === world - 1;
  if (isLast) for (let block = 0; block < BLOCKS_AHEAD; block++) grant(block);
  for (let block = 0; block < total; block++) {
    const what = (): string => `block ${block + 1} of ${total} of material`;
    if (isLast) {
      const bytes = Math.min(BLOCK_BYTES, lotBytes - (block % inLot) * BLOCK_BYTES);
      const id = lotMessage(world, CHANNELS.lots, block, MESSAGE_KINDS.material);
      await write(await mux.expect(world, id, 0n, bytes, what));
      grant(block + BLOCKS_AHEAD);
      for (const peer of peers) mux.post(peer, control(1 + block), 0n, []);
    } else {
      await mux.expect(world - 1, control(1 + block), 0n, 0, what);
    }
    onProgress(block + 1, total);
  }
}
