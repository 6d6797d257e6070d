/**
 * The kernel contract: what every backend computes, bit for bit.
 *
 * A kernel is a function of pointers and sizes in one linear memory: no state, no allocation, no branch,
 * index or trap that depends on a secret value. Pointers are byte offsets, multiples of 16; words are little-endian
 * u64; bit strings are packed with bit i at (byte i >> 3, bit i & 7). Unless said otherwise `out` equals an
 * input exactly or overlaps none, nothing but the stated output is written, and sizes of 0 are allowed.
 * Sizes are checked by the caller (`ring/`, `protocol/`); kernels assume them. Public data only (an opened
 * c, u, v, t; tables) may steer an index: each such kernel says so.
 * @module
 */

/** A byte offset in the backend's linear memory. */
export type Ptr = number;

/** Version of this contract; a binary with another one is refused. */
export const KERNEL_ABI = 1;

/** Elementwise arithmetic on Z/2^64. */
export interface ElementwiseKernels {
  /** out[i] = a[i] + b[i] */
  add(out: Ptr, a: Ptr, b: Ptr, n: number): void;
  /** out[i] = a[i] − b[i] */
  sub(out: Ptr, a: Ptr, b: Ptr, n: number): void;
  /** out[i] = a[i] · b[i] */
  mul(out: Ptr, a: Ptr, b: Ptr, n: number): void;
  /** out[i] = −a[i] */
  neg(out: Ptr, a: Ptr, n: number): void;
  /** out[i] = a[i] + s[0]; s points to one word */
  addScalar(out: Ptr, a: Ptr, s: Ptr, n: number): void;
  /** out[i] = a[i] · s[0]; s points to one word */
  mulScalar(out: Ptr, a: Ptr, s: Ptr, n: number): void;
  /** out[i] = a[i] << bits, 0 ≤ bits ≤ 63 */
  shiftLeft(out: Ptr, a: Ptr, bits: number, n: number): void;
  /** out[i] = a[i] >>> bits (logical), 0 ≤ bits ≤ 63 */
  shiftRight(out: Ptr, a: Ptr, bits: number, n: number): void;
  /** out[i] = a[i] ^ b[i] */
  xor(out: Ptr, a: Ptr, b: Ptr, n: number): void;
  /** out[i] = a[i] & b[i] */
  and(out: Ptr, a: Ptr, b: Ptr, n: number): void;
  /** Beaver recombination with two products: out[i] = c[i] + a[i]·dy[i] + dx[i]·y[i] */
  beaver(out: Ptr, c: Ptr, a: Ptr, dy: Ptr, dx: Ptr, y: Ptr, n: number): void;
}

/** Copies, packing, reductions. */
export interface MovementKernels {
  /**
   * Contiguous copy of a strided view, row-major. `shape` and `strides` point to `rank` i32 each; strides count
   * words and may be 0 or negative; `a` already includes the view's offset. rank 0 copies one word. out overlaps nothing.
   */
  gatherStrided(out: Ptr, a: Ptr, shape: Ptr, strides: Ptr, rank: number): void;
  /** The inverse: writes contiguous `a` to the strided positions of `out`; positions are distinct. out overlaps nothing. */
  scatterStrided(out: Ptr, a: Ptr, shape: Ptr, strides: Ptr, rank: number): void;
  /** a: [outer, len, inner] → out: [outer, inner], summed over len (0 when len = 0). out overlaps nothing. */
  sumAxis(out: Ptr, a: Ptr, outer: number, len: number, inner: number): void;
  /** Bit `bit` (0..63) of each word, packed: ceil(n/8) bytes, padding bits 0. */
  bitAt(out: Ptr, a: Ptr, bit: number, n: number): void;
  /** Low `bytes` (1..8) bytes of each word, packed back to back: out has n·bytes bytes. */
  packLow(out: Ptr, a: Ptr, bytes: number, n: number): void;
  /** The inverse, zero-extended. */
  unpackLow(out: Ptr, a: Ptr, bytes: number, n: number): void;
}

/** Ring matrix product. */
export interface MatmulKernels {
  /** Bytes of scratch that `matmul` needs for these sizes. */
  matmulScratch(m: number, k: number, n: number): number;
  /** out[m,n] = (accumulate ? out : 0) + a[m,k]·b[k,n], row-major contiguous, mod 2^64; out overlaps nothing. */
  matmul(
    out: Ptr,
    a: Ptr,
    b: Ptr,
    m: number,
    k: number,
    n: number,
    accumulate: number,
    scratch: Ptr,
  ): void;
}

/** Fixed point. */
export interface FixedKernels {
  /**
   * out[i] = round-to-nearest-even(a[i]·2^fracBits) as a two's complement word; a: f64.
   * Returns 0, or 1 if any input is NaN or its rounded result is outside [−2^63, 2^63) (out is then unspecified).
   */
  encode(out: Ptr, a: Ptr, fracBits: number, n: number): number;
  /** out[i] = f64(i64 a[i])·2^−fracBits, the integer rounded to nearest even once. */
  decode(out: Ptr, a: Ptr, fracBits: number, n: number): void;
}

