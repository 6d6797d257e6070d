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
// @ts-ignore: decorator
@inline function wideWords(blocks: i32): usize {
  return max<usize>(1, ((<usize>3 << (<usize>blocks - 1)) + 63) >> 6);
}

/** All ones if bit `at` of x is set, else 0. */
// @ts-ignore: decorator
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

/** Round 2: u_j = G_j ⊕ γ_j for all j, v_j = P_j ⊕ π_j for j ≥ 1, as a bit stream. */
export function compareBlocks(
  out: usize, c: usize, mono: usize, wide: usize, blocks: i32, tables: usize, n: i32,
): void {
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
      const low = load<u64>(mono);
      const high = load<u64>(mono, 8);
      const equal = popcnt((low & load<u64>(entry)) ^ (high & load<u64>(entry, 8)));
      const less = popcnt((low & load<u64>(entry, 16)) ^ (high & load<u64>(entry, 24)));
      u |= (less & 1) << j;
      v |= (equal & 1) << j;
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

/** Round 3: σ ⊕ borrow. One AND of a public mask with the whole of `wide`, then its parity. */
export function compareCarry(out: usize, uv: usize, wide: usize, blocks: i32, n: i32): void {
  const width = <usize>(2 * blocks - 1);
  const stride = wideWords(blocks) << 3;
  const low = min(blocks, 6);
  const tailEnd = 1 << low;
  let at: usize = 0;
  for (let i = 0; i < n; ) {
    let byte: u64 = 0;
    for (let b = 0; b < 8 && i < n; b++, i++, wide += stride, at += width) {
      const opened = <u64>(load<u32>(uv + (at >> 3)) >> (<u32>at & 7));
      const v = opened >> (<u64>blocks - 1); // v_j at bit j; bit 0 is not one
      let table: u64 = 1;
      let products: u64 = 0; // which Π_S count
      let tail: u64 = (<u64>1) << (<u64>tailEnd - 1); // σ always counts
      for (let level = 0; level < low; level++) {
        const j = blocks - 1 - level;
        tail |= table << (<u64>(tailEnd - (2 << level)));
        products ^= table & maskOf(opened, j);
        if (j > 0) table = (table & maskOf(v, j)) | (table << ((<u64>1) << (<u64>level)));
      }
      byte |= (popcnt(masked(wide, blocks, opened, v, table, products, tail)) & 1) << (<u64>b);
    }
    store<u8>(out++, <u8>byte);
  }
}

/** A word with the parity of (mask AND wide); table = M(6) where blocks > 6. */
function masked(wide: usize, blocks: i32, opened: u64, v: u64, table: u64, products: u64, tail: u64): u64 {
  if (blocks < 6) return load<u64>(wide) & (products | (tail << ((<u64>1) << (<u64>(blocks - 1)))));
  if (blocks == 6) {
    return (load<u64>(wide) & (products | (tail << 32))) ^ (load<u64>(wide, 8) & (tail >> 32));
  }
  const six = table;
  products ^= six & maskOf(opened, blocks - 7);
  if (blocks == 7) {
    return (load<u64>(wide) & products) ^ (load<u64>(wide, 8) & six) ^ (load<u64>(wide, 16) & tail);
  }
  // M(7) = (six where position 6 is not in z, six).
  const seven = six & maskOf(v, blocks - 7);
  const second = maskOf(opened, blocks - 8);
  let sum: u64 = 0;
  if (blocks == 8) {
    sum = (load<u64>(wide) & (products ^ (seven & second))) ^ (load<u64>(wide, 8) & six & second);
    sum ^= (load<u64>(wide, 16) & seven) ^ (load<u64>(wide, 24) & six);
    return sum ^ (load<u64>(wide, 32) & six) ^ (load<u64>(wide, 40) & tail);
  }
  // M(8) = (M(7) where position 7 is not in z, M(7)).
  const keep = maskOf(v, 1);
  const third = maskOf(opened, 0);
  sum = load<u64>(wide) & (products ^ (seven & second) ^ (seven & keep & third));
  sum ^= load<u64>(wide, 8) & ((six & second) ^ (six & keep & third));
  sum ^= (load<u64>(wide, 16) & seven & third) ^ (load<u64>(wide, 24) & six & third);
  sum ^= (load<u64>(wide, 32) & seven & keep) ^ (load<u64>(wide, 40) & six & keep);
  sum ^= (load<u64>(wide, 48) & seven) ^ (load<u64>(wide, 56) & six);
  sum ^= (load<u64>(wide, 64) & seven) ^ (load<u64>(wide, 72) & six);
  return sum ^ (load<u64>(wide, 80) & six) ^ (load<u64>(wide, 88) & tail);
}

/** True level-1 tables of r: bit S survives if each bit of the block that is 0 is missing in S. */
export function compareDealMono(mono: usize, r: usize, blocks: i32, n: i32): void {
  for (let i = 0; i < n; i++, r += 8) {
    let word = load<u64>(r);
    for (let j = 0; j < blocks; j++, mono += 16, word >>= 7) {
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
  const low = min(blocks, 6);
  const tailEnd = 1 << low;
  for (let i = 0; i < n; i++, wide += stride) {
    const at = <usize>i << 3;
    const secret = load<u64>(coins + at);
    const sigma = ((load<u64>(r + at) >> (<u64>(7 * blocks))) ^ (secret >> 32)) & 1;
    let table: u64 = 1;
    let tail: u64 = sigma << (<u64>tailEnd - 1);
    for (let level = 0; level < low; level++) {
      const j = blocks - 1 - level;
      tail |= (table & maskOf(secret, j)) << (<u64>(tailEnd - (2 << level)));
      if (j > 0) table |= (table & maskOf(secret, 15 + j)) << ((<u64>1) << (<u64>level));
    }
    dealLevels(wide, blocks, secret, table, tail);
  }
}

/** Lays out Π, the levels from 6 up, and the tail; table = Q(min(blocks − 1, 6)). */
function dealLevels(wide: usize, blocks: i32, secret: u64, table: u64, tail: u64): void {
  if (blocks < 6) {
    store<u64>(wide, table | (tail << ((<u64>1) << (<u64>(blocks - 1)))));
    return;
  }
  if (blocks == 6) {
    store<u64>(wide, table | (tail << 32));
    store<u64>(wide, tail >> 32, 8);
    return;
  }
  const words = <i32>1 << (blocks - 7); // of Π
  // Π: Q(7) = (q, q·π), Q(8) = (Q(7), Q(7)·π').
  store<u64>(wide, table);
  if (blocks > 7) store<u64>(wide, table & maskOf(secret, 15 + blocks - 7), 8);
  if (blocks > 8) {
    store<u64>(wide, load<u64>(wide) & maskOf(secret, 16), 16);
    store<u64>(wide, load<u64>(wide, 8) & maskOf(secret, 16), 24);
  }
  let to = wide + (<usize>words << 3);
  for (let level = blocks - 1; level >= 6; level--) {
    const gamma = maskOf(secret, blocks - 1 - level);
    for (let w: usize = 0; w < <usize>1 << (<usize>level - 6); w++, to += 8) {
      store<u64>(to, load<u64>(wide + (w << 3)) & gamma);
    }
  }
  store<u64>(to, tail);
}
