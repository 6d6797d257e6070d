import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { generateIdentity } from '../../src/net/identity.ts';
import { manifestHash, parseManifest } from '../../src/net/manifest.ts';
import type { Mesh, MeshEvent } from '../../src/net/mesh.ts';
import { connectMesh } from '../../src/net/mesh.node.ts';
import { Meter } from '../../src/net/meter.ts';
import { Mux } from '../../src/net/mux.ts';
import { agreeRun, localRuns, runIdOf } from '../../src/net/run.ts';
import { bytesOf, opening, rejection } from '../support/muxes.ts';
import { session } from '../support/session.ts';
import { freePorts } from '../support/transport-pairs.ts';

async function leave(meshes: readonly Mesh[]): Promise<void> {
  for (const mesh of meshes) {
    mesh.close();
    for (const link of mesh.links.values()) link.destroy();
  }
  await Promise.all(meshes.flatMap((mesh) => [...mesh.links.values()].map(({ ended }) => ended)));
}

const roles = [0, 1, 2, 'dealer'] as const;

describe('mesh', () => {
  it('three parties and a dealer connect, agree on a run, share seeds pairwise and talk', async () => {
    const { manifest, identities } = session(3, true, await freePorts(4));
    const meshes = await Promise.all(
      roles.map((me, rank) =>
        connectMesh({ manifest, me, identity: identities[rank], timeoutMs: 10000 }),
      ),
    );
    const muxes = meshes.map(
      ({ links, names, rank }) =>
        new Mux({ rank, names, links, timeoutMs: 5000, meter: new Meter() }),
    );
    const runs = await Promise.all(
      meshes.map(({ links, rank }, i) =>
        agreeRun({ mux: muxes[i], rank, links, manifestHash: manifestHash(manifest) }),
      ),
    );
    for (const run of runs) assert.deepEqual(run.runId, runs[0].runId);
    const seeds = new Set<string>();
    for (let a = 0; a < 4; a++) {
      for (let b = 0; b < a; b++) {
        const seed = runs[a].rootSeed(b, 'zero');
        assert.deepEqual(seed, runs[b].rootSeed(a, 'zero'));
        seeds.add(Buffer.from(seed).toString('hex'));
        seeds.add(Buffer.from(runs[a].rootSeed(b, 'deal')).toString('hex'));
      }
    }
    assert.equal(seeds.size, 12);
    muxes[2].post(3, opening(0), 5n, [bytesOf(100000)]);
    assert.deepEqual(await muxes[3].expect(2, opening(0), 5n, 100000, () => 'x'), bytesOf(100000));
    assert.equal(meshes[0].names[3], 'dealer');

    // A second process with the key and rank of party 1 is turned away and disturbs nothing.
    const listenAddress = '127.0.0.1:0';
    const twin = await rejection(
      connectMesh({ manifest, me: 1, identity: identities[1], timeoutMs: 5000, listenAddress }),
    );
    assert.equal(twin.code, 'ERR_MPC_RANK');
    assert.match(twin.message, /another process/);
    muxes[1].post(0, opening(1), 5n, [bytesOf(8)]);
    await muxes[0].expect(1, opening(1), 5n, 8, () => 'y');
    await Promise.all(muxes.map((mux) => mux.close()));
    meshes.forEach((mesh) => mesh.close());
  });

  it('a missing party is named with its address, at everybody who waits for it', async () => {
    const ports = await freePorts(3);
    const { manifest, identities } = session(3, false, ports);
    const errors = await Promise.all(
      [0, 2].map((me) =>
        rejection(connectMesh({ manifest, me, identity: identities[me], timeoutMs: 700 })),
      ),
    );
    for (const { code, message } of errors) {
      if (code === 'ERR_MPC_CLOSED') continue; // the other one gave up a moment earlier
      assert.equal(code, 'ERR_MPC_TIMEOUT');
      assert.match(message, new RegExp(`party 1 \\(bob\\) at 127\\.0\\.0\\.1:${ports[1]}`));
    }
    assert.ok(errors.some(({ code }) => code === 'ERR_MPC_TIMEOUT'));
  });

  it('differing precision and a wrong own key stop everybody at once', async () => {
    const { manifest, json, identities } = session(2, false, await freePorts(2));
    const other = parseManifest({ ...json, precision: 20 });
    const began = Date.now();
    const errors = await Promise.all([
      rejection(connectMesh({ manifest, me: 0, identity: identities[0], timeoutMs: 20000 })),
      rejection(connectMesh({ manifest: other, me: 1, identity: identities[1], timeoutMs: 20000 })),
    ]);
    for (const { code, message } of errors) {
      assert.equal(code, 'ERR_MPC_MANIFEST');
      assert.match(message, /precision: ours (16|20), theirs (16|20)/);
    }
    const own = await rejection(
      connectMesh({ manifest, me: 1, identity: generateIdentity(), timeoutMs: 20000 }),
    );
    assert.equal(own.code, 'ERR_MPC_HANDSHAKE');
    assert.match(own.message, /party 1 \(bob\) \(this process\)/);
    assert.ok(Date.now() - began < 5000);
  });

  it('a port in use, an abort signal and a stranger are dealt with by name', async () => {
    const ports = await freePorts(2);
    const { manifest, identities } = session(2, false, ports);
    const squatter = createServer((socket) => socket.destroy()).listen(ports[0], '127.0.0.1');
    await once(squatter, 'listening');
    const options = { manifest, me: 0, identity: identities[0], timeoutMs: 5000 } as const;
    const error = await rejection(connectMesh(options));
    assert.equal(error.code, 'ERR_MPC_TRANSPORT');
    assert.match(error.message, /port is in use/);
    await new Promise((resolve) => squatter.close(resolve));

    const events: MeshEvent[] = [];
    const abort = new AbortController();
    const pending = rejection(
      connectMesh({ ...options, signal: abort.signal, onProgress: (event) => events.push(event) }),
    );
    const { dialTcp } = await import('../../src/net/tcp.node.ts');
    let stranger = await dialTcp(`127.0.0.1:${ports[0]}`, 500).catch(() => undefined);
    for (let i = 0; i < 20 && stranger === undefined; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      stranger = await dialTcp(`127.0.0.1:${ports[0]}`, 500).catch(() => undefined);
    }
    stranger?.start({ data: () => undefined, closed: () => undefined });
    stranger?.send([Buffer.from('GET / HTTP/1.1\r\n\r\n')]);
    for (let i = 0; i < 100 && !events.some(({ type }) => type === 'refused'); i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    abort.abort();
    assert.equal((await pending).code, 'ERR_MPC_INTERRUPTED');
    assert.deepEqual(
      events.map(({ type }) => type),
      ['listening', 'refused'],
    );
    stranger?.destroy();
  });

  it('parties may start in any order', async () => {
    const { manifest, identities } = session(2, false, await freePorts(2));
    const late = connectMesh({ manifest, me: 1, identity: identities[1], timeoutMs: 5000 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const early = connectMesh({ manifest, me: 0, identity: identities[0], timeoutMs: 5000 });
    await leave(await Promise.all([late, early]));
  });

  it('addresses say how: WebSockets and TCP mix; members without one dial', async () => {
    const [a, b, c] = await freePorts(3);
    const cases: [places: (number | string | undefined)[], listening: string[]][] = [
      [
        [`ws://127.0.0.1:${a}/x`, b, undefined, c],
        [`ws://127.0.0.1:${a}/x`, `127.0.0.1:${c}`],
      ],
      [
        [undefined, b, `ws://127.0.0.1:${c}/`, a],
        [`127.0.0.1:${b}`, `ws://127.0.0.1:${c}/`],
      ],
      [[a, b, c, undefined], [`127.0.0.1:${c}`]],
    ];
    for (const [places, listening] of cases) {
      const { manifest, identities } = session(3, true, places);
      const seen: string[] = [];
      const onProgress = (event: MeshEvent): void => {
        if (event.type === 'listening') seen.push(event.address);
      };
      const meshes = await Promise.all(
        roles.map((me, rank) =>
          connectMesh({ manifest, me, identity: identities[rank], timeoutMs: 10000, onProgress }),
        ),
      );
      for (const { links } of meshes) assert.equal(links.size, 3);
      for (const address of listening) assert.ok(seen.includes(address), `${address} of ${seen}`);
      await leave(meshes);
    }
  });

  it('two members without an address are named at once, to each of them', async () => {
    const { manifest, identities } = session(3, false, [undefined, 1, undefined]);
    for (const me of [0, 2]) {
      const error = await rejection(
        connectMesh({ manifest, me, identity: identities[me], timeoutMs: 20000 }),
      );
      assert.equal(error.code, 'ERR_MPC_MANIFEST');
      assert.match(error.message, /party 0 \(alice\)/);
      assert.match(error.message, /party 2 \(carol\)/);
      assert.doesNotMatch(error.message, /bob/);
    }
  });
});

describe('run', () => {
  it('localRuns() gives both ends of a pair the same seed, and nobody else', () => {
    const runs = localRuns(3);
    assert.deepEqual(runs[0].rootSeed(2, 'a'), runs[2].rootSeed(0, 'a'));
    assert.notDeepEqual(runs[0].rootSeed(2, 'a'), runs[0].rootSeed(2, 'b'));
    assert.notDeepEqual(runs[0].rootSeed(1, 'a'), runs[0].rootSeed(2, 'a'));
    assert.notDeepEqual(localRuns(3)[0].rootSeed(2, 'a'), runs[0].rootSeed(2, 'a'));
    runs[0].wipe();
    assert.throws(() => runs[0].rootSeed(1, 'a'));
  });

  it('runIdOf() depends on every nonce, the manifest and the cell', () => {
    const ids = [
      runIdOf(bytesOf(32), [bytesOf(32, 1), bytesOf(32, 2)], ''),
      runIdOf(bytesOf(32, 9), [bytesOf(32, 1), bytesOf(32, 2)], ''),
      runIdOf(bytesOf(32), [bytesOf(32, 2), bytesOf(32, 1)], ''),
      runIdOf(bytesOf(32), [bytesOf(32, 1), bytesOf(32, 2)], 'cell'),
    ];
    assert.equal(new Set(ids.map((id) => Buffer.from(id).toString('hex'))).size, 4);
  });
});
