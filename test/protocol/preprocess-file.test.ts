/** The file of one party's lots: sealed, checked before any use, claimed once; whatever is wrong with it has a name. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { equalBytes } from '../../src/core/bytes.ts';
import { generateIdentity, type Identity } from '../../src/net/identity.ts';
import { truncateOpenedRequest } from '../../src/protocol/provider/kinds/truncation.ts';
import { LotFile } from '../../src/protocol/provider/lot-file.node.ts';
import type { LotFileContents } from '../../src/protocol/provider/lot-format.ts';
import { LotFileWriter } from '../../src/protocol/provider/lot-writer.node.ts';
import { BLOCK_BYTES, blocksOf, lotSeed } from '../../src/protocol/provider/lots.ts';
import { encodeTrace } from '../../src/protocol/provider/trace.ts';
import { temporaryFolder } from '../cli/support.ts';
import { bytesOf, rejection } from '../support/muxes.ts';

/** Two steps of 16 n bytes of corrections each. */
function contentsOf(n: number, lots: number): LotFileContents {
  const steps = [3, 8].map((seq) => ({
    tag: { space: [], seq },
    descriptor: truncateOpenedRequest(n, 16).descriptor,
  }));
  return {
    ...{ precision: 16, rank: 1, world: 2, manifestHash: bytesOf(32, 5), lots, lotBytes: 22 * n },
    ...{ fileId: bytesOf(32, 6), seed: bytesOf(32, 7), trace: encodeTrace(steps) },
  };
}

