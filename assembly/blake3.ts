/**
 * BLAKE3 in keyed mode: extendable output of the empty message.
 *
 * Layout     key: 8 u32; out: 64 bytes a block. Four blocks are computed in the four lanes of 16 vectors (state word w of
 *            blocks i..i+3 in one vector) and transposed on the way out.
 * Pre        out and key are multiples of 16 and do not overlap; blocks ≥ 0.
 * Post       writes out[0..64·blocks) and nothing else.
 * Secret     the key; only the number of blocks steers control flow.
 * Reference  BLAKE3 paper 2.2 and 2.6; the one block is all zero, so rounds add no message words and need no schedule.
 * @module
 */

// First words of the IV; flags CHUNK_START | CHUNK_END | ROOT | KEYED_HASH.
const IV0: u32 = 0x6a09e667;
const IV1: u32 = 0xbb67ae85;
const IV2: u32 = 0x3c6ef372;
const IV3: u32 = 0xa54ff53a;
const FLAGS: u32 = 1 | 2 | 8 | 16;
const ROUNDS: i32 = 7;

// Rotations right in every lane; 16 by a shuffle, the others by shifts (wasm-findings, PRG).
// @ts-ignore: decorator
@inline function right16(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}
// @ts-ignore: decorator
@inline function right12(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 12), i32x4.shl(x, 20));
}
// @ts-ignore: decorator
@inline function right8(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 8), i32x4.shl(x, 24));
}
// @ts-ignore: decorator
@inline function right7(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 7), i32x4.shl(x, 25));
}

/** Writes 4 state words of 4 blocks: words w..w+3 of block i to out + 64·i. */
function transpose(out: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
  const low01 = v128.shuffle<u32>(x0, x1, 0, 4, 1, 5);
  const low23 = v128.shuffle<u32>(x2, x3, 0, 4, 1, 5);
  const high01 = v128.shuffle<u32>(x0, x1, 2, 6, 3, 7);
  const high23 = v128.shuffle<u32>(x2, x3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<u64>(low01, low23, 0, 2));
  v128.store(out, v128.shuffle<u64>(low01, low23, 1, 3), 64);
  v128.store(out, v128.shuffle<u64>(high01, high23, 0, 2), 128);
  v128.store(out, v128.shuffle<u64>(high01, high23, 1, 3), 192);
}

