/**
 * Margins. ONNX lists all beginnings and then all ends, from the first dim on.
 * @module
 */

import { counted, isInfinite, operand, type Call } from '../call.ts';
import { Fixed, type Value } from '../fixed.ts';
import { move } from '../move.ts';
import { ALL, type OnnxOp, type Step } from '../op.ts';

interface Margin {
  readonly begin: number;
  readonly end: number;
}

/** Margins of every dim. */
function marginsOf(call: Call): readonly Margin[] {
  const rank = call.shape().length;
  const pads = call.opset < 11 ? call.ints('pads') : call.list(1);
  const axes = call.has(3) ? call.list(3).map((axis) => call.axis(axis)) : counted(rank);
  call.axes(axes);
  if (pads.length !== 2 * axes.length) call.fail('two pads for each axis are expected');
  return counted(rank).map((dim) => {
    const i = axes.indexOf(dim);
    return i < 0 ? { begin: 0, end: 0 } : { begin: pads[i], end: pads[i + axes.length] };
  });
}

function fillOf(call: Call): number {
  if (call.opset < 11) return call.float('value', 0);
  return call.has(2) ? call.number(2) : 0;
}

/** The position that a margin repeats, for a position of the result counted from the image's start. */
function source(mode: 'reflect' | 'edge', at: number, size: number): number {
  if (mode === 'edge') return Math.min(Math.max(at, 0), size - 1);
  return at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
}

function planPad(call: Call): Step {
  const shape = call.shape();
  const mode = call.choice('mode', ['constant', 'reflect', 'edge'], 'constant');
  const margins = marginsOf(call);
  const out = call.sized(shape.map((size, dim) => margins[dim].begin + size + margins[dim].end));
  if (mode !== 'constant') {
    margins.forEach(({ begin, end }, dim) => {
      const most = mode === 'edge' ? (shape[dim] > 0 ? Infinity : 0) : shape[dim] - 1;
      if (Math.max(begin, end) > Math.max(most, 0)) call.fail('a margin larger than the input');
    });
    return call.moved(out, (x) =>
      margins.reduce<Value>((y, { begin, end }, dim) => {
        if (begin === 0 && end === 0) return y;
        const index = counted(out[dim]).map((i) => source(mode, i - begin, shape[dim]));
        return move.indexSelect(y, dim, index);
      }, x),
    );
  }
  margins.forEach(({ begin, end }, dim) => {
    if (Math.min(begin, 0) + Math.min(end, 0) + shape[dim] < 0) call.fail('pads crop too much');
  });
  const value = fillOf(call);
  const fill = isInfinite(value) ? operand(new Fixed([], Float64Array.of(value), 'float')) : value;
  const padding = margins.flatMap(({ begin, end }) => [end, begin]).reverse();
  return call.secret(out, (x) =>
    padding.every((pad) => pad === 0) ? x : x.pad(padding, { value: fill }),
  );
}

/** Operators of this area. */
export const padOps: readonly OnnxOp[] = [
  {
    name: 'Pad',
    opsets: ALL,
    inputs: [1, 4],
    attributes: ['mode', 'pads', 'value'],
    open: [1, 2, 3],
    plan: planPad,
  },
];