/** The PRG: BLAKE3 keyed mode, extendable output of the empty message. */
export interface PrgKernels {
  /**
   * out[0..64·blocks) = XOF(key, empty input) from block `counterLow + 2^32·counterHigh` on; key points to 32 bytes.
   * Equal to @noble/hashes blake3(new Uint8Array(), { key, dkLen }) at byte offset 64·counter.
   */
  blake3Xof(out: Ptr, key: Ptr, counterLow: number, counterHigh: number, blocks: number): void;
}

/** Exact truncation (security-requirements H5, H6; EGK20/DEK20). */
export interface TruncateKernels {
  /**
   * Two-party truncation, first half (H6). X = x + 2^62 at party 0, x at party 1 (mod 2^64).
   * party 0: out[i] = floor(X/2^m) − 2^(62−m); party 1: out[i] = ceil(X/2^m) (X as unsigned).
   * bits[i] (packed, ceil(n/8) bytes, padding bits 0) = 1 − msb(X). 1 ≤ m ≤ 61.
   */
  truncateSplit(out: Ptr, bits: Ptr, x: Ptr, m: number, party: number, n: number): void;
  /**
   * Second half. own: this party's mask bits a, d0, d1: opened bits, all packed; ab: additive share of a0·a1 (words). p0·p1 share =
   * [party 0] d0·d1 + d1(1−2d0)·a0, [party 1] d0(1−2d1)·a1, both + (1−2d0)(1−2d1)·ab;
   * out[i] = y[i] + (p0·p1 share − [party 0] 1)·2^(64−m).
   */
  truncateJoin(
    out: Ptr,
    y: Ptr,
    ab: Ptr,
    own: Ptr,
    d0: Ptr,
    d1: Ptr,
    m: number,
    party: number,
    n: number,
  ): void;
  /**
   * EGK truncation after opening c = x + 2^62 + r (offset included), 0 ≤ m ≤ 61. With c' = c mod 2^63, s = 1 − 2·c63:
   * out[i] = −rc[i] + s·2^(63−m)·r63[i] + [party 0]·( (c' >> m) + c63·2^(63−m) − 2^(62−m) ).
   */
  truncateOpened(out: Ptr, c: Ptr, rc: Ptr, r63: Ptr, m: number, party: number, n: number): void;
  /**
   * [b·y] for b = t ⊕ ρ and y the EGK truncation above (survey 3b.3). A = (c' >> m) + c63·2^(63−m) − 2^(62−m);
   * ρy = A·rho − rhoRc + s·2^(63−m)·rhoR63; out[i] = t·y[i] + (1−2t)·ρy. t: packed opened bits; y: shares.
   */
  selectOpened(
    out: Ptr,
    y: Ptr,
    c: Ptr,
    t: Ptr,
    rho: Ptr,
    rhoRc: Ptr,
    rhoR63: Ptr,
    m: number,
    n: number,
  ): void;
  /** Opened bit ⊕ shared bit, as an arithmetic share: out[i] = (1−2t)·rho[i] + [party 0]·t; t packed opened bits. */
  bitOpened(out: Ptr, t: Ptr, rho: Ptr, party: number, n: number): void;
  /** What the dealer shares: rc[i] = (r mod 2^63) >> m, r63[i] = r >>> 63. */
  truncateDeal(rc: Ptr, r63: Ptr, r: Ptr, m: number, n: number): void;
}

/**
 * Masked comparison by per-block monomial tables (survey 3b.3), on words of k = 7·blocks + 1 bits, 1 ≤ blocks ≤ 9.
 *
 * Block j (0 = lowest) holds bits 7j..7j+6; bit 7·blocks is the sign.
 * Level 1 (`mono`), per element `blocks` × 16 bytes: bit S (0 ≤ S < 128) of block j's 128-bit table is the XOR share of
 * the product of r's bits in S (bit e of S ↔ bit 7j+e of r); bit 0 is a share of the constant 1.
 * Level 2 (`wide`), per element W = ceil(3·2^(blocks−1)/64) words, as one bit string with bit i at (word i >> 6, bit i & 63):
 *   bits [0, 2^(blocks−1)): Π table: bit S is a share of the product of π_k over k in S, where position p of S ↔ block k = blocks−1−p
 *     (so S ⊆ {j+1..blocks−1} ⇔ S < 2^(blocks−1−j)); bit 0 is a share of 1;
 *   then, for j = 0..blocks−1, 2^(blocks−1−j) bits: bit S is a share of γ_j·Π_S;
 *   then one bit: σ = (sign bit of r) ⊕ ρ. Rest 0 (or random, ignored).
 */
