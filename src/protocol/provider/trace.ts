/**
 * A trace: every request for material that one run of a program makes, in an order that is the same at all parties.
 *
 *   trace  u32 steps · steps
 *   step   u8 forks d · d × (u32 rank, u64 counter) · u64 position · u16 length · descriptor
 *
 * Steps stand in the order of their tags, strictly increasing: a tag is served once (C5). Forks run in no fixed order, so the
 * order of the calls would differ from party to party. Little endian.
 * @module
 */

import { concat, lengthPrefixed } from '../../core/bytes.ts';
import { MpcError } from '../../core/errors.ts';
import type { Later } from '../../core/later.ts';
import { sha256 } from '../../net/secure/crypto.ts';
import type { Step } from '../context.ts';
import type { Tag } from '../tag.ts';
import type { MaskShare } from './mask-share.ts';
import { dealtBytes, type MaterialRequest } from './material.ts';
import type { HeldMaterial, Material, Provider } from './provider.ts';

/** One request: where in the program, and for what. */
export interface TraceStep {
  readonly tag: Tag;
  readonly descriptor: Uint8Array;
}

/** What the steps of one operation take. */
export interface TraceAccount {
  readonly steps: number;
  /** Bytes of corrections for the last party. */
  readonly dealtBytes: number;
}

/** Passes requests on to another provider, and keeps a list of them. */
export class RecordingProvider implements Provider {
  readonly steps: TraceStep[] = [];
  /** By the names under which steps are called, in order of appearance. */
  readonly accounts: Map<string, TraceAccount> = new Map();
  readonly #inner: Provider;

  constructor(inner: Provider) {
    this.#inner = inner;
  }

  get held(): HeldMaterial {
    return this.#inner.held;
  }

  request(step: Step, request: MaterialRequest): { take(): Later<Material> } {
    this.steps.push({ tag: step.tag, descriptor: request.descriptor });
    const before = this.accounts.get(step.account) ?? { steps: 0, dealtBytes: 0 };
    const total = before.dealtBytes + dealtBytes(request);
    this.accounts.set(step.account, { steps: before.steps + 1, dealtBytes: total });
    return this.#inner.request(step, request);
  }

  mask(tag: Tag, length: number): MaskShare {
    return this.#inner.mask(tag, length);
  }
}

/** The bytes of a trace, the same whatever the order of the steps given. */
export function encodeTrace(steps: readonly TraceStep[]): Uint8Array {
  const count = new Uint8Array(4);
  new DataView(count.buffer).setUint32(0, steps.length, true);
  return concat([count, ...[...steps].sort((a, b) => compareTags(a.tag, b.tag)).map(encodeStep)]);
}

/**
 * Reads a trace; descriptors view its bytes.
 *
 * @throws {MpcError} ERR_MPC_ABORT unless it is one, with strictly increasing tags.
 */
export function decodeTrace(bytes: Uint8Array): TraceStep[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const skip = (length: number): number => {
    if (at + length > bytes.length) throw notTrace('is truncated');
    at += length;
    return at - length;
  };
  const u64 = (): number => {
    const value = view.getBigUint64(skip(8), true);
    if (value > Number.MAX_SAFE_INTEGER) throw notTrace('holds an impossible position');
    return Number(value);
  };
  const count = view.getUint32(skip(4), true);
  const steps: TraceStep[] = [];
  for (let i = 0; i < count; i++) {
    const space: { rank: number; counter: number }[] = [];
    for (let forks = view.getUint8(skip(1)); forks > 0; forks--) {
      space.push({ rank: view.getUint32(skip(4), true), counter: u64() });
    }
    const tag = { space, seq: u64() };
    const length = view.getUint16(skip(2), true);
    const start = skip(length);
    if (i > 0 && compareTags(steps[i - 1].tag, tag) >= 0) throw notTrace('is out of order');
    steps.push({ tag, descriptor: bytes.subarray(start, start + length) });
  }
  if (at !== bytes.length) throw notTrace('has spare bytes');
  return steps;
}

/** SHA-256 of a trace. */
export function traceDigest(trace: Uint8Array): Uint8Array {
  return sha256(lengthPrefixed(['cryptensor/trace/1', trace]));
}

/** Spaces before their forks, forks by initiator and counter, then by position. */
export function compareTags(a: Tag, b: Tag): number {
  for (let i = 0; i < Math.min(a.space.length, b.space.length); i++) {
    const [x, y] = [a.space[i], b.space[i]];
    if (x.rank !== y.rank) return x.rank - y.rank;
    if (x.counter !== y.counter) return x.counter - y.counter;
  }
  return a.space.length - b.space.length || a.seq - b.seq;
}

function encodeStep({ tag, descriptor }: TraceStep): Uint8Array {
  const out = new Uint8Array(11 + 12 * tag.space.length + descriptor.length);
  const view = new DataView(out.buffer);
  view.setUint8(0, tag.space.length);
  let at = 1;
  for (const { rank, counter } of tag.space) {
    view.setUint32(at, rank, true);
    view.setBigUint64(at + 4, BigInt(counter), true);
    at += 12;
  }
  view.setBigUint64(at, BigInt(tag.seq), true);
  view.setUint16(at + 8, descriptor.length, true);
  out.set(descriptor, at + 10);
  return out;
}

function notTrace(why: string): MpcError {
  return new MpcError('ERR_MPC_ABORT', `program trace ${why}`);
}
