/**
 * Values made of parameters and buffers, computed once for each version of them.
 *
 * A value that costs messages may be reused only where every party reuses it. Forks run in no fixed order, so a fork uses what it made
 * itself, or what the program had made before it forked.
 * @module
 */

import type { CrypTensor, Party } from '../tensor/index.ts';

type Context = Party['context'];

interface Entry<T> {
  readonly tensors: readonly CrypTensor[];
  readonly versions: readonly number[];
  /** Where in the program it was made. */
  readonly tag: Context['here'];
  readonly value: T;
}

/** One such value. */
export class VersionCache<T> {
  #root: Entry<T> | undefined;
  readonly #forks = new WeakMap<Context, Entry<T>>();

  /** The value for these tensors as they are now; made by `make` unless there is one. */
  get({ context, forkDepth }: Party, tensors: readonly CrypTensor[], make: () => T): T {
    const inFork = forkDepth > 0;
    const own = inFork ? this.#forks.get(context) : this.#root;
    if (own !== undefined && isFresh(own, tensors)) return own.value;
    const root = this.#root;
    if (root !== undefined && isFresh(root, tensors) && context.sees(root.tag)) return root.value;
    const versions = tensors.map(({ version }) => version);
    const tag = context.here;
    const entry = { tensors: [...tensors], versions, tag, value: make() };
    if (inFork) this.#forks.set(context, entry);
    else this.#root = entry;
    return entry.value;
  }
}

function isFresh(entry: Entry<unknown>, tensors: readonly CrypTensor[]): boolean {
  return (
    entry.tensors.length === tensors.length &&
    tensors.every((one, i) => one === entry.tensors[i] && one.version === entry.versions[i])
  );
}
