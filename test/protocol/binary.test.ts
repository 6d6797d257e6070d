import assert from 'node:assert/strict';
import { sizeOf, type Shape } from '../../src/core/shape.ts';
import type { Words } from '../../src/kernels/memory.ts';
import { binaryCost } from '../../src/protocol/additive/binary.ts';
import { CIRCUIT_CHUNK } from '../../src/protocol/additive/circuit.ts';
import { bitsFor, toBinaryCost } from '../../src/protocol/additive/convert.ts';
import { circuitOf, type CircuitName } from '../../src/protocol/binary/circuit.ts';
import { BinaryShare } from '../../src/protocol/binary/share.ts';
import type { Context } from '../../src/protocol/context.ts';
import type { PublicWords } from '../../src/protocol/local/index.ts';
import { sizesOf } from '../../src/protocol/provider/kinds/binary.ts';
import { settle } from '../../src/protocol/settle.ts';
import type { Share } from '../../src/protocol/share.ts';
import { simulateSeats } from '../../src/seats.ts';
import { wholeView } from '../../src/ring/view.ts';
import { bits, narrowed, opened, wordPairs } from '../support/bits.ts';
import {
  freshLabel,
  openings,
  own,
  put,
  randomWords,
  raw,
  record,
  shuffled,
  smallWords,
  wordsOf,
} from '../support/seats.ts';

const label = freshLabel();

const pairs = (n: number): [Words, Words] => wordPairs(n, label);

/** Runs a program that opens several results; every party must see the same. */
async function run(
  n: number,
  program: (ctx: Context) => readonly (BinaryShare | Share)[],
): Promise<readonly Words[]> {
  const { results } = await simulateSeats(
    n,
    ({ context }) =>
      Promise.all(
        program(context).map((x) =>
          x instanceof BinaryShare ? opened(context, x) : raw(context, x),
        ),
      ),
    shuffled,
  );
  for (const result of results) assert.deepEqual(result, results[0]);
  return results[0];
}

const low = (x: bigint, width: number): bigint => BigInt.asUintN(width, x);
const asPublic = (words: Words, shape: Shape = [words.length]): PublicWords => ({
  shape,
  words,
  fracBits: 0,
});

describe('circuits', () => {
  it('have as many layers, openings and gates as is stated', () => {
    const sizes = (name: CircuitName, width: number): number[] => {
      const circuit = circuitOf(name, width);
      const { wires, gates } = sizesOf(circuit);
      return [circuit.layers.length, wires, gates];
    };
    assert.deepEqual(sizes('and', 64), [1, 128, 64]);
    assert.deepEqual(sizes('pick', 64), [1, 65, 64]);
    assert.deepEqual(sizes('every', 64), [6, 126, 63]);
    assert.deepEqual(sizes('add', 64), [7, 430, 373]);
    assert.deepEqual(sizes('addPublic', 64), [6, 304, 310]);
    assert.deepEqual(sizes('carry', 64), [7, 311, 184]);
    assert.deepEqual(sizes('carryPublic', 64), [6, 183, 120]);
    for (const name of ['every', 'add', 'addPublic', 'carryPublic'] as const) {
      assert.deepEqual(sizes(name, 1), [0, 0, 0], name);
    }
    assert.deepEqual(sizes('carry', 1), [1, 2, 1]);
  });

  it('take the bytes that their elements fill', () => {
    for (const [n, bytes] of [
      [0, 0],
      [1, 1],
      [8, 1],
      [9, 2],
      [56, 7],
      [64, 8],
      [65, 16],
      [128, 16],
    ]) {
      const { bytes: sent, dealt } = binaryCost('and', n, 5);
      assert.deepEqual([sent, dealt], [10 * bytes, 5 * bytes], `${n} elements`);
    }
    assert.equal(binaryCost('and', 3, 64).bytes, 48);
  });

  it('write every plane of a layer at most once, and read none that does not exist', () => {
    const planes = { and: 2, pick: 2, every: 1, add: 3, addPublic: 2, carry: 3, carryPublic: 2 };
    for (const [name, count] of Object.entries(planes)) {
      for (let width = 1; width <= 64; width++) {
        const { layers } = circuitOf(name as CircuitName, width);
        for (const { wires, gates } of layers) {
          const targets = [...gates].filter((_, i) => i % 4 === 2);
          assert.equal(new Set(targets).size, targets.length, `${name} ${width}`);
          assert.equal(new Set(wires).size, wires.length, `${name} ${width} opens a plane twice`);
          for (const plane of [...wires, ...targets]) assert.ok(plane < count * width);
        }
      }
    }
  });
});

