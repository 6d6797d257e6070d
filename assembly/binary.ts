/**
 * XOR-shared bits: planes of bits, the layers of a circuit on them, and the arithmetic shift.
 *
 * Layout     plane: w words, bit e of word b belongs to element 64b + e. Planes follow each other without gaps.
 *            A 64×64 block is 64 words; transposed, bit j of word e and bit e of word j have changed places:
 *
 *              word 0 │ a b c d          word 0 │ a e i m      a stage of distance j swaps, in every 2j×2j square on the
 *              word 1 │ e f g h    →     word 1 │ b f j n      diagonal, the high bits of the upper j words with the low
 *              word 2 │ i j k l          word 2 │ c g k o      bits of the lower j words: j = 32, 16, 8, 4, 2, 1.
 *              word 3 │ m n o p          word 3 │ d h l p
 * Pre        pointers are multiples of 16, planes inside a state multiples of 8; scratch has 512 bytes.
 * Post       writes the stated outputs and scratch.
 * Secret     words, planes, masks, products. Public: wires, gates, opened, sizes, party.
 * Reference  H. S. Warren, Hacker's Delight, 7-3 (transposing a bit matrix); test/oracle/ring.ts.
 * @module
 */

/** out[i] = a[i] >> bits with the sign. */
export function shiftRightSigned(out: usize, a: usize, bits: i32, n: i32): void {
  let i: i32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (const pairs = n & ~1; i < pairs; i += 2) {
      const at = (<usize>i) << 3;
      v128.store(out + at, i64x2.shr_s(v128.load(a + at), bits));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 3;
    store<i64>(out + at, load<i64>(a + at) >> (<i64>bits));
  }
}

/** The stage of distance j between the words at p and q. */
@inline function swapBits(p: usize, q: usize, j: u64, mask: u64): void {
  const x = load<u64>(p);
  const y = load<u64>(q);
  const t = ((x >> j) ^ y) & mask;
  store<u64>(p, x ^ (t << j));
  store<u64>(q, y ^ t);
}

/** The same for two words each. */
@inline function swapTwo(p: usize, q: usize, j: i32, mask: v128): void {
  const x = v128.load(p);
  const y = v128.load(q);
  const t = v128.and(v128.xor(i64x2.shr_u(x, j), y), mask);
  v128.store(p, v128.xor(x, i64x2.shl(t, j)));
  v128.store(q, v128.xor(y, t));
}

/** Transposes the 64 words at `block` in place. */
function transposeBlock(block: usize): void {
  let mask: u64 = 0x00000000ffffffff;
  for (let j: i32 = 32; j > 0; ) {
    const far = (<usize>j) << 3;
    for (let top = block, end = block + 512; top < end; top += 2 * far) {
      let p = top;
      if (ASC_FEATURE_SIMD && j > 1) {
        for (; p < top + far; p += 16) swapTwo(p, p + far, j, i64x2.splat(mask));
      } else {
        for (; p < top + far; p += 8) swapBits(p, p + far, <u64>j, mask);
      }
    }
    j >>= 1;
    mask ^= mask << (<u64>j);
  }
}

/** Words to planes: bit e of plane j is bit j of word e. */
export function bitTranspose(out: usize, a: usize, bits: i32, n: i32, scratch: usize): void {
  const plane = (((<usize>n) + 63) >> 6) << 3;
  for (let left = n; left > 0; left -= 64, a += 512, out += 8) {
    const bytes = (<usize>min(left, 64)) << 3;
    memory.copy(scratch, a, bytes);
    memory.fill(scratch + bytes, 0, 512 - bytes);
    transposeBlock(scratch);
    for (let j: usize = 0; j < <usize>bits; j++) store<u64>(out + j * plane, load<u64>(scratch + (j << 3)));
  }
}

