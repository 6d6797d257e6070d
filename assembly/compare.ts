/**
 * Masked comparison by per-block monomial tables, on words of 7·blocks + 1 bits.
 *
 * Layout     mono, per element and block: one 128-bit string, bit S = share of Π r_e over e in S. wide, per element: one bit
 *            string of 3·2^(blocks−1) bits; with L = blocks − 1 − j (so γ_j·Π_S has 2^L bits, S ⊆ positions 0..L−1):
 *
 *              [Π: 2^(blocks−1)] [γΠ of level L = blocks−1] … [L = 6] | [32: L=5] [16: 4] [8: 3] [4: 2] [2: 1] [1: 0] [σ]
 *                                                                      └──────────── the tail: one word ────────────┘
 *            (fewer than 6 blocks: the tail is shorter and shares the only word with Π; 6: Π, tail, over two words).
 *            Mask tables: 128 entries of [equal: 2 words][less: 2 words].
 * Pre        1 ≤ blocks ≤ 9; mono, wide, c, r, coins, tables are multiples of 16.
 * Post       writes the stated outputs; compareBlocks also zeroes up to 8 bytes after its stream.
 * Secret     mono, wide, r, coins. Public: c, uv and the tables; they index and mask.
 * Reference  field-survey 3b.3; test/oracle/ring.ts. Two recursions on bit strings, z a set of positions < L:
 *              supersets  M(0) = 1, M(L+1) = M(L)·[L ∉ z] | M(L) << 2^L     bit S ⇔ z ⊆ S
 *              subsets    Q(0) = 1, Q(L+1) = Q(L) | Q(L)·[L ∈ z] << 2^L     bit S ⇔ S ⊆ z
 * @module
 */

const ENTRIES: i32 = 128;
const ENTRY_BYTES: usize = 32;

/** Words of level 2 per element. */
@inline function wideWords(blocks: i32): usize {
  return max<usize>(1, ((<usize>3 << (<usize>blocks - 1)) + 63) >> 6);
}

/** All ones if bit `at` of x is set, else 0. */
@inline function maskOf(x: u64, at: i32): u64 {
  return <u64>(<i64>(x << (<u64>(63 - at))) >> 63);
}

/** Size of the mask tables. */
export function compareTablesBytes(): i32 {
  return ENTRIES * <i32>ENTRY_BYTES;
}

/** Which monomials T enter [c = r] (c ⊆ T) and [c < r] (lowest bit i of T is 0 in c, the bits of c above i are in T). */
export function compareTables(out: usize): void {
  for (let c = 0; c < ENTRIES; c++, out += ENTRY_BYTES) {
    for (let half = 0; half < 2; half++) {
      let equal: u64 = 0;
      let less: u64 = 0;
      for (let bit = 0; bit < 64; bit++) {
        const t = 64 * half + bit;
        const lowest = ctz(t | 128); // 7 for the empty set
        const above = (c >> (lowest + 1)) & ~(t >> (lowest + 1));
        equal |= (<u64>i32((t & c) == c)) << (<u64>bit);
        less |= (<u64>(i32(t != 0) & i32(((c >> lowest) & 1) == 0) & i32(above == 0))) << (<u64>bit);
      }
      store<u64>(out + (<usize>half << 3), equal);
      store<u64>(out + (<usize>half << 3), less, 16);
    }
  }
}

/** Level 2's tail with its end at bit 64: γ of level L at bit 64 − 2^(L+1), σ at bit 63. Fewer than 6 blocks: Π below it. */
function tailOf(wide: usize, blocks: i32): u64 {
  if (blocks < 6) return load<u64>(wide) << (<u64>(64 - (3 << (blocks - 1))));
  if (blocks == 6) return (load<u64>(wide) >> 32) | (load<u64>(wide, 8) << 32);
  return load<u64>(wide + (wideWords(blocks) << 3) - 8);
}

/** γ_j at bit j. Level L = blocks − 1 − j; bit 5 − L of the levels below 6, then shifted into place. */
function gammas(wide: usize, blocks: i32): u64 {
  const t = tailOf(wide, blocks);
  const low = (t & 1) | ((t >> 31) & 2) | ((t >> 46) & 4) | ((t >> 53) & 8) | ((t >> 56) & 16) | ((t >> 57) & 32);
  if (blocks <= 6) return low >> (<u64>(6 - blocks));
  let all = (low << 1) | (load<u64>(wide + ((wideWords(blocks) - 2) << 3)) & 1);
  if (blocks >= 8) all = (all << 1) | (load<u64>(wide + ((wideWords(blocks) - 4) << 3)) & 1);
  if (blocks >= 9) all = (all << 1) | (load<u64>(wide, 32) & 1);
  return all;
}

