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

/** Rows of `width` words, by number. `rows` points to n i32, public, each the number of a row that exists: it steers addresses. */
export interface RowKernels {
  /** Row i of out = row rows[i] of a, i < n. out overlaps nothing. */
  gatherRows(out: Ptr, a: Ptr, rows: Ptr, width: number, n: number): void;
  /** Row rows[i] of out += row i of a, i < n; a row may come several times. out overlaps nothing. */
  addRows(out: Ptr, a: Ptr, rows: Ptr, width: number, n: number): void;
  /** a, out: [outer, len, inner]; out[o, l, i] = a[o, 0, i] + … + a[o, l, i]. out overlaps nothing. */
  runningSums(out: Ptr, a: Ptr, outer: number, len: number, inner: number): void;
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
 * A threshold of a comparison at full width (nine blocks), its second level in groups of three blocks: one word of material an
 * element instead of twelve, and one round more. mono, c and tables are those of CompareKernels. The layout of a word and the masks
 * is drawn in assembly/groups.ts.
 */
export interface GroupKernels {
  /** Bytes of the constant masks, and the function that writes them. */
  groupMasksBytes(): number;
  groupMasks(out: Ptr): void;
  /** Round 2: as compareBlocks of nine blocks, 17 bits an element; γ and π come from the words. 8 spare bytes after out. */
  groupBlocks(out: Ptr, c: Ptr, mono: Ptr, words: Ptr, tables: Ptr, n: number): void;
  /**
   * Round 3: out = bit stream of 5 bits an element, for the groups g of three blocks: [c_g < r_g] ⊕ γ_g, g = 0, 1, 2, then
   * [c_g = r_g] ⊕ π_g, g = 1, 2 (XOR shares). uv: the opened stream, 8 spare readable bytes after it; 8 spare bytes after out.
   */
  groupJoin(out: Ptr, uv: Ptr, words: Ptr, masks: Ptr, n: number): void;
  /** Round 4: as compareCarry, from the opened stream of groupJoin (8 spare readable bytes after it). */
  groupCarry(out: Ptr, opened: Ptr, words: Ptr, masks: Ptr, n: number): void;
  /** What the dealer shares: true words; coins as in compareDealWide, and bits 33..35 = γ_g, 37..38 = π_1, π_2. Constant time. */
  groupDeal(words: Ptr, r: Ptr, coins: Ptr, n: number): void;
}

/**
 * Sums of harmonics of a secret angle (src/protocol/harmonics.ts). An angle is the top half of a word, signed, in units of 2^−32
 * turn. cos and sin are IEEE doubles computed by the additions and multiplications that assembly/harmonics.ts states, in its order:
 * the same bits on every backend, within 2^−40 of the true values for multiples up to 64.
 */
export interface HarmonicsKernels {
  /**
   * What the dealer shares: waves[2·(i·terms + k−1)] = round(2^30·cos(k·angle_i)), the next word the same of sin, k = 1..terms.
   * Constant time in the angles.
   */
  harmonicsDeal(waves: Ptr, angles: Ptr, terms: number, n: number): void;
  /**
   * out[i] = Σ_k F_k·waves[i·row + 2k−2] + G_k·waves[i·row + 2k−1], F_k = round(A_k·cos(k·angle_i) + B_k·sin(k·angle_i)) and
   * G_k = round(A_k·sin(k·angle_i) − B_k·cos(k·angle_i)), to nearest, ties to even. Angles are public; factors: doubles A_1, B_1,
   * A_2, …, |A_k| + |B_k| < 2^50; 1 ≤ terms ≤ row/2.
   */
  harmonicsSum(
    out: Ptr,
    angles: Ptr,
    waves: Ptr,
    factors: Ptr,
    terms: number,
    row: number,
    n: number,
  ): void;
}

/**
 * 2^(c − r) for public c. A number mod 2^span has fracBits bits below the point; its integer part is 2^group·index + rest.
 * fracBits ≤ 48, fracBits + span ≤ 64, span ≤ 7, 0 ≤ group ≤ min(span, 5). Doubles are computed by the additions and
 * multiplications that assembly/powers.ts states, in its order: the same bits on every backend.
 */
export interface PowerKernels {
  /**
   * What the dealer shares, 2^(span − group) words an element: parts[i][j] = round(2^(scale − rest − fraction)) of r_i where j is its
   * index, else 0; 1 ≤ scale ≤ 46. Constant time in r.
   */
  powerDeal(
    parts: Ptr,
    r: Ptr,
    fracBits: number,
    group: number,
    span: number,
    scale: number,
    n: number,
  ): void;
  /**
   * out[i] = Σ_j round(m_i·2^(scale − 30 + Y_j))·parts[i][j] mod 2^64, halves up: m_i = round(2^30·2^fraction)
   * and Y_j the integer part of c_i, less 2^group·j, brought into [low, low + 2^span). c is public and steers shifts.
   */
  powerSum(
    out: Ptr,
    c: Ptr,
    parts: Ptr,
    fracBits: number,
    group: number,
    span: number,
    low: number,
    scale: number,
    n: number,
  ): void;
}

/**
 * Test for zero: c = r by blocks of 5 bits, 1 ≤ blocks ≤ 13, the last of 13 has 4.
 *
 * tables, zeroTableWords(blocks) XOR-shared words an element, as 32-bit halves: one-hot strings of r's blocks (bit b set where the
 * block is b); one half with π in bits 0..blocks−1 and π' in bits 16, 17; a half of 0 where that fills a word; then a one-hot word of
 * π's low 6 bits and, from 7 blocks on, of its other bits: one word, two at 13 blocks. ones: 2 additively shared words an element, 4
 * from 7 blocks on, 1 at the place π' and else 0.
 */
export interface ZeroKernels {
  /** What the dealer shares; coins[i]: bits 0..blocks−1 π, from bit 16 π'. Constant time in r and coins. */
  zeroDeal(tables: Ptr, ones: Ptr, r: Ptr, coins: Ptr, blocks: number, n: number): void;
  /**
   * Round 2: `blocks` bits an element, bit j = [c_j = r_j] ⊕ π_j (XOR shares); c is public and indexes. The caller gives 8 spare bytes
   * after the stream, which may be overwritten with 0.
   */
  zeroBlocks(out: Ptr, c: Ptr, tables: Ptr, blocks: number, n: number): void;
  /**
   * Round 3: a bit an element, two from 7 blocks on: [low 6 bits of π = ¬v's] ⊕ π'_0, [the others = ¬v's] ⊕ π'_1 (XOR shares). v: the
   * opened stream with 8 spare readable bytes after it.
   */
  zeroJoin(out: Ptr, v: Ptr, tables: Ptr, blocks: number, n: number): void;
  /** out[i] = the word of ones at the place ¬w of the opened bits w: a share of [c = r]. */
  zeroSelect(out: Ptr, w: Ptr, ones: Ptr, blocks: number, n: number): void;
}

/**
 * XOR-shared bits. A plane is one bit of many elements: w = ceil(n/64) words, element 64b + e at bit e of word b; planes follow
 * each other without gaps, so pointers to them are multiples of 8. A layer of a circuit opens the planes `wires` of a state under masks, then computes `gates`, four i32
 * each: (u, v, to, keep), u and v counting wires. Wires, gates and opened planes are public; the first two steer indices.
 */
export interface BinaryKernels {
  /** out[i] = a[i] >> bits (arithmetic), 0 ≤ bits ≤ 63 */
  shiftRightSigned(out: Ptr, a: Ptr, bits: number, n: number): void;
  /** Words to `bits` ≤ 64 planes: bit i of plane j = bit j of a[i]; padding bits 0. scratch: 512 bytes. out overlaps nothing. */
  bitTranspose(out: Ptr, a: Ptr, bits: number, n: number, scratch: Ptr): void;
  /** The inverse; bits of out from `bits` on are 0, padding bits of the planes are ignored. */
  bitUntranspose(out: Ptr, a: Ptr, bits: number, n: number, scratch: Ptr): void;
  /** out plane i = state plane wires[i] ⊕ mask plane i, i < count, planes of w words. out overlaps nothing. */
  layerMask(out: Ptr, state: Ptr, wires: Ptr, mask: Ptr, count: number, w: number): void;
  /**
   * For every gate t: state[to] = (keep ? state[to] : 0) ⊕ c[t] ⊕ mask[u]·opened[v] ⊕ opened[u]·(mask[v] ⊕ [party 0] opened[v]).
   * No `to` comes twice. opened, mask, c overlap no state.
   */
  layerAnd(
    state: Ptr,
    opened: Ptr,
    mask: Ptr,
    c: Ptr,
    gates: Ptr,
    count: number,
    party: number,
    w: number,
  ): void;
  /** What the dealer shares: c[t] = mask[u]·mask[v]. c overlaps nothing. */
  layerDeal(c: Ptr, mask: Ptr, gates: Ptr, count: number, w: number): void;
}

/** One backend: all kernels over one linear memory. */
export interface Kernels
  extends
    ElementwiseKernels,
    MovementKernels,
    RowKernels,
    MatmulKernels,
    FixedKernels,
    PrgKernels,
    TruncateKernels,
    CompareKernels,
    GroupKernels,
    HarmonicsKernels,
    PowerKernels,
    ZeroKernels,
    BinaryKernels {
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

/** Words of a test for zero's tables per element, for a number of 5-bit blocks. */
export function zeroTableWords(blocks: number): number {
  return Math.ceil((blocks + 1) / 2) + 1 + Number(blocks > 6) + Number(blocks > 12);
}
