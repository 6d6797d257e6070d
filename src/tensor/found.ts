/**
 * What searches return: values, and where they were.
 * @module
 */

import type { OpRecord } from '../functions/index.ts';
import type { Context } from '../protocol/context.ts';
import type { Share } from '../protocol/share.ts';
import { apply } from './apply.ts';
import { CrypTensor } from './tensor.ts';

/** Values, and where they were. Read `indices` at every party or at none: that computes them. */
export class ValuesAndIndices {
  /** The values; gradients flow through them. */
  readonly values: CrypTensor;
  readonly #find: () => CrypTensor;
  #indices: CrypTensor | undefined;

  constructor(values: CrypTensor, find: () => CrypTensor) {
    this.values = values;
    this.#find = find;
  }

  /** Where the values were, computed when first read; no gradient flows through it. */
  get indices(): CrypTensor {
    this.#indices ??= this.#find();
    return this.#indices;
  }
}

/** Runs a search; `locate` makes of what its forward saved where the values were. */
export function search<Opts, Saved>(
  op: OpRecord<Share, Opts, Saved>,
  input: CrypTensor,
  opts: Opts,
  locate: (ctx: Context, saved: Saved) => Share,
): ValuesAndIndices {
  let found: { readonly saved: Saved } | undefined;
  const keeping: OpRecord<Share, Opts, Saved> = {
    ...op,
    forward(ctx, inputs, again) {
      const forward = op.forward(ctx, inputs, again);
      // The first is the program's own; a shadow's replays come after it.
      found ??= forward;
      return forward;
    },
  };
  const values = apply(keeping, [input], ...([opts] as [Opts] extends [void] ? [] : [Opts]));
  const { party } = values;
  return new ValuesAndIndices(values, () => {
    const { context } = party;
    const indices = context.session.ledger.under(op.name, () =>
      locate(context, (found as { readonly saved: Saved }).saved),
    );
    return new CrypTensor(party, indices);
  });
}
