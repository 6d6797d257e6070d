/**
 * Feeding a decoder: what it may throw, how long it may take, how much it may allocate.
 * @module
 */

import assert from 'node:assert/strict';
import { MpcError } from '../../src/core/errors.ts';
import type { SeededGenerator } from '../../src/net/shuffle.ts';
import { COUNT, generatorOf, SEED } from './_mutate.ts';

/** What a decoder promises. */
export interface Hunt {
  readonly name: string;
  /** Makes one input and decodes it; throws what the decoder throws. True: it was taken. */
  readonly feed: (random: SeededGenerator) => boolean | Promise<boolean>;
  /** Codes that it may throw. */
  readonly codes: readonly string[];
  /** Largest single array that an input may cause; bytes. */
  readonly mostBytes: number;
  /** How many at a time; for decoders that read files. */
  readonly parallel?: number;
}

/** Longest that one input may take on a busy machine; ms. */
const MOST_MS = 3000;
/** Inputs after which microtasks and timers get a turn. */
const TURN = 256;

/** One test: all inputs, then a line with the totals. */
export function hunt(options: Hunt): void {
  const { name, codes, mostBytes } = options;
  it(`${name}: ${codes.join(', ') || 'no error'}; no array above ${mostBytes} bytes`, async function () {
    this.timeout(Math.max(60_000, COUNT * 4));
    const startMs = performance.now();
    const seen = await watched(() => feedAll(options));
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    const counts = [...seen.result].map(([code, count]) => `${code} ${count}`).join(', ');
    process.stdout.write(`      ${name}: ${COUNT} inputs in ${seconds} s: ${counts}; `);
    process.stdout.write(`largest array ${seen.mostBytes} bytes\n`);
    assert.ok(seen.mostBytes <= mostBytes, `${seen.mostBytes} bytes at once, seed ${SEED}`);
  });
}

async function feedAll({ name, feed, codes, parallel = 1 }: Hunt): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const random = generatorOf(name);
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < COUNT) {
      const at = next++;
      const startMs = performance.now();
      let ending: string;
      try {
        const taken = feed(random);
        ending = (taken instanceof Promise ? await taken : taken) ? 'taken' : 'refused';
      } catch (error) {
        if (!(error instanceof MpcError) || !codes.includes(error.code)) {
          throw new Error(`${name}: input ${at} of seed ${SEED}: ${String(error)}`, {
            cause: error,
          });
        }
        ending = error.code;
      }
      counts.set(ending, (counts.get(ending) ?? 0) + 1);
      const ms = performance.now() - startMs;
      assert.ok(ms < MOST_MS * parallel, `${name}: input ${at} of seed ${SEED} took ${ms} ms`);
      if (at % TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: parallel }, one));
  return counts;
}

/** Runs `body` with every constructor of arrays watched. */
async function watched<T>(body: () => Promise<T>): Promise<{ result: T; mostBytes: number }> {
  const originals = {
    ArrayBuffer: globalThis.ArrayBuffer,
    Uint8Array: globalThis.Uint8Array,
    Float64Array: globalThis.Float64Array,
    BigUint64Array: globalThis.BigUint64Array,
  };
  let mostBytes = 0;
  const watch = <C extends NewableFunction>(constructor: C, bytes: number): C => {
    const proxy: C = new Proxy(constructor, {
      construct(target, args: readonly unknown[], newTarget): object {
        const [length] = args;
        if (typeof length === 'number') mostBytes = Math.max(mostBytes, length * bytes);
        const made: unknown = Reflect.construct(
          target,
          args,
          newTarget === proxy ? target : newTarget,
        );
        return Object(made) as object;
      },
    });
    return proxy;
  };
  globalThis.ArrayBuffer = watch(originals.ArrayBuffer, 1);
  globalThis.Uint8Array = watch(originals.Uint8Array, 1);
  globalThis.Float64Array = watch(originals.Float64Array, 8);
  globalThis.BigUint64Array = watch(originals.BigUint64Array, 8);
  try {
    return { result: await body(), mostBytes };
  } finally {
    Object.assign(globalThis, originals);
  }
}