/** π_j at bit j (bit 0 is no π). Position p = blocks − 1 − j of Π's sets: bit 2^p of Π. */
function pis(wide: usize, blocks: i32): u64 {
  const t = load<u64>(wide);
  const low = ((t >> 32) & 1) | ((t >> 15) & 2) | ((t >> 6) & 4) | ((t >> 1) & 8) | ((t << 2) & 16) | ((t << 4) & 32);
  if (blocks <= 6) return low >> (<u64>(6 - blocks));
  let all = (low << 1) | (load<u64>(wide, 8) & 1);
  if (blocks >= 8) all = (all << 1) | (load<u64>(wide, 16) & 1);
  if (blocks >= 9) all <<= 1;
  return all;
}

@inline function entryOf(tables: usize, word: u64, j: u64): usize {
  return tables + ((<usize>(word >> (7 * j)) & 127) << 5);
}

/** Folds two strings into one: x in the even bytes, y in the odd ones. */
@inline function folded(x: v128, y: v128): v128 {
  const low = v128.shuffle<u8>(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const high = v128.shuffle<u8>(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  return v128.xor(low, high);
}

/** The terms of G_j and of P_(j+1), folded. */
@inline function termsOf(mono: usize, tables: usize, word: u64, j: u64): v128 {
  mono += <usize>j << 4;
  const less = v128.and(v128.load(mono), v128.load(entryOf(tables, word, j), 16));
  return folded(less, v128.and(v128.load(mono, 16), v128.load(entryOf(tables, word, j + 1))));
}

/** G_0..G_7 in bits 0..7, P_1..P_8 in bits 8..15, read from nine tables: 16 parities by one tree of folds. */
function sixteenParities(mono: usize, tables: usize, word: u64): u64 {
  // Depth first, in locals: an inlined function cannot be an argument of itself.
  let x = termsOf(mono, tables, word, 0);
  let y = termsOf(mono, tables, word, 4);
  const first = folded(x, y);
  x = termsOf(mono, tables, word, 2);
  y = termsOf(mono, tables, word, 6);
  y = folded(x, y);
  const even = folded(first, y);
  x = termsOf(mono, tables, word, 1);
  y = termsOf(mono, tables, word, 5);
  const second = folded(x, y);
  x = termsOf(mono, tables, word, 3);
  y = termsOf(mono, tables, word, 7);
  y = folded(x, y);
  y = folded(second, y);
  // One byte for each; its parity moves to its top bit. What comes from the byte below stays under that.
  let bytes = folded(even, y);
  bytes = v128.xor(bytes, i64x2.shl(bytes, 4));
  bytes = v128.xor(bytes, i64x2.shl(bytes, 2));
  return <u64>(<u32>i8x16.bitmask(v128.xor(bytes, i64x2.shl(bytes, 1))));
}

/** Parity of (mask AND the 128 bits at mono). */
@inline function parityOf(mono: usize, mask: usize): u64 {
  return popcnt((load<u64>(mono) & load<u64>(mask)) ^ (load<u64>(mono, 8) & load<u64>(mask, 8))) & 1;
}

/** Of nine blocks: G_0..G_8 in bits 0..8, P_1..P_8 in bits 9..16. */
export function termParities(mono: usize, tables: usize, word: u64): u64 {
  if (ASC_FEATURE_SIMD) {
    const both = sixteenParities(mono, tables, word);
    const ninth = parityOf(mono + 128, entryOf(tables, word, 8) + 16);
    return (both & 255) | ((both & 0xff00) << 1) | (ninth << 8);
  }
  let bits: u64 = 0;
  for (let j: u64 = 0; j < 9; j++, mono += 16) {
    const entry = entryOf(tables, word, j);
    bits |= parityOf(mono, entry + 16) << j;
    if (j > 0) bits |= parityOf(mono, entry) << (8 + j);
  }
  return bits;
}

/** Round 2: u_j = G_j ⊕ γ_j for all j, v_j = P_j ⊕ π_j for j ≥ 1, as a bit stream. */
export function compareBlocks(
  out: usize, c: usize, mono: usize, wide: usize, blocks: i32, tables: usize, n: i32,
): void {
  let done: i32 = 0;
  if (ASC_FEATURE_SIMD && blocks == 9) {
    done = n & ~7;
    nineBlocks(out, c, mono, wide, tables, done);
    const passed = <usize>done;
    out += (passed >> 3) * 17;
    c += passed << 3;
    mono += passed * 144;
    wide += passed * 96;
  }
  plainBlocks(out, c, mono, wide, blocks, tables, n - done);
}

/** Any number of elements. */
function plainBlocks(out: usize, c: usize, mono: usize, wide: usize, blocks: i32, tables: usize, n: i32): void {
  const width = 2 * blocks - 1;
  const stride = wideWords(blocks) << 3;
  let waiting: u64 = 0;
  let filled: i32 = 0; // < 32 between elements
  for (let i = 0; i < n; i++, c += 8, wide += stride) {
    let word = load<u64>(c);
    let u: u64 = 0;
    let v: u64 = 0;
    for (let j: u64 = 0; j < <u64>blocks; j++, mono += 16, word >>= 7) {
      const entry = tables + (<usize>(word & 127) << 5);
      u |= parityOf(mono, entry + 16) << j;
      v |= parityOf(mono, entry) << j;
    }
    u ^= gammas(wide, blocks);
    v ^= pis(wide, blocks);
    waiting |= (u | ((v >> 1) << (<u64>blocks))) << (<u64>filled);
    filled += width;
    if (filled >= 32) {
      store<u32>(out, <u32>waiting);
      out += 4;
      waiting >>= 32;
      filled -= 32;
    }
  }
  if (filled > 0) store<u64>(out, waiting);
}

/** The whole word, a multiple of 8 elements: 16 parities by the tree and one by itself. */
function nineBlocks(out: usize, c: usize, mono: usize, wide: usize, tables: usize, n: i32): void {
  let waiting: u64 = 0;
  let filled: i32 = 0; // < 32 between elements
  for (let i = 0; i < n; i++, c += 8, wide += 96, mono += 144) {
    waiting |= (termParities(mono, tables, load<u64>(c)) ^ nineCoins(wide)) << (<u64>filled);
    filled += 17;
    if (filled >= 32) {
      store<u32>(out, <u32>waiting);
      out += 4;
      waiting >>= 32;
      filled -= 32;
    }
  }
  for (; filled > 0; filled -= 8, waiting >>= 8, out++) store<u8>(out, <u8>waiting);
}

/** γ and π of 9 blocks where they stand in an element's bits. */
@inline function nineCoins(wide: usize): u64 {
  const t = load<u64>(wide, 88);
  const p = load<u64>(wide);
  const high = (load<u64>(wide, 32) & 1) | ((load<u64>(wide, 64) & 1) << 1) | ((load<u64>(wide, 80) & 1) << 2);
  const mid = ((t & 1) << 3) | ((t >> 28) & 16) | ((t >> 43) & 32) | ((t >> 50) & 64) | ((t >> 53) & 128) | ((t >> 54) & 256);
  const pi = ((load<u64>(wide, 16) & 1) << 9) | ((load<u64>(wide, 8) & 1) << 10) | ((p >> 21) & 0x800) | ((p >> 4) & 0x1000);
  return high | mid | pi | ((p << 5) & 0x2000) | ((p << 10) & 0x4000) | ((p << 13) & 0x8000) | ((p << 15) & 0x10000);
}

/** Round 3: σ ⊕ borrow. One AND of a public mask with the whole of `wide`, then its parity. */
export function compareCarry(out: usize, uv: usize, wide: usize, blocks: i32, n: i32): void {
  const width = <usize>(2 * blocks - 1);
  const stride = wideWords(blocks) << 3;
  let at: usize = 0;
  for (let i = 0; i < n; ) {
    let byte: u64 = 0;
    for (let b = 0; b < 8 && i < n; b++, i++, wide += stride, at += width) {
      const opened = <u64>(load<u32>(uv + (at >> 3)) >> (<u32>at & 7));
      byte |= (popcnt(masked(wide, blocks, opened)) & 1) << (<u64>b);
    }
    store<u8>(out++, <u8>byte);
  }
}

/** All ones if bit 63 of x is set, else 0. */
@inline function topMask(x: u64): u64 {
  return <u64>(<i64>x >> 63);
}

/** A word with the parity of (mask AND wide). Bit 63 of u << L and of v << L is that of level L, block blocks − 1 − L; 0 beyond. */
function masked(wide: usize, blocks: i32, opened: u64): u64 {
  const u = opened << (<u64>(64 - blocks));
  const v = (opened >> (<u64>(blocks - 1))) << (<u64>(64 - blocks));
  // M(L) of levels 0 to 6, bit S ⇔ the positions with v = 0 are in S.
  const m1 = (topMask(v) & 1) | 2;
  const m2 = (topMask(v << 1) & m1) | (m1 << 2);
  const m3 = (topMask(v << 2) & m2) | (m2 << 4);
  const m4 = (topMask(v << 3) & m3) | (m3 << 8);
  const m5 = (topMask(v << 4) & m4) | (m4 << 16);
  const six = (topMask(v << 5) & m5) | (m5 << 32);
  const tail = 0xc000000000000000 | (m1 << 60) | (m2 << 56) | (m3 << 48) | (m4 << 32) | m5;
  const low = (u >> 63) ^ (m1 & topMask(u << 1)) ^ (m2 & topMask(u << 2)) ^ (m3 & topMask(u << 3));
  const products = low ^ (m4 & topMask(u << 4)) ^ (m5 & topMask(u << 5));
  const w0 = load<u64>(wide);
  if (blocks < 6) {
    const end = 1 << blocks;
    return w0 & (products | ((tail >>> (<u64>(64 - end))) << (<u64>(end >> 1))));
  }
  if (blocks == 6) return (w0 & (products | (tail << 32))) ^ (load<u64>(wide, 8) & (tail >>> 32));
  const first = topMask(u << 6);
  const sum = w0 & products;
  if (blocks == 7) {
    return sum ^ (six & ((w0 & first) ^ load<u64>(wide, 8))) ^ (load<u64>(wide, 16) & tail);
  }
  // M(7) = (M(6) where position 6 is not in z, M(6)): what meets its low half is collected in `lower`.
  const seven = topMask(v << 6);
  const second = topMask(u << 7);
  if (blocks == 8) {
    const lower = (w0 & second) ^ load<u64>(wide, 16);
    const upper = (w0 & first) ^ (load<u64>(wide, 8) & second) ^ load<u64>(wide, 24) ^ load<u64>(wide, 32);
    return sum ^ (six & (upper ^ (lower & seven))) ^ (load<u64>(wide, 40) & tail);
  }
  // M(8) = (M(7) where position 7 is not in z, M(7)).
  const keep = topMask(v << 7);
  const third = topMask(u << 8);
  const both = second ^ (keep & third);
  let lower = (w0 & both) ^ (load<u64>(wide, 16) & third) ^ (load<u64>(wide, 32) & keep);
  lower ^= load<u64>(wide, 48) ^ load<u64>(wide, 64);
  let upper = (w0 & first) ^ (load<u64>(wide, 8) & both) ^ (load<u64>(wide, 24) & third);
  upper ^= (load<u64>(wide, 40) & keep) ^ load<u64>(wide, 56) ^ load<u64>(wide, 72) ^ load<u64>(wide, 80);
  return sum ^ (six & (upper ^ (lower & seven))) ^ (load<u64>(wide, 88) & tail);
}

/** True level-1 tables of r: bit S survives if each bit of the block that is 0 is missing in S. */
export function compareDealMono(mono: usize, r: usize, blocks: i32, n: i32): void {
  for (let i = 0; i < n; i++, r += 8) {
    let word = load<u64>(r);
    for (let j = 0; j < blocks; j++, mono += 16, word >>= 7) {
      if (ASC_FEATURE_SIMD) {
        // Byte k of 16 is the table of the low 3 bits if k ⊆ the high 4 bits: a lookup inside a register, and a comparison.
        const block = i8x16.splat(<i8>word);
        const low = v128.swizzle(i8x16(1, 3, 5, 15, 17, 51, 85, -1, 0, 0, 0, 0, 0, 0, 0, 0), v128.and(block, i8x16.splat(7)));
        const missing = v128.andnot(i8x16(0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120), block);
        v128.store(mono, v128.and(low, i8x16.eq(missing, i64x2.splat(0))));
        continue;
      }
      const low = (0x5555555555555555 | maskOf(word, 0)) & (0x3333333333333333 | maskOf(word, 1));
      const mid = (0x0f0f0f0f0f0f0f0f | maskOf(word, 2)) & (0x00ff00ff00ff00ff | maskOf(word, 3));
      const top = (0x0000ffff0000ffff | maskOf(word, 4)) & (0x00000000ffffffff | maskOf(word, 5));
      const table = low & mid & top;
      store<u64>(mono, table);
      store<u64>(mono, table & maskOf(word, 6), 8);
    }
  }
}

/** True level-2 tables of r's sign bit and the coins (γ_j: bit j; π_j: bit 15 + j; ρ: bit 32). */
export function compareDealWide(wide: usize, r: usize, coins: usize, blocks: i32, n: i32): void {
  const stride = wideWords(blocks) << 3;
  for (let i = 0; i < n; i++, wide += stride, r += 8, coins += 8) {
    const secret = load<u64>(coins);
    const sigma = ((load<u64>(r) >> (<u64>(7 * blocks))) ^ (secret >> 32)) & 1;
    if (blocks < 7) dealFew(wide, blocks, secret, sigma);
    else dealMany(wide, blocks, secret, sigma);
  }
}

/** Up to 6 blocks: at most two words. */
function dealFew(wide: usize, blocks: i32, secret: u64, sigma: u64): void {
  const tailEnd = 1 << blocks;
  let table: u64 = 1;
  let tail: u64 = sigma << (<u64>tailEnd - 1);
  for (let level = 0; level < blocks; level++) {
    const j = blocks - 1 - level;
    tail |= (table & maskOf(secret, j)) << (<u64>(tailEnd - (2 << level)));
    if (j > 0) table |= (table & maskOf(secret, 15 + j)) << ((<u64>1) << (<u64>level));
  }
  const whole = table | (tail << ((<u64>1) << (<u64>(blocks - 1))));
  store<u64>(wide, whole);
  if (blocks == 6) store<u64>(wide, tail >> 32, 8);
}

/** From 7 blocks on: Π, the levels from 6 up, the tail. Bit 63 of g << L and of p << L is that of level L. */
function dealMany(wide: usize, blocks: i32, secret: u64, sigma: u64): void {
  const g = secret << (<u64>(64 - blocks));
  const p = (secret >> 15) << (<u64>(64 - blocks));
  // Q(L) of levels 0 to 6, bit S ⇔ S has only positions with π = 1.
  const q1 = 1 | ((p >> 63) << 1);
  const q2 = q1 | ((q1 & topMask(p << 1)) << 2);
  const q3 = q2 | ((q2 & topMask(p << 2)) << 4);
  const q4 = q3 | ((q3 & topMask(p << 3)) << 8);
  const q5 = q4 | ((q4 & topMask(p << 4)) << 16);
  const six = q5 | ((q5 & topMask(p << 5)) << 32);
  let tail = (sigma << 63) | ((g >> 63) << 62) | ((q1 & topMask(g << 1)) << 60) | ((q2 & topMask(g << 2)) << 56);
  tail |= ((q3 & topMask(g << 3)) << 48) | ((q4 & topMask(g << 4)) << 32) | (q5 & topMask(g << 5));
  const first = topMask(g << 6);
  store<u64>(wide, six);
  if (blocks == 7) {
    store<u64>(wide, six & first, 8);
    store<u64>(wide, tail, 16);
    return;
  }
  // Q(7) = (Q(6), Q(6) where π of position 6)
  const second = topMask(g << 7);
  const upper = six & topMask(p << 6);
  store<u64>(wide, upper, 8);
  if (blocks == 8) {
    store<u64>(wide, six & second, 16);
    store<u64>(wide, upper & second, 24);
    store<u64>(wide, six & first, 32);
    store<u64>(wide, tail, 40);
    return;
  }
  const third = topMask(g << 8);
  const seventh = topMask(p << 7);
  store<u64>(wide, six & seventh, 16);
  store<u64>(wide, upper & seventh, 24);
  store<u64>(wide, six & third, 32);
  store<u64>(wide, upper & third, 40);
  store<u64>(wide, six & seventh & third, 48);
  store<u64>(wide, upper & seventh & third, 56);
  store<u64>(wide, six & second, 64);
  store<u64>(wide, upper & second, 72);
  store<u64>(wide, six & first, 80);
  store<u64>(wide, tail, 88);
}
