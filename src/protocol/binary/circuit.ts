/**
 * Circuits of ANDs on XOR-shared bits, layer by layer: which planes are opened together, and which products they give.
 *
 * A plane holds one bit of every element; XORs are free and done around the circuit. A bit that several gates of a layer read is
 * opened once. Parties and dealer build the same circuit from its name and width.
 *
 *   and      x, y                → x·y                                            1 layer
 *   pick     y, one bit          → bit·y                                          1 layer
 *   every    x                   → AND of all bits, in plane 0                    ceil(log2 bits) layers
 *   add      x, x ⊕ y, y         → carries G_0..G_(bits−2), in the planes of x    1 + ceil(log2(bits − 1)) layers
 *   carry    x, x ⊕ y, y         → the carry out, in x's plane bits − 1           1 + ceil(log2 bits) layers
 *   addPublic, carryPublic: y is public, so x holds x·y already and there is neither y nor the first layer.
 *
 * Carries are prefix sums over (G, P)∘(G', P') = (G ⊕ P·G', P·P'): Sklansky's tree for all of them, a binary tree for the last.
 * @module
 */

/** Planes opened together and the gates that read them. */
export interface Layer {
  /** Planes of the state that are opened. */
  readonly wires: Int32Array;
  /** Four numbers a gate, as the kernel `layerAnd` takes them: factors u and v (counting wires), target plane, keep. */
  readonly gates: Int32Array;
}

/** Names of circuits; their positions are their numbers in descriptors, never reused. */
export const CIRCUITS = [
  'and',
  'pick',
  'every',
  'add',
  'addPublic',
  'carry',
  'carryPublic',
] as const;

/** Name of a circuit. */
export type CircuitName = (typeof CIRCUITS)[number];

/** A circuit for words of some width. */
export interface Circuit {
  readonly name: CircuitName;
  readonly bits: number;
  readonly layers: readonly Layer[];
}

/** Builds a circuit for `bits` ≥ 1 planes a word. */
export function circuitOf(name: CircuitName, bits: number): Circuit {
  return { name, bits, layers: BUILDERS[name](bits).map((layer) => layer.done()) };
}

/** Ints of a gate in `Layer.gates`. */
export const GATE_INTS = 4;

const BUILDERS: Record<CircuitName, (bits: number) => readonly LayerBuilder[]> = {
  and: (bits) => [products(bits, bits)],
  pick,
  every,
  add: (bits) => (bits === 1 ? [] : [products(bits - 1, 2 * bits), ...prefix(bits - 1, bits)]),
  addPublic: (bits) => prefix(bits - 1, bits),
  carry: (bits) => [products(bits, 2 * bits), ...reduction(bits)],
  carryPublic: reduction,
};

class LayerBuilder {
  readonly #wires: number[] = [];
  readonly #gates: number[] = [];

  wire(plane: number): number {
    return this.#wires.push(plane) - 1;
  }

  /** to ⊕= u·v. */
  accumulate(u: number, v: number, to: number): void {
    this.#gates.push(u, v, to, 1);
  }

  /** to = u·v. */
  replace(u: number, v: number, to: number): void {
    this.#gates.push(u, v, to, 0);
  }

  done(): Layer {
    return { wires: Int32Array.from(this.#wires), gates: Int32Array.from(this.#gates) };
  }
}

/** Plane j = plane j · plane `other` + j, j < count. */
function products(count: number, other: number): LayerBuilder {
  const layer = new LayerBuilder();
  for (let j = 0; j < count; j++) layer.replace(layer.wire(j), layer.wire(other + j), j);
  return layer;
}

/** Plane j = plane j · plane `bits`, j < bits. */
function pick(bits: number): LayerBuilder[] {
  const layer = new LayerBuilder();
  const bit = layer.wire(bits);
  for (let j = 0; j < bits; j++) layer.replace(layer.wire(j), bit, j);
  return [layer];
}

function every(bits: number): LayerBuilder[] {
  const layers: LayerBuilder[] = [];
  for (let span = 1; span < bits; span *= 2) {
    const layer = new LayerBuilder();
    for (let low = 0; low + span < bits; low += 2 * span) {
      layer.replace(layer.wire(low), layer.wire(low + span), low);
    }
    layers.push(layer);
  }
  return layers;
}

/** Sklansky: G_j covers bits j..0 for all j < count; G in planes from 0, P from `p`. */
function prefix(count: number, p: number): LayerBuilder[] {
  const layers: LayerBuilder[] = [];
  for (let span = 1; span < count; span *= 2) {
    const layer = new LayerBuilder();
    for (let base = 0; base + span < count; base += 2 * span) {
      const last = base + span - 1;
      const generate = layer.wire(last);
      // The lowest group is complete: nothing comes into it that it could propagate.
      const propagate = base > 0 ? layer.wire(p + last) : undefined;
      for (let j = base + span; j < Math.min(base + 2 * span, count); j++) {
        const own = layer.wire(p + j);
        layer.accumulate(own, generate, j);
        if (propagate !== undefined) layer.replace(own, propagate, p + j);
      }
    }
    layers.push(layer);
  }
  return layers;
}

/** G_(bits−1) covers all bits; G in planes from 0, P from `bits`. */
function reduction(bits: number): LayerBuilder[] {
  const layers: LayerBuilder[] = [];
  let tops = Array.from({ length: bits }, (_, j) => j);
  while (tops.length > 1) {
    const layer = new LayerBuilder();
    const merged: number[] = [];
    for (let i = 0; i < tops.length; i += 2) {
      const [low, high = low] = tops.slice(i, i + 2);
      merged.push(high);
      if (high === low) continue;
      const own = layer.wire(bits + high);
      layer.accumulate(own, layer.wire(low), high);
      if (i > 0) layer.replace(own, layer.wire(bits + low), bits + high);
    }
    layers.push(layer);
    tops = merged;
  }
  return layers;
}
