/**
 * Test blocks in a backend's memory: canaries on both sides of every block, inputs compared afterwards.
 * @module
 */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { blake3 } from '@noble/hashes/blake3.js';
import type { Kernels, Ptr } from '../../src/kernels/contract.ts';

/** This run's seed: printed in every failing title's `label`, so that a failure can be replayed with KERNEL_SEED. */
export const SEED: string = process.env['KERNEL_SEED'] ?? randomBytes(8).toString('hex');

/** Lengths that meet every tail. */
export const LENGTHS = [0, 1, 2, 3, 15, 16, 17, 1000] as const;

/** Reproducible random bytes for a label. */
export function bytes(n: number, label: string): Uint8Array<ArrayBuffer> {
  const out = blake3(new TextEncoder().encode(`${SEED}/${label}`), { dkLen: Math.max(n, 1) });
  return new Uint8Array(out).slice(0, n);
}

const EDGES = [
  0n,
  1n,
  2n ** 64n - 1n,
  2n ** 63n,
  2n ** 63n - 1n,
  2n ** 62n,
  2n ** 32n,
  2n ** 32n - 1n,
  2n ** 31n,
];

/** Random words; about one in four is an edge value. */
export function words(n: number, label: string): bigint[] {
  const random = [...new BigUint64Array(bytes(8 * n, label).buffer)];
  const pick = bytes(n, `${label}/edges`);
  return random.map((word, i) => (pick[i] < 64 ? EDGES[pick[i] % EDGES.length] : word));
}

/** Random bits. */
export function bits(n: number, label: string): number[] {
  return [...bytes(n, label)].map((byte) => byte & 1);
}

/** Packed as the contract says. */
export function pack(list: number[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(Math.ceil(list.length / 8));
  list.forEach((bit, i) => (out[i >> 3] |= bit << (i & 7)));
  return out;
}

/** A bit string of `n` words as one BigInt, and back. */
export const joinWords = (list: bigint[]): bigint =>
  list.reduceRight((sum, word) => (sum << 64n) | word, 0n);
export const splitWords = (x: bigint, n: number): bigint[] =>
  Array.from({ length: n }, (_, i) => BigInt.asUintN(64, x >> BigInt(64 * i)));

/** Additive (mod 2^64) or XOR shares of a list, one list per party. */
export function share(list: bigint[], world: number, label: string, xor = false): bigint[][] {
  const random = Array.from({ length: world - 1 }, (_, p) => words(list.length, `${label}/${p}`));
  const last = list.map((x, i) =>
    random.reduce(
      (rest, s) => (xor ? rest ^ s[i] : BigInt.asUintN(64, rest - s[i])),
      BigInt.asUintN(64, x),
    ),
  );
  return [...random, last];
}

interface Block {
  readonly base: Ptr;
  readonly bytes: number;
  readonly original: Uint8Array | undefined;
}

const GUARD = 64;
const CANARY = 0xa5;

/** Blocks of one test. */
export class TestMemory {
  readonly kernels: Kernels;
  #blocks = new Map<Ptr, Block>();

  constructor(kernels: Kernels) {
    this.kernels = kernels;
  }

  /** An output block, full of a pattern that is neither zero nor the canary. */
  out(size: number): Ptr {
    return this.#block(new Uint8Array(size).fill(0x5a), false);
  }

  /** An input block of bytes; `spare` readable bytes after it. */
  putBytes(source: Uint8Array, spare = 0): Ptr {
    const padded = new Uint8Array(source.length + spare);
    padded.set(source);
    return this.#block(padded, true);
  }

  /** An input block of words. */
  put(list: bigint[]): Ptr {
    return this.putBytes(new Uint8Array(BigUint64Array.from(list).buffer));
  }

  putDoubles(list: number[]): Ptr {
    return this.putBytes(new Uint8Array(Float64Array.from(list).buffer));
  }

  putInts(list: number[]): Ptr {
    return this.putBytes(new Uint8Array(Int32Array.from(list).buffer));
  }

  takeBytes(at: Ptr, n: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.kernels.buffer().slice(at, at + n));
  }

  take(at: Ptr, n: number): bigint[] {
    return [...new BigUint64Array(this.kernels.buffer().slice(at, at + 8 * n))];
  }

  takeDoubles(at: Ptr, n: number): number[] {
    return [...new Float64Array(this.kernels.buffer().slice(at, at + 8 * n))];
  }

  takeBits(at: Ptr, n: number): number[] {
    const packed = this.takeBytes(at, Math.ceil(n / 8));
    const list = Array.from({ length: n }, (_, i) => (packed[i >> 3] >> (i & 7)) & 1);
    assert.deepEqual(packed, pack(list), 'padding bits are not 0');
    return list;
  }

  /** Checks all canaries and that inputs (but `written`) are as they were; frees everything. */
  close(label: string, written: Ptr[] = []): void {
    for (const [at, block] of this.#blocks) {
      const low = this.takeBytes(block.base, GUARD);
      const high = this.takeBytes(at + block.bytes, GUARD);
      assert.ok(
        low.every((byte) => byte === CANARY),
        `${label}: wrote before a block`,
      );
      assert.ok(
        high.every((byte) => byte === CANARY),
        `${label}: wrote after a block`,
      );
      if (block.original !== undefined && !written.includes(at)) {
        assert.deepEqual(
          this.takeBytes(at, block.bytes),
          block.original,
          `${label}: wrote an input`,
        );
      }
      this.kernels.release(block.base);
    }
    this.#blocks.clear();
  }

  #block(content: Uint8Array, input: boolean): Ptr {
    const base = this.kernels.reserve(content.length + 2 * GUARD);
    const view = new Uint8Array(this.kernels.buffer(), base, content.length + 2 * GUARD).fill(
      CANARY,
    );
    view.set(content, GUARD);
    const at = base + GUARD;
    this.#blocks.set(at, {
      base,
      bytes: content.length,
      original: input ? content.slice() : undefined,
    });
    return at;
  }
}