/** Blocks counter..counter+3. */
function fourBlocks(out: usize, key: usize, counter: u64): void {
  let a0 = v128.load_splat<u32>(key);
  let a1 = v128.load_splat<u32>(key, 4);
  let a2 = v128.load_splat<u32>(key, 8);
  let a3 = v128.load_splat<u32>(key, 12);
  let b0 = v128.load_splat<u32>(key, 16);
  let b1 = v128.load_splat<u32>(key, 20);
  let b2 = v128.load_splat<u32>(key, 24);
  let b3 = v128.load_splat<u32>(key, 28);
  let c0 = i32x4.splat(IV0);
  let c1 = i32x4.splat(IV1);
  let c2 = i32x4.splat(IV2);
  let c3 = i32x4.splat(IV3);
  const even = i64x2.add(i64x2.splat(counter), i64x2(0, 1));
  const odd = i64x2.add(i64x2.splat(counter), i64x2(2, 3));
  let d0 = v128.shuffle<u32>(even, odd, 0, 2, 4, 6);
  let d1 = v128.shuffle<u32>(even, odd, 1, 3, 5, 7);
  let d2 = i32x4.splat(0);
  let d3 = i32x4.splat(FLAGS);
  for (let round = 0; round < ROUNDS; round++) {
    // columns
    a0 = i32x4.add(a0, b0);
    d0 = right16(v128.xor(d0, a0));
    c0 = i32x4.add(c0, d0);
    b0 = right12(v128.xor(b0, c0));
    a1 = i32x4.add(a1, b1);
    d1 = right16(v128.xor(d1, a1));
    c1 = i32x4.add(c1, d1);
    b1 = right12(v128.xor(b1, c1));
    a2 = i32x4.add(a2, b2);
    d2 = right16(v128.xor(d2, a2));
    c2 = i32x4.add(c2, d2);
    b2 = right12(v128.xor(b2, c2));
    a3 = i32x4.add(a3, b3);
    d3 = right16(v128.xor(d3, a3));
    c3 = i32x4.add(c3, d3);
    b3 = right12(v128.xor(b3, c3));
    a0 = i32x4.add(a0, b0);
    d0 = right8(v128.xor(d0, a0));
    c0 = i32x4.add(c0, d0);
    b0 = right7(v128.xor(b0, c0));
    a1 = i32x4.add(a1, b1);
    d1 = right8(v128.xor(d1, a1));
    c1 = i32x4.add(c1, d1);
    b1 = right7(v128.xor(b1, c1));
    a2 = i32x4.add(a2, b2);
    d2 = right8(v128.xor(d2, a2));
    c2 = i32x4.add(c2, d2);
    b2 = right7(v128.xor(b2, c2));
    a3 = i32x4.add(a3, b3);
    d3 = right8(v128.xor(d3, a3));
    c3 = i32x4.add(c3, d3);
    b3 = right7(v128.xor(b3, c3));
    // diagonals
    a0 = i32x4.add(a0, b1);
    d3 = right16(v128.xor(d3, a0));
    c2 = i32x4.add(c2, d3);
    b1 = right12(v128.xor(b1, c2));
    a1 = i32x4.add(a1, b2);
    d0 = right16(v128.xor(d0, a1));
    c3 = i32x4.add(c3, d0);
    b2 = right12(v128.xor(b2, c3));
    a2 = i32x4.add(a2, b3);
    d1 = right16(v128.xor(d1, a2));
    c0 = i32x4.add(c0, d1);
    b3 = right12(v128.xor(b3, c0));
    a3 = i32x4.add(a3, b0);
    d2 = right16(v128.xor(d2, a3));
    c1 = i32x4.add(c1, d2);
    b0 = right12(v128.xor(b0, c1));
    a0 = i32x4.add(a0, b1);
    d3 = right8(v128.xor(d3, a0));
    c2 = i32x4.add(c2, d3);
    b1 = right7(v128.xor(b1, c2));
    a1 = i32x4.add(a1, b2);
    d0 = right8(v128.xor(d0, a1));
    c3 = i32x4.add(c3, d0);
    b2 = right7(v128.xor(b2, c3));
    a2 = i32x4.add(a2, b3);
    d1 = right8(v128.xor(d1, a2));
    c0 = i32x4.add(c0, d1);
    b3 = right7(v128.xor(b3, c0));
    a3 = i32x4.add(a3, b0);
    d2 = right8(v128.xor(d2, a3));
    c1 = i32x4.add(c1, d2);
    b0 = right7(v128.xor(b0, c1));
  }
  transpose(out, v128.xor(a0, c0), v128.xor(a1, c1), v128.xor(a2, c2), v128.xor(a3, c3));
  transpose(out + 16, v128.xor(b0, d0), v128.xor(b1, d1), v128.xor(b2, d2), v128.xor(b3, d3));
  c0 = v128.xor(c0, v128.load_splat<u32>(key));
  c1 = v128.xor(c1, v128.load_splat<u32>(key, 4));
  c2 = v128.xor(c2, v128.load_splat<u32>(key, 8));
  c3 = v128.xor(c3, v128.load_splat<u32>(key, 12));
  transpose(out + 32, c0, c1, c2, c3);
  d0 = v128.xor(d0, v128.load_splat<u32>(key, 16));
  d1 = v128.xor(d1, v128.load_splat<u32>(key, 20));
  d2 = v128.xor(d2, v128.load_splat<u32>(key, 24));
  d3 = v128.xor(d3, v128.load_splat<u32>(key, 28));
  transpose(out + 48, d0, d1, d2, d3);
}