/** Planes to words: the inverse; bits without a plane are 0. */
export function bitUntranspose(out: usize, a: usize, bits: i32, n: i32, scratch: usize): void {
  const plane = (((<usize>n) + 63) >> 6) << 3;
  const used = (<usize>bits) << 3;
  for (let left = n; left > 0; left -= 64, a += 8, out += 512) {
    for (let j: usize = 0; j < <usize>bits; j++) store<u64>(scratch + (j << 3), load<u64>(a + j * plane));
    memory.fill(scratch + used, 0, 512 - used);
    transposeBlock(scratch);
    memory.copy(out, scratch, (<usize>min(left, 64)) << 3);
  }
}

/** out = the planes that are opened, each under its mask. */
export function layerMask(out: usize, state: usize, wires: usize, mask: usize, count: i32, w: i32): void {
  const plane = (<usize>w) << 3;
  for (; count > 0; count--, wires += 4) {
    const from = state + (<usize>load<i32>(wires)) * plane;
    let at: usize = 0;
    if (ASC_FEATURE_SIMD) {
      for (const pairs = plane & ~15; at < pairs; at += 16) {
        v128.store(out + at, v128.xor(v128.load(from + at), v128.load(mask + at)));
      }
    }
    for (; at < plane; at += 8) store<u64>(out + at, load<u64>(from + at) ^ load<u64>(mask + at));
    out += plane;
    mask += plane;
  }
}

/** Beaver recombination on bits, gate by gate: to = (keep ? to : 0) ⊕ c ⊕ a_u·d_v ⊕ d_u·(a_v ⊕ [party 0] d_v). */
export function layerAnd(
  state: usize, opened: usize, mask: usize, c: usize, gates: usize, count: i32, party: i32, w: i32,
): void {
  const plane = (<usize>w) << 3;
  const first: u64 = party == 0 ? u64.MAX_VALUE : 0;
  for (; count > 0; count--, gates += 16, c += plane) {
    const u = (<usize>load<i32>(gates)) * plane;
    const v = (<usize>load<i32>(gates, 4)) * plane;
    const to = state + (<usize>load<i32>(gates, 8)) * plane;
    const keep: u64 = 0 - <u64>load<i32>(gates, 12);
    let at: usize = 0;
    if (ASC_FEATURE_SIMD) {
      for (const pairs = plane & ~15; at < pairs; at += 16) {
        const dv = v128.load(opened + v + at);
        const left = v128.and(v128.load(mask + u + at), dv);
        const own = v128.xor(v128.load(mask + v + at), v128.and(dv, i64x2.splat(first)));
        const right = v128.and(v128.load(opened + u + at), own);
        const old = v128.and(v128.load(to + at), i64x2.splat(keep));
        v128.store(to + at, v128.xor(v128.xor(old, v128.load(c + at)), v128.xor(left, right)));
      }
    }
    for (; at < plane; at += 8) {
      const dv = load<u64>(opened + v + at);
      const left = load<u64>(mask + u + at) & dv;
      const right = load<u64>(opened + u + at) & (load<u64>(mask + v + at) ^ (dv & first));
      store<u64>(to + at, (load<u64>(to + at) & keep) ^ load<u64>(c + at) ^ left ^ right);
    }
  }
}

/** What the dealer shares: c = a_u·a_v for each gate. */
export function layerDeal(c: usize, mask: usize, gates: usize, count: i32, w: i32): void {
  const plane = (<usize>w) << 3;
  for (; count > 0; count--, gates += 16, c += plane) {
    const u = mask + (<usize>load<i32>(gates)) * plane;
    const v = mask + (<usize>load<i32>(gates, 4)) * plane;
    let at: usize = 0;
    if (ASC_FEATURE_SIMD) {
      for (const pairs = plane & ~15; at < pairs; at += 16) {
        v128.store(c + at, v128.and(v128.load(u + at), v128.load(v + at)));
      }
    }
    for (; at < plane; at += 8) store<u64>(c + at, load<u64>(u + at) & load<u64>(v + at));
  }
}
