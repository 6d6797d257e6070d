/**
 * A threshold's second level in groups of three blocks: one word of material an element and one more round, where a table over all
 * nine blocks (`compare.ts`) takes twelve words.
 *
 * Layout     a word: four fields of 15 bits, then nothing. Field g < 3 is of blocks 3g, 3g + 1, 3g + 2, named a, b, c below; the
 *            fourth is of the three groups themselves. Bits of a field:
 *              0 γ_a  1 γ_b  2 γ_c  3 π_a  4 π_b  5 π_c  6 one  7 π_cγ_b  8 π_bπ_c  9 π_cγ_a  10 π_bγ_a  11 π_bπ_cγ_a
 *              12 π_aπ_b  13 π_aπ_c  14 π_aπ_bπ_c     (`one`: shares of 1; in the fourth field 12 is σ, 13 and 14 are nothing)
 *            Masks: 64 entries of [less: u32][equal: u32], by u_a u_b u_c v_a v_b v_c.
 *            Coins: γ_j at bit j, π_j at bit 15 + j (π_0 is none), ρ at bit 32, the groups' γ at bits 33 to 35, their π at 37 and 38.
 * Pre        words, mono, c, r, coins, tables are multiples of 16.
 * Post       writes the stated outputs; the two streams may have up to 8 bytes zeroed after them.
 * Secret     words, mono, r, coins. Public: c, the opened bits and the masks they choose.
 * Reference  field-survey 3b.3; test/oracle/groups.ts. With G = u ⊕ γ and P = v ⊕ π,
 *              less  G_c ⊕ P_c·G_b ⊕ P_c·P_b·G_a        equal  P_a·P_b·P_c
 *            are sums of a field's bits, which of them is public.
 * @module
 */

import { termParities } from './compare';

const FIELD: u64 = 15;
const PUBLIC_BITS: u64 = 63;
const MASK_BYTES: usize = 8;

/** Bits an element opens in the round of blocks, and in that of groups. */
const BLOCK_BITS: i32 = 17;
const GROUP_BITS: i32 = 5;

/** Size of the masks. */
export function groupMasksBytes(): i32 {
  return 64 * <i32>MASK_BYTES;
}

/** Which bits of a field enter `less` and `equal`, for every six opened bits. */
export function groupMasks(out: usize): void {
  for (let opened: u32 = 0; opened < 64; opened++, out += MASK_BYTES) {
    const ua = opened & 1;
    const ub = (opened >> 1) & 1;
    const uc = (opened >> 2) & 1;
    const va = (opened >> 3) & 1;
    const vb = (opened >> 4) & 1;
    const vc = opened >> 5;
    const one = uc ^ (vc & ub) ^ (vc & vb & ua);
    const gammas = (vc & vb) | (vc << 1) | 4;
    const pis = ((vc & ua) << 4) | ((ub ^ (vb & ua)) << 5);
    const pairs = 0x880 | (ua << 8) | (vb << 9) | (vc << 10);
    store<u32>(out, gammas | pis | (one << 6) | pairs);
    const singles = ((vb & vc) << 3) | ((va & vc) << 4) | ((va & vb) << 5);
    store<u32>(out, singles | ((va & vb & vc) << 6) | (va << 8) | (vc << 12) | (vb << 13) | 0x4000, 4);
  }
}

/** Round 2, as `compareBlocks` of nine blocks: u_0..u_8, v_1..v_8 of each element. */
export function groupBlocks(out: usize, c: usize, mono: usize, words: usize, tables: usize, n: i32): void {
  let waiting: u64 = 0;
  let filled: i32 = 0; // < 32 between elements
  for (let i = 0; i < n; i++, c += 8, words += 8, mono += 144) {
    waiting |= (termParities(mono, tables, load<u64>(c)) ^ coinsOf(load<u64>(words))) << (<u64>filled);
    filled += BLOCK_BITS;
    if (filled >= 32) {
      store<u32>(out, <u32>waiting);
      out += 4;
      waiting >>= 32;
      filled -= 32;
    }
  }
  if (filled > 0) store<u64>(out, waiting);
}

/** γ and π of nine blocks where they stand in an element's bits. */
@inline function coinsOf(word: u64): u64 {
  const second = word >> FIELD;
  const third = word >> (2 * FIELD);
  const gammas = (word & 7) | ((second & 7) << 3) | ((third & 7) << 6);
  return gammas | (((word >> 4) & 3) << 9) | (((second >> 3) & 7) << 11) | (((third >> 3) & 7) << 14);
}

