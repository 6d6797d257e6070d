import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '../../src/core/bytes.ts';
import { loadIdentity, saveIdentity } from '../../src/net/identity.node.ts';
import { fingerprint, generateIdentity, sign, verify } from '../../src/net/identity.ts';
import { rejection } from '../support/muxes.ts';

const generated = generateIdentity('alice');

describe('identity', () => {
  it('a key file keeps the keys, is readable by its owner alone, and is never overwritten', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cryptensor-test-'));
    try {
      const path = join(folder, 'alice.key');
      await saveIdentity(path, generated);
      assert.deepEqual(await loadIdentity(path), generated);
      assert.equal((await rejection(saveIdentity(path, generated))).code, 'ERR_MPC_FILE');
      if (process.platform !== 'win32') {
        assert.equal((await stat(path)).mode & 0o777, 0o600);
        await chmod(path, 0o644);
        const error = await rejection(loadIdentity(path));
        assert.equal(error.code, 'ERR_MPC_FILE');
        assert.match(error.message, /chmod 600/);
      }
      assert.match(await readFile(path, 'utf8'), /"cryptensor-key"/);
      assert.equal((await rejection(loadIdentity(join(folder, 'none')))).code, 'ERR_MPC_FILE');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('fingerprint() has 8 groups of 4 digits; signatures verify and forgeries do not', () => {
    assert.match(fingerprint(generated.x25519.public), /^([0-9a-f]{4} ){7}[0-9a-f]{4}$/);
    const signature = sign(generated, utf8('hello'));
    assert.ok(verify(generated.ed25519.public, utf8('hello'), signature));
    assert.ok(!verify(generated.ed25519.public, utf8('hellp'), signature));
  });
});
