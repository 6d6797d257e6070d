/**
 * Hostile inputs made from good ones, reproducible from a seed.
 * @module
 */

import { concat } from '../../src/core/bytes.ts';
import { type SeededGenerator, seededGenerator } from '../../src/net/shuffle.ts';

/** Inputs per decoder: 20,000 unless CRYPTENSOR_FUZZ says otherwise. */
export const COUNT: number = Number(process.env['CRYPTENSOR_FUZZ'] ?? 20_000);
/** Of everything; printed with a failure. */
export const SEED: number = Number(process.env['CRYPTENSOR_SEED'] ?? Date.now() % 2 ** 31);

/** A generator for one decoder. */
export function generatorOf(name: string): SeededGenerator {
  let hash = SEED;
  for (const char of name) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0;
  return seededGenerator(hash);
}

/** One of a list. */
export function pick<T>(random: SeededGenerator, list: readonly T[]): T {
  return list[random(list.length)];
}

/** Numbers at which sizes and counters break. */
const EDGES = [
  0,
  1,
  7,
  8,
  24,
  255,
  256,
  4096,
  65535,
  65536,
  262144,
  262145,
  2 ** 24,
  2 ** 27,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 8,
  2 ** 32 - 1,
];

/** A u32 that something may be afraid of. */
export function edge(random: SeededGenerator): number {
  return random(3) === 0 ? random(2 ** 32) : pick(random, EDGES);
}

/** Random bytes of a length below `most`. */
export function noise(random: SeededGenerator, most: number): Uint8Array {
  return Uint8Array.from({ length: random(most) }, () => random(256));
}

/** A copy with one to four changes: bits, bytes, lengths, cuts, repeats, pieces of another input. */
export function mutated(
  random: SeededGenerator,
  input: Uint8Array,
  other: Uint8Array = input,
): Uint8Array {
  let bytes: Uint8Array = input.slice();
  for (let edits = 1 + random(4); edits > 0; edits--) bytes = edited(random, bytes, other);
  return bytes;
}

function edited(random: SeededGenerator, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = random(bytes.length + 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (random(9)) {
    case 0:
      if (at < bytes.length) bytes[at] ^= 1 << random(8);
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = random(256);
      return bytes;
    case 2:
    case 3:
      if (at + 4 <= bytes.length) view.setUint32(at, edge(random), random(8) !== 0);
      return bytes;
    case 4: {
      const word = at & ~3;
      if (word + 4 <= bytes.length) view.setUint32(word, edge(random), true);
      return bytes;
    }
    case 5:
      return bytes.slice(0, at);
    case 6:
      return concat([bytes, noise(random, 40)]);
    case 7: {
      const from = random(other.length + 1);
      const piece = other.subarray(from, from + random(64));
      return concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    }
    default:
      return concat([
        bytes.subarray(0, at),
        bytes.subarray(Math.min(at + random(16), bytes.length)),
      ]);
  }
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Values that a careless reader trips over. */
const ODD: readonly Json[] = [
  null,
  true,
  '',
  'x'.repeat(5000),
  'dealer',
  '\u0000\u202e\n',
  '__proto__',
  -1,
  -0,
  0.5,
  1e308,
  2 ** 53,
  64,
  65,
  [],
  {},
  [[[[[]]]]],
  Array<Json>(300).fill(0),
  'ff'.repeat(32),
  'FF'.repeat(32),
  'ws://[::1]:99999/x',
  'a:65536',
  ':::',
  '\ud800',
];
const KEYS = ['__proto__', 'constructor', 'toString', 'rank', 'name', 'length', 'format', 'x25519'];

/** A tree with some nodes replaced, removed, doubled or added. */
export function mutatedJson(random: SeededGenerator, input: Json): Json {
  let tree = structuredClone(input);
  for (let edits = 1 + random(3); edits > 0; edits--) tree = editedJson(random, tree, 0);
  return tree;
}

function editedJson(random: SeededGenerator, node: Json, depth: number): Json {
  if (typeof node !== 'object' || node === null || depth > 6 || random(12) === 0) {
    if (typeof node === 'string' && random(2) === 0) return editedText(random, node);
    if (typeof node === 'number' && random(2) === 0) return node + random(5) - 2;
    return pick(random, ODD);
  }
  if (Array.isArray(node)) {
    const at = random(node.length + 1);
    if (at === node.length) return [...node, node.length > 0 ? pick(random, node) : 0];
    if (random(5) === 0) return node.filter((_, i) => i !== at);
    return node.map((entry, i) => (i === at ? editedJson(random, entry, depth + 1) : entry));
  }
  const entries = Object.entries(node);
  const at = random(entries.length + 1);
  if (at === entries.length) entries.push([pick(random, KEYS), pick(random, ODD)]);
  else if (random(6) === 0) entries.splice(at, 1);
  else entries[at][1] = editedJson(random, entries[at][1], depth + 1);
  // As JSON.parse makes it: `__proto__` becomes an ordinary field.
  const made = Object.create(Object.prototype) as { [key: string]: Json };
  for (const [key, value] of entries) {
    Object.defineProperty(made, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return made;
}

function editedText(random: SeededGenerator, text: string): string {
  const at = random(text.length + 1);
  const char = String.fromCharCode(random(4) === 0 ? random(65536) : random(128));
  const edits = [
    text.slice(0, at) + char + text.slice(at + 1),
    text.slice(0, at),
    text + text,
    text.toUpperCase(),
  ];
  return pick(random, edits);
}
