import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifest } from '../../src/net/manifest.ts';
import { cli, temporaryFolder } from './support.ts';

describe('cli: commands that need nobody else', function () {
  this.timeout(120_000);
  const place = temporaryFolder();
  after(() => place.remove());
  const file = (name: string): string => join(place.folder, name);

  it('--help documents exit codes; a wrong command line ends with 2', async () => {
    const [help, unknown, missing] = await Promise.all([
      cli('--help'),
      cli('frobnicate'),
      cli('run', 'hospitals'),
    ]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /130 {2}interrupted/);
    for (const command of ['demo', 'keygen', 'session', 'run', 'launch', 'dealer', 'info']) {
      assert.match(help.stdout, new RegExp(`^ {2}${command} `, 'm'));
    }
    assert.equal(unknown.code, 2);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /--session/);
  });

  it('info prints the backend and why, as text and as JSON', async () => {
    const [text, json] = await Promise.all([cli('info'), cli('info', '--json')]);
    assert.match(text.stdout, /^backend +(wasm|ts)/m);
    const facts = JSON.parse(json.stdout) as Record<string, string>;
    assert.equal(facts.node, process.versions.node);
  });

  it('keygen writes a key file for its owner alone, and never over another', async () => {
    const out = file('carol.key');
    const made = await cli('keygen', 'carol', '--out', out);
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /^public key +carol=[0-9a-f]{64}$/m);
    assert.match(made.stdout, /^fingerprint +([0-9a-f]{4} ){7}[0-9a-f]{4}$/m);
    if (process.platform !== 'win32') assert.equal(statSync(out).mode & 0o777, 0o600);
    const secret = (JSON.parse(readFileSync(out, 'utf8')) as { x25519: string }).x25519;
    assert.doesNotMatch(made.stdout + made.stderr, new RegExp(secret));
    const again = await cli('keygen', 'carol', '--out', out);
    assert.equal(again.code, 4);
    assert.match(again.stderr, /^error ERR_MPC_FILE: /);
    const odd = await cli('keygen', '../carol');
    assert.equal(odd.code, 2);
  });

  it('session create, address and show make a manifest that every party can check', async () => {
    const keys = ['1', '2', '3'].map((digit) => digit.repeat(64));
    const out = file('session.json');
    const made = await cli(
      ...['session', 'create', '--out', out, '--precision', '20'],
      ...['--party', `alice=${keys[0]}@10.0.0.1:7000`, '--party', `bob=${keys[1]}`],
      ...['--dealer', `deal=${keys[2]}`],
    );
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stderr, /no address yet: deal/);
    const changed = await cli('session', 'address', out, 'deal=[::1]:7002', 'bob=b.example:1');
    assert.equal(changed.code, 0, changed.stderr);
    const manifest = parseManifest(JSON.parse(readFileSync(out, 'utf8')));
    assert.equal(manifest.precision, 20);
    assert.deepEqual(
      manifest.parties.map(({ name, address }) => [name, address]),
      [
        ['alice', '10.0.0.1:7000'],
        ['bob', 'b.example:1'],
      ],
    );
    assert.equal(manifest.dealer?.address, '[::1]:7002');
    const [shown, json] = await Promise.all([
      cli('session', 'show', out),
      cli('session', 'show', out, '--json'),
    ]);
    assert.match(shown.stdout, /^party 1 +bob +.* b\.example:1$/m);
    const { hash } = JSON.parse(json.stdout) as { hash: string };
    assert.match(shown.stdout, new RegExp(hash.slice(0, 32)));
  });

  it('session refuses what makes no sense, by exit code and name', async () => {
    const key = 'a'.repeat(64);
    const create = (...more: string[]): Promise<{ code: number | null; stderr: string }> =>
      cli('session', 'create', '--out', file('never.json'), ...more);
    const notJson = place.write('broken.json', '{ "x25519": "secret');
    const results = await Promise.all([
      create('--party', `a=${key}`, '--dealer', `d=${'b'.repeat(64)}`),
      create('--party', 'a=short', '--party', `b=${key}`, '--dealer', `d=${key}`),
      create('--party', `a=${key}`, '--party', `b=${key}`, '--dealer', `d=${'b'.repeat(64)}`),
      cli('session', 'show', file('missing.json')),
      cli('session', 'show', notJson),
    ]);
    assert.deepEqual(
      results.map(({ code }) => code),
      [2, 2, 4, 4, 4],
    );
    const [, , twins, missing, broken] = results;
    assert.match(twins.stderr, /^error ERR_MPC_MANIFEST: .*publicKey/);
    assert.match(missing.stderr, /^error ERR_MPC_FILE: session file .*missing\.json/);
    assert.doesNotMatch(broken.stderr, /secret/);
    for (const { stderr } of results) assert.doesNotMatch(stderr, /\n {4}at /);
  });
});
