/** Saving and loading: shares sealed at every party, refused unless they are of one save; plain tensors at one party. */

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeParty } from '../../src/make-party.ts';
import { webAead } from '../../src/net/secure/aead-web.ts';
import { openShares } from '../../src/protocol/saved/share-file.ts';
import { simulateSeats, type SimulateOptions } from '../../src/seats.ts';
import { simulate as simulateHere } from '../../src/simulate.node.ts';
import { simulate } from '../../src/simulate.ts';
import {
  BinaryTensor,
  CrypTensor,
  Tensor,
  type Party,
  type Savable,
} from '../../src/tensor/index.ts';

const keyOf = (rank: number, mark = 0): Uint8Array => new Uint8Array(32).fill(1 + rank + 16 * mark);
const own = (party: Party): { key: Uint8Array } => ({ key: keyOf(party.rank) });
const open = async (x: CrypTensor | BinaryTensor): Promise<number[]> => [
  ...(await x.getPlainText()).data,
];

/** A tree of everything that can be saved, and what is in it. */
function everything(party: Party): { tree: Savable; values: Record<string, number[]> } {
  const x = party.cryptensor([
    [1.5, -2.25],
    [1e4, 2 ** -16],
  ]);
  const tree = {
    plain: x,
    pending: x.mul(x.gt(0)).mul(party.cryptensor(0.5)),
    bits: x.gt(0),
    fine: party.cryptensor([0.1], { precision: 24 }),
    view: x.t().index(1),
    ones: party.ones([2]),
    scalar: x.index(0, 1),
    nothing: party.cryptensor([]),
    'a.b': {
      c: party.cryptensor([-1, 2 ** 40], { ptype: 'binary' }),
      known: new Tensor([2], [0.3, NaN]),
    },
    low: party.cryptensor([3, 5], { ptype: 'binary' }).and([7, 7]),
  };
  const values = {
    plain: [1.5, -2.25, 1e4, 2 ** -16],
    pending: [0.75, 0, 5e3, 2 ** -17],
    bits: [1, 0, 1, 1],
    fine: [Math.round(0.1 * 2 ** 24) / 2 ** 24],
    view: [-2.25, 2 ** -16],
    ones: [1, 1],
    scalar: [-2.25],
    nothing: [],
    low: [3, 5],
  };
  return { tree, values };
}

async function saved(
  n: number,
  options: SimulateOptions = {},
  value = 1,
): Promise<readonly Uint8Array[]> {
  return simulate(n, (party) => party.save(party.cryptensor([value, 2]), own(party)), options);
}

/** Loads at every party what `bytesOf` says; what each ended with. */
async function loads(
  n: number,
  bytesOf: (rank: number) => Uint8Array,
  options: SimulateOptions = {},
  key = keyOf,
): Promise<readonly (number[] | string)[]> {
  return simulate(
    n,
    async (party) => {
      try {
        const x = await party.load(bytesOf(party.rank), { key: key(party.rank) });
        return await open(x as CrypTensor);
      } catch (error) {
        // The session goes on.
        assert.deepEqual(await open(party.cryptensor([7])), [7]);
        return `${(error as { code: string }).code} ${(error as Error).message}`;
      }
    },
    options,
  );
}

