/**
 * BLAKE3 in keyed mode: extendable output of the empty message.
 *
 * Layout     key: 8 u32; out: 64 bytes a block. Four blocks are computed in the four lanes of 16 vectors (state word w of
 *            blocks i..i+3 in one vector) and transposed on the way out; a fifth in scalars at the same time.
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

// Rotations right in every lane. 16 is two instructions as a shuffle; 8 is one as a swizzle by a constant, 16 would be on some
// engines and slow on others (measured on V8 11.3 and 13.6).
@inline function right16(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}
@inline function right12(x: v128): v128 {
  return v128.or(i32x4.shr_u(x, 12), i32x4.shl(x, 20));
}
@inline function right8(x: v128): v128 {
  return v128.swizzle(x, i8x16(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12));
}
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

/** Blocks counter..counter+4: four in vectors, one in scalars, whose units would idle. */
function fiveBlocks(out: usize, key: usize, counter: u64): void {
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
  const fifth = counter + 4;
  let w0 = load<u32>(key);
  let w1 = load<u32>(key, 4);
  let w2 = load<u32>(key, 8);
  let w3 = load<u32>(key, 12);
  let x0 = load<u32>(key, 16);
  let x1 = load<u32>(key, 20);
  let x2 = load<u32>(key, 24);
  let x3 = load<u32>(key, 28);
  let y0 = IV0;
  let y1 = IV1;
  let y2 = IV2;
  let y3 = IV3;
  let z0 = <u32>fifth;
  let z1 = <u32>(fifth >> 32);
  let z2: u32 = 0;
  let z3 = FLAGS;
  for (let round = 0; round < ROUNDS; round++) {
    // columns
    a0 = i32x4.add(a0, b0); d0 = right16(v128.xor(d0, a0)); c0 = i32x4.add(c0, d0); b0 = right12(v128.xor(b0, c0));
    w0 += x0; z0 = rotr<u32>(z0 ^ w0, 16); y0 += z0; x0 = rotr<u32>(x0 ^ y0, 12);
    a1 = i32x4.add(a1, b1); d1 = right16(v128.xor(d1, a1)); c1 = i32x4.add(c1, d1); b1 = right12(v128.xor(b1, c1));
    w1 += x1; z1 = rotr<u32>(z1 ^ w1, 16); y1 += z1; x1 = rotr<u32>(x1 ^ y1, 12);
    a2 = i32x4.add(a2, b2); d2 = right16(v128.xor(d2, a2)); c2 = i32x4.add(c2, d2); b2 = right12(v128.xor(b2, c2));
    w2 += x2; z2 = rotr<u32>(z2 ^ w2, 16); y2 += z2; x2 = rotr<u32>(x2 ^ y2, 12);
    a3 = i32x4.add(a3, b3); d3 = right16(v128.xor(d3, a3)); c3 = i32x4.add(c3, d3); b3 = right12(v128.xor(b3, c3));
    w3 += x3; z3 = rotr<u32>(z3 ^ w3, 16); y3 += z3; x3 = rotr<u32>(x3 ^ y3, 12);
    a0 = i32x4.add(a0, b0); d0 = right8(v128.xor(d0, a0)); c0 = i32x4.add(c0, d0); b0 = right7(v128.xor(b0, c0));
    w0 += x0; z0 = rotr<u32>(z0 ^ w0, 8); y0 += z0; x0 = rotr<u32>(x0 ^ y0, 7);
    a1 = i32x4.add(a1, b1); d1 = right8(v128.xor(d1, a1)); c1 = i32x4.add(c1, d1); b1 = right7(v128.xor(b1, c1));
    w1 += x1; z1 = rotr<u32>(z1 ^ w1, 8); y1 += z1; x1 = rotr<u32>(x1 ^ y1, 7);
    a2 = i32x4.add(a2, b2); d2 = right8(v128.xor(d2, a2)); c2 = i32x4.add(c2, d2); b2 = right7(v128.xor(b2, c2));
    w2 += x2; z2 = rotr<u32>(z2 ^ w2, 8); y2 += z2; x2 = rotr<u32>(x2 ^ y2, 7);
    a3 = i32x4.add(a3, b3); d3 = right8(v128.xor(d3, a3)); c3 = i32x4.add(c3, d3); b3 = right7(v128.xor(b3, c3));
    w3 += x3; z3 = rotr<u32>(z3 ^ w3, 8); y3 += z3; x3 = rotr<u32>(x3 ^ y3, 7);
    // diagonals
    a0 = i32x4.add(a0, b1); d3 = right16(v128.xor(d3, a0)); c2 = i32x4.add(c2, d3); b1 = right12(v128.xor(b1, c2));
    w0 += x1; z3 = rotr<u32>(z3 ^ w0, 16); y2 += z3; x1 = rotr<u32>(x1 ^ y2, 12);
    a1 = i32x4.add(a1, b2); d0 = right16(v128.xor(d0, a1)); c3 = i32x4.add(c3, d0); b2 = right12(v128.xor(b2, c3));
    w1 += x2; z0 = rotr<u32>(z0 ^ w1, 16); y3 += z0; x2 = rotr<u32>(x2 ^ y3, 12);
    a2 = i32x4.add(a2, b3); d1 = right16(v128.xor(d1, a2)); c0 = i32x4.add(c0, d1); b3 = right12(v128.xor(b3, c0));
    w2 += x3; z1 = rotr<u32>(z1 ^ w2, 16); y0 += z1; x3 = rotr<u32>(x3 ^ y0, 12);
    a3 = i32x4.add(a3, b0); d2 = right16(v128.xor(d2, a3)); c1 = i32x4.add(c1, d2); b0 = right12(v128.xor(b0, c1));
    w3 += x0; z2 = rotr<u32>(z2 ^ w3, 16); y1 += z2; x0 = rotr<u32>(x0 ^ y1, 12);
    a0 = i32x4.add(a0, b1); d3 = right8(v128.xor(d3, a0)); c2 = i32x4.add(c2, d3); b1 = right7(v128.xor(b1, c2));
    w0 += x1; z3 = rotr<u32>(z3 ^ w0, 8); y2 += z3; x1 = rotr<u32>(x1 ^ y2, 7);
    a1 = i32x4.add(a1, b2); d0 = right8(v128.xor(d0, a1)); c3 = i32x4.add(c3, d0); b2 = right7(v128.xor(b2, c3));
    w1 += x2; z0 = rotr<u32>(z0 ^ w1, 8); y3 += z0; x2 = rotr<u32>(x2 ^ y3, 7);
    a2 = i32x4.add(a2, b3); d1 = right8(v128.xor(d1, a2)); c0 = i32x4.add(c0, d1); b3 = right7(v128.xor(b3, c0));
    w2 += x3; z1 = rotr<u32>(z1 ^ w2, 8); y0 += z1; x3 = rotr<u32>(x3 ^ y0, 7);
    a3 = i32x4.add(a3, b0); d2 = right8(v128.xor(d2, a3)); c1 = i32x4.add(c1, d2); b0 = right7(v128.xor(b0, c1));
    w3 += x0; z2 = rotr<u32>(z2 ^ w3, 8); y1 += z2; x0 = rotr<u32>(x0 ^ y1, 7);
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
  store<u32>(out, w0 ^ y0, 256);
  store<u32>(out, w1 ^ y1, 260);
  store<u32>(out, w2 ^ y2, 264);
  store<u32>(out, w3 ^ y3, 268);
  store<u32>(out, x0 ^ z0, 272);
  store<u32>(out, x1 ^ z1, 276);
  store<u32>(out, x2 ^ z2, 280);
  store<u32>(out, x3 ^ z3, 284);
  store<u32>(out, y0 ^ load<u32>(key, 0), 288);
  store<u32>(out, y1 ^ load<u32>(key, 4), 292);
  store<u32>(out, y2 ^ load<u32>(key, 8), 296);
  store<u32>(out, y3 ^ load<u32>(key, 12), 300);
  store<u32>(out, z0 ^ load<u32>(key, 16), 304);
  store<u32>(out, z1 ^ load<u32>(key, 20), 308);
  store<u32>(out, z2 ^ load<u32>(key, 24), 312);
  store<u32>(out, z3 ^ load<u32>(key, 28), 316);
}

/** Block `counter`. */
function oneBlock(out: usize, key: usize, counter: u64): void {
  let w0 = load<u32>(key);
  let w1 = load<u32>(key, 4);
  let w2 = load<u32>(key, 8);
  let w3 = load<u32>(key, 12);
  let x0 = load<u32>(key, 16);
  let x1 = load<u32>(key, 20);
  let x2 = load<u32>(key, 24);
  let x3 = load<u32>(key, 28);
  let y0 = IV0;
  let y1 = IV1;
  let y2 = IV2;
  let y3 = IV3;
  let z0 = <u32>counter;
  let z1 = <u32>(counter >> 32);
  let z2: u32 = 0;
  let z3 = FLAGS;
  for (let round = 0; round < ROUNDS; round++) {
    // columns
    w0 += x0; z0 = rotr<u32>(z0 ^ w0, 16); y0 += z0; x0 = rotr<u32>(x0 ^ y0, 12);
    w1 += x1; z1 = rotr<u32>(z1 ^ w1, 16); y1 += z1; x1 = rotr<u32>(x1 ^ y1, 12);
    w2 += x2; z2 = rotr<u32>(z2 ^ w2, 16); y2 += z2; x2 = rotr<u32>(x2 ^ y2, 12);
    w3 += x3; z3 = rotr<u32>(z3 ^ w3, 16); y3 += z3; x3 = rotr<u32>(x3 ^ y3, 12);
    w0 += x0; z0 = rotr<u32>(z0 ^ w0, 8); y0 += z0; x0 = rotr<u32>(x0 ^ y0, 7);
    w1 += x1; z1 = rotr<u32>(z1 ^ w1, 8); y1 += z1; x1 = rotr<u32>(x1 ^ y1, 7);
    w2 += x2; z2 = rotr<u32>(z2 ^ w2, 8); y2 += z2; x2 = rotr<u32>(x2 ^ y2, 7);
    w3 += x3; z3 = rotr<u32>(z3 ^ w3, 8); y3 += z3; x3 = rotr<u32>(x3 ^ y3, 7);
    // diagonals
    w0 += x1; z3 = rotr<u32>(z3 ^ w0, 16); y2 += z3; x1 = rotr<u32>(x1 ^ y2, 12);
    w1 += x2; z0 = rotr<u32>(z0 ^ w1, 16); y3 += z0; x2 = rotr<u32>(x2 ^ y3, 12);
    w2 += x3; z1 = rotr<u32>(z1 ^ w2, 16); y0 += z1; x3 = rotr<u32>(x3 ^ y0, 12);
    w3 += x0; z2 = rotr<u32>(z2 ^ w3, 16); y1 += z2; x0 = rotr<u32>(x0 ^ y1, 12);
    w0 += x1; z3 = rotr<u32>(z3 ^ w0, 8); y2 += z3; x1 = rotr<u32>(x1 ^ y2, 7);
    w1 += x2; z0 = rotr<u32>(z0 ^ w1, 8); y3 += z0; x2 = rotr<u32>(x2 ^ y3, 7);
    w2 += x3; z1 = rotr<u32>(z1 ^ w2, 8); y0 += z1; x3 = rotr<u32>(x3 ^ y0, 7);
    w3 += x0; z2 = rotr<u32>(z2 ^ w3, 8); y1 += z2; x0 = rotr<u32>(x0 ^ y1, 7);
  }
  store<u32>(out, w0 ^ y0, 0);
  store<u32>(out, w1 ^ y1, 4);
  store<u32>(out, w2 ^ y2, 8);
  store<u32>(out, w3 ^ y3, 12);
  store<u32>(out, x0 ^ z0, 16);
  store<u32>(out, x1 ^ z1, 20);
  store<u32>(out, x2 ^ z2, 24);
  store<u32>(out, x3 ^ z3, 28);
  store<u32>(out, y0 ^ load<u32>(key, 0), 32);
  store<u32>(out, y1 ^ load<u32>(key, 4), 36);
  store<u32>(out, y2 ^ load<u32>(key, 8), 40);
  store<u32>(out, y3 ^ load<u32>(key, 12), 44);
  store<u32>(out, z0 ^ load<u32>(key, 16), 48);
  store<u32>(out, z1 ^ load<u32>(key, 20), 52);
  store<u32>(out, z2 ^ load<u32>(key, 24), 56);
  store<u32>(out, z3 ^ load<u32>(key, 28), 60);
}

/** out = blocks counterLow + 2^32·counterHigh .. of the key's stream. */
export function blake3Xof(out: usize, key: usize, counterLow: u32, counterHigh: u32, blocks: i32): void {
  let counter = <u64>counterLow | (<u64>counterHigh << 32);
  if (ASC_FEATURE_SIMD) {
    for (; blocks >= 5; blocks -= 5, counter += 5, out += 320) fiveBlocks(out, key, counter);
  }
  for (; blocks > 0; blocks--, counter++, out += 64) oneBlock(out, key, counter);
}
