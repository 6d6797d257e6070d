import assert from 'node:assert/strict';
import { toHex } from '../../src/core/bytes.ts';
import { BinaryShare } from '../../src/protocol/binary/share.ts';
import { StreamWords } from '../../src/prg/stream.ts';
import { Context } from '../../src/protocol/context.ts';
import { addAA } from '../../src/protocol/local/index.ts';
import { FINGERPRINT_KEY } from '../../src/protocol/local/words.ts';
import { settle } from '../../src/protocol/settle.ts';
import type { Share } from '../../src/protocol/share.ts';
import { showTag } from '../../src/protocol/tag.ts';
import { simulateSeats, type Seat } from '../../src/seats.ts';
import { bits, opened } from '../support/bits.ts';
import { CLIP, RAMP, WAVE } from './_function-gates.ts';
import { own, put, raw, shuffled, smallWords } from '../support/seats.ts';

/** Every expansion of a stream: `key/segment`, and the blocks of each time. */
type Registry = Map<string, number[]>;

/** A share of a mask is made again for every product that reads it; what counts is how often its tag masks something. */
let readsMask = false;
let watched = 0;
const { read } = StreamWords.prototype;

/** Notes every use of the PRG by this party's kernels, and every mask, from now on. */
function watch({ context }: Seat): Registry {
  const { kernels } = context.arena;
  const { provider } = context.session;
  const registry: Registry = new Map();
  const note = (name: string, size: number): void => {
    registry.set(name, [...(registry.get(name) ?? []), size]);
  };
  const me = watched++;
  const draw = provider.mask.bind(provider);
  provider.mask = (tag, length) => {
    note(`mask ${showTag(tag)} of ${me}`, length);
    return draw(tag, length);
  };
  const { blake3Xof } = kernels;
  kernels.blake3Xof = (out, key, low, high, blocks) => {
    if (readsMask) {
      blake3Xof(out, key, low, high, blocks);
      return;
    }
    assert.equal(low, 0, 'streams are read from the start of a segment');
    const bytes = new Uint8Array(kernels.buffer(), key, 32).slice();
    const name = `${toHex(bytes)}/${high}`;
    // The public fingerprint of public operands has a constant key and hides nothing.
    if (bytes.some((byte) => byte !== FINGERPRINT_KEY[0])) note(name, blocks);
    blake3Xof(out, key, low, high, blocks);
  };
  return registry;
}

/** Every gate, reused masks, views, settled products, forks. */
async function program(ctx: Context): Promise<void> {
  const all: Share[] = [];
  for (const space of [ctx, ctx.fork(0), ctx.fork(1), ctx.fork(0).fork(1)]) {
    const { gates } = space;
    const x = put(space, 0, [4, 4], smallWords([4, 4], 20, 'registry x'));
    const y = put(space, 1, [4, 4], smallWords([4, 4], 20, 'registry y'));
    const slice = x.view({ shape: [2, 4], strides: [-4, 1], offset: 12 });
    const product = gates.matmul(space, x, y);
    all.push(
      product,
      gates.matmul(space, slice, y),
      gates.mul(space, x, x),
      gates.mul(space, y, x),
    );
    all.push(settle(space, product), gates.mul(space, product, product));
    all.push(gates.negative(space, x), gates.negative(space, x));
    const { value, positive } = gates.rectify(space, product, 16);
    all.push(value, positive, addAA(space, value, positive));
    all.push(...gates.steps(space, x, CLIP), ...gates.series(space, x, 3n, [WAVE, WAVE], 16));
    all.push(gates.curve(space, x, RAMP, 16), gates.powerOfTwo(space, x, -9, 9, 16));
    all.push(gates.zero(space, x));
    const inBits = gates.binary.fromArithmetic(space, product);
    const other = bits(space, 1, [4, 4], smallWords([4, 4], 60, 'registry bits'));
    const sum = gates.binary.add(space, inBits, other, 64);
    const equal = gates.binary.every(space, gates.binary.and(space, sum, sum), 64);
    const less = gates.binary.carry(space, sum, other, 64);
    const picked = gates.binary.pick(space, less, other);
    for (const x of [equal, less, picked])
      all.push(gates.binary.toArithmetic(space, x, x.bits), BinaryShare.inner(x));
    await opened(space, picked);
    await opened(space, picked);
    await raw(space, value);
    await raw(space, value);
  }
  for (const share of all) await own(share);
}

describe('PRG registry: every gate, forks, reused masks', () => {
  before(() => {
    StreamWords.prototype.read = function (...args) {
      readsMask = true;
      try {
        return read.apply(this, args);
      } finally {
        readsMask = false;
      }
    };
  });
  after(() => (StreamWords.prototype.read = read));

  for (const n of [2, 3]) {
    it(`no party of ${n} expands a (stream, segment) twice`, async () => {
      const { results } = await simulateSeats(
        n,
        async (seat) => {
          const registry = watch(seat);
          await program(seat.context);
          await seat.context.session.outstanding.idle();
          return registry;
        },
        shuffled,
      );
      const holders = new Map<string, number[]>();
      results.forEach((registry, rank) => {
        assert.ok(registry.size > 50, `only ${registry.size}`);
        for (const [name, uses] of registry) {
          assert.equal(uses.length, 1, `party ${rank} expands ${name} ${uses.length} times`);
          holders.set(name, [...(holders.get(name) ?? []), uses[0]]);
        }
      });
      // A stream belongs to a pair: two parties (zero shares, same length), or a party and the dealer.
      for (const [name, uses] of holders) {
        assert.ok(uses.length <= 2, `${name} is known to ${uses.length} parties`);
        if (uses.length === 2) assert.equal(uses[0], uses[1], `${name}: two lengths`);
      }
    });

    it(`party and dealer of ${n} read each (stream, segment) at one length only`, async () => {
      // The dealer runs inside party 0, on the kernels that are watched; it regenerates masks and sums streams.
      const { results } = await simulateSeats(
        n,
        async (seat) => {
          const registry = watch(seat);
          await program(seat.context);
          await seat.context.session.outstanding.idle();
          return registry;
        },
        { ...shuffled, trust: 'insecureFirstParty' },
      );
      for (const [name, uses] of results[0]) {
        assert.equal(new Set(uses).size, 1, `${name}: lengths ${uses.join()}`);
      }
    });
  }

  it('positive control: a second mask under one tag would be the first again, and the registry shows it', async () => {
    const { results } = await simulateSeats(2, async (seat) => {
      const registry = watch(seat);
      const { provider } = seat.context.session;
      for (let twice = 0; twice < 2; twice++) provider.mask(seat.context.here, 4).lend().done();
      return [...registry.values()].filter((uses) => uses.length > 1).length;
    });
    // Its stream, and its tag.
    assert.deepEqual(results, [2, 2]);
  });

  it('a session has one root space: a second would repeat every tag (C5)', async () => {
    await simulateSeats(2, (seat) => {
      assert.throws(() => new Context(seat.context.session), /one root context/);
    });
  });

  it('two runs of one program share no stream (C4)', async () => {
    const names = new Set<string>();
    let total = 0;
    for (let run = 0; run < 2; run++) {
      const { results } = await simulateSeats(
        2,
        async (seat) => {
          const registry = watch(seat);
          await program(seat.context);
          return registry;
        },
        shuffled,
      );
      const ours = new Set(results.flatMap((registry) => [...registry.keys()]));
      total += ours.size;
      for (const name of ours) names.add(name);
    }
    assert.equal(names.size, total);
  });
});
