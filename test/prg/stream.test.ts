import assert from 'node:assert/strict';
import { blake3 } from '@noble/hashes/blake3.js';
import fc from 'fast-check';
import { Arena, type Words } from '../../src/kernels/memory.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { deriveStream, fillNarrow, fillWords, StreamWords } from '../../src/prg/stream.ts';
import { backend, randomWords } from '../support/seats.ts';

const root = (label: string): Uint8Array => new Uint8Array(randomWords(4, `root ${label}`).buffer);
const bytesOf = (words: Words): Uint8Array => new Uint8Array(words.buffer);

describe('PRG streams', () => {
  let arena: Arena;
  before(async () => {
    arena = new Arena(await selectKernels({ backend }));
  });
  const fill = (key: Uint8Array, segment: number, n: number): Words =>
    arena.scope(() => arena.take(fillWords(arena, key, segment, n), n));

  it('deriveStream() is BLAKE3 keyed with the root over the whole context', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (context) => {
        const key = deriveStream(root('a'), context);
        assert.deepEqual(key, blake3(context, { key: root('a'), dkLen: 32 }));
      }),
    );
  });

  it('StreamWords are any stretch of the same stream, as often as they are read', () => {
    const key = root('stretch');
    const all = fill(key, 2, 300);
    const words = new StreamWords(key, 2);
    for (const [from, n] of [
      ...[0, 1, 7, 8, 9, 64, 299].map((at) => [at, 1] as const),
      ...[0, 3, 8, 100].map((at) => [at, 150] as const),
      [0, 0],
    ] as const) {
      // Kernels' memory is aligned where the stretch is.
      const read = arena.scope(
        () => new Uint8Array(arena.takeBytes(words.read(arena, from, n), 8 * n)),
      );
      assert.deepEqual(read, bytesOf(all).slice(8 * from, 8 * (from + n)), `${from}, ${n}`);
    }
  });

  it('fillNarrow() is the same stream, cut into narrower words', () => {
    const key = root('narrow');
    for (const bytes of [1, 3, 7, 8]) {
      for (const n of [0, 1, 9, 100]) {
        const words = arena.scope(() => arena.take(fillNarrow(arena, key, 5, n, bytes), n));
        const stream = bytesOf(fill(key, 5, Math.ceil((n * bytes) / 8)));
        words.forEach((word, i) => {
          const part = [...stream.subarray(i * bytes, (i + 1) * bytes)].reverse();
          assert.equal(
            word,
            part.reduce((sum, byte) => 256n * sum + BigInt(byte), 0n),
          );
        });
      }
    }
  });

  it('fillWords() is the XOF of @noble/hashes from the start of the segment', () => {
    for (const n of [0, 1, 7, 8, 9, 31, 32, 33, 1000]) {
      const key = deriveStream(root('b'), Uint8Array.of(n & 255));
      const expected = blake3(new Uint8Array(), { key, dkLen: Math.max(8 * n, 1) });
      assert.deepEqual(bytesOf(fill(key, 0, n)), expected.slice(0, 8 * n), `${n} words`);
    }
  });

  it('fillWords() reads segment s at byte 2^38·s of the same stream', () => {
    const key = deriveStream(root('c'), new Uint8Array());
    // @noble/hashes cannot seek so far; the twin below can, and is checked against it at the start.
    assert.deepEqual(seek(key, 0, 200), blake3(new Uint8Array(), { key, dkLen: 200 }));
    for (const segment of [1, 2, 13]) {
      assert.deepEqual(bytesOf(fill(key, segment, 25)), seek(key, segment, 200));
    }
  });

  it('fillWords() gives a prefix whatever the length, and different words to every key and segment', () => {
    const keys = ['d', 'e'].map((label) => deriveStream(root(label), Uint8Array.of(1)));
    const seen = new Set<string>();
    for (const key of keys) {
      for (const segment of [0, 1, 2, 255]) {
        const long = fill(key, segment, 100);
        assert.deepEqual(fill(key, segment, 13), long.slice(0, 13));
        for (const word of long) {
          assert.ok(!seen.has(String(word)), 'a word came twice');
          seen.add(String(word));
        }
      }
    }
  });
});

const IV = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

/** `n` bytes of the keyed XOF of nothing at block `high·2^32`, straight from the BLAKE3 paper (§2.2, §2.6). */
function seek(key: Uint8Array, high: number, n: number): Uint8Array {
  const out = new Uint32Array(Math.ceil(n / 64) * 16);
  const chain = new Uint32Array(key.slice().buffer);
  for (let block = 0; block * 16 < out.length; block++) {
    // KEYED_HASH | CHUNK_START | CHUNK_END | ROOT, block length 0.
    const v = Uint32Array.of(...chain, ...IV.slice(0, 4), block, high, 0, 16 | 1 | 2 | 8);
    let message = Array<number>(16).fill(0);
    for (let round = 0; round < 7; round++) {
      const mix = (a: number, b: number, c: number, d: number, x: number, y: number): void => {
        for (const [word, left, right] of [
          [x, 16, 12],
          [y, 8, 7],
        ]) {
          v[a] += v[b] + word;
          v[d] = rotate(v[d] ^ v[a], left);
          v[c] += v[d];
          v[b] = rotate(v[b] ^ v[c], right);
        }
      };
      for (let i = 0; i < 4; i++) mix(i, 4 + i, 8 + i, 12 + i, message[2 * i], message[2 * i + 1]);
      for (let i = 0; i < 4; i++) {
        const at = [i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4)] as const;
        mix(...at, message[8 + 2 * i], message[9 + 2 * i]);
      }
      message = ORDER.map((from) => message[from]);
    }
    for (let i = 0; i < 8; i++) {
      out[16 * block + i] = v[i] ^ v[i + 8];
      out[16 * block + 8 + i] = v[i + 8] ^ chain[i];
    }
  }
  return new Uint8Array(out.buffer).slice(0, n);
}

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by));
