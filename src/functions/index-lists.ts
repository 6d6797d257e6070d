/**
 * Index entries that list positions, as PyTorch has them: several lists are read together.
 *
 * Numbers, slices and new dims are taken first. The lists broadcast; their dims stand where the first list stood if nothing is
 * between them, else at the front. Positions are public; a position may come several times, and its gradients add up.
 * @module
 */

import {
  broadcastShapes,
  contiguousStrides,
  showShape,
  sizeOf,
  type Shape,
} from '../core/shape.ts';
import { placeA } from '../protocol/local/index.ts';
import type { Share } from '../protocol/share.ts';
import { wholeView, type View } from '../ring/view.ts';
import { pick, putBack, type Picked } from './indexing.ts';
import { index } from './movement.ts';
import type { OpRecord, Plain } from './op.ts';
import { positions, type Positions } from './positions.ts';
import { indexView, wholeEntries, type IndexEntry } from './views.ts';

/** An entry of an index: as `IndexEntry`, or a list of positions of any shape, negative ones counting from the end. */
export type ListedEntry = IndexEntry | Plain;

/** A list and the dim of a view that it selects from. */
interface List {
  readonly axis: number;
  readonly found: Positions;
}

/** The entries if none lists positions; a list without dims is a position. */
export function slicesOf(entries: readonly ListedEntry[]): readonly IndexEntry[] | undefined {
  const known = entries.map(numbered);
  return known.some(isList) ? undefined : (known as readonly IndexEntry[]);
}

/**
 * What entries with lists name: for each element of the result the word of a contiguous tensor of `shape`.
 *
 * @throws {MpcError} ERR_MPC_SHAPE for bad entries or positions, and for lists that do not broadcast.
 */
export function listedWords(op: string, shape: Shape, entries: readonly ListedEntry[]): Positions {
  const all = wholeEntries(shape, entries.map(numbered));
  const view = indexView(
    wholeView(shape),
    all.map((entry) => (isList(entry) ? [] : entry)),
  );
  // Dims of the view: a number has none.
  const dims = all.filter((entry) => typeof entry !== 'number');
  const lists = dims.flatMap((entry, axis): List[] => {
    if (!isList(entry)) return [];
    const what = `a dim of size ${view.shape[axis]} of ${showShape(shape)}`;
    return [{ axis, found: positions(op, entry, view.shape[axis], what, true) }];
  });
  return addresses(view, lists, op);
}

/** A view to write a gradient back through, or the words that were picked. */
type Place = { readonly shape: Shape; readonly view: View } | Picked;

/** The record of `index`, with lists and without. */
export const indexOp: OpRecord<Share, readonly ListedEntry[], Place> = {
  name: 'index',
  forward: (ctx, [x], entries) => {
    const { shape } = x;
    const slices = slicesOf(entries);
    if (slices === undefined) {
      const saved = { shape, axis: undefined, index: listedWords('index', shape, entries) };
      return { output: pick(ctx, x, saved), saved };
    }
    return {
      output: index(x, slices),
      saved: { shape, view: indexView(wholeView(shape), slices) },
    };
  },
  backward: (ctx, saved, dy) => [
    'view' in saved ? placeA(ctx, dy, saved.shape, saved.view) : putBack(ctx, saved, dy),
  ],
};

function addresses(view: View, lists: readonly List[], op: string): Positions {
  const joint = lists.map(({ found }) => found.shape).reduce((a, b) => broadcastShapes(op, a, b));
  const axes = lists.map(({ axis }) => axis);
  const rest = [...view.shape.keys()].filter((axis) => !axes.includes(axis));
  const together = axes.every((axis, i) => axis === axes[0] + i);
  const lead = together ? rest.filter((axis) => axis < axes[0]).length : 0;
  const [before, after] = [rest.slice(0, lead), rest.slice(lead)];
  const sizes = (dims: readonly number[]): number[] => dims.map((axis) => view.shape[axis]);
  const steps = (dims: readonly number[]): number[] => dims.map((axis) => view.strides[axis]);
  const outer = offsets(sizes(before), steps(before));
  const inner = offsets(sizes(after), steps(after));
  const middle = new Array<number>(sizeOf(joint)).fill(view.offset);
  for (const { axis, found } of lists) {
    const strides = contiguousStrides(found.shape).map((step, i) =>
      found.shape[i] === 1 ? 0 : step,
    );
    const missing = new Array<number>(joint.length - strides.length).fill(0);
    offsets(joint, [...missing, ...strides]).forEach((from, i) => {
      middle[i] += found.at[from] * view.strides[axis];
    });
  }
  const at = new Int32Array(outer.length * middle.length * inner.length);
  let next = 0;
  for (const a of outer) for (const b of middle) for (const c of inner) at[next++] = a + b + c;
  return { shape: [...sizes(before), ...joint, ...sizes(after)], at };
}

/** The offset of every element of a view, in row-major order. */
function offsets(sizes: readonly number[], strides: readonly number[]): number[] {
  return sizes.reduce(
    (list, size, axis) =>
      list.flatMap((from) => Array.from({ length: size }, (_, i) => from + i * strides[axis])),
    [0],
  );
}

function numbered(entry: ListedEntry): ListedEntry {
  return isList(entry) && entry.shape.length === 0 ? entry.data[0] : entry;
}

function isList(entry: ListedEntry): entry is Plain {
  return typeof entry === 'object' && entry !== null && 'data' in entry;
}