/** Block `counter`. */
function oneBlock(out: usize, key: usize, counter: u64): void {
  let a0 = load<u32>(key);
  let a1 = load<u32>(key, 4);
  let a2 = load<u32>(key, 8);
  let a3 = load<u32>(key, 12);
  let b0 = load<u32>(key, 16);
  let b1 = load<u32>(key, 20);
  let b2 = load<u32>(key, 24);
  let b3 = load<u32>(key, 28);
  let c0 = IV0;
  let c1 = IV1;
  let c2 = IV2;
  let c3 = IV3;
  let d0 = <u32>counter;
  let d1 = <u32>(counter >> 32);
  let d2: u32 = 0;
  let d3 = FLAGS;
  for (let round = 0; round < ROUNDS; round++) {
    // columns
    a0 += b0;
    d0 = rotr<u32>(d0 ^ a0, 16);
    c0 += d0;
    b0 = rotr<u32>(b0 ^ c0, 12);
    a1 += b1;
    d1 = rotr<u32>(d1 ^ a1, 16);
    c1 += d1;
    b1 = rotr<u32>(b1 ^ c1, 12);
    a2 += b2;
    d2 = rotr<u32>(d2 ^ a2, 16);
    c2 += d2;
    b2 = rotr<u32>(b2 ^ c2, 12);
    a3 += b3;
    d3 = rotr<u32>(d3 ^ a3, 16);
    c3 += d3;
    b3 = rotr<u32>(b3 ^ c3, 12);
    a0 += b0;
    d0 = rotr<u32>(d0 ^ a0, 8);
    c0 += d0;
    b0 = rotr<u32>(b0 ^ c0, 7);
    a1 += b1;
    d1 = rotr<u32>(d1 ^ a1, 8);
    c1 += d1;
    b1 = rotr<u32>(b1 ^ c1, 7);
    a2 += b2;
    d2 = rotr<u32>(d2 ^ a2, 8);
    c2 += d2;
    b2 = rotr<u32>(b2 ^ c2, 7);
    a3 += b3;
    d3 = rotr<u32>(d3 ^ a3, 8);
    c3 += d3;
    b3 = rotr<u32>(b3 ^ c3, 7);
    // diagonals
    a0 += b1;
    d3 = rotr<u32>(d3 ^ a0, 16);
    c2 += d3;
    b1 = rotr<u32>(b1 ^ c2, 12);
    a1 += b2;
    d0 = rotr<u32>(d0 ^ a1, 16);
    c3 += d0;
    b2 = rotr<u32>(b2 ^ c3, 12);
    a2 += b3;
    d1 = rotr<u32>(d1 ^ a2, 16);
    c0 += d1;
    b3 = rotr<u32>(b3 ^ c0, 12);
    a3 += b0;
    d2 = rotr<u32>(d2 ^ a3, 16);
    c1 += d2;
    b0 = rotr<u32>(b0 ^ c1, 12);
    a0 += b1;
    d3 = rotr<u32>(d3 ^ a0, 8);
    c2 += d3;
    b1 = rotr<u32>(b1 ^ c2, 7);
    a1 += b2;
    d0 = rotr<u32>(d0 ^ a1, 8);
    c3 += d0;
    b2 = rotr<u32>(b2 ^ c3, 7);
    a2 += b3;
    d1 = rotr<u32>(d1 ^ a2, 8);
    c0 += d1;
    b3 = rotr<u32>(b3 ^ c0, 7);
    a3 += b0;
    d2 = rotr<u32>(d2 ^ a3, 8);
    c1 += d2;
    b0 = rotr<u32>(b0 ^ c1, 7);
  }
  store<u32>(out, a0 ^ c0, 0);
  store<u32>(out, a1 ^ c1, 4);
  store<u32>(out, a2 ^ c2, 8);
  store<u32>(out, a3 ^ c3, 12);
  store<u32>(out, b0 ^ d0, 16);
  store<u32>(out, b1 ^ d1, 20);
  store<u32>(out, b2 ^ d2, 24);
  store<u32>(out, b3 ^ d3, 28);
  store<u32>(out, c0 ^ load<u32>(key, 0), 32);
  store<u32>(out, c1 ^ load<u32>(key, 4), 36);
  store<u32>(out, c2 ^ load<u32>(key, 8), 40);
  store<u32>(out, c3 ^ load<u32>(key, 12), 44);
  store<u32>(out, d0 ^ load<u32>(key, 16), 48);
  store<u32>(out, d1 ^ load<u32>(key, 20), 52);
  store<u32>(out, d2 ^ load<u32>(key, 24), 56);
  store<u32>(out, d3 ^ load<u32>(key, 28), 60);
}

/** out = blocks counterLow + 2^32·counterHigh .. of the key's stream. */
export function blake3Xof(out: usize, key: usize, counterLow: u32, counterHigh: u32, blocks: i32): void {
  let counter = <u64>counterLow | (<u64>counterHigh << 32);
  if (ASC_FEATURE_SIMD) {
    for (; blocks >= 4; blocks -= 4, counter += 4, out += 256) fourBlocks(out, key, counter);
  }
  for (; blocks > 0; blocks--, counter++, out += 64) oneBlock(out, key, counter);
}
