/**
 * The report of everything in a model that cannot be run.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { quoted } from './limits.ts';

/** A node that cannot be run, and why. */
export interface UnsupportedNode {
  /** The node's name, or that of its first output. */
  readonly node: string;
  readonly op: string;
  readonly opset: number;
  readonly reason: string;
}

/** Lines of a message; `nodes` has all. */
const MOST_LINES = 100;

/** Thrown for a model with nodes that cannot be run; lists all of them. */
export class UnsupportedNodes extends MpcError {
  readonly nodes: readonly UnsupportedNode[];

  constructor(nodes: readonly UnsupportedNode[]) {
    const lines = nodes
      .slice(0, MOST_LINES)
      .map(
        ({ node, op, opset, reason }) =>
          `  ${quoted(op)} (node ${quoted(node)}, opset ${opset}): ${reason}`,
      );
    const rest = nodes.length > MOST_LINES ? `\n  and ${nodes.length - MOST_LINES} more` : '';
    const what = nodes.length === 1 ? '1 node is' : `${nodes.length} nodes are`;
    super('ERR_MPC_MODEL', `onnx: ${what} not supported:\n${lines.join('\n')}${rest}`);
    this.nodes = nodes;
  }
}
