/**
 * Circuits on XOR-shared bits: Beaver's trick on bits, one opening for each layer, for any number of parties.
 *
 * Every plane that a layer reads is opened once under a mask of its own, whatever the number of its gates; the dealer shares
 * the products of the masks. With d = x ⊕ a, e = y ⊕ b and shares of ab:  xy = ab ⊕ a·e ⊕ d·b ⊕ d·e, the last at party 0 alone.
 * @module
 */

import { both, then, type Later } from '../../core/later.ts';
import type { Words } from '../../kernels/memory.ts';
import { GATE_INTS, type Circuit } from '../binary/circuit.ts';
import type { Context, Step } from '../context.ts';
import type { Cost } from '../cost.ts';
import { circuitRequest, planeBytes, sizesOf } from '../provider/kinds/binary.ts';
import { bitWords } from '../provider/kinds/truncation.ts';
import { segment, type Material } from '../provider/provider.ts';
import { openPlanes } from './planes.ts';

/** Elements of a chunk of circuits: 3 MB of material for an adder. */
export const CIRCUIT_CHUNK = 65_536;

/** Cost of a circuit on n elements. */
export function circuitCost(circuit: Circuit, n: number): Cost {
  if (n === 0) return { rounds: 0, bytes: 0, dealt: 0 };
  const { wires, gates } = sizesOf(circuit);
  const bytes = planeBytes(n);
  return { rounds: circuit.layers.length, bytes: wires * bytes, dealt: gates * bytes };
}

/** Tags for the layers of a circuit, taken when its gate is called; the first one's is `first`. */
export function layerSteps(ctx: Context, first: Step, { name, layers }: Circuit): readonly Step[] {
  return layers.map((_, i) => {
    const input = { digest: first.digest, depth: first.depth + i };
    return i === 0 ? first : ctx.step(`${name}: layer ${i + 1}`, [input]);
  });
}

/** The planes of n elements after a circuit that starts at `first`, with material of its own. */
export function run(
  ctx: Context,
  first: Step,
  circuit: Circuit,
  n: number,
  state: Later<Words>,
): Later<Words> {
  if (circuit.layers.length === 0) return state;
  const steps = layerSteps(ctx, first, circuit);
  const material = ctx.session.provider.request(first, circuitRequest(circuit, n));
  const dealt = material.take();
  return then(both(evaluate(ctx, circuit, n, steps, dealt, state), dealt), ([planes, used]) => {
    used.done();
    return planes;
  });
}

/** The planes of n elements after the circuit; `steps` are those of its layers, `material` has `circuitSegments`. */
export function evaluate(
  ctx: Context,
  circuit: Circuit,
  n: number,
  steps: readonly Step[],
  material: Later<Material>,
  state: Later<Words>,
): Later<Words> {
  const w = bitWords(n);
  let planes = state;
  let [maskAt, productAt] = [0, 0];
  circuit.layers.forEach(({ wires, gates }, i) => {
    const count = gates.length / GATE_INTS;
    const masks = [maskAt, (maskAt += wires.length * w)] as const;
    const products = [productAt, (productAt += count * w)] as const;
    const ready = then(both(planes, material), ([before, dealt]) => ({
      before,
      mask: segment(dealt, 'mask').subarray(...masks),
      product: segment(dealt, 'product').subarray(...products),
    }));
    const own = then(ready, ({ before, mask }) =>
      ctx.arena.scope((arena) => {
        const out = arena.words(mask.length);
        const [from, at, under] = [before, wires, mask].map((list) => arena.put(list));
        arena.kernels.layerMask(out, from, at, under, wires.length, w);
        return arena.take(out, mask.length);
      }),
    );
    const opened = openPlanes(ctx, steps[i], wires.length, n, own);
    planes = then(both(ready, opened), ([{ before, mask, product }, open]) =>
      ctx.arena.scope((arena) => {
        const at = arena.put(before);
        const [d, a, c, list] = [open, mask, product, gates].map((part) => arena.put(part));
        arena.kernels.layerAnd(at, d, a, c, list, count, ctx.rank, w);
        return arena.take(at, before.length);
      }),
    );
  });
  return planes;
}
