/**
 * The gates for functions of one variable, with the layout of what they put on the wire, and specifications for tests of all gates.
 * @module
 */

import { chunkSize } from '../../src/protocol/additive/chunks.ts';
import type { Curve, Harmonics } from '../../src/protocol/harmonics.ts';
import { curveRequest } from '../../src/protocol/provider/kinds/curve.ts';
import { powerRequest } from '../../src/protocol/provider/kinds/power.ts';
import { seriesRequest } from '../../src/protocol/provider/kinds/series.ts';
import { stepsRequest } from '../../src/protocol/provider/kinds/steps.ts';
import { zeroRequest } from '../../src/protocol/provider/kinds/zero.ts';
import { dealtBytes, type MaterialRequest } from '../../src/protocol/provider/material.ts';
import type { Steps } from '../../src/protocol/steps.ts';
import { withBound } from '../support/seats.ts';
import { words, type Field, type Gate } from './_gates.ts';

/** A sum of two harmonics. */
export const WAVE: Harmonics = { constant: 0.25, cos: [0.5, -0.25], sin: [0.75, 0.125], bound: 1 };

/** A curve with constant tails. */
export const HILL: Curve = {
  name: 'hill',
  low: -4,
  high: 3.5,
  slackLog2: -64,
  periodLog2: 3,
  inside: WAVE,
  halfSlope: 0,
  below: { slope: 0, offset: -1 },
  above: { slope: 0, offset: 1 },
};

/** A curve with a linear term and two sloped tails. */
export const RAMP: Curve = {
  ...HILL,
  name: 'ramp',
  halfSlope: 1,
  below: { slope: -1, offset: 0.5 },
  above: { slope: 2, offset: 0 },
};

/** The same, near the ends of which it does not matter which side an input is on. */
export const LOOSE: Curve = { ...HILL, name: 'loose', slackLog2: -2 };

/** Two thresholds, slopes that change. */
export const CLIP: Steps = {
  name: 'clip',
  thresholds: [-(2n ** 16n), 2n ** 17n],
  outputs: [
    {
      fracBits: 16,
      pieces: [
        { slope: 0n, offset: -(2n ** 16n) },
        { slope: 1n, offset: 0n },
        { slope: 0n, offset: 2n ** 17n },
      ],
    },
  ],
};

/** The same thresholds, constants. */
export const RANGE: Steps = {
  ...CLIP,
  name: 'range',
  outputs: [
    { fracBits: 0, bound: 0, pieces: [0n, 1n, 0n].map((offset) => ({ slope: 0n, offset })) },
  ],
};

const bits = (name: string, n: number, group: number): Field => ({ name, bits: n * group, group });

/** Rounds 2 and 3 of two thresholds. */
const thresholds = (n: number, blocks: number): Field[][] => [
  [bits('u, v of the first', n, 2 * blocks - 1), bits('u, v of the second', n, 2 * blocks - 1)],
  [bits('t of the first', n, 1), bits('t of the second', n, 1)],
];

/** Rounds 1 to 3 of a function on an interval. */
const interval = (n: number, blocks = 9): Field[][] => {
  const [second, third] = thresholds(n, blocks);
  return [[words('c', n)], second, [words('S + q', n), ...third]];
};

const size = { blocks: 9, skipped: 0, insideR: false, highR: false };

/** Every gate for a function of one variable. */
export function functionGates(): Gate[] {
  const list: (Omit<Gate, 'dealt' | 'piece'> & {
    readonly request: (n: number) => MaterialRequest;
    /** Words of results an element, which count for the size of a piece. */
    readonly outputs?: number;
  })[] = [
    {
      name: 'series',
      run: (ctx, x) => ctx.gates.series(ctx, x, 0x9e3779b97f4a7c15n, [WAVE], 16)[0],
      openings: (n) => [[words('high half of c', n, 4)]],
      request: (n) => seriesRequest(n, 2),
    },
    {
      name: 'steps',
      run: (ctx, x) => ctx.gates.steps(ctx, x, CLIP)[0],
      openings: (n) => [[words('c', n)], ...thresholds(n, 9)],
      request: (n) => stepsRequest(n, 9, 2, true),
      outputs: 1,
    },
    {
      name: 'steps below 2^26',
      run: (ctx, x) => ctx.gates.steps(ctx, withBound(x, 26), RANGE)[0],
      openings: (n) => [[words('c', n, 7)], ...thresholds(n, 7)],
      request: (n) => stepsRequest(n, 7, 2, false),
      outputs: 1,
    },
    {
      name: 'curve',
      run: (ctx, x) => ctx.gates.curve(ctx, x, HILL, 16),
      openings: (n) => interval(n),
      request: (n) => curveRequest({ ...size, n, drop: 43 }, 2, 45),
    },
    {
      name: 'curve with loose ends',
      run: (ctx, x) => ctx.gates.curve(ctx, x, LOOSE, 16),
      openings: (n) => interval(n, 7),
      request: (n) => curveRequest({ ...size, blocks: 7, skipped: 2, n, drop: 43 }, 2, 45),
    },
    {
      name: 'curve with sloped tails',
      run: (ctx, x) => ctx.gates.curve(ctx, x, RAMP, 16),
      openings: (n) => interval(n),
      request: (n) => curveRequest({ ...size, n, drop: 42, insideR: true, highR: true }, 2, 45),
    },
    {
      name: 'powerOfTwo',
      run: (ctx, x) => ctx.gates.powerOfTwo(ctx, x, -17, 28, 16),
      openings: (n) => interval(n, 8),
      request: (n) =>
        powerRequest(
          { ...size, blocks: 8, skipped: 1, n, drop: 17 },
          { fracBits: 16, group: 1, span: 6, scale: 16 },
        ),
    },
    {
      name: 'zero',
      run: (ctx, x) => ctx.gates.zero(ctx, x),
      openings: (n) => [[words('c', n)], [bits('v', n, 13)], [bits('w', n, 2)]],
      request: (n) => zeroRequest(n, 13),
    },
  ];
  return list.map(({ request, outputs = 0, ...gate }) => ({
    ...gate,
    dealt: (n) => request(n).segments,
    piece: chunkSize(dealtBytes(request(1)) + 8 * outputs),
  }));
}
