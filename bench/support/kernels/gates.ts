/**
 * Cases of the kernels that gates and the dealer are made of.
 * @module
 */

import {
  compareWideWords,
  zeroTableWords,
  type Kernels,
  type Ptr,
} from '../../../src/kernels/contract.ts';
import {
  doubles,
  elements,
  integers,
  M,
  N,
  words,
  type Cases,
  type KernelCase,
  type Run,
} from './case.ts';

/** Words of material and stream an element of a comparison has, by blocks of 7 bits. */
interface CompareSizes {
  readonly mono: number;
  readonly wide: number;
  readonly stream: number;
}

/** Comparisons of 64-bit and of 36-bit words. */
function compared(
  sizes: (each: CompareSizes) => readonly number[],
  run: (k: Kernels, at: readonly Ptr[], blocks: number, n: number) => void,
  setUp?: Run,
): KernelCase[] {
  const n = 1 << 13;
  return [9, 5].map((blocks) => {
    const wide = compareWideWords(blocks);
    const blocksOf = sizes({ mono: 2 * blocks, wide, stream: (2 * blocks - 1) / 64 });
    return elements(`${7 * blocks + 1} bits`, n, blocksOf, (k, at) => run(k, at, blocks, n), setUp);
  });
}

const GROUPS = 1 << 13;
const CURVES = 1 << 12;
const TERMS = 16;

function harmonics(sizes: readonly number[], run: Run, setUp?: Run): KernelCase[] {
  return [elements(`${TERMS} terms`, CURVES, sizes, run, setUp)];
}

/** Tests of 64-bit words for zero. */
const ZERO = { blocks: 13, n: 1 << 13 };
const ZERO_WORDS = zeroTableWords(ZERO.blocks);

function zero(sizes: readonly number[], run: Run): KernelCase[] {
  return [elements(`${ZERO.blocks} blocks`, ZERO.n, sizes, run)];
}

/** A number of 16 fractional bits and 7 whole ones, the lower 3 of which are shifts: 16 words an element. */
const POWER = { span: 7, group: 3, parts: 16, scale: 30, low: -20 };

function power(sizes: readonly number[], run: Run): KernelCase[] {
  return [elements(`${POWER.parts} parts`, CURVES, sizes, run)];
}

/** Planes of 1024 words: one layer of 64 gates on 128 wires. */
const PLANE = 1024;
const GATES = 64;
const WIRES = 2 * GATES;

function layer(planes: readonly number[], run: Run, setUp: Run): KernelCase[] {
  const blocks = planes.map((count) => 8 * PLANE * count);
  const label = `${GATES} gates`;
  return [{ label, unit: 'words', units: PLANE * planes[0], blocks, run, setUp }];
}

/** Gate t takes wires 2t and 2t + 1 to plane t, every other one onto what is there. */
function gates(k: Kernels, at: Ptr): void {
  integers(k, at, 4 * GATES, (i) => [2 * (i >> 2), 2 * (i >> 2) + 1, i >> 2, (i >> 2) & 1][i & 3]);
}

