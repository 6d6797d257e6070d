/**
 * Running an operation's record on tensors: what the methods of `methods/` and of `Party` are made of.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import type { Forward, Gradients, Operand, OpRecord, Plain } from '../functions/index.ts';
import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import { toPlain, type PublicTensor } from './operand.ts';
import type { Party } from './party.ts';
import { CrypTensor } from './tensor.ts';

/** An operand of a method: secret or public. */
export type TensorLike = CrypTensor | PublicTensor;

/** Sizes or dims, one by one or as one array. */
export type Sizes = readonly number[] | readonly [readonly number[]];

/** Runs a record on secret tensors and records it. */
export function apply<Opts, Saved>(
  op: OpRecord<Share, Opts, Saved>,
  inputs: readonly CrypTensor[],
  ...opts: [Opts] extends [void] ? [] : [Opts]
): CrypTensor {
  const shares = inputs.map((input) => CrypTensor.shareOf(input));
  return run(op, inputs, shares, (ctx, again, recorded) =>
    op.forward(ctx, again as Share[], opts[0] as Opts, recorded),
  );
}

/** Runs a record on tensors of which some are public. */
export function mixed<Opts, Saved>(
  op: OpRecord<Operand, Opts, Saved>,
  inputs: readonly (CrypTensor | Plain)[],
  ...opts: [Opts] extends [void] ? [] : [Opts]
): CrypTensor {
  const operands = inputs.map((input) =>
    input instanceof CrypTensor ? CrypTensor.shareOf(input) : input,
  );
  return run(op, inputs, operands, (ctx, again, recorded) =>
    op.forward(ctx, again, opts[0] as Opts, recorded),
  );
}

/** A user's operand: a CrypTensor as it is, anything else as public values. */
export function operand(op: string, value: TensorLike): CrypTensor | Plain {
  return value instanceof CrypTensor ? value : toPlain(op, value);
}

/** Sizes or dims as one array. */
export function listOf(sizes: Sizes): readonly number[] {
  const [first] = sizes;
  return Array.isArray(first) ? first : (sizes as readonly number[]);
}

type Backward<Saved> = Pick<
  OpRecord<never, never, Saved>,
  'name' | 'differentiable' | 'random' | 'backward'
>;

function run<Saved>(
  op: Backward<Saved>,
  inputs: readonly (CrypTensor | Plain)[],
  operands: readonly Operand[],
  forward: (ctx: Context, operands: readonly Operand[], recorded: boolean) => Forward<Saved>,
): CrypTensor {
  const tensors = inputs.filter((input) => input instanceof CrypTensor);
  const party = partyOf(op.name, tensors);
  const edges = inputs.map((input) =>
    input instanceof CrypTensor ? CrypTensor.edgeOf(input) : null,
  );
  const needs = edges.map((edge) => edge !== null);
  const recorded = party.tape.recording && op.differentiable !== false && needs.includes(true);
  const { ledger } = party.context.session;
  const { output, saved } = ledger.under(op.name, () => forward(party.context, operands, recorded));
  const watcher = op.random === true ? undefined : party.watcher;
  watcher?.ran(op.name, operands, [output], (ctx, again) => [forward(ctx, again, recorded).output]);
  if (!recorded) return new CrypTensor(party, output);
  const pull = ({ context: ctx }: Party, dy: Share): Gradients => {
    const name = `${op.name}.backward`;
    const gradients = ledger.under(name, () => op.backward?.(ctx, saved, dy, needs) ?? []);
    watcher?.ran(name, [...operands, dy], gradients, (other, again) => {
      const seed = again[operands.length] as Share;
      return (
        op.backward?.(other, forward(other, again.slice(0, -1), true).saved, seed, needs) ?? []
      );
    });
    return gradients;
  };
  const node = party.tape.node(op.name, edges, op.backward === undefined ? undefined : pull);
  return new CrypTensor(party, output, node);
}

/** The party that operations on these tensors belong to: the innermost fork among them. */
export function partyOf(op: string, tensors: readonly { readonly party: Party }[]): Party {
  const [party] = tensors.map((tensor) => tensor.party).sort((a, b) => b.forkDepth - a.forkDepth);
  for (const tensor of tensors) {
    if (tensor.party.context.session !== party.context.session) {
      throw new MpcError('ERR_MPC_UNSUPPORTED', `${op}: the tensors belong to different sessions`);
    }
  }
  return party;
}