for (const n of [1, 2, 3, 5]) {
  describe(`gates on bits, ${n} parties (seed ${label})`, () => {
    it('and, pick, every, add, carry are exact on random words and ring extremes', async () => {
      const [x, y] = pairs(100);
      const size = [x.length];
      const results = await run(n, (ctx) => {
        const { binary } = ctx.gates;
        const [a, b] = [bits(ctx, 0, size, x), bits(ctx, 1, size, y)];
        const p = asPublic(y);
        return [
          a,
          binary.and(ctx, a, b),
          binary.and(ctx, a, a),
          binary.pick(ctx, narrowed(ctx, 0, x, 1), b),
          binary.every(ctx, a, 64),
          binary.add(ctx, a, b, 64),
          binary.add(ctx, a, p, 64),
          binary.carry(ctx, a, b, 64),
          binary.carry(ctx, a, p, 64),
        ];
      });
      const expected: ((a: bigint, b: bigint) => bigint)[] = [
        (a) => a,
        (a, b) => a & b,
        (a) => a,
        (a, b) => (a & 1n) * b,
        (a) => (a === low(-1n, 64) ? 1n : 0n),
        (a, b) => low(a + b, 64),
        (a, b) => low(a + b, 64),
        (a, b) => (a + b) >> 64n,
        (a, b) => (a + b) >> 64n,
      ];
      results.forEach((words, i) =>
        words.forEach((word, at) => {
          assert.equal(word, expected[i](x[at], y[at]), `result ${i} of ${x[at]}, ${y[at]}`);
        }),
      );
    });

    it('narrow words: every width, sizes around 8 and 64', async () => {
      for (const [width, count] of [
        [1, 1],
        [2, 7],
        [3, 8],
        [5, 9],
        [8, 63],
        [9, 50],
        [17, 64],
        [31, 65],
        [33, 100],
        [63, 3],
      ]) {
        const [x, y] = ['x', 'y'].map((name) => randomWords(count, `${label} ${name} ${width}`));
        const both = [x, y].map((list) => list.map((word) => low(word, width)));
        const results = await run(n, (ctx) => {
          const { binary } = ctx.gates;
          const [a, b] = [narrowed(ctx, 0, x, width), narrowed(ctx, 1, y, width)];
          const p = asPublic(both[1]);
          return [
            binary.and(ctx, a, b),
            binary.pick(ctx, narrowed(ctx, 1, y, 1), a),
            binary.every(ctx, a, width),
            binary.add(ctx, a, b, width),
            binary.add(ctx, a, b, width + 1),
            binary.add(ctx, a, p, width + 1),
            binary.carry(ctx, a, b, width),
            binary.carry(ctx, a, p, width),
            binary.carry(ctx, a, p, width + 1),
          ];
        });
        const expected: ((a: bigint, b: bigint) => bigint)[] = [
          (a, b) => a & b,
          (a, b) => (b & 1n) * a,
          (a) => (a === low(-1n, width) ? 1n : 0n),
          (a, b) => low(a + b, width),
          (a, b) => a + b,
          (a, b) => a + b,
          (a, b) => (a + b) >> BigInt(width),
          (a, b) => (a + b) >> BigInt(width),
          () => 0n,
        ];
        results.forEach((words, i) =>
          words.forEach((word, at) => {
            const what = `result ${i}, ${width} bits of ${count}`;
            assert.equal(word, expected[i](both[0][at], both[1][at]), what);
          }),
        );
      }
    });

    it('an arithmetic tensor to bits and back is the identity, and itself unchanged', async () => {
      const [x] = pairs(100);
      const [a, b, c, again] = await run(n, (ctx) => {
        const { binary } = ctx.gates;
        const share = put(ctx, 0, [x.length], x, 20);
        const inBits = binary.fromArithmetic(ctx, share);
        const back = binary.toArithmetic(ctx, inBits, 64);
        assert.deepEqual([inBits.fracBits, back.fracBits, back.nominal], [20, 20, 20]);
        const other = binary.fromArithmetic(ctx, back);
        return [inBits, back, binary.and(ctx, inBits, other), share];
      });
      for (const words of [a, b, c, again]) assert.deepEqual(words, x);
    });

    it('any shape, and a view of a storage', async () => {
      for (const shape of [[], [0], [1], [0, 3], [2, 1, 5], [7, 10]]) {
        const x = randomWords(sizeOf(shape), `${label} ${shape.join()}`);
        const [a, b, sum] = await run(n, (ctx) => {
          const { binary } = ctx.gates;
          const share = put(ctx, 0, shape, x).view(wholeView(shape));
          const inBits = binary.fromArithmetic(ctx, share);
          assert.deepEqual(inBits.shape, shape);
          const back = binary.toArithmetic(ctx, inBits, 64);
          assert.deepEqual(back.shape, shape);
          return [inBits, back, binary.add(ctx, inBits, inBits, 64)];
        });
        assert.deepEqual([a, b], [x, x]);
        assert.deepEqual(
          sum,
          x.map((word) => 2n * word),
        );
      }
      const x = randomWords(12, `${label} view`);
      const view = { shape: [3, 2], strides: [-4, 2], offset: 9 };
      const [part] = await run(n, (ctx) => [
        ctx.gates.binary.fromArithmetic(ctx, put(ctx, 0, [12], x).view(view)),
      ]);
      assert.deepEqual(
        [...part],
        [9, 11, 5, 7, 1, 3].map((at) => x[at]),
      );
    });

    it('the low k bits of a word as a number from 0 up, under a bound that holds', async () => {
      const [x] = pairs(30);
      for (const k of [1, 2, 8, 13, 32, 63, 64]) {
        const [got] = await run(n, (ctx) => {
          const back = ctx.gates.binary.toArithmetic(ctx, bits(ctx, 0, [x.length], x), k);
          assert.equal(back.bound, k === 64 ? undefined : k);
          return [back];
        });
        got.forEach((word, i) => assert.equal(word, low(x[i], k), `${k} bits of ${x[i]}`));
      }
    });

    it('a bounded tensor takes fewer bits and keeps its sign', async () => {
      for (const bound of [0, 5, 20]) {
        const top = 2n ** BigInt(bound + 16);
        const x = BigUint64Array.from([
          ...wordsOf([top, -top, 0n, -1n, 1n, top - 1n, 1n - top]),
          ...smallWords([50], bound + 16, `${label} ${bound}`),
        ]);
        const [got] = await run(n, (ctx) => {
          const share = put(ctx, 0, [x.length], x, 16, bound);
          const inBits = ctx.gates.binary.fromArithmetic(ctx, share);
          assert.equal(bitsFor(share), bound + 18);
          if (n > 1) assert.equal(inBits.depth, toBinaryCost(x.length, bound + 18).rounds);
          return [inBits];
        });
        assert.deepEqual(got, x);
      }
    });

    it('a product is settled first, and its bits are those of the settled product', async () => {
      const x = smallWords([20], 24, `${label} product`);
      const [settled, inBits] = await run(n, (ctx) => {
        const share = put(ctx, 0, [20], x);
        const square = ctx.gates.mul(ctx, share, share);
        const result = ctx.gates.binary.fromArithmetic(ctx, square);
        assert.equal(square.storage.settled.length, 1);
        return [settle(ctx, square), result];
      });
      assert.deepEqual(inBits, settled);
    });
  });
}

