/**
 * Models with parts exchanged: files that parse, and mean something else or nothing.
 * @module
 */

import type { SeededGenerator } from '../../src/net/shuffle.ts';
import { rawTensor } from '../../src/onnx/builder.ts';
import { OPS } from '../../src/onnx/ops/index.ts';
import type { Graph, Model, Node } from '../../src/onnx/schema.ts';
import { pick } from '../fuzz/_mutate.ts';
import { attribute } from './build.ts';

const NAMES = [...OPS.keys()];
/** Numbers that axes, sizes and counts break at. */
const ODD = [0, 1, -1, 2, 3, -2, 5, 64, 255, 2 ** 20, 2 ** 31, 2 ** 40, -(2 ** 40), 2 ** 63];
const ODD_NUMBERS = [0, 1, -1, 0.5, 1e-30, 1e30, Infinity, -Infinity, NaN];

/** A copy with one to three changes. */
export function editedModel(random: SeededGenerator, model: Model): Model {
  const copy = structuredClone(model);
  const { graph } = copy;
  if (graph === null) return copy;
  for (let edits = 1 + random(3); edits > 0; edits--) edit(random, graph, copy);
  return copy;
}

function edit(random: SeededGenerator, graph: Graph, model: Model): void {
  const node: Node | undefined = graph.nodes[random(graph.nodes.length)];
  const values = [
    ...graph.initializers.map(({ name }) => name),
    ...graph.inputs.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
    '',
  ];
  switch (random(9)) {
    case 0:
      model.opsets.set('', 9 + random(13));
      return;
    case 1:
      node.op = pick(random, NAMES);
      return;
    case 2:
      node.inputs[random(node.inputs.length + 1)] = pick(random, values);
      return;
    case 3:
      node.inputs.splice(random(node.inputs.length + 1), 1);
      return;
    case 4: {
      const one = node.attributes[random(node.attributes.length || 1)];
      if (one === undefined) node.attributes.push(attribute('axis', pick(random, ODD)));
      else if (one.type === 2) one.i = pick(random, ODD);
      else if (one.type === 1) one.f = pick(random, ODD_NUMBERS);
      else if (one.ints.length > 0) one.ints[random(one.ints.length)] = pick(random, ODD);
      else if (one.t !== null) one.t = changed(random, one.t.name, one.t.type, one.t.dims);
      return;
    }
    case 5:
      node.attributes.splice(random(node.attributes.length + 1), 1);
      return;
    case 6: {
      const at = random(graph.initializers.length || 1);
      const one = graph.initializers[at];
      if (one !== undefined) graph.initializers[at] = changed(random, one.name, one.type, one.dims);
      return;
    }
    case 7: {
      const { dims } = pick(random, graph.inputs);
      if (dims !== null) dims[random(dims.length + 1)] = pick(random, [null, 0, 1, 2, 3, 7]);
      return;
    }
    default:
      node.outputs.push(`more${random(1000)}`);
  }
}

/** Other elements, and at times other dims. */
function changed(
  random: SeededGenerator,
  name: string,
  type: number,
  dims: readonly number[],
): ReturnType<typeof rawTensor> {
  const shape = random(2) === 0 ? dims : pick(random, [[], [1], [2], [0], [1, 1], [2, 1, 3]]);
  const size = shape.reduce((a, b) => a * b, 1);
  const whole = type !== 1;
  const values = Array.from({ length: Math.min(size, 2 ** 16) }, () =>
    whole ? Math.max(-(2 ** 62), Math.min(pick(random, ODD), 2 ** 62)) : pick(random, ODD_NUMBERS),
  );
  return rawTensor(name, whole ? 7 : 1, shape, values);
}
