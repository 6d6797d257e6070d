/** Real parties, files and a dealer that leaves: one lot for each run, whatever goes wrong between them. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, serveAsDealer } from '../../src/connect.node.ts';
import { identityJson } from '../../src/net/identity.ts';
import { manifestHash, manifestJson } from '../../src/net/manifest.ts';
import { preprocess } from '../../src/preprocess.node.ts';
import { LotFile } from '../../src/protocol/provider/lot-file.node.ts';
import type { Party } from '../../src/tensor/index.ts';
import { temporaryFolder } from '../cli/support.ts';
import { rejection } from '../support/muxes.ts';
import {
  errorsOf,
  makeFiles,
  optionsOf,
  type Place,
  placeOf,
  runFiles,
  valuesOf,
} from '../support/preprocessing.ts';

const xs = [1.5, -2, 0.25, 4];
const ys = [2, 3, -8, 0.5];

/** Products, a comparison, a curve: known values, and what it cost. */
async function program(party: Party) {
  const x = party.cryptensor(xs, { src: 0 });
  const y = party.cryptensor(ys, { src: 1 });
  const product = await x.mul(y).getPlainText();
  const sign = await x.gt(y).getPlainText();
  const relu = await x.mul(y).relu().sum().getPlainText();
  return {
    product: [...(product?.data ?? [])],
    sign: [...(sign?.data ?? [])],
    relu: relu?.item() ?? NaN,
    stats: party.stats(),
  };
}

function isRight({ product, sign, relu, stats }: Awaited<ReturnType<typeof program>>): void {
  const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-3, `${a}, not ${b}`);
  product.forEach((value, i) => near(value, xs[i] * ys[i]));
  assert.deepEqual(
    sign,
    xs.map((value, i) => (value > ys[i] ? 1 : 0)),
  );
  near(relu, 5);
  assert.deepEqual(stats.preprocessing, { bytesSent: 0, bytesReceived: 0 });
  assert.ok(stats.online.bytesSent > 0);
  for (const [op, { dealtBytes }] of stats.ops) assert.equal(dealtBytes, 0, op);
}

/** The first unused lot of every party's file. */
function nextOf(place: Place): Promise<number[]> {
  const { n, manifest, identities } = place;
  return Promise.all(
    Array.from({ length: n }, async (_, rank) => {
      const terms = { rank, world: n, precision: 16, manifestHash: manifestHash(manifest) };
      return (await LotFile.open(place.file(rank), identities[rank], terms)).next;
    }),
  );
}