describe('more elements than a chunk', () => {
  it('are computed in chunks, in the rounds of one', async () => {
    const n = CIRCUIT_CHUNK + 77;
    const [x, y] = ['x', 'y'].map((name) => randomWords(n, `${label} chunks ${name}`));
    const results = await run(2, (ctx) => {
      const { binary } = ctx.gates;
      const [a, b] = [bits(ctx, 0, [n], x), bits(ctx, 1, [n], y)];
      const inBits = binary.fromArithmetic(ctx, put(ctx, 0, [n], x));
      const made = [
        binary.and(ctx, a, b),
        binary.add(ctx, a, asPublic(y), 8),
        binary.every(ctx, a, 2),
        inBits,
        binary.toArithmetic(ctx, a, 3),
      ];
      assert.deepEqual(
        made.map(({ depth }) => depth),
        [1, 3, 1, 7, 1],
      );
      return made;
    });
    const expected = [
      x.map((word, i) => word & y[i]),
      x.map((word, i) => low(word + y[i], 8)),
      x.map((word) => (low(word, 2) === 3n ? 1n : 0n)),
      x,
      x.map((word) => low(word, 3)),
    ];
    results.forEach((words, i) =>
      assert.ok(
        words.every((word, at) => word === expected[i][at]),
        `result ${i}`,
      ),
    );
  });
});

