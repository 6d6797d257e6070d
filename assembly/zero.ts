/**
 * Test for zero: c = r, block by block, by shared one-hot tables that public values index.
 *
 * Layout     r is cut into `blocks` ≤ 13 blocks of 5 bits (the last of 13 has 4). tables, per element, as 32-bit halves: a one-hot
 *            string of 32 bits for each block, then bits 0..blocks−1 π, bits 16, 17 π'; filled up to whole words; then a one-hot
 *            word of π's low 6 bits; from 7 blocks on, of π's other bits: one word, two at 13 blocks. ones, per element: 2 words,
 *            from 7 blocks on 4, 1 at the place π'.
 * Pre        pointers are multiples of 16 (tables, ones: of 8).
 * Post       writes the stated outputs; bit streams and up to 8 bytes after them.
 * Secret     tables, ones, r, coins. Public: c and the opened streams; they index.
 * Reference  src/protocol/additive/zero.ts.
 * @module
 */

/** Words before the one-hot words of π. */
@inline function headWords(blocks: i32): usize {
  return <usize>((blocks + 2) >> 1);
}

/** Words of tables an element. */
@inline function tableWords(blocks: i32): usize {
  return headWords(blocks) + 1 + usize(blocks > 6) + usize(blocks > 12);
}

@inline function low(x: u32, bits: i32): u32 {
  return x & ((<u32>1 << <u32>bits) - 1);
}

/** x << by if bit `at` of index is set, else x. */
@inline function moved(x: u64, index: u64, at: u64): u64 {
  const mask = 0 - ((index >> at) & 1);
  return (x & ~mask) | ((x << ((<u64>1) << at)) & mask);
}

/** 1 at bit `index` < 64. */
function onehot(index: u64): u64 {
  let x: u64 = 1;
  x = moved(x, index, 0);
  x = moved(x, index, 1);
  x = moved(x, index, 2);
  x = moved(x, index, 3);
  x = moved(x, index, 4);
  return moved(x, index, 5);
}

/** One-hot strings of four blocks of 5 bits. */
@inline function onehotFour(word: u64): v128 {
  let blocks = i32x4.replace_lane(i32x4.splat(<i32>word), 1, <i32>(word >> 5));
  blocks = i32x4.replace_lane(blocks, 2, <i32>(word >> 10));
  blocks = v128.and(i32x4.replace_lane(blocks, 3, <i32>(word >> 15)), i32x4.splat(31));
  // Every byte of a lane gets its block; byte k is the string of the low 3 bits where k is the high 2.
  const all = v128.swizzle(blocks, i8x16(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12));
  const bit = v128.swizzle(
    i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0), v128.and(all, i8x16.splat(7)),
  );
  const place = i8x16.shr_u(all, 3);
  return v128.and(bit, i8x16.eq(place, i8x16(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3)));
}

/** What the dealer shares; coins: bits 0..12 π, bits 16, 17 π'. */
export function zeroDeal(tables: usize, ones: usize, r: usize, coins: usize, blocks: i32, n: i32): void {
  const stride = tableWords(blocks) << 3;
  const count = blocks > 6 ? 4 : 2;
  for (let i = 0; i < n; i++, r += 8, coins += 8, tables += stride) {
    const coin = load<u32>(coins);
    const pi = low(coin, blocks);
    const second = (coin >> 16) & <u32>(count - 1);
    let word = load<u64>(r);
    let j = 0;
    if (ASC_FEATURE_SIMD) {
      // Four at a time run over into what is written after them.
      for (; j < blocks; j += 4, word >>= 20) v128.store(tables + (<usize>j << 2), onehotFour(word));
    }
    for (; j < blocks; j++, word >>= 5) store<u32>(tables + (<usize>j << 2), <u32>onehot(word & 31));
    let at = tables + (headWords(blocks) << 3);
    store<u32>(at - 4, 0);
    store<u32>(tables + (<usize>blocks << 2), pi | (second << 16));
    store<u64>(at, onehot(<u64>(pi & 63)));
    const rest = <u64>(pi >> 6);
    if (blocks > 12) {
      const upper = 0 - (rest >> 6);
      const bits = onehot(rest & 63);
      store<u64>(at, bits & ~upper, 8);
      store<u64>(at, bits & upper, 16);
    } else if (blocks > 6) store<u64>(at, onehot(rest), 8);
    for (let k = 0; k < count; k++, ones += 8) store<u64>(ones, (<u64>(second ^ <u32>k) - 1) >> 63);
  }
}

/** Round 2: bits [c_j = r_j] ⊕ π_j, `blocks` an element. */
export function zeroBlocks(out: usize, c: usize, tables: usize, blocks: i32, n: i32): void {
  const stride = tableWords(blocks) << 3;
  let waiting: u64 = 0;
  let filled: i32 = 0; // < 32 between elements
  for (let i = 0; i < n; i++, c += 8, tables += stride) {
    let word = load<u64>(c);
    let v = low(load<u32>(tables + (<usize>blocks << 2)), blocks);
    for (let j = 0; j < blocks; j++, word >>= 5) {
      v ^= ((load<u32>(tables + (<usize>j << 2)) >> (<u32>word & 31)) & 1) << <u32>j;
    }
    waiting |= <u64>v << <u64>filled;
    filled += blocks;
    if (filled >= 32) {
      store<u32>(out, <u32>waiting);
      out += 4;
      waiting >>= 32;
      filled -= 32;
    }
  }
  if (filled > 0) store<u64>(out, waiting);
}

/** Round 3: bits [π = ¬v] of both parts of π, ⊕ π'; one an element, two from 7 blocks on. */
export function zeroJoin(out: usize, v: usize, tables: usize, blocks: i32, n: i32): void {
  const head = headWords(blocks) << 3;
  const stride = tableWords(blocks) << 3;
  const width = blocks > 6 ? 2 : 1;
  let at: usize = 0;
  let waiting: u32 = 0;
  let filled: i32 = 0; // < 8 between elements
  for (let i = 0; i < n; i++, tables += stride, at += <usize>blocks) {
    const index = low(~(load<u32>(v + (at >> 3)) >> (<u32>at & 7)), blocks);
    const hot = tables + head;
    let w = load<u32>(tables + (<usize>blocks << 2)) >> 16;
    w ^= <u32>(load<u64>(hot) >> <u64>(index & 63)) & 1;
    if (blocks > 6) {
      const rest = index >> 6;
      w ^= (<u32>(load<u64>(hot + (<usize>(rest >> 6) << 3), 8) >> <u64>(rest & 63)) & 1) << 1;
    }
    waiting |= low(w, width) << <u32>filled;
    filled += width;
    if (filled == 8) {
      store<u8>(out++, <u8>waiting);
      waiting = 0;
      filled = 0;
    }
  }
  if (filled > 0) store<u8>(out, <u8>waiting);
}

/** out = the word of ones at ¬w. */
export function zeroSelect(out: usize, w: usize, ones: usize, blocks: i32, n: i32): void {
  const width = blocks > 6 ? 2 : 1;
  for (let i = 0; i < n; i++, out += 8, ones += <usize>16 << <usize>(width - 1)) {
    const at = i * width;
    const index = low(~((<u32>load<u8>(w + <usize>(at >> 3))) >> (<u32>at & 7)), width);
    store<u64>(out, load<u64>(ones + (<usize>index << 3)));
  }
}
