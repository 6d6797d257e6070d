import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MpcError } from '../../src/core/errors.ts';
import { generateIdentity, identityJson, parseIdentity } from '../../src/net/identity.ts';
import {
  canonicalManifest,
  diffManifests,
  manifestHash,
  manifestJson,
  parseManifest,
} from '../../src/net/manifest.ts';
import { session } from '../support/session.ts';

const seed = 20261122;

const generated = generateIdentity('alice');

describe('manifest', () => {
  it('parseManifest() inverts manifestJson()', () => {
    for (const { manifest } of [session(2), session(3, true)]) {
      const json: unknown = JSON.parse(JSON.stringify(manifestJson(manifest)));
      assert.deepEqual(parseManifest(json), manifest);
    }
  });

  it('manifestHash() covers terms, names and keys, not addresses or order', () => {
    const { manifest, json } = session(3, true, [1, 2, 3, 4]);
    const parties = structuredClone(json.parties) as Record<string, unknown>[];
    const moved = parties.map((p) => ({ ...p, address: 'elsewhere:99' })).reverse();
    assert.deepEqual(
      manifestHash(parseManifest({ ...json, parties: moved })),
      manifestHash(manifest),
    );
    const renamed = parties.map((p) => (p.rank === 1 ? { ...p, name: 'eve' } : p));
    const changes = [{ session: 'x'.repeat(20) }, { precision: 17 }, { parties: renamed }];
    for (const change of changes) {
      const other = parseManifest({ ...json, ...change });
      assert.notDeepEqual(canonicalManifest(other), canonicalManifest(manifest));
      assert.equal(diffManifests(manifest, other).length, 1);
    }
    assert.deepEqual(diffManifests(manifest, parseManifest({ ...json, precision: 20 })), [
      'precision: ours 16, theirs 20',
    ]);
    assert.deepEqual(diffManifests(manifest, manifest), []);
  });

  it('parseManifest() names what is wrong', () => {
    const { json } = session(2);
    const parties = json.parties as Record<string, unknown>[];
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ format: 'x' }, /format/],
      [{ version: 2 }, /version/],
      [{ mode: 'constructor' }, /mode/],
      [{ mode: 'dealer' }, /dealer/],
      [{ mode: 'replicated' }, /exactly 3/],
      [{ precision: 16.5 }, /precision/],
      [{ session: 'short' }, /session/],
      [{ extra: 1 }, /unknown field "extra"/],
      [{ parties: [parties[0]] }, /parties/],
      [{ parties: [parties[0], parties[0]] }, /rank/],
      [{ parties: [parties[0], { ...parties[1], name: 'alice' }] }, /two members have the name/],
      [{ parties: [parties[0], { ...parties[1], publicKey: 'ff' }] }, /parties\[1\]\.publicKey/],
      [{ parties: [parties[0], { ...parties[1], address: 'nohost' }] }, /address/],
      [{ parties: [parties[0], { ...parties[1], address: 'ws://a:1/?b' }] }, /address/],
      [{ parties: [parties[0], { ...parties[1], name: 'a\u001b[31m' }] }, /name/],
    ];
    for (const [change, message] of cases) {
      assert.throws(() => parseManifest({ ...json, ...change }), {
        code: 'ERR_MPC_MANIFEST',
        message,
      });
    }
    const polluted: unknown = JSON.parse(
      JSON.stringify(json).replace('{', '{"__proto__":{"mode":"ot"},'),
    );
    assert.throws(() => parseManifest(polluted), {
      code: 'ERR_MPC_MANIFEST',
      message: /__proto__/,
    });
    assert.equal(({} as Record<string, unknown>).mode, undefined);
  });

  it('parseManifest() and parseIdentity() answer anything with a value or an MpcError', () => {
    const { json } = session(2);
    const fields = Object.keys(json);
    const attempt = (parse: (json: unknown) => unknown, input: unknown): void => {
      try {
        parse(input);
      } catch (error) {
        if (!(error instanceof MpcError)) throw error;
      }
    };
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...fields), (value, field) => {
        attempt(parseManifest, value);
        attempt(parseManifest, { ...json, [field]: value });
        attempt(parseManifest, { ...json, parties: [value, value] });
        attempt(parseIdentity, value);
        attempt(parseIdentity, { ...identityJson(generated), ed25519: value });
      }),
      { seed, numRuns: 500 },
    );
  });
});
