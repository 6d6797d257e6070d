/**
 * Margins around a tensor, constant ones.
 * @module
 */

import { MpcError } from '../core/errors.ts';
import { sameShape, showShape, sizeOf, type Shape } from '../core/shape.ts';
import type { Context } from '../protocol/context.ts';
import { placeA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { wholeView, type View } from '../ring/view.ts';
import { sub } from './arithmetic.ts';
import { reshape } from './movement.ts';
import { secret, type Operand, type OpRecord } from './op.ts';
import { sum } from './reduce.ts';
import { shareBeside } from './scales.ts';
import { narrowView } from './views.ts';
import { overwrite } from './writing.ts';

/** Sizes to add before and after each dim, from the last dim backward; negative ones crop. */
export type Padding = readonly number[];

/**
 * x with a margin of one value around it.
 *
 * Shape   padding [left, right, top, bottom, …] from the last dim backward; the value is one element.
 * Scale   the finer of the two; pending truncations stay pending.
 * Cost    0 rounds, 0 bytes.
 * Error   exact; a public value is rounded to x's scale.
 * Leaks   nothing.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for a padding that is no list of pairs, has too many or crops too much, or a value of more
 * than one element.
 */
export function pad(ctx: Context, x: Share, value: Operand, padding: Padding): Share {
  const { shape, inside, kept } = margins(x.shape, padding);
  if (sizeOf(value.shape) !== 1) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `pad: expected one number to pad with, got a tensor of shape ${showShape(value.shape)}`,
    );
  }
  const part = x.view(slice(x, kept));
  if (sameShape(part.shape, shape)) return part;
  const fill = shareBeside(ctx, 'pad', x, value);
  const around = fill.view({ shape, strides: shape.map(() => 0), offset: fill.offset });
  return overwrite(ctx, 'pad', around, slice(wholeView(shape), inside), part);
}

interface PadSaved {
  readonly margins: Margins;
  readonly x: Shape;
  readonly value: Shape;
}

/** The record of `pad`. */
export const padOp: OpRecord<Operand, Padding, PadSaved> = {
  name: 'pad',
  forward: (ctx, [x, value], padding) => ({
    output: pad(ctx, secret('pad', x), value, padding),
    saved: { margins: margins(x.shape, padding), x: x.shape, value: value.shape },
  }),
  backward: (ctx, { margins: { inside, kept }, x, value }, dy, needs) => {
    const part = dy.view(slice(dy, inside));
    const whole = sameShape(part.shape, x);
    const dx = whole || !needs[0] ? part : placeA(ctx, part, x, slice(wholeView(x), kept));
    const around = (): Share => sub(ctx, sum(ctx, dy), sum(ctx, part));
    return [needs[0] ? dx : null, needs[1] ? reshape(ctx, around(), value) : null];
  },
};

type Range = readonly [start: number, length: number];

/** The shape after padding, the padded tensor's range in it, and the range of x that is kept, by dim. */
interface Margins {
  readonly shape: Shape;
  readonly inside: readonly Range[];
  readonly kept: readonly Range[];
}

function margins(shape: Shape, padding: Padding): Margins {
  const ends = shape.map((size, axis) => {
    const at = 2 * (shape.length - 1 - axis);
    const [before, after] = [padding[at] ?? 0, padding[at + 1] ?? 0];
    return { size, before, after, left: size + Math.min(before, 0) + Math.min(after, 0) };
  });
  const pairs = padding.length % 2 === 0 && padding.length <= 2 * shape.length;
  if (!pairs || !padding.every(Number.isInteger) || ends.some(({ left }) => left < 0)) {
    throw new MpcError(
      'ERR_MPC_SHAPE',
      `pad: ${showShape(padding)} does not pad ${showShape(shape)}; expected pairs of whole numbers from the last dim ` +
        'backward that crop no more than there is',
    );
  }
  return {
    shape: ends.map(({ size, before, after }) => size + before + after),
    inside: ends.map(({ before, left }) => [Math.max(before, 0), left]),
    kept: ends.map(({ before, left }) => [Math.max(-before, 0), left]),
  };
}

function slice(view: View, ranges: readonly Range[]): View {
  return ranges.reduce((part, [start, length], axis) => narrowView(part, axis, start, length), {
    shape: view.shape,
    strides: view.strides,
    offset: view.offset,
  } as View);
}
