/**
 * A party's share of a mask: the words of a stream, in kernel memory for those who ask for it early, and made again for later ones.
 *
 * Keeping the words would cost more than making them: a data matrix is masked once and its mask seldom read again.
 * @module
 */

import type { Ptr } from '../../kernels/contract.ts';
import type { Arena, Block } from '../../kernels/memory.ts';
import type { StreamWords } from '../../prg/stream.ts';

/** A mask's share in the hands of one reader. */
export interface LentMask {
  /** `n` words from the `from`th on, in kernel memory; not to be written to. */
  read(arena: Arena, from: number, n: number): Ptr;
  /** Nothing more is read. */
  done(): void;
}

/** One mask's share. */
export class MaskShare {
  readonly #stream: StreamWords;
  readonly #released: () => void;
  #block: Block | undefined;
  #readers = 0;

  /** @param block the words, expanded ahead; given back when the last of its readers is done. `released` hears of that. */
  constructor(stream: StreamWords, block?: Block, released: () => void = () => undefined) {
    this.#stream = stream;
    this.#block = block;
    this.#released = released;
  }

  /** Asks for the words; they are read later. */
  lend(): LentMask {
    this.#readers++;
    return {
      read: (arena, from, n) =>
        this.#block === undefined ? this.#stream.read(arena, from, n) : this.#block.at + 8 * from,
      done: () => this.#done(),
    };
  }

  #done(): void {
    if (--this.#readers > 0 || this.#block === undefined) return;
    this.#block.release();
    this.#block = undefined;
    this.#released();
  }
}