export interface CompareKernels {
  /** Words of level-2 material per element. */
  // W(blocks) = max(1, 3·2^(blocks−1) / 64), computed by the caller: see compareWideWords in this file.
  /**
   * Round 2: out = bit stream, element-major, 2·blocks−1 bits each: u_0..u_{blocks−1}, v_1..v_{blocks−1} with
   * u_j = G_j ⊕ γ_j, v_j = P_j ⊕ π_j (XOR shares). c[i] is the opened, threshold-adjusted word; with c_j its 7-bit block:
   * P_j = XOR of mono bits T with ones(c_j) ⊆ T ⊆ 127 ... = share of [c_j = r_j];
   * G_j = share of [c_j < r_j] = XOR over zero bits i of c_j of [bits above i of c_j equal r's]·r_i.
   * Both are parity(maskTable[c_j] AND mono): indices are public. out has ceil(n·(2·blocks−1)/8) bytes, padding bits 0;
   * the caller gives 8 spare bytes after it, which may be overwritten with 0.
   */
  compareBlocks(
    out: Ptr,
    c: Ptr,
    mono: Ptr,
    wide: Ptr,
    blocks: number,
    tables: Ptr,
    n: number,
  ): void;
  /** Bytes of the constant mask tables that compareBlocks reads, and the function that writes them (once per arena scope or kept). */
  compareTablesBytes(): number;
  compareTables(out: Ptr): void;
  /**
   * Round 3: out bits (packed, ceil(n/8) bytes) = σ ⊕ borrow, XOR shares; uv: the opened bit stream (8 spare readable bytes after it).
   * borrow = XOR_j XOR_{S ⊆ {j+1..}} Π_{k>j, k∉S} v_k · ( u_j·Π_S ⊕ γ_jΠ_S ). The caller XORs the sign bit of the
   * opened c: msb(x) ⊕ ρ = c_sign ⊕ out.
   */
  compareCarry(out: Ptr, uv: Ptr, wide: Ptr, blocks: number, n: number): void;
  /**
   * What the dealer shares: true tables for r; coins[i] is a word: bits 0..blocks−1 = γ_j, bits 16..16+blocks−2 = π_1.., bit 32 = ρ.
   * mono and wide are overwritten with the plain bits (unused bits 0). Constant time in r and coins.
   */
  compareDealMono(mono: Ptr, r: Ptr, blocks: number, n: number): void;
  compareDealWide(wide: Ptr, r: Ptr, coins: Ptr, blocks: number, n: number): void;
}

/**
 * Compressed cubic spline gate (security-requirements A1), N knots (a power of two ≤ 256), step 2^m, 1 ≤ m ≤ 40.
 * c is opened; c_l = c mod 2^m, c_i = (c >> m) mod N.
 */
export interface SplineKernels {
  /**
   * out: 4 rows of n words: out[p·n + i] = Σ_j onehot[i·N + j] · table[p·N + ((c_i − j) mod N)], p = 0..3.
   * onehot: [n, N] shares; table: [4, N] public words. Index by c is public.
   */
  splineCoefficients(
    out: Ptr,
    onehot: Ptr,
    c: Ptr,
    table: Ptr,
    m: number,
    knots: number,
    n: number,
  ): void;
  /**
   * out[i] = K_0 + Σ_{q=1..3} Σ_{p=0..q} binom(q,p)·c_l^(q−p)·(−1)^p·[K_q·r_l^p], where [K_q·r_l^0] = k[q·n+i] and
   * [K_q·r_l^p] = o[(q−1)·n+i]·rl[(p−1)·n+i] + brl[row·n+i]; rows of brl: (q,p) = (1,1),(2,1),(2,2),(3,1),(3,2),(3,3).
   * k: 4 rows; o: 3 opened rows; rl: 3 rows (r_l, r_l², r_l³); brl: 6 rows (β_q·r_l^p).
   */
  splineCombine(out: Ptr, k: Ptr, o: Ptr, c: Ptr, rl: Ptr, brl: Ptr, m: number, n: number): void;
  /**
   * What the dealer shares: onehot [n,N] of r_i = (r >> m) mod N; rl 3 rows; brl 6 rows from beta (3 rows). Constant time in r.
   */
  splineDeal(
    onehot: Ptr,
    rl: Ptr,
    brl: Ptr,
    r: Ptr,
    beta: Ptr,
    m: number,
    knots: number,
    n: number,
  ): void;
}

/** One backend: all kernels over one linear memory. */
export interface Kernels
  extends
    ElementwiseKernels,
    MovementKernels,
    MatmulKernels,
    FixedKernels,
    PrgKernels,
    TruncateKernels,
    CompareKernels,
    SplineKernels {
  /** `wasm-simd`, `wasm-scalar` or `ts`. */
  readonly backend: string;
  /** The linear memory now; the object changes when memory grows, so nobody keeps it. */
  buffer(): ArrayBuffer;
  /** Takes a block of at least `bytes` bytes, 64-byte aligned; may grow memory. @throws RangeError when it cannot. */
  reserve(bytes: number): Ptr;
  /** Gives a block back. */
  release(block: Ptr): void;
}

/** Words of level-2 comparison material per element for a number of 7-bit blocks. */
export function compareWideWords(blocks: number): number {
  return Math.ceil((3 << (blocks - 1)) / 64);
}
