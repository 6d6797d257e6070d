/** Model files: tensors whose shapes hold their values, or a named error; no allocation beyond what the file can hold. */
import assert from 'node:assert/strict';
import { concat, u64le, utf8 } from '../../src/core/bytes.ts';
import { formats, Tensor } from '../../src/index.ts';
import type { SeededGenerator } from '../../src/net/shuffle.ts';
import { readVectors } from '../formats/vectors.ts';
import { hunt } from './_hunt.ts';
import { mutated, mutatedJson, noise, pick } from './_mutate.ts';

const { json, npy, npz, safetensors } = formats;
const CODES = ['ERR_MPC_FILE', 'ERR_MPC_UNSUPPORTED', 'ERR_MPC_RANGE', 'ERR_MPC_VERSION'];
const { cases } = readVectors();
const files = (ending: string): Uint8Array[] =>
  cases.filter(({ name }) => name.endsWith(ending)).map(({ bytes }) => bytes);

const STATE = { w: new Tensor([2, 2], [1, 2, 3, 4]), b: new Tensor([], [0.5]) };
/** Inputs are a few KB; what they may become: eight times as much, and for archives what deflate can do. */
const PLAIN = 8 * 16_384;

function check(tensors: Readonly<Record<string, Tensor>>): boolean {
  for (const { shape, data } of Object.values(tensors)) {
    assert.equal(
      shape.reduce((product, dim) => product * dim, 1),
      data.length,
    );
  }
  return true;
}

function bytesFrom(random: SeededGenerator, good: readonly Uint8Array[]): Uint8Array {
  if (random(20) === 0) return noise(random, 300);
  return mutated(random, pick(random, good), pick(random, good));
}

/** A safetensors file whose header was changed as JSON, behind the right length. */
function otherHeader(random: SeededGenerator, file: Uint8Array): Uint8Array {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(0, true);
  const text = new TextDecoder().decode(file.subarray(8, 8 + length));
  const header = utf8(JSON.stringify(mutatedJson(random, JSON.parse(text))));
  return concat([u64le(header.length), header, file.subarray(8 + length)]);
}

describe('fuzz: formats', () => {
  const safe = files('.safetensors');
  hunt({
    name: 'safetensors',
    codes: CODES,
    mostBytes: PLAIN,
    feed: (random) => {
      const changed = random(2) === 0;
      const bytes = changed ? otherHeader(random, pick(random, safe)) : bytesFrom(random, safe);
      return check(safetensors.load(bytes));
    },
  });

  const arrays = files('.npy');
  hunt({
    name: 'npy',
    codes: CODES,
    mostBytes: PLAIN,
    feed: (random) => check({ x: npy.load(bytesFrom(random, arrays)) }),
  });

  const archives = files('.npz');
  hunt({
    name: 'npz',
    codes: CODES,
    mostBytes: 8 * 1032 * 16_384,
    feed: (random) => check(npz.load(bytesFrom(random, archives))),
  });

  const text = json.save(STATE);
  hunt({
    name: 'json',
    codes: CODES,
    mostBytes: PLAIN,
    feed: (random) => {
      if (random(2) === 0) return check(json.load(bytesFrom(random, [text])));
      const tree = mutatedJson(random, JSON.parse(new TextDecoder().decode(text)));
      return check(json.load(utf8(JSON.stringify(tree))));
    },
  });
});
