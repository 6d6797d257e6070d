/**
 * XOR-shared bits of one backend against their definitions.
 * @module
 */

import assert from 'node:assert/strict';
import type { Kernels } from '../../src/kernels/contract.ts';
import { bitOf, signed, wrap } from '../oracle/ring.ts';
import { bits as randomBits, LENGTHS, share, words, type TestMemory } from './kernel-memory.ts';

const SIZES = [...LENGTHS, 63, 64, 65, 130] as const;
const WIDTHS = [1, 2, 7, 31, 32, 33, 63, 64] as const;

/** The planes that a list of words stands for: bit e of word b of plane j is bit j of element 64b + e. */
function planesOf(list: readonly bigint[], width: number): bigint[] {
  const w = Math.ceil(list.length / 64);
  const out = Array<bigint>(width * w).fill(0n);
  list.forEach((word, i) => {
    for (let j = 0; j < width; j++) {
      out[j * w + Math.floor(i / 64)] |= BigInt(bitOf(word, j)) << BigInt(i % 64);
    }
  });
  return out;
}

export function binaryTests(k: Kernels, memory: TestMemory): void {
  it('shiftRightSigned() agrees with BigInt on every tail, and in place', () => {
    for (const n of LENGTHS) {
      const a = words(n, `sar${n}`);
      for (const by of [0, 1, 31, 32, 33, 62, 63]) {
        const expected = a.map((x) => wrap(signed(x) >> BigInt(by)));
        for (const inPlace of [false, true]) {
          const at = memory.put(a);
          const out = inPlace ? at : memory.out(8 * n);
          k.shiftRightSigned(out, at, by, n);
          assert.deepEqual(memory.take(out, n), expected, `n=${n} by=${by}`);
          memory.close('shiftRightSigned', [out]);
        }
      }
    }
  });

  it('bitTranspose() and bitUntranspose() give planes and words back', () => {
    for (const n of SIZES) {
      for (const width of WIDTHS) {
        const label = `n=${n} width=${width}`;
        const w = Math.ceil(n / 64);
        const list = words(n, `transpose${n}`);
        const [planes, scratch] = [memory.out(8 * w * width), memory.out(512)];
        k.bitTranspose(planes, memory.put(list), width, n, scratch);
        assert.deepEqual(memory.take(planes, w * width), planesOf(list, width), label);
        memory.close(label, [scratch]);

        const random = words(w * width, `planes${n}/${width}`);
        const [back, other] = [memory.out(8 * n), memory.out(512)];
        k.bitUntranspose(back, memory.put(random), width, n, other);
        const expected = list.map((_, i) => {
          let word = 0n;
          for (let j = 0; j < width; j++) {
            const bit = bitOf(random[j * w + Math.floor(i / 64)], i % 64);
            word |= BigInt(bit) << BigInt(j);
          }
          return word;
        });
        assert.deepEqual(memory.take(back, n), expected, label);
        memory.close(label, [other]);
      }
    }
  });

  it('layerMask(), layerAnd() and layerDeal() are a layer of ANDs over any parties', () => {
    for (const w of [0, 1, 2, 3, 17]) {
      for (const world of [1, 2, 3]) layer(k, memory, w, world);
    }
  });
}

/** One layer: planes 0 and 3 keep what they had, plane 1 is replaced, wires are shared between gates. */
function layer(k: Kernels, memory: TestMemory, w: number, world: number): void {
  const label = `layer ${w} ${world}`;
  const wires = [4, 0, 2, 1];
  const gates = [
    [0, 2, 0, 1],
    [2, 0, 1, 0],
    [3, 1, 3, 1],
  ];
  const plane = (list: readonly bigint[], i: number): bigint[] => list.slice(i * w, (i + 1) * w);
  const state = words(5 * w, `${label}s`);
  const mask = words(wires.length * w, `${label}m`);
  const stateOf = share(state, world, `${label}s`, true);
  const maskOf = share(mask, world, `${label}m`, true);

  const c = memory.out(8 * gates.length * w);
  k.layerDeal(c, memory.put(mask), memory.putInts(gates.flat()), gates.length, w);
  const products = memory.take(c, gates.length * w);
  const factors = gates.map(([u, v]) => plane(mask, u).map((x, i) => x & plane(mask, v)[i]));
  assert.deepEqual(products, factors.flat(), label);
  memory.close(label);

  const masked = stateOf.map((own, party) => {
    const out = memory.out(8 * wires.length * w);
    const from = [memory.put(own), memory.putInts(wires), memory.put(maskOf[party])];
    k.layerMask(out, from[0], from[1], from[2], wires.length, w);
    const shares = memory.take(out, wires.length * w);
    memory.close(label);
    return shares;
  });
  const opened = masked.reduce((sum, own) => sum.map((x, i) => x ^ own[i]));
  assert.deepEqual(
    opened,
    wires.flatMap((wire, i) => plane(state, wire).map((x, e) => x ^ plane(mask, i)[e])),
    label,
  );

  const dealt = share(products, world, `${label}c`, true);
  const results = stateOf.map((own, party) => {
    const at = memory.put(own);
    const from = [opened, maskOf[party], dealt[party]].map((list) => memory.put(list));
    k.layerAnd(at, from[0], from[1], from[2], memory.putInts(gates.flat()), gates.length, party, w);
    const after = memory.take(at, 5 * w);
    memory.close(label, [at]);
    return after;
  });
  const expected = [...state];
  for (const [u, v, to, keep] of gates) {
    for (let e = 0; e < w; e++) {
      const product = plane(state, wires[u])[e] & plane(state, wires[v])[e];
      expected[to * w + e] = (keep === 1 ? state[to * w + e] : 0n) ^ product;
    }
  }
  const sum = results.reduce((all, own) => all.map((x, i) => x ^ own[i]));
  assert.deepEqual(sum, expected, label);
}

/** A random layer over `planes` planes: wires and gates in a form the kernels allow. */
export function randomLayer(
  planes: number,
  wires: number,
  label: string,
): { readonly wires: Int32Array; readonly gates: Int32Array } {
  const pick = (count: number, of: number, name: string): number[] =>
    words(count, `${label}${name}`).map((word) => Number(word % BigInt(of)));
  const keep = randomBits(planes, `${label}keep`);
  const [u, v] = [pick(planes, wires, 'u'), pick(planes, wires, 'v')];
  return {
    wires: Int32Array.from(pick(wires, planes, 'wires')),
    gates: Int32Array.from(keep.flatMap((bit, to) => [u[to], v[to], to, bit])),
  };
}