describe('tensor: saving shares', () => {
  for (const n of [1, 2, 3]) {
    it(`what is loaded is what was saved, with scale and kind, over ${n} parties`, async () => {
      const files = await simulate(n, (party) => party.save(everything(party).tree, own(party)));
      await simulate(n, async (party) => {
        const { tree, values } = everything(party);
        const loaded = (await party.load(files[party.rank], own(party))) as Record<
          string,
          CrypTensor
        >;
        assert.deepEqual(Object.keys(loaded), Object.keys(tree));
        for (const [name, expected] of Object.entries(values)) {
          const before = (tree as Record<string, CrypTensor>)[name];
          const after = loaded[name];
          assert.equal(after.constructor, before.constructor, name);
          assert.deepEqual(after.shape, before.shape, name);
          assert.equal(after.precision, before.precision, name);
          (await open(after)).forEach((value, i) =>
            assert.ok(
              Math.abs(value - expected[i]) <= (name === 'pending' ? 2 ** -16 : 0),
              `${name}: ${value}`,
            ),
          );
        }
        assert.equal(
          CrypTensor.shareOf(loaded.bits).bound,
          CrypTensor.shareOf((tree as { bits: CrypTensor }).bits).bound,
        );
        const inner = (loaded as unknown as { 'a.b': { c: BinaryTensor; known: Tensor } })['a.b'];
        assert.deepEqual(await open(inner.c), [-1, 2 ** 40]);
        assert.deepEqual([...inner.known.data], [0.3, NaN]);
        // Loaded tensors compute, among themselves and with others.
        const product = loaded.plain.mul(loaded.bits).add(party.cryptensor([1, 1]));
        assert.deepEqual((await open(product)).map(Math.round), [3, 1, 10001, 1]);
        assert.equal(loaded.plain.requiresGrad, false);
      });
    });
  }

  it('files show no share: sealed, salted, shared anew by every save', async () => {
    const results = await simulate(3, async (party) => {
      const x = party.cryptensor([1.25, -3, 5]);
      const first = await party.save(x, own(party));
      const second = await party.save(x, own(party));
      const { words } = await party.cryptensor([0]).reveal();
      assert.equal(words.length, 1);
      return [first, second];
    });
    const sums = [
      [0n, 0n, 0n],
      [0n, 0n, 0n],
    ];
    const terms = { terms: new Uint8Array(32), precision: 16, world: 3 };
    const seen = new Set<bigint>();
    for (const [rank, files] of results.entries()) {
      for (const [i, file] of files.entries()) {
        const read = await openShares(webAead, keyOf(rank), { ...terms, rank }, file);
        read.words[0].forEach((word, at) => {
          sums[i][at] = BigInt.asIntN(64, sums[i][at] + word);
          seen.add(word);
          const bytes = new Uint8Array(BigUint64Array.of(word).buffer);
          assert.equal(Buffer.from(file).indexOf(bytes), -1, 'a share in the clear');
        });
      }
    }
    const salts = results.flat().map((file) => String(file.slice(8, 40)));
    assert.equal(new Set(salts).size, 6);
    assert.equal(seen.size, 18, 'two saves of one secret have a share in common');
    const raw = [1.25, -3, 5].map((v) => BigInt(v * 2 ** 16));
    assert.deepEqual(sums, [raw, raw]);
  });

  it('two bits of a narrow binary tensor stay two bits, and are shared anew', async () => {
    const [files] = await simulate(2, async (party) => {
      const bits = party.cryptensor([1, 2, 3, 0, 1, 2, 3, 0], { ptype: 'binary' }).and(3);
      const both = [await party.save(bits, own(party)), await party.save(bits, own(party))];
      const back = (await party.load(both[0], own(party))) as BinaryTensor;
      assert.deepEqual(await open(back), [1, 2, 3, 0, 1, 2, 3, 0]);
      assert.equal(BinaryTensor.shareOf(back).bits, BinaryTensor.shareOf(bits).bits);
      return both;
    });
    const terms = { terms: new Uint8Array(32), precision: 16, world: 2, rank: 0 };
    const [a, b] = await Promise.all(
      files.map((file) => openShares(webAead, keyOf(0), terms, file)),
    );
    assert.ok(a.words[0].every((word) => word < 4n));
    assert.notDeepEqual(a.words[0], b.words[0]);
  });

  it('are refused in any other place: party, key, precision, number of parties, terms', async () => {
    const files = await saved(2);
    assert.deepEqual(await loads(2, (rank) => files[rank]), [
      [1, 2],
      [1, 2],
    ]);
    const swapped = await loads(2, (rank) => files[1 - rank]);
    assert.match(String(swapped[0]), /ERR_MPC_FILE .*those of party 1 of 2, this is party 0 of 2/);
    const other = await loads(
      2,
      (rank) => files[rank],
      {},
      (rank) => keyOf(rank, rank),
    );
    assert.match(String(other[1]), /ERR_MPC_FILE .*belong to another key, or are damaged/);
    assert.match(String(other[0]), /ERR_MPC_FILE load: party 1 could not read its shares/);
    const finer = await loads(2, (rank) => files[rank], { precision: 20 });
    assert.match(String(finer[0]), /they have precision 16, the session has 20/);
    const three = await loads(3, (rank) => files[rank % 2]);
    assert.match(String(three[0]), /party 0 of 2, this is party 0 of 3/);
    const { results } = await simulateSeats(2, async (seat) => {
      const { rank } = seat.context;
      const terms = new Uint8Array(32).fill(9);
      const vault = { aead: webAead, secret: keyOf(rank), terms, files: undefined };
      const party = makeParty({ ...seat, vault });
      await assert.rejects(party.load(files[rank]), /another session file/);
      // The party's own key is what seals when none is given.
      const again = await party.save(party.cryptensor([4]));
      return open((await party.load(again)) as CrypTensor);
    });
    assert.deepEqual(results, [[4], [4]]);
  });

  it('shares of two saves are refused by every party, and nothing of them is used', async () => {
    const [one, two] = [await saved(3), await saved(3)];
    const mixed = await loads(3, (rank) => (rank === 1 ? two : one)[rank]);
    for (const said of mixed) assert.match(String(said), /ERR_MPC_FILE .*different saves/);
  });

  it('any changed byte and any length is found, at every party', async () => {
    const files = await saved(2);
    const { length } = files[0];
    const places = [
      0,
      7,
      8,
      20,
      45,
      80,
      104,
      108,
      112,
      116,
      120,
      123,
      124,
      140,
      length - 17,
      length - 1,
    ];
    for (const at of places) {
      const bad = files[0].slice();
      bad[at] ^= 1;
      const [mine, theirs] = await loads(2, (rank) => (rank === 0 ? bad : files[1]));
      assert.match(String(mine), /ERR_MPC_FILE/, `byte ${at}`);
      assert.match(String(theirs), /ERR_MPC_FILE .*party 0 could not read/, `byte ${at}`);
    }
    for (const cut of [0, 5, 100, length - 1]) {
      const [mine] = await loads(2, (rank) => (rank === 0 ? files[0].slice(0, cut) : files[1]));
      assert.match(String(mine), /ERR_MPC_FILE/, `${cut} bytes`);
    }
    const [longer] = await loads(2, (rank) =>
      rank === 0 ? Buffer.concat([files[0], files[0]]) : files[1],
    );
    assert.match(String(longer), /ERR_MPC_FILE/);
  });

  it('says what cannot be saved, and needs a key and files', () =>
    simulate(1, async (party) => {
      const x = party.cryptensor([1]);
      const refused = (call: Promise<unknown>, message: RegExp): Promise<void> =>
        assert.rejects(call, { code: 'ERR_MPC_UNSUPPORTED', message });
      await refused(party.save({ a: { b: 3 } } as never, own(party)), /a\.b is no tensor/);
      await refused(party.save([x] as never, own(party)), /this is no tensor/);
      await refused(party.save(x), /pass \{ key \}, 32 bytes/);
      await refused(party.save(x, { key: new Uint8Array(16) }), /32 bytes/);
      await refused(party.save(x, 'x.shares', own(party)), /there are no files here; use bytes/);
      await refused(party.load('x.shares', own(party)), /no files here/);
      await refused(party.load(new Uint8Array(0)), /pass \{ key \}/);
      await party.estimate((p) => refused(p.save(p.cryptensor([1])), /an estimate keeps nothing/));
    }));

  it('parties that save different things end the session', async () => {
    const run = simulate(2, (party) => {
      const shape = party.rank === 0 ? [2] : [1, 2];
      return party.save(party.cryptensor([1, 2]).reshape(shape), own(party));
    });
    await assert.rejects(run, { code: 'ERR_MPC_DESYNC' });
    const values = simulate(2, (party) => party.save(new Tensor([], [party.rank]), own(party)));
    await assert.rejects(values, { code: 'ERR_MPC_DESYNC' });
  });

  it('takes 2 rounds to save and 1 to load, and order does not matter', async () => {
    await simulate(
      2,
      async (party) => {
        const x = party.cryptensor([1, 2, 3]);
        await open(x);
        party.resetStats();
        const bytes = await party.save(x, own(party));
        assert.equal(party.stats().rounds, 2);
        assert.deepEqual(await open(x), [1, 2, 3]);
        assert.equal(party.stats().rounds, 3);
        assert.equal(party.stats().online.bytesSent, 32 + 33 + 24);
        party.resetStats();
        await party.load(bytes, own(party));
        assert.equal(party.stats().rounds, 1);
        assert.equal(party.stats().online.bytesSent, 33);
        // Not awaited: other work goes on, and two saves at once.
        const [first, sum, second] = await Promise.all([
          party.save(x, own(party)),
          open(x.sum()),
          party.save(x.mul(2), own(party)),
        ]);
        assert.deepEqual(sum, [6]);
        const back = await Promise.all([first, second].map((file) => party.load(file, own(party))));
        assert.deepEqual(await open(back[0] as CrypTensor), [1, 2, 3]);
        assert.deepEqual(await open(back[1] as CrypTensor), [2, 4, 6]);
      },
      { shuffle: true },
    );
  });

  it('results come in the order of the calls, at every party', async () => {
    const orders = await simulate(
      3,
      async (party) => {
        const x = party.cryptensor([1, 2, 3]);
        // Long enough that opening three numbers takes less time than reading it.
        const kept = await party.save(party.cryptensor(new Float64Array(300_000)), own(party));
        const order: string[] = [];
        const noted = (name: string, done: Promise<unknown>): Promise<unknown> =>
          done.then(() => order.push(name));
        const plain = party.rank === 0 ? { preloaded: [1] } : {};
        await Promise.all([
          noted('load', party.load(kept, own(party))),
          noted('first', open(x)),
          noted('save', party.save(x, own(party))),
          noted('second', open(x)),
          noted('loadFromParty', party.loadFromParty(null, plain)),
          noted('third', open(x)),
          noted('saveFromParty', party.saveFromParty(party.rank === 0 ? [1] : null)),
          noted('fourth', open(x)),
        ]);
        return order.join();
      },
      { shuffle: true },
    );
    const expected = 'load,first,save,second,loadFromParty,third,saveFromParty,fourth';
    assert.deepEqual(orders, [expected, expected, expected]);
  });
});

