/** Session files and key files: any JSON gives a checked value or a named error that quotes no secret. */
import assert from 'node:assert/strict';
import { MpcError } from '../../src/core/errors.ts';
import { generateIdentity, identityJson, parseIdentity } from '../../src/net/identity.ts';
import { manifestHash, manifestJson, parseManifest } from '../../src/net/manifest.ts';
import type { SeededGenerator } from '../../src/net/shuffle.ts';
import { session } from '../support/session.ts';
import { hunt } from './_hunt.ts';
import { mutated, mutatedJson, noise, pick } from './_mutate.ts';

type Tree = Parameters<typeof mutatedJson>[1];

const treeOf = (value: unknown): Tree => JSON.parse(JSON.stringify(value)) as Tree;

/** A mutated tree, or what is left of a mutated text if it still is JSON. */
function jsonOf(random: SeededGenerator, tree: Tree): unknown {
  const kind = random(5);
  if (kind > 1) return mutatedJson(random, tree);
  const text = new TextEncoder().encode(JSON.stringify(tree));
  const bytes = kind === 0 ? noise(random, 60) : mutated(random, text);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

const manifests = [session(2).json, session(3, true).json, session(2, true).json].map(treeOf);
const secret = generateIdentity('alice');
const keyFile = treeOf(identityJson(secret));
const SECRETS = Object.values(identityJson(secret)).filter(
  (value) => typeof value === 'string' && value.length === 64,
);

describe('fuzz: json', () => {
  hunt({
    name: 'parseManifest',
    codes: ['ERR_MPC_MANIFEST'],
    mostBytes: 65_536,
    feed(random) {
      const manifest = parseManifest(jsonOf(random, pick(random, manifests)));
      const again = parseManifest(treeOf(manifestJson(manifest)));
      assert.deepEqual(manifestHash(again), manifestHash(manifest));
      return true;
    },
  });

  hunt({
    name: 'parseIdentity',
    codes: ['ERR_MPC_FILE'],
    mostBytes: 65_536,
    feed(random) {
      const json = jsonOf(random, keyFile);
      // A key pair takes a millisecond: most good ones are not needed.
      if (random(20) !== 0 && isWhole(json)) return true;
      try {
        const { x25519, ed25519 } = parseIdentity(json);
        assert.equal(x25519.public.length + ed25519.public.length, 64);
      } catch (error) {
        if (!(error instanceof MpcError)) throw error;
        for (const hex of SECRETS) {
          assert.ok(!error.message.includes(String(hex).slice(0, 12)), 'a key is quoted');
        }
        throw error;
      }
      return true;
    },
  });
});

function isWhole(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const fields = new Map<string, unknown>(Object.entries(json));
  return ['x25519', 'ed25519'].every((name) => {
    const text = fields.get(name);
    return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
  });
}
