import assert from 'node:assert/strict';
import { concat, u32le } from '../../src/core/bytes.ts';
import { fingerprint, generateIdentity } from '../../src/net/identity.ts';
import { parseManifest } from '../../src/net/manifest.ts';
import { usualAead } from '../support/aeads.ts';
import { shakeHands } from '../../src/net/secure/handshake.ts';
import { encodeHello, helloOf } from '../../src/net/secure/hello.ts';
import type { SecureLink } from '../../src/net/secure/channel.ts';
import { rejection } from '../support/muxes.ts';
import { PipeTransport } from '../support/pipe.ts';
import { secureEnds, session } from '../support/session.ts';

type Ends = PromiseSettledResult<SecureLink>[];

function errors(ends: Ends): { code: string; message: string }[] {
  return ends.map((end) => {
    if (end.status === 'rejected') return end.reason as { code: string; message: string };
    end.value.destroy();
    return assert.fail('expected both sides to refuse');
  });
}

const without = (json: Record<string, unknown>, change: Record<string, unknown>) =>
  parseManifest({ ...json, ...change });

describe('handshake', () => {
  it('names differing terms at both sides before any key is used', async () => {
    const { manifest, json, identities } = session();
    const other = without(json, { precision: 20 });
    const found = errors(
      await secureEnds(
        PipeTransport.pair(),
        { manifest, identity: identities[1] },
        { manifest: other, identity: identities[0] },
      ),
    );
    assert.deepEqual(
      found.map(({ code }) => code),
      ['ERR_MPC_MANIFEST', 'ERR_MPC_MANIFEST'],
    );
    assert.match(found[0].message, /party 0 \(alice\) .*precision: ours 16, theirs 20/);
    assert.match(found[1].message, /party 1 \(bob\) .*precision: ours 20, theirs 16/);
  });

  it('names the member whose entry differs', async () => {
    const { manifest, json, identities } = session();
    const parties = structuredClone(json.parties) as Record<string, unknown>[];
    parties[1].name = 'mallory';
    const found = errors(
      await secureEnds(
        PipeTransport.pair(),
        { manifest, identity: identities[1] },
        { manifest: without(json, { parties }), identity: identities[0] },
      ),
    );
    assert.match(found[0].message, /party 1 \(bob\)'s entry differs/);
    assert.match(found[1].message, /party 1 \(mallory\)'s entry differs/);
  });

  it('another session is refused', async () => {
    const { manifest, json, identities } = session();
    const other = without(json, { session: 'another-session-0123' });
    const found = errors(
      await secureEnds(
        PipeTransport.pair(),
        { manifest, identity: identities[1] },
        { manifest: other, identity: identities[0] },
      ),
    );
    for (const { code, message } of found)
      assert.ok(code === 'ERR_MPC_MANIFEST' && /another session/.test(message));
  });

  it('a wrong key is refused with both fingerprints, whoever has it', async () => {
    const { manifest, identities } = session();
    const wrong = generateIdentity();
    for (const side of [0, 1]) {
      const found = errors(
        await secureEnds(
          PipeTransport.pair(),
          { manifest, identity: side === 1 ? wrong : identities[1] },
          { manifest, identity: side === 0 ? wrong : identities[0] },
        ),
      );
      for (const { code } of found) assert.equal(code, 'ERR_MPC_HANDSHAKE');
      // The honest side names the culprit; the other one hears it.
      for (const { message } of found) {
        assert.ok(message.includes(fingerprint(identities[side].x25519.public)), message);
        assert.ok(message.includes(fingerprint(wrong.x25519.public)), message);
      }
    }
  });

  it('a liar about its fingerprint fails in Noise', async () => {
    const { manifest, identities } = session();
    const wrong = generateIdentity();
    const liar = {
      ...wrong,
      x25519: { secret: wrong.x25519.secret, public: identities[1].x25519.public },
    };
    const found = errors(
      await secureEnds(
        PipeTransport.pair(),
        { manifest, identity: liar },
        { manifest, identity: identities[0] },
      ),
    );
    for (const { code } of found) assert.equal(code, 'ERR_MPC_HANDSHAKE');
    assert.match(found[1].message, /party 1 \(bob\) did not prove/);
  });

  it('XX needs a confirmed fingerprint, and refuses by default', async () => {
    const { json, identities } = session();
    const parties = (json.parties as Record<string, unknown>[]).map((p) => ({
      ...p,
      publicKey: undefined,
    }));
    const manifest = without(json, { parties });
    const [a, b] = [
      { manifest, identity: identities[1] },
      { manifest, identity: identities[0] },
    ];
    const found = errors(await secureEnds(PipeTransport.pair(), a, b));
    for (const { code } of found) assert.match(code, /ERR_MPC_(HANDSHAKE|CLOSED)/);
    assert.ok(
      found.some(({ message }) => message.includes(fingerprint(identities[0].x25519.public))),
    );
    const prints: string[] = [];
    const confirmFingerprint = (_: number, print: string) => prints.push(print) > 0;
    const ends = await secureEnds(
      PipeTransport.pair(),
      { ...a, confirmFingerprint },
      { ...b, confirmFingerprint },
    );
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['fulfilled', 'fulfilled'],
    );
    assert.deepEqual(new Set(prints), new Set(identities.map((i) => fingerprint(i.x25519.public))));
    for (const end of ends) if (end.status === 'fulfilled') end.value.destroy();
  });

  it('another wire version is ERR_MPC_VERSION', async () => {
    const { manifest, identities } = session();
    const [a, b] = PipeTransport.pair();
    const hello = encodeHello(helloOf(manifest, 1, 'KK', identities[1].x25519.public), 2);
    a.start({ data: () => undefined, closed: () => undefined });
    a.send([concat([u32le(hello.length + 1), Uint8Array.of(1), hello])]);
    const settings = { manifest, me: 0, identity: identities[0], aead: usualAead, timeoutMs: 1000 };
    const error = await rejection(shakeHands(b, settings, undefined));
    assert.equal(error.code, 'ERR_MPC_VERSION');
    assert.match(error.message, /ours 1, theirs 2/);
  });

  it('two parties claiming one rank, and an answer by another rank, are ERR_MPC_RANK', async () => {
    const { manifest, identities } = session(3);
    const taken = errors(
      await secureEnds(
        PipeTransport.pair(),
        { manifest, identity: identities[1] },
        { manifest, identity: identities[0], admit: () => false },
      ),
    );
    const late = errors(
      await secureEnds(
        PipeTransport.pair(),
        { manifest, identity: identities[1] },
        { manifest, identity: identities[0], admit: (_, final) => !final },
      ),
    );
    const elsewhere = errors(
      await secureEnds(
        PipeTransport.pair(),
        { manifest, identity: identities[1] },
        { manifest, me: 2, identity: identities[2] },
      ),
    );
    for (const { code } of [...taken, ...late, ...elsewhere]) assert.equal(code, 'ERR_MPC_RANK');
    assert.match(taken[0].message, /another process takes part as party 1 \(bob\)/);
    assert.match(late[0].message, /another process holds our rank/);
  });

  it('a silent or garbage-speaking peer ends in a named error within the time limit', async () => {
    const { manifest, identities } = session();
    const settings = { manifest, me: 0, identity: identities[0], aead: usualAead, timeoutMs: 200 };
    for (const garbage of [
      undefined,
      'GET / HTTP/1.1\r\n\r\n',
      '\x10\0\0\0\x01CTEN\0',
      '\x03\0\0\0\x07ab',
    ]) {
      const [a, b] = PipeTransport.pair();
      a.start({ data: () => undefined, closed: () => undefined });
      if (garbage !== undefined) a.send([Buffer.from(garbage, 'latin1')]);
      const error = await rejection(shakeHands(b, settings, undefined));
      assert.match(error.code ?? '', /ERR_MPC_(TIMEOUT|HANDSHAKE)/);
    }
  });
});