describe('tensor: saving to files', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cryptensor-'));
  });
  after(() => rm(folder, { recursive: true }));
  const pathOf = (party: Party): string => join(folder, `${party.rank}.shares`);

  it('are readable by their owner alone and replaced as a whole; one that fails replaces nobody’s', () =>
    simulateHere(2, async (party) => {
      const path = pathOf(party);
      await party.save(party.cryptensor([1]), path, own(party));
      await party.save(party.cryptensor([2]), path, own(party));
      if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600);
      const before = await readFile(path);
      const bad = party.rank === 1 ? join(folder, 'missing', 'x') : path;
      await assert.rejects(party.save(party.cryptensor([3]), bad, own(party)), {
        code: 'ERR_MPC_FILE',
        message:
          party.rank === 1
            ? /cannot write .*ENOENT/
            : /party 1 could not write its shares; no file was/,
      });
      assert.deepEqual(await readFile(path), before);
      assert.deepEqual(await open((await party.load(path, own(party))) as CrypTensor), [2]);
      await party.save(party.cryptensor([0]), own(party));
      assert.deepEqual((await readdir(folder)).sort(), ['0.shares', '1.shares']);
      const gone = party.rank === 0 ? join(folder, 'gone') : path;
      await assert.rejects(party.load(gone, own(party)), {
        code: 'ERR_MPC_FILE',
        message: party.rank === 0 ? /cannot read .*ENOENT/ : /party 0 could not read its shares/,
      });
    }));

  it('plain ones go through safetensors, or through what the program says', () =>
    simulateHere(2, async (party) => {
      const path = join(folder, 'weights.safetensors');
      const state = { w: [[1, 2]], inner: { b: [0.5] } };
      const nobody = await party.saveFromParty(party.rank === 1 ? state : null, path, { src: 1 });
      assert.equal(nobody === null, party.rank === 0);
      const loaded = (await party.loadFromParty(path, { src: 1 })) as Record<string, CrypTensor>;
      assert.deepEqual(Object.keys(loaded), ['w', 'inner.b']);
      assert.deepEqual(await open(loaded.w), [1, 2]);
      assert.deepEqual(await open(loaded['inner.b']), [0.5]);
      const text = join(folder, 'x.txt');
      if (party.rank === 0) await writeFile(text, '3 4');
      const x = await party.loadFromParty(text, {
        decode: (bytes) => new TextDecoder().decode(bytes).split(' ').map(Number),
      });
      assert.deepEqual(await open(x as CrypTensor), [3, 4]);
    }));
});