/** Rows by kernel. */
export const GATE_CASES = {
  truncateSplit: [words(2, (k, [o, bits, x]) => k.truncateSplit(o, bits, x, M, 1, N))],
  truncateJoin: [
    words(5, (k, [o, y, ab, own, d0, d1]) => k.truncateJoin(o, y, ab, own, d0, d1, M, 0, N)),
  ],
  truncateOpened: [words(3, (k, [o, c, rc, r63]) => k.truncateOpened(o, c, rc, r63, M, 0, N))],
  selectOpened: [
    words(6, (k, [o, y, c, t, rho, rc, r63]) => k.selectOpened(o, y, c, t, rho, rc, r63, M, N)),
  ],
  bitOpened: [words(2, (k, [o, t, rho]) => k.bitOpened(o, t, rho, 0, N))],
  truncateDeal: [words(2, (k, [rc, r63, r]) => k.truncateDeal(rc, r63, r, M, N))],
  compareTables: [
    {
      label: '',
      unit: 'tables',
      units: 1,
      blocks: [4096],
      run: (k, [out]) => k.compareTables(out),
    },
  ],
  compareBlocks: compared(
    ({ mono, wide, stream }) => [stream, 1, mono, wide, 1],
    (k, [o, c, mono, wide, tables], blocks, n) =>
      k.compareBlocks(o, c, mono, wide, blocks, tables, n),
    (k, [, , , , tables]) => k.compareTables(tables),
  ),
  compareCarry: compared(
    ({ wide, stream }) => [1 / 64, stream, wide],
    (k, [o, uv, wide], blocks, n) => k.compareCarry(o, uv, wide, blocks, n),
  ),
  compareDealMono: compared(
    ({ mono }) => [mono, 1],
    (k, [o, r], blocks, n) => k.compareDealMono(o, r, blocks, n),
  ),
  compareDealWide: compared(
    ({ wide }) => [wide, 1, 1],
    (k, [o, r, coins], blocks, n) => k.compareDealWide(o, r, coins, blocks, n),
  ),
  groupMasks: [
    {
      label: '',
      unit: 'tables',
      units: 1,
      blocks: [512],
      run: (k, [out]) => k.groupMasks(out),
    },
  ],
  groupBlocks: [
    elements(
      '64 bits',
      GROUPS,
      [17 / 64, 1, 18, 1, 1],
      (k, [o, c, mono, words, tables]) => k.groupBlocks(o, c, mono, words, tables, GROUPS),
      (k, [, , , , tables]) => k.compareTables(tables),
    ),
  ],
  groupJoin: [
    elements(
      '64 bits',
      GROUPS,
      [5 / 64, 17 / 64, 1, 1],
      (k, [o, uv, words, masks]) => k.groupJoin(o, uv, words, masks, GROUPS),
      (k, [, , , masks]) => k.groupMasks(masks),
    ),
  ],
  groupCarry: [
    elements(
      '64 bits',
      GROUPS,
      [1 / 64, 5 / 64, 1, 1],
      (k, [o, opened, words, masks]) => k.groupCarry(o, opened, words, masks, GROUPS),
      (k, [, , , masks]) => k.groupMasks(masks),
    ),
  ],
  groupDeal: [
    elements('64 bits', GROUPS, [1, 1, 1], (k, [o, r, coins]) => k.groupDeal(o, r, coins, GROUPS)),
  ],
  harmonicsDeal: harmonics([2 * TERMS, 1], (k, [waves, angles]) =>
    k.harmonicsDeal(waves, angles, TERMS, CURVES),
  ),
  harmonicsSum: harmonics(
    [1, 1, 2 * TERMS, 1],
    (k, [o, angles, waves, factors]) =>
      k.harmonicsSum(o, angles, waves, factors, TERMS, 2 * TERMS, CURVES),
    (k, [, , , factors]) => doubles(k, factors, 2 * TERMS, (i) => 1000 * (i + 0.3)),
  ),
  powerDeal: power([POWER.parts, 1], (k, [parts, r]) =>
    k.powerDeal(parts, r, M, POWER.group, POWER.span, POWER.scale, CURVES),
  ),
  powerSum: power([1, 1, POWER.parts], (k, [o, c, parts]) =>
    k.powerSum(o, c, parts, M, POWER.group, POWER.span, POWER.low, POWER.scale, CURVES),
  ),
  zeroDeal: zero([ZERO_WORDS, 4, 1, 1], (k, [tables, ones, r, coins]) =>
    k.zeroDeal(tables, ones, r, coins, ZERO.blocks, ZERO.n),
  ),
  zeroBlocks: zero([ZERO.blocks / 64, 1, ZERO_WORDS], (k, [o, c, tables]) =>
    k.zeroBlocks(o, c, tables, ZERO.blocks, ZERO.n),
  ),
  zeroJoin: zero([2 / 64, ZERO.blocks / 64, ZERO_WORDS], (k, [o, v, tables]) =>
    k.zeroJoin(o, v, tables, ZERO.blocks, ZERO.n),
  ),
  zeroSelect: zero([1, 2 / 64, 4], (k, [o, w, ones]) =>
    k.zeroSelect(o, w, ones, ZERO.blocks, ZERO.n),
  ),
  shiftRightSigned: [words(1, (k, [o, a]) => k.shiftRightSigned(o, a, M, N))],
  bitTranspose: [words(2, (k, [o, a, scratch]) => k.bitTranspose(o, a, 64, N, scratch))],
  bitUntranspose: [words(2, (k, [o, a, scratch]) => k.bitUntranspose(o, a, 64, N, scratch))],
  layerMask: layer(
    [WIRES, WIRES, 1, WIRES],
    (k, [o, state, wires, mask]) => k.layerMask(o, state, wires, mask, WIRES, PLANE),
    (k, [, , wires]) => integers(k, wires, WIRES, (i) => WIRES - 1 - i),
  ),
  layerAnd: layer(
    [GATES, WIRES, WIRES, GATES, 1],
    (k, [state, opened, mask, c, list]) =>
      k.layerAnd(state, opened, mask, c, list, GATES, 0, PLANE),
    (k, [, , , , list]) => gates(k, list),
  ),
  layerDeal: layer(
    [GATES, WIRES, 1],
    (k, [c, mask, list]) => k.layerDeal(c, mask, list, GATES, PLANE),
    (k, [, , list]) => gates(k, list),
  ),
} satisfies Partial<Cases>;
