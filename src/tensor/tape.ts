/**
 * The tape: what was computed from what, and the walk back through it.
 *
 * A node holds its operation's backward, closed over what the forward saved, and where each input's gradient goes. Shares are
 * immutable, so what is saved can never be changed by an in-place call. The walk is synchronous and takes its tags in the
 * order of the nodes, the same at every party; only words arrive later.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { quiet } from '../core/later.ts';
import { add, type Gradients } from '../functions/index.ts';
import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import type { Party } from './party.ts';

/** A leaf that collects gradients. */
export interface GradientSink {
  accumulate(ctx: Context, gradient: Share): void;
}

/** Where the gradient of one input goes. */
export type Edge = TapeNode | GradientSink | null;

/** An operation's backward, closed over what it saved; run by the party that walks. */
export type Pull = (party: Party, dy: Share) => Gradients;

/** One recorded operation. */
export class TapeNode {
  readonly op: string;
  /** Position in program order: inputs come before what is made of them. */
  readonly id: number;
  edges: readonly Edge[];
  /** undefined: the operation has no gradient. */
  pull: Pull | undefined;
  freed = false;

  constructor(op: string, id: number, edges: readonly Edge[], pull: Pull | undefined) {
    this.op = op;
    this.id = id;
    this.edges = edges;
    this.pull = pull;
  }
}

/** Numbers nodes and knows whether to record; one per party, shared numbering between its forks. */
export class Tape {
  readonly #numbers: { next: number };
  #recording = true;

  constructor(parent?: Tape) {
    this.#numbers = parent === undefined ? { next: 0 } : parent.#numbers;
  }

  /** Whether operations are recorded now. */
  get recording(): boolean {
    return this.#recording;
  }

  /** From now on, or until the end of the `during` that this is called in. */
  set recording(mode: boolean) {
    this.#recording = mode;
  }

  /** A node for an operation just computed. */
  node(op: string, edges: readonly Edge[], pull: Pull | undefined): TapeNode {
    return new TapeNode(op, this.#numbers.next++, edges, pull);
  }

  /**
   * Runs `body` with or without recording; afterwards, whatever it throws, recording is as it was.
   *
   * @throws {TypeError} when `body` is asynchronous: other code would run in its mode meanwhile.
   */
  during<T>(op: string, mode: boolean, body: () => T): T {
    const before = this.#recording;
    this.#recording = mode;
    try {
      const result = body();
      if (result instanceof Promise) {
        void quiet(result);
        throw new TypeError(
          `${op}: expected a synchronous function; compute inside, return the tensors, await outside`,
        );
      }
      return result;
    } finally {
      this.#recording = before;
    }
  }
}

/**
 * Sends `seed` back through the graph of `root`, adds the gradients up at the leaves and frees the graph.
 *
 * @throws {MpcError} ERR_MPC_UNSUPPORTED when part of the graph was freed before or an operation has no gradient; then
 * nothing was computed and no gradient changed.
 */
export function walkBack(party: Party, root: TapeNode, seed: Share): void {
  const { context } = party;
  const nodes = reachable(root);
  for (const node of nodes) checkUsable(node);
  const gradients = new Map<TapeNode, Share>([[root, seed]]);
  for (const node of nodes) {
    const dy = gradients.get(node);
    const { edges, pull } = node;
    gradients.delete(node);
    node.edges = [];
    node.pull = undefined;
    node.freed = true;
    if (dy === undefined || pull === undefined) continue;
    pull(party, dy).forEach((gradient, i) => {
      const edge = edges[i];
      if (gradient === null || edge === null) return;
      if (!(edge instanceof TapeNode)) {
        edge.accumulate(context, gradient);
        return;
      }
      const sum = gradients.get(edge);
      gradients.set(edge, sum === undefined ? gradient : add(context, sum, gradient));
    });
  }
}

/** The nodes behind `root`, latest first: every node comes before its inputs. */
function reachable(root: TapeNode): TapeNode[] {
  const seen = new Set<TapeNode>([root]);
  for (const node of seen) {
    for (const edge of node.edges) if (edge instanceof TapeNode) seen.add(edge);
  }
  return [...seen].sort((a, b) => b.id - a.id);
}

function checkUsable(node: TapeNode): void {
  if (node.freed) {
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      `backward: the graph behind ${node.op} was freed by an earlier backward; compute the result again`,
    );
  }
  if (node.pull === undefined) {
    throw new MpcError(
      'ERR_MPC_UNSUPPORTED',
      `backward: ${node.op} has no gradient; detach its input or its result`,
    );
  }
}
