/**
 * A prepared model for given input shapes: every shape worked out, every public value computed, the rest in steps.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sameShape, showShape, sizeOf, type Shape } from '../core/shape.ts';
import { Call, Unsupported } from './call.ts';
import { Fixed } from './fixed.ts';
import { isReasonable, MAX_FOLDED, MAX_FOLDED_TOTAL, modelError } from './limits.ts';
import type { Fact, Step } from './op.ts';
import { nameOf, type Prepared, type PreparedNode } from './prepare.ts';
import { UnsupportedNodes, type UnsupportedNode } from './unsupported.ts';

/** Characters of a reason: it may hold what the file says. */
const MOST_REASON = 200;

/** A node that runs. */
export interface PlannedStep extends PreparedNode {
  readonly step: Step;
  /** Values that nothing reads after it. */
  readonly last: readonly string[];
}

/** What there is to do for certain input shapes. */
export interface Plan {
  readonly steps: readonly PlannedStep[];
  /** What is known of every value by name. */
  readonly facts: ReadonlyMap<string, Fact>;
}

/**
 * Plans a model for the shapes of its inputs.
 *
 * @throws {UnsupportedNodes} listing every node that does not fit, but those behind another one that does not.
 */
export function planFor(model: Prepared, shapes: readonly Shape[]): Plan {
  const facts = new Map<string, Fact>();
  model.inputs.forEach(({ name, type }, i) => {
    if (!isReasonable(shapes[i])) throw modelError(`an input of shape ${showShape(shapes[i])}`);
    facts.set(name, { shape: shapes[i], type });
  });
  for (const [name, value] of model.constants) {
    facts.set(name, { shape: value.shape, type: value.type, value });
  }
  for (const [name, { tensor }] of model.weights) {
    facts.set(name, { shape: tensor.dims, type: 'float' });
  }
  const steps: Omit<PlannedStep, 'last'>[] = [];
  const bad: UnsupportedNode[] = [];
  let folded = 0;
  for (const prepared of model.nodes) {
    const { node, op, wanted } = prepared;
    const inputs = node.inputs.map((name) => (name === '' ? null : facts.get(name)));
    // Something before it was reported already.
    if (inputs.includes(undefined)) continue;
    const call = new Call(node, model.opset, inputs as (Fact | null)[], wanted);
    const step = tried(bad, prepared, model.opset, () => checked(call, op.plan(call), wanted));
    if (step === null) continue;
    const size = step.outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const open = inputs.every((input) => input === null || input?.value !== undefined);
    const known = step.outputs.every(({ value }) => value !== undefined);
    if (known || !open || step.folds !== true) {
      node.outputs.forEach((name, i) => {
        if (name !== '' && i < step.outputs.length) facts.set(name, step.outputs[i]);
      });
      if (!known) steps.push({ ...prepared, step });
      continue;
    }
    if (size > MAX_FOLDED) {
      bad.push(report(prepared, model.opset, `a constant of ${size} elements`));
      continue;
    }
    folded += size;
    if (folded > MAX_FOLDED_TOTAL) throw modelError('the constants of the graph are too large');
    const values = step.run(inputs.map((input) => input?.value ?? null));
    node.outputs.forEach((name, i) => {
      const value = values[i];
      if (name === '' || !(value instanceof Fixed)) return;
      facts.set(name, { shape: value.shape, type: step.outputs[i].type, value });
    });
  }
  if (bad.length > 0) throw new UnsupportedNodes(bad);
  return { steps: withLast(steps, model.outputs), facts };
}

function withLast(
  steps: readonly Omit<PlannedStep, 'last'>[],
  outputs: readonly string[],
): PlannedStep[] {
  const kept = new Set(outputs);
  return [...steps]
    .reverse()
    .map((planned) => {
      const { inputs, outputs: made } = planned.node;
      const last = [...inputs, ...made].filter((name) => !kept.has(name));
      for (const name of last) kept.add(name);
      return { ...planned, last };
    })
    .reverse();
}

function checked(call: Call, step: Step, wanted: readonly boolean[]): Step {
  const last = wanted.lastIndexOf(true);
  return last < step.outputs.length ? step : call.fail(`output ${last} is not made here`);
}

function tried(
  bad: UnsupportedNode[],
  prepared: PreparedNode,
  opset: number,
  plan: () => Step,
): Step | null {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof Unsupported || error instanceof MpcError)) throw error;
    bad.push(report(prepared, opset, error.message));
    return null;
  }
}

function report({ node }: PreparedNode, opset: number, reason: string): UnsupportedNode {
  const short = reason.length > MOST_REASON ? `${reason.slice(0, MOST_REASON)}…` : reason;
  return { node: nameOf(node), op: node.op, opset, reason: short };
}

/** Whether an input of this shape fits what the graph says of it. */
export function fits(dims: readonly (number | null)[] | null, shape: Shape): boolean {
  return (
    dims === null ||
    sameShape(
      dims.map((dim, axis) => dim ?? shape[axis]),
      shape,
    )
  );
}
