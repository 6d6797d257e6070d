/**
 * In which order the nodes of a graph run, and when their values are let go.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { Module } from './module.ts';

/** A module, what it reads and what it makes, by name. */
export interface GraphNode {
  readonly name: string;
  readonly module: Module<unknown>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A node with the values that nobody reads after it. */
export interface Step extends GraphNode {
  readonly last: readonly string[];
}

/**
 * The nodes that the outputs need, each after those it reads from.
 *
 * @throws {MpcError} ERR_MPC_MODEL for a value that nothing makes and for a cycle.
 */
export function planOf(
  nodes: readonly GraphNode[],
  inputNames: readonly string[],
  outputNames: readonly string[],
): readonly Step[] {
  const makers = new Map(
    nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)),
  );
  const order = new Set<GraphNode>();
  const visit = (value: string, reader: string, path: readonly string[]): void => {
    if (inputNames.includes(value)) return;
    const node = makers.get(value);
    if (node === undefined) {
      throw new MpcError(
        'ERR_MPC_MODEL',
        `Graph: ${reader} needs ${value}, which is no input and no node makes; add it or rename it`,
      );
    }
    if (order.has(node)) return;
    if (path.includes(node.name)) {
      const cycle = [...path.slice(path.indexOf(node.name)), node.name].join(' → ');
      throw new MpcError('ERR_MPC_MODEL', `Graph: the nodes wait for each other: ${cycle}`);
    }
    for (const input of node.inputs) visit(input, node.name, [...path, node.name]);
    order.add(node);
  };
  for (const name of outputNames) visit(name, 'the output', []);
  const plan = [...order];
  const kept = new Set(outputNames);
  return plan
    .toReversed()
    .map((node) => {
      const last = [...new Set([...node.inputs, ...node.outputs])].filter(
        (name) => !kept.has(name),
      );
      for (const name of last) kept.add(name);
      return { ...node, last };
    })
    .toReversed();
}