describe('runs from files', function () {
  this.timeout(30_000);
  const folder = temporaryFolder();
  after(() => folder.remove());
  let places = 0;
  const newPlace = (n = 2): Promise<Place> => {
    const path = join(folder.folder, String(places++));
    mkdirSync(path);
    return placeOf(n, path);
  };

  for (const n of [2, 3]) {
    it(`${n} parties: each run uses a lot of its own, needs no dealer, and is right; then they are used up`, async () => {
      const place = await newPlace(n);
      const reports = await makeFiles(place, program, 2);
      for (const { fileId, steps, bytesPerRun, runs } of reports) {
        assert.deepEqual(fileId, reports[0].fileId);
        assert.deepEqual([steps, bytesPerRun], [reports[0].steps, reports[0].bytesPerRun]);
        assert.equal(runs, 2);
      }
      assert.ok(reports[n - 1].fileBytes > 2 * reports[0].bytesPerRun);
      assert.ok(reports[0].fileBytes < 3000, 'only the last party stores corrections');
      for (const run of [0, 1]) {
        assert.deepEqual(await nextOf(place), Array<number>(n).fill(run));
        valuesOf(await runFiles(place, program)).forEach(isRight);
      }
      for (const { code, message } of errorsOf(await runFiles(place, program))) {
        assert.equal(code, 'ERR_MPC_PREPROCESSING');
        assert.match(message, /all 2 runs .* are used up; make more with `cryptensor preprocess`/);
      }
    });
  }

  it('a process killed between the claim and the first message loses that lot and nothing else', async () => {
    const place = await newPlace();
    await makeFiles(place, program, 2);
    const script = folder.write(
      'dies.mts',
      `import { connect } from ${JSON.stringify(new URL('../../src/connect.node.ts', import.meta.url).href)};
       process.once('message', async (options) => {
         await connect(options);
         process.send('claimed');
         setInterval(() => undefined, 1000);
       });`,
    );
    const child = fork(script, { execArgv: ['--import', 'tsx'] });
    const claimed = new Promise((resolve) => child.once('message', resolve));
    const { session: _, identity: __, ...rest } = optionsOf(place, 0);
    child.send({
      ...rest,
      session: manifestJson(place.manifest),
      identity: identityJson(place.identities[0]),
      preprocessing: place.file(0),
    });
    const other = await connect({ ...optionsOf(place, 1), preprocessing: place.file(1) });
    await claimed;
    const dead = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await dead;
    const error = await rejection(program(other));
    assert.match(String(error.code), /ERR_MPC_(TRANSPORT|CLOSED)/);
    await other.close(error);
    assert.deepEqual(await nextOf(place), [1, 1]);
    valuesOf(await runFiles(place, program)).forEach(isRight);
    assert.deepEqual(await nextOf(place), [2, 2]);
  });

  it('a party that was stopped before its own claim follows the others', async () => {
    const place = await newPlace();
    await makeFiles(place, program, 3);
    const terms = { rank: 0, world: 2, precision: 16, manifestHash: manifestHash(place.manifest) };
    await (await LotFile.open(place.file(0), place.identities[0], terms)).claim(0);
    assert.deepEqual(await nextOf(place), [1, 0]);
    valuesOf(await runFiles(place, program)).forEach(isRight);
    assert.deepEqual(await nextOf(place), [2, 2]);
  });

  it('a file put back from a copy is overruled by the other party', async () => {
    for (const rank of [0, 1]) {
      const place = await newPlace();
      await makeFiles(place, program, 3);
      copyFileSync(place.file(rank), `${place.file(rank)}.copy`);
      valuesOf(await runFiles(place, program)).forEach(isRight);
      copyFileSync(`${place.file(rank)}.copy`, place.file(rank));
      assert.equal((await nextOf(place))[rank], 0, 'the copy does not know of the run');
      valuesOf(await runFiles(place, program)).forEach(isRight);
      assert.deepEqual(await nextOf(place), [2, 2]);
    }
  });

  it('files of two generations: both are told both', async () => {
    const place = await newPlace();
    const [first] = await makeFiles(place, program, 1);
    copyFileSync(place.file(0), `${place.file(0)}.first`);
    const again = { ...place, file: (rank: number) => `${place.file(rank)}.2` };
    const [second] = await makeFiles(again, program, 1);
    assert.notDeepEqual(first.fileId, second.fileId);
    const mixed = {
      ...place,
      file: (rank: number) => (rank === 0 ? place.file(0) : again.file(1)),
    };
    for (const { code, message } of errorsOf(await runFiles(mixed, program))) {
      assert.equal(code, 'ERR_MPC_PREPROCESSING');
      const [a, b] = [first, second].map(({ fileId }) => Buffer.from(fileId).toString('hex', 0, 6));
      assert.match(message, new RegExp(`party 0 \\(alice\\) ${a}, party 1 \\(bob\\) ${b}`));
    }
    // Neither lot is lost.
    assert.deepEqual(await nextOf(mixed), [0, 0]);
    valuesOf(await runFiles(again, program)).forEach(isRight);
  });

  it('a damaged block stops both before anything is opened, and costs the owner no lot', async () => {
    const place = await newPlace();
    await makeFiles(place, program, 1);
    const good = readFileSync(place.file(1));
    const bad = Uint8Array.from(good);
    bad[bad.length - 20] ^= 4;
    writeFileSync(place.file(1), bad);
    const [alice, bob] = errorsOf(await runFiles(place, program));
    assert.equal(bob.code, 'ERR_MPC_FILE');
    assert.match(bob.message, /damaged: its contents do not verify/);
    assert.equal(alice.code, 'ERR_MPC_ABORT');
    assert.match(alice.message, /party 1 \(bob\) stopped: ERR_MPC_FILE/);
    assert.ok(!alice.message.includes(folder.folder));
    assert.equal((await nextOf(place))[1], 0);
  });

  it('another program: both are told where it departs; the lot is gone, the file is not', async () => {
    const place = await newPlace();
    await makeFiles(place, program, 2);
    const other = async (party: Party) => {
      await program(party);
      const x = party.cryptensor(xs, { src: 0 });
      return (await x.square().getPlainText())?.data;
    };
    for (const { code, message } of errorsOf(await runFiles(place, other))) {
      // Its own view, or the other's, whichever is first.
      assert.match(String(code), /ERR_MPC_(PREPROCESSING|ABORT)/);
      assert.match(message, /no material for step \d+ \(mul \[4\]·\[4\]\).*cryptensor preprocess/);
    }
    valuesOf(await runFiles(place, program)).forEach(isRight);
  });

  it('one party with a file and one without: each is told what the other expects', async () => {
    const place = await newPlace();
    await makeFiles(place, program, 1);
    const short = { timeoutMs: 2000 };
    const dealing = serveAsDealer({ ...optionsOf(place, 2), ...short }).then(
      () => undefined,
      (error: Error) => error,
    );
    const [alice, bob] = await Promise.all([
      rejection(connect({ ...optionsOf(place, 0), ...short, preprocessing: place.file(0) })),
      rejection(connect({ ...optionsOf(place, 1), ...short })),
    ]);
    assert.match(alice.message, /this party expects no dealer .* the other expects the dealer/);
    assert.match(bob.message, /this party expects the dealer, the other expects no dealer/);
    for (const { code } of [alice, bob]) assert.equal(code, 'ERR_MPC_MANIFEST');
    await dealing;
    assert.deepEqual(await nextOf(place), [0, 0]);
  });

  it('programs that differ: no file is left, and all are told', async () => {
    const place = await newPlace();
    const dealing = serveAsDealer(optionsOf(place, 2)).then(({ done }) => rejection(done));
    const ends = await Promise.all(
      [0, 1].map((rank) =>
        rejection(
          preprocess({
            ...optionsOf(place, rank),
            program: (party) => party.cryptensor(xs.slice(rank), { src: 0 }).relu().getPlainText(),
            ...{ runs: 2, file: place.file(rank) },
          }),
        ),
      ),
    );
    for (const { code, message } of [...ends, await dealing]) {
      assert.equal(code, 'ERR_MPC_DESYNC');
      assert.match(message, /traced different programs: the first difference is at step/);
    }
    for (const rank of [0, 1]) {
      assert.ok(!existsSync(place.file(rank)) && !existsSync(`${place.file(rank)}.part`));
    }
  });

  it('the dealer leaves in the middle: all are told, and no file is left', async () => {
    const place = await newPlace();
    const many = (party: Party): unknown =>
      party.cryptensor(new Float64Array(16_384), { src: 0 }).relu();
    const dealing = serveAsDealer(optionsOf(place, 2));
    const ends = await Promise.all(
      [0, 1].map((rank) =>
        rejection(
          preprocess({
            ...{ ...optionsOf(place, rank), program: many, runs: 50, file: place.file(rank) },
            onPart: () => void dealing.then((run) => run.close()),
          }),
        ),
      ),
    );
    for (const { code } of ends) assert.match(String(code), /ERR_MPC_(CLOSED|TRANSPORT|ABORT)/);
    for (const rank of [0, 1]) {
      assert.ok(!existsSync(place.file(rank)) && !existsSync(`${place.file(rank)}.part`));
    }
  });

  it('a program that throws while it is traced, and impossible numbers of runs', async () => {
    const place = await newPlace();
    const dealing = serveAsDealer(optionsOf(place, 2)).then(({ done }) => rejection(done));
    const [alice, bob] = await Promise.all(
      [0, 1].map((rank) =>
        rejection(
          preprocess({
            ...optionsOf(place, rank),
            program: (party) => {
              if (party.rank === 1) throw new TypeError('own secret 777');
            },
            ...{ runs: 1, file: place.file(rank) },
          }),
        ),
      ),
    );
    assert.equal(bob.name, 'TypeError');
    assert.equal(alice.code, 'ERR_MPC_ABORT');
    assert.ok(!alice.message.includes('777'));
    assert.equal((await dealing).code, 'ERR_MPC_ABORT');
    for (const runs of [0, -1, 1.5, NaN, 2e6]) {
      const order = { ...optionsOf(place, 0), program, runs, file: place.file(0) };
      assert.equal((await rejection(preprocess(order))).code, 'ERR_MPC_RANGE');
    }
  });

  it('a program that takes no material has files, too', async () => {
    const place = await newPlace();
    const sum = async (party: Party): Promise<number> =>
      (await party.cryptensor(xs, { src: 0 }).sum().getPlainText())?.item() ?? NaN;
    const [report] = await makeFiles(place, sum, 1);
    assert.deepEqual([report.steps, report.bytesPerRun], [0, 0]);
    assert.deepEqual(valuesOf(await runFiles(place, sum)), [3.75, 3.75]);
  });
});
