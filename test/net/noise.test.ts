import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { concat, fromHex, toHex } from '../../src/core/bytes.ts';
import { x25519, x25519KeyPair } from '../../src/net/secure/crypto.ts';
import { HandshakeState, type NoisePattern } from '../../src/net/secure/noise.ts';
import { AEADS, usualAead } from '../support/aeads.ts';
import { rejection } from '../support/muxes.ts';

interface Vector {
  protocol_name: string;
  init_prologue: string;
  resp_prologue: string;
  init_static: string;
  resp_static: string;
  init_ephemeral: string;
  resp_ephemeral: string;
  init_remote_static?: string;
  resp_remote_static?: string;
  init_psks?: string[];
  resp_psks?: string[];
  handshake_hash?: string;
  messages: { payload: string; ciphertext: string }[];
}

const files = ['noise-cacophony.json', 'noise-snow.json'];
const vectors = files.flatMap((file) => {
  const url = new URL(`../vectors/${file}`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { vectors: Vector[] }).vectors;
});

function sides(v: Vector, aead = usualAead): [HandshakeState, HandshakeState] {
  const pattern = v.protocol_name.split('_')[1] as NoisePattern;
  const keys = (hex: string) => x25519KeyPair(fromHex(hex));
  const side = (initiator: boolean): HandshakeState => {
    const [me, you] = initiator ? (['init', 'resp'] as const) : (['resp', 'init'] as const);
    const psk = v[`${me}_psks`]?.[0];
    const rs = v[`${me}_remote_static`] ?? toHex(keys(v[`${you}_static`]).public);
    return new HandshakeState({
      pattern,
      initiator,
      prologue: fromHex(v[`${me}_prologue`]),
      s: keys(v[`${me}_static`]),
      e: keys(v[`${me}_ephemeral`]),
      ...(pattern.startsWith('KK') ? { rs: fromHex(rs) } : {}),
      ...(psk === undefined ? {} : { psk: fromHex(psk) }),
      aead,
    });
  };
  return [side(true), side(false)];
}

describe('noise', () => {
  for (const [name, aead] of AEADS) {
    for (const vector of vectors) {
      it(`${vector.protocol_name} agrees with the published vector, ${name}`, async () => {
        const [init, resp] = sides(vector, aead);
        const rest = [...vector.messages];
        for (let turn = 0; !init.finished; turn++) {
          const { payload, ciphertext } = rest.shift() ?? assert.fail();
          const [from, to] = turn % 2 === 0 ? [init, resp] : [resp, init];
          const message = await from.write(fromHex(payload));
          assert.equal(toHex(message), ciphertext);
          assert.equal(toHex(await to.read(message)), payload);
        }
        const handshakeMessages = vector.messages.length - rest.length;
        const [a, b] = [init.finish(), resp.finish()];
        assert.equal(toHex(a.handshakeHash), vector.handshake_hash ?? toHex(b.handshakeHash));
        assert.deepEqual(a.handshakeHash, b.handshakeHash);
        assert.deepEqual(a.chainingKey, b.chainingKey);
        assert.ok(rest.length >= 2, 'vector holds transport messages');
        for (const [i, { payload, ciphertext }] of rest.entries()) {
          const fromInit = (handshakeMessages + i) % 2 === 0;
          const [from, to] = fromInit ? [a, b] : [b, a];
          const none = new Uint8Array();
          const sealed = concat(await from.send.seal(none, [fromHex(payload)]));
          assert.equal(toHex(sealed), ciphertext);
          assert.equal(toHex(concat(await to.receive.open(none, [sealed]))), payload);
        }
      });
    }
  }

  it('XXpsk0 finishes with equal psks and fails with different ones', async () => {
    for (const same of [true, false]) {
      const options = { pattern: 'XXpsk0', prologue: new Uint8Array(), aead: usualAead } as const;
      const psk = new Uint8Array(32).fill(7);
      const init = new HandshakeState({ ...options, initiator: true, s: x25519KeyPair(), psk });
      const other = same ? psk : new Uint8Array(32);
      const resp = new HandshakeState({
        ...options,
        initiator: false,
        s: x25519KeyPair(),
        psk: other,
      });
      const first = await init.write();
      if (!same) {
        assert.equal((await rejection(resp.read(first))).code, 'ERR_MPC_HANDSHAKE');
        continue;
      }
      await resp.read(first);
      await init.read(await resp.write());
      await resp.read(await init.write());
      assert.deepEqual(init.finish().chainingKey, resp.finish().chainingKey);
    }
  });

  it('rekey() keeps both ends in step and differs from the old key', async () => {
    for (const [, aead] of AEADS) {
      const [init, resp] = sides(vectors[0], aead);
      await resp.read(await init.write());
      await init.read(await resp.write());
      const { send } = init.finish();
      const { receive } = resp.finish();
      const ad = Uint8Array.of(1, 2);
      for (let i = 0; i < 3; i++) {
        const sealed = send.seal(ad, [Uint8Array.of(i)]);
        send.rekey();
        const opened = receive.open(ad, await sealed);
        receive.rekey();
        assert.deepEqual(concat(await opened), Uint8Array.of(i));
      }
      send.rekey();
      const odd = await send.seal(ad, [Uint8Array.of(9)]);
      await assert.rejects(async () => receive.open(ad, odd));
    }
  });

  it('x25519() refuses low-order points', () => {
    for (const point of [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31))]) {
      assert.throws(() => x25519(x25519KeyPair().secret, point), { code: 'ERR_MPC_HANDSHAKE' });
    }
  });

  it('read() refuses every flipped byte of the messages that carry a tag, and every truncation', async () => {
    const vector = vectors.find((v) => v.protocol_name.includes('_KK_')) ?? assert.fail();
    const message = await sides(vector)[0].write(Uint8Array.of(1, 2, 3));
    for (let at = 0; at < message.length; at++) {
      const evil = message.slice();
      evil[at] ^= 1;
      assert.equal((await rejection(sides(vector)[1].read(evil))).code, 'ERR_MPC_HANDSHAKE');
    }
    for (const end of [0, 31, 32, 47, message.length - 1]) {
      const error = await rejection(sides(vector)[1].read(message.slice(0, end)));
      assert.equal(error.code, 'ERR_MPC_HANDSHAKE');
    }
  });
});
