/**
 * Material of circuits on XOR-shared bits: a mask for every plane that is opened, the product of two masks for every gate.
 *
 * The masks are the parties' streams as they come; one bit a gate and element goes to the last party.
 * @module
 */

import { MpcError } from '../../../core/errors.ts';
import type { Ptr } from '../../../kernels/contract.ts';
import { CIRCUITS, circuitOf, GATE_INTS, type Circuit } from '../../binary/circuit.ts';
import { WORD_BITS } from '../../binary/share.ts';
import { packed } from '../../cost.ts';
import { DescriptorReader, DescriptorWriter } from '../descriptor.ts';
import type { Deal, MaterialRequest, Segment } from '../material.ts';
import { bitWords } from './truncation.ts';

/** Kind byte and version of this material. */
export const CIRCUIT_KIND = 32;
const VERSION = 1;

/** Bytes of a plane on the wire: whole words, or for a single word the bytes in use. */
export function planeBytes(n: number): number {
  return n <= WORD_BITS ? packed(n) : 8 * bitWords(n);
}

/** Planes that a circuit opens, and its gates. */
export function sizesOf({ layers }: Circuit): { readonly wires: number; readonly gates: number } {
  return {
    wires: layers.reduce((sum, { wires }) => sum + wires.length, 0),
    gates: layers.reduce((sum, { gates }) => sum + gates.length / GATE_INTS, 0),
  };
}

/** A circuit on n elements. */
export function circuitRequest(circuit: Circuit, n: number): MaterialRequest {
  const writer = new DescriptorWriter().u8(CIRCUIT_KIND).u8(VERSION);
  writer.u8(CIRCUITS.indexOf(circuit.name)).u8(circuit.bits).u32(n);
  return {
    descriptor: writer.done(),
    segments: circuitSegments(circuit, n),
    coins: 0,
    deal: (deal) => dealCircuit(deal, circuit, n),
  };
}

/** Masks of all layers, one after the other, and the products of all gates. */
export function circuitSegments(circuit: Circuit, n: number): Segment[] {
  const { wires, gates } = sizesOf(circuit);
  const w = bitWords(n);
  const wireBytes = n <= WORD_BITS ? planeBytes(n) : 8;
  return [
    { name: 'mask', words: wires * w, sharing: 'xor', source: 'free' },
    { name: 'product', words: gates * w, sharing: 'xor', source: 'dealt', wireBytes },
  ];
}

/** The products of the masks. */
export function dealCircuit({ arena, free }: Deal, circuit: Circuit, n: number): Map<string, Ptr> {
  const plane = 8 * bitWords(n);
  const product = arena.words((plane / 8) * sizesOf(circuit).gates);
  let [mask, at] = [free('mask'), product];
  for (const { wires, gates } of circuit.layers) {
    const count = gates.length / GATE_INTS;
    arena.kernels.layerDeal(at, mask, arena.put(gates), count, plane / 8);
    mask += plane * wires.length;
    at += plane * count;
  }
  return new Map([['product', product]]);
}

/** Decodes and checks a circuit request. */
export function readCircuit(reader: DescriptorReader): MaterialRequest {
  reader.u8(VERSION);
  const name = CIRCUITS[reader.u8(CIRCUITS.length - 1)];
  const bits = reader.u8(WORD_BITS);
  const n = reader.u32();
  reader.end();
  if (bits === 0) throw new MpcError('ERR_MPC_ABORT', 'material request: no such circuit');
  return circuitRequest(circuitOf(name, bits), n);
}