/** Parity of the field that starts at bit 0 under a mask. */
@inline function under(field: u64, mask: u32): u64 {
  return popcnt(field & <u64>mask) & 1;
}

/** The mask entry of group g, from the 17 opened bits of an element. */
@inline function entryOf(masks: usize, opened: u64, g: u64): usize {
  // v_0 is none: group 0 reads whatever stands below v_1 as its v_a, which `less` does not use.
  const index = ((opened >> (3 * g)) & 7) | (((opened >> (8 + 3 * g)) & 7) << 3);
  return masks + <usize>(index & PUBLIC_BITS) * MASK_BYTES;
}

/** Round 3: the groups' less ⊕ γ (three bits) and equal ⊕ π (groups 1 and 2) of each element; uv has 8 spare readable bytes. */
export function groupJoin(out: usize, uv: usize, words: usize, masks: usize, n: i32): void {
  let waiting: u64 = 0;
  let filled: i32 = 0;
  let at: usize = 0;
  for (let i = 0; i < n; i++, words += 8, at += BLOCK_BITS) {
    const opened = <u64>(load<u32>(uv + (at >> 3)) >> (<u32>at & 7));
    const word = load<u64>(words);
    const second = word >> FIELD;
    const third = word >> (2 * FIELD);
    const own = word >> (3 * FIELD);
    const first = entryOf(masks, opened, 0);
    const middle = entryOf(masks, opened, 1);
    const last = entryOf(masks, opened, 2);
    let bits = under(word, load<u32>(first)) | (under(second, load<u32>(middle)) << 1) | (under(third, load<u32>(last)) << 2);
    bits |= (under(second, load<u32>(middle, 4)) << 3) | (under(third, load<u32>(last, 4)) << 4);
    bits ^= (own & 7) | (((own >> 4) & 3) << 3);
    waiting |= bits << (<u64>filled);
    filled += GROUP_BITS;
    if (filled >= 32) {
      store<u32>(out, <u32>waiting);
      out += 4;
      waiting >>= 32;
      filled -= 32;
    }
  }
  if (filled > 0) store<u64>(out, waiting);
}

/** Round 4: out bits = σ ⊕ borrow, from the five opened bits of each element; `opened` has 8 spare readable bytes. */
export function groupCarry(out: usize, opened: usize, words: usize, masks: usize, n: i32): void {
  let at: usize = 0;
  for (let i = 0; i < n; ) {
    let byte: u64 = 0;
    for (let b = 0; b < 8 && i < n; b++, i++, words += 8, at += GROUP_BITS) {
      const five = <u64>(load<u16>(opened + (at >> 3)) >> (<u16>at & 7));
      const index = (five & 7) | (((five >> 3) & 3) << 4);
      const mask = load<u32>(masks + <usize>index * MASK_BYTES);
      const own = load<u64>(words) >> (3 * FIELD);
      byte |= (under(own, mask) ^ ((own >> 12) & 1)) << (<u64>b);
    }
    store<u8>(out++, <u8>byte);
  }
}

/** The dealer's words: products of coins, ones, and σ = the sign bit of r ⊕ ρ. Constant time in r and coins. */
export function groupDeal(words: usize, r: usize, coins: usize, n: i32): void {
  for (let i = 0; i < n; i++, words += 8, r += 8, coins += 8) {
    const coin = load<u64>(coins);
    const pis = (coin >> 15) & 0x1fe;
    let word = fieldOf(coin, pis) | (fieldOf(coin >> 3, pis >> 3) << FIELD);
    word |= fieldOf(coin >> 6, pis >> 6) << (2 * FIELD);
    const sigma = (load<u64>(r) >> 63) ^ ((coin >> 32) & 1);
    const top = (fieldOf(coin >> 33, (coin >> 36) & 6) & 0xfff) | (sigma << 12);
    store<u64>(words, word | (top << (3 * FIELD)));
  }
}

/** The field of the low three bits of γ and π. */
@inline function fieldOf(gammas: u64, pis: u64): u64 {
  const ga = gammas & 1;
  const gb = (gammas >> 1) & 1;
  const pa = pis & 1;
  const pb = (pis >> 1) & 1;
  const pc = (pis >> 2) & 1;
  const both = pb & pc;
  const low = (gammas & 7) | ((pis & 7) << 3) | 64 | ((pc & gb) << 7) | (both << 8);
  const high = ((pc & ga) << 9) | ((pb & ga) << 10) | ((both & ga) << 11);
  return low | high | ((pa & pb) << 12) | ((pa & pc) << 13) | ((pa & both) << 14);
}