describe('masks of bits', () => {
  it('are used once: what is opened of zeros is different in every plane of every layer', async () => {
    const zeros = new BigUint64Array(64);
    const gates: [number, (ctx: Context, x: BinaryShare, y: BinaryShare) => BinaryShare | Share][] =
      [
        [128, (ctx, x, y) => ctx.gates.binary.and(ctx, x, y)],
        [128, (ctx, x) => ctx.gates.binary.and(ctx, x, x)],
        [65, (ctx, _, y) => ctx.gates.binary.pick(ctx, narrowed(ctx, 0, zeros, 1), y)],
        [126, (ctx, x) => ctx.gates.binary.every(ctx, x, 64)],
        [430, (ctx, x, y) => ctx.gates.binary.add(ctx, x, y, 64)],
        [311, (ctx, x, y) => ctx.gates.binary.carry(ctx, x, y, 64)],
        [64, (ctx, x) => ctx.gates.binary.toArithmetic(ctx, x, 64)],
      ];
    for (const [planes, gate] of gates) {
      const { results } = await simulateSeats(
        2,
        async (seat) => {
          const recording = record(seat);
          const { context: ctx } = seat;
          const result = gate(ctx, bits(ctx, 0, [64], zeros), bits(ctx, 1, [64], zeros));
          await own(result instanceof BinaryShare ? BinaryShare.inner(result) : result);
          await ctx.session.outstanding.idle();
          return recording;
        },
        shuffled,
      );
      const { sent, received } = results[0];
      const ours = new Map(openings(sent).map(({ id, payload }) => [id.seq, payload]));
      const opened = openings(received).flatMap(({ id, payload }) => {
        const xored = payload.map((byte, i) => byte ^ (ours.get(id.seq)?.[i] ?? 0));
        return [...new BigUint64Array(xored.slice().buffer)];
      });
      assert.equal(opened.length, planes);
      assert.equal(new Set(opened).size, planes);
    }
  });
});

describe('shares of bits', () => {
  it('are made anew before they are revealed (C3)', async () => {
    await simulateSeats(
      3,
      async (seat) => {
        const { sent } = record(seat);
        const x = bits(seat.context, 0, [8], randomWords(8, `${label} reveal`));
        const ours = await own(BinaryShare.inner(x));
        await opened(seat.context, x);
        for (const { payload } of openings(sent)) {
          const words = new BigUint64Array(payload.slice().buffer);
          words.forEach((word, i) => assert.notEqual(word, ours[i]));
        }
        assert.equal(openings(sent).length, 2);
      },
      shuffled,
    );
  });

  it('print their shape and nothing else', async () => {
    await simulateSeats(2, async ({ context: ctx }) => {
      const x = bits(ctx, 0, [2], wordsOf([1234567, 7654321]));
      await own(BinaryShare.inner(x));
      assert.equal(String(x), 'BinaryShare([2], 64 bits, HIDDEN)');
      assert.equal(JSON.stringify({ x }), '{"x":"BinaryShare([2], 64 bits, HIDDEN)"}');
    });
  });
});