describe('file of lots', () => {
  const place = temporaryFolder();
  after(() => place.remove());
  const identity = generateIdentity('bob');
  let files = 0;

  /** Writes a file; the corrections of lot k are `bytesOf(lotBytes, k)`. */
  async function made(contents: LotFileContents, owner: Identity = identity): Promise<string> {
    const path = join(place.folder, `${files++}.prep`);
    const writer = await LotFileWriter.create(path, owner, contents);
    for (let lot = 0; lot < contents.lots; lot++) {
      const bytes = bytesOf(contents.lotBytes, lot);
      for (let block = 0; block < blocksOf(bytes.length); block++) {
        await writer.write(bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES));
      }
    }
    await writer.sync();
    assert.equal(await writer.finish(), statSync(path).size);
    return path;
  }
  const opened = (path: string, contents: LotFileContents, who = identity): Promise<LotFile> =>
    LotFile.open(path, who, contents);

  it('gives back what was written, across blocks, and only to its owner', async () => {
    const contents = contentsOf(110_000, 2);
    assert.ok(contents.lotBytes > 2 * BLOCK_BYTES && contents.lotBytes % BLOCK_BYTES !== 0);
    const path = await made(contents);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.ok(!existsSync(`${path}.part`));
    const file = await opened(path, contents);
    assert.deepEqual([file.fileId, file.lots, file.next], [contents.fileId, contents.lots, 0]);
    for (const k of [0, 1]) {
      const lot = await file.claim(k);
      assert.deepEqual(lot.seed, lotSeed(contents.seed, contents.fileId, k));
      assert.deepEqual(
        [...lot.steps].map(([tag, { offset }]) => [tag, offset]),
        [
          ['3', 0],
          ['8', contents.lotBytes / 2],
        ],
      );
      const whole = bytesOf(contents.lotBytes, k);
      for (const [at, length] of [
        [0, 16],
        [BLOCK_BYTES - 5, 10],
        [BLOCK_BYTES, 1],
        [0, contents.lotBytes],
        [contents.lotBytes - 1, 1],
        [7, 0],
      ]) {
        const bytes = await lot.read(at, length);
        assert.ok(equalBytes(bytes, whole.subarray(at, at + length)), `${at}, ${length}`);
      }
    }
  });

  it('what is written shows nothing: seeds and corrections are sealed, salts are fresh', async () => {
    const contents = contentsOf(64, 1);
    const [a, b] = [await made(contents), await made(contents)].map((path) => readFileSync(path));
    for (const secret of [contents.seed, bytesOf(contents.lotBytes, 0).subarray(0, 24)]) {
      assert.equal(a.indexOf(secret), -1);
    }
    // The same contents twice: nothing but magic, key and length repeats.
    const same = [...a].filter((byte, i) => i >= 80 && byte === b[i]).length;
    assert.ok(same < a.length / 16, `${same} of ${a.length} bytes are equal`);
  });

  it('a claim is on disk when it returns, and is never given twice', async () => {
    const contents = contentsOf(4, 5);
    const path = await made(contents);
    await (await opened(path, contents)).claim(0);
    const again = await opened(path, contents);
    assert.equal(again.next, 1);
    await again.claim(3);
    assert.equal((await opened(path, contents)).next, 4, 'lots that others used are skipped');
    assert.equal((await rejection(again.claim(3))).code, 'ERR_MPC_PREPROCESSING');
  });

  it('two processes that want the same lot: one gets it, the other is told', async () => {
    const contents = contentsOf(4, 40);
    const path = await made(contents);
    for (let lot = 0; lot < 20; lot++) {
      const ends = await Promise.allSettled(
        [0, 1, 2].map(async () => (await opened(path, contents)).claim(lot)),
      );
      assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const end of ends) {
        if (end.status === 'fulfilled') continue;
        const { code, message } = end.reason as Error & { code: string };
        assert.equal(code, 'ERR_MPC_PREPROCESSING');
        assert.match(message, /another process/);
        assert.ok(!message.includes(path), 'peers are told of a local path');
      }
    }
  });

  it('any byte changed, cut or added is found before anything of the lot is used', async () => {
    const contents = contentsOf(4, 2);
    const path = await made(contents);
    const unused = readFileSync(path);
    await (await opened(path, contents)).claim(0);
    const used = readFileSync(path);
    const sealed = contents.lotBytes + 16;
    const lotAt = unused.length - 2 * sealed;
    const check = async (bytes: Uint8Array, what: string): Promise<void> => {
      writeFileSync(path, bytes);
      const error = await rejection(
        (async () => {
          const file = await opened(path, contents);
          await file.claim(file.next);
        })(),
      );
      assert.equal(error.code, 'ERR_MPC_FILE', `${what}: ${error.message}`);
      assert.match(error.message, /preprocess/, what);
    };
    for (const [name, good, skip] of [
      ['unused', unused, [lotAt + sealed, unused.length]],
      ['one lot used', used, [lotAt, lotAt + sealed]],
    ] as const) {
      for (let at = 0; at < good.length; at++) {
        // The lot that is not this run's.
        if (at >= skip[0] && at < skip[1]) continue;
        const bad = Uint8Array.from(good);
        bad[at] ^= 1 << (at % 8);
        await check(bad, `${name}, byte ${at} of ${good.length}`);
      }
      const cuts = [0, 5, 79, 80, 200, lotAt, unused.length - 1];
      for (const cut of cuts) await check(good.subarray(0, cut), `${name}, cut at ${cut}`);
      await check(Uint8Array.of(...good, 0), `${name}, one byte more`);
      await check(Uint8Array.of(...good, ...bytesOf(32)), `${name}, a false claim`);
    }
    writeFileSync(path, used);
    await (await opened(path, contents)).claim(1);
  });

  it('blocks in each other’s places are found, too', async () => {
    const contents = contentsOf(4, 2);
    const path = await made(contents);
    const good = readFileSync(path);
    const sealed = contents.lotBytes + 16;
    const [first, second] = [2, 1].map((from) =>
      good.subarray(good.length - from * sealed, good.length - (from - 1) * sealed),
    );
    writeFileSync(path, Buffer.concat([good.subarray(0, -2 * sealed), second, first]));
    const file = await opened(path, contents);
    for (const lot of [0, 1]) {
      assert.equal((await rejection(file.claim(lot))).code, 'ERR_MPC_FILE');
    }
  });

  it('a lot that is damaged during the run is found when it is read', async () => {
    const contents = contentsOf(75_000, 1);
    const path = await made(contents);
    const lot = await (await opened(path, contents)).claim(0);
    await lot.read(0, 10);
    const bytes = readFileSync(path);
    bytes[bytes.length - 100] ^= 1;
    writeFileSync(path, bytes);
    await lot.read(0, 10);
    assert.equal((await rejection(lot.read(contents.lotBytes - 9, 9))).code, 'ERR_MPC_FILE');
  });

  it('files of others, and what is no file of ours, are refused by name', async () => {
    const contents = contentsOf(4, 1);
    const path = await made(contents);
    const stranger = generateIdentity('mallory');
    const other = { ...contents, manifestHash: bytesOf(32, 9) };
    const text = place.write(
      'text.prep',
      'not a file of lots, but longer than a preamble is'.repeat(4),
    );
    const version = join(place.folder, 'version.prep');
    const bytes = readFileSync(path);
    bytes[6] = 2;
    writeFileSync(version, bytes);
    const cases: [open: () => Promise<LotFile>, why: RegExp][] = [
      [() => opened(path, contents, stranger), /belongs to another key, or is damaged/],
      [() => opened(path, other), /made for another session file/],
      [() => opened(path, { ...contents, rank: 0 }), /or for another party of it/],
      [() => opened(path, { ...contents, world: 3 }), /made for another session file/],
      [() => opened(path, { ...contents, precision: 20 }), /made for another session file/],
      [() => opened(text, contents), /is no file of `cryptensor preprocess`/],
      [() => opened(version, contents), /a version that this release does not read/],
      [() => opened(join(place.folder, 'none'), contents), /cannot read .*none \(ENOENT\)/],
    ];
    for (const [open, why] of cases) {
      const { code, message } = await rejection(open());
      assert.equal(code, 'ERR_MPC_FILE');
      assert.match(message, why);
    }
    // A key of the right name with other secrets: the seal itself says no.
    const forged = { ...stranger, x25519: { ...stranger.x25519, public: identity.x25519.public } };
    assert.match((await rejection(opened(path, contents, forged))).message, /do not verify/);
  });

  it('a run that cannot be marked as used does not begin', async () => {
    const contents = contentsOf(4, 1);
    const path = await made(contents);
    const file = await opened(path, contents);
    renameSync(path, `${path}.away`);
    assert.equal((await rejection(file.claim(0))).code, 'ERR_MPC_FILE');
  });

  it('a new file never replaces another, and has its name only when it is complete', async () => {
    const contents = contentsOf(4, 1);
    const path = await made(contents);
    const before = readFileSync(path);
    const error = await rejection(LotFileWriter.create(path, identity, contents));
    assert.equal(error.code, 'ERR_MPC_FILE');
    assert.match(error.message, /exists already/);
    assert.deepEqual(readFileSync(path), before);
    const other = join(place.folder, 'other.prep');
    const writer = await LotFileWriter.create(other, identity, contents);
    await writer.write(bytesOf(contents.lotBytes));
    await writer.sync();
    assert.ok(!existsSync(other) && existsSync(`${other}.part`));
    await writer.discard();
    assert.ok(!existsSync(other) && !existsSync(`${other}.part`));
  });
});