describe('tensor: plain tensors of one party', () => {
  for (const n of [1, 2, 3]) {
    it(`are shared by the party that has them; the others learn shapes, over ${n} parties`, () =>
      simulate(n, async (party) => {
        const src = n - 1;
        const mine = party.rank === src;
        const tree = {
          w: [
            [1.5, -2],
            [3, 4],
          ],
          b: { bias: new Tensor([], [0.25]), none: [] },
        };
        const options = mine
          ? { src, preloaded: tree, requiresGrad: true }
          : { src, requiresGrad: true };
        const loaded = (await party.loadFromParty(null, options)) as {
          w: CrypTensor;
          b: { bias: CrypTensor; none: CrypTensor };
        };
        assert.deepEqual(
          [loaded.w.shape, loaded.b.bias.shape, loaded.b.none.shape],
          [[2, 2], [], [0]],
        );
        assert.deepEqual(await open(loaded.w), [1.5, -2, 3, 4]);
        assert.deepEqual(await open(loaded.b.bias), [0.25]);
        loaded.w.square().sum().backward();
        assert.deepEqual(await open(loaded.w.grad as CrypTensor), [3, -4, 6, 8]);
        const one = await party.loadFromParty(
          null,
          mine ? { src, preloaded: 7, precision: 8 } : { src, precision: 8 },
        );
        assert.equal((one as CrypTensor).precision, 8);
        assert.deepEqual(await open(one as CrypTensor), [7]);
        // To bytes and back.
        const bytes = await party.saveFromParty(mine ? [1, 2] : null, undefined, { src });
        assert.equal(bytes !== null, mine);
        assert.deepEqual(
          await open((await party.loadFromParty(bytes, { src })) as CrypTensor),
          [1, 2],
        );
      }));
  }

  it('what the source cannot load, the others are told of, without values; the session goes on', () =>
    simulate(2, async (party) => {
      const mine = party.rank === 0;
      const held = party.cryptensor([1]);
      const cases: [unknown, string, RegExp][] = [
        [{ preloaded: [1, NaN] }, 'ERR_MPC_RANGE', /loadFromParty/],
        [{ preloaded: { a: [[1], [1, 2]] } }, 'ERR_MPC_SHAPE', /ragged/],
        [{ preloaded: { a: held } }, 'ERR_MPC_UNSUPPORTED', /a is secret/],
      ];
      for (const [options, code, message] of cases) {
        const call = party.loadFromParty(null, mine ? (options as object) : {});
        await assert.rejects(
          call,
          mine
            ? { code, message }
            : { code: 'ERR_MPC_FILE', message: 'loadFromParty: party 0 could not load' },
        );
      }
      const broken = party.loadFromParty(mine ? new Uint8Array(3) : null);
      await assert.rejects(broken, { code: 'ERR_MPC_FILE' });
      const secret = party.saveFromParty(mine ? { a: held as never } : null);
      await assert.rejects(secret, mine ? /a is secret; use save/ : /party 0 could not write/);
      assert.deepEqual(await open(party.cryptensor([5])), [5]);
    }));

  it('says at the call what cannot be', () =>
    simulate(1, (party) => {
      const both = { preloaded: [1] };
      assert.throws(() => party.loadFromParty(null, { src: 1 }), { code: 'ERR_MPC_RANK' });
      assert.throws(() => party.saveFromParty([1], undefined, { src: -1 }), {
        code: 'ERR_MPC_RANK',
      });
      assert.throws(() => party.loadFromParty(null), /a file or passes preloaded, one of the two/);
      assert.throws(() => party.loadFromParty(new Uint8Array(1), both), /one of the two/);
    }));
});

