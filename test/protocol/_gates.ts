/**
 * Every gate that opens something, with the layout of what it puts on the wire.
 * @module
 */

import type { Shape } from '../../src/core/shape.ts';
import type { Words } from '../../src/kernels/memory.ts';
import type { Context } from '../../src/protocol/context.ts';
import { compareRequest, rectifyRequest } from '../../src/protocol/provider/kinds/comparison.ts';
import {
  truncateOpenedRequest,
  truncatePairRequest,
} from '../../src/protocol/provider/kinds/truncation.ts';
import type { Segment } from '../../src/protocol/provider/material.ts';
import { Share } from '../../src/protocol/share.ts';
import { withBound } from '../support/seats.ts';

/** A field of an opening: words of so many bytes, or a bit stream in groups. */
export type Field =
  | { readonly name: string; readonly words: number; readonly bytes: number }
  | {
      readonly name: string;
      readonly bits: number;
      readonly group: number;
      /** The sender's own: what the parties' bits add up to means nothing. */
      readonly single?: boolean;
    };

/** A gate as the statistics run it. */
export interface Gate {
  readonly name: string;
  /** How x and y are shared; additively unless said. */
  readonly put?: (ctx: Context, src: number, shape: Shape, words: Words) => Share;
  readonly run: (ctx: Context, x: Share, y: Share) => Share;
  /** Fields of each opening, in order of the steps, for n elements. */
  readonly openings: (n: number) => Field[][];
  readonly dealt: (n: number) => readonly Segment[];
  /** Elements that it takes in one piece, where it says so. */
  readonly piece?: number;
  /** How a dealt segment is counted, if not as words. */
  readonly dealtFields?: (segment: Segment, n: number) => Field[] | undefined;
}

export const words = (name: string, n: number, bytes = 8): Field => ({ name, words: n, bytes });
const bits = (name: string, n: number, group: number): Field => ({ name, bits: n * group, group });

const sign = (n: number, blocks: number): Field[][] => [
  [words('c', n, Math.ceil((7 * blocks + 1) / 8))],
  [bits('u, v', n, 2 * blocks - 1)],
  [bits('t', n, 1)],
];

/** Every gate that opens something, reveal excluded. */
export function gates(n: number): Gate[] {
  const product = (count: number): Segment[] => [
    { name: 'c', words: count, sharing: 'add', source: 'dealt' },
  ];
  return [
    {
      name: 'mul',
      run: (ctx, x, y) => ctx.gates.mul(ctx, x, y),
      openings: (count) => [[words('x − a', count)], [words('y − b', count)]],
      dealt: product,
    },
    {
      name: 'square',
      run: (ctx, x) => ctx.gates.mul(ctx, x, x),
      openings: (count) => [[words('x − a', count)]],
      dealt: product,
    },
    {
      name: 'truncate',
      run: (ctx, x) => new Share(ctx.gates.truncate(ctx, x.storage, 16)),
      openings: (count) => [
        [n === 2 ? { ...bits('own top bit', count, 1), single: true } : words('c', count)],
      ],
      dealt: (count) =>
        (n === 2 ? truncatePairRequest(count, 16) : truncateOpenedRequest(count, 16)).segments,
    },
    {
      name: 'negative',
      run: (ctx, x) => ctx.gates.negative(ctx, x),
      openings: (count) => sign(count, 9),
      dealt: (count) => compareRequest(count, 9).segments,
    },
    {
      name: 'negative below 2^26',
      run: (ctx, x) => ctx.gates.negative(ctx, withBound(x, 26)),
      openings: (count) => sign(count, 7),
      dealt: (count) => compareRequest(count, 7).segments,
    },
    {
      name: 'rectify',
      run: (ctx, x) => ctx.gates.rectify(ctx, x, 16).value,
      openings: (count) => [[words('c', count)], ...sign(count, 7).slice(1)],
      dealt: (count) => rectifyRequest(count, 16).segments,
    },
  ];
}
