/**
 * Planes of bits: words transposed, opened and put together again.
 *
 * Plane j of n words holds bit j of each, 64 elements to a word; on the wire a plane of up to 64 elements takes the bytes in use.
 * @module
 */

import { then, type Later } from '../../core/later.ts';
import { newWords, type Arena, type BlockWords, type Words } from '../../kernels/memory.ts';
import type { Context, Step } from '../context.ts';
import { open } from '../open.ts';
import { planeBytes } from '../provider/kinds/binary.ts';
import { bitWords } from '../provider/kinds/truncation.ts';

/** Bytes of scratch of a transposition. */
const SCRATCH_BYTES = 512;

/** The low `bits` bits of words as planes. */
export function toPlanes(arena: Arena, words: Words, bits: number): Words {
  const n = words.length;
  const size = bits * bitWords(n);
  return arena.scope(() => {
    const out = arena.words(size);
    arena.kernels.bitTranspose(out, arena.put(words), bits, n, arena.bytes(SCRATCH_BYTES));
    return arena.take(out, size);
  });
}

/** n words of `bits` planes each. */
export function fromPlanes(arena: Arena, planes: Words, bits: number, n: number): Words {
  return arena.scope(() => {
    const out = arena.words(n);
    arena.kernels.bitUntranspose(out, arena.put(planes), bits, n, arena.bytes(SCRATCH_BYTES));
    return arena.take(out, n);
  });
}

/** a ⊕ b, word by word. */
export function xorWords(arena: Arena, a: Words, b: Words | BlockWords): Words {
  return arena.scope(() => {
    const out = arena.put(a);
    arena.kernels.xor(out, out, arena.put(b), a.length);
    return arena.take(out, a.length);
  });
}

/** Several arrays of words as one. */
export function joinWords(...parts: readonly Words[]): Words {
  const out = newWords(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * Opens `count` masked planes of n elements.
 *
 * Cost    1 round, `planeBytes(n)` for each.
 */
export function openPlanes(
  ctx: Context,
  step: Step,
  count: number,
  n: number,
  own: Later<Words>,
): Later<Words> {
  const { arena } = ctx;
  const [bits, words] = [8 * count * planeBytes(n), count * bitWords(n)];
  const sections = then(own, (planes) => [{ bits: packPlanes(arena, planes, n), count: bits }]);
  return then(open(ctx, step, [{ bits }], sections), ([opened]) =>
    arena.scope(() => {
      const from = arena.put(opened.bits);
      const bytes = planeBytes(n);
      if (bytes >= 8) return arena.take(from, words);
      const out = arena.words(words);
      arena.kernels.unpackLow(out, from, bytes, words);
      return arena.take(out, words);
    }),
  );
}

function packPlanes(arena: Arena, planes: Words, n: number): Uint8Array {
  const bytes = planeBytes(n);
  return arena.scope(() => {
    const at = arena.put(planes);
    if (bytes < 8) arena.kernels.packLow(at, at, bytes, planes.length);
    return arena.takeBytes(at, planes.length * Math.min(bytes, 8));
  });
}