describe('tensor: tensors from shares', () => {
  it('are the sum, or the XOR, of what the parties hold', async () => {
    for (const n of [1, 2, 3]) {
      await simulate(n, async (party) => {
        const words = BigUint64Array.from([1, 2, 3, 4], (v) => BigInt((party.rank + 1) * v) << 16n);
        const factor = (n * (n + 1)) / 2;
        const x = party.fromShares(words, { shape: [2, 2] });
        words.fill(0n);
        assert.deepEqual(x.shape, [2, 2]);
        assert.equal(x.precision, 16);
        assert.deepEqual(
          await open(x),
          [1, 2, 3, 4].map((v) => v * factor),
        );
        assert.deepEqual(
          await open(x.mul(x)),
          [1, 2, 3, 4].map((v) => (v * factor) ** 2),
        );
        const ints = party.fromShares(BigUint64Array.of(5n), { precision: 0 });
        assert.deepEqual(await open(ints), [5 * n]);
        const negative = party.fromShares(BigUint64Array.of(2n ** 64n - 1n), { precision: 0 });
        assert.deepEqual(await open(negative), [-n]);
        const bits = party.fromShares(BigUint64Array.of(BigInt(1 << party.rank)), {
          ptype: 'binary',
        });
        assert.deepEqual(await open(bits), [2 ** n - 1]);
      });
    }
  });

  it('what reveal() gives of one party’s words comes back', () =>
    simulate(2, async (party) => {
      const { words, shape, fracBits } = await party.cryptensor([[1.5], [-2]]).reveal();
      const held = party.rank === 0 ? words : new BigUint64Array(words.length);
      const x = party.fromShares(held, { shape, precision: fracBits });
      assert.deepEqual(await open(x), [1.5, -2]);
    }));

  it('must fit their shape', () =>
    simulate(1, (party) => {
      const words = new BigUint64Array(3);
      assert.throws(() => party.fromShares(words, { shape: [2] }), { code: 'ERR_MPC_SHAPE' });
      assert.throws(() => party.fromShares(words, { precision: 99 }), { code: 'ERR_MPC_SCALE' });
      assert.throws(() => party.fromShares(words, { precision: 0.5 }), { code: 'ERR_MPC_SCALE' });
    }));
});
