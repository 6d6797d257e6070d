import assert from 'node:assert/strict';
import { chunkSize, COMPARE_CHUNK } from '../../src/protocol/additive/chunks.ts';
import { negativeCost } from '../../src/protocol/additive/compare.ts';
import { curveCost } from '../../src/protocol/additive/curve.ts';
import { rectifyCost } from '../../src/protocol/additive/rectify.ts';
import { settle } from '../../src/protocol/settle.ts';
import { simulateSeats } from '../../src/seats.ts';
import { encode } from '../../src/ring/encoder.ts';
import { HILL, WAVE } from './_function-gates.ts';
import { shuffled } from '../support/seats.ts';

const N = 2 * COMPARE_CHUNK + 777;
const FACTS = { bound: undefined, fracBits: 16 };
const M = 3 * chunkSize(curveCost(1, FACTS, HILL, 16).dealt) + 5;
const values = Float64Array.from({ length: N }, (_, i) => ((i * 7919) % 4001) / 100 - 20);

describe('protocol: gates in chunks', () => {
  for (const n of [2, 3]) {
    it(`${n} parties: results, rounds and bytes are those of one gate`, async () => {
      const { results } = await simulateSeats(
        n,
        async ({ context: ctx, meter }) => {
          const words = ctx.rank === 0 ? encode(ctx.arena, values, 16, 'test') : null;
          const x = ctx.gates.input(ctx, 0, [N], 16, words);
          const open = async (share: typeof x): Promise<BigInt64Array> => {
            const to = Array.from({ length: n }, (_, rank) => rank);
            const opened = await ctx.deliver(ctx.gates.reveal(ctx, share, to), share.depth + 1);
            assert.ok(opened !== null);
            return new BigInt64Array(opened.buffer, opened.byteOffset, opened.length);
          };
          const cost = async (share: typeof x): Promise<[number, number, BigInt64Array]> => {
            const before = meter.snapshot().total.sent.payloadBytes.online;
            const rounds = share.depth;
            const got = await open(share);
            const after = meter.snapshot().total.sent.payloadBytes.online;
            return [rounds, (after - before) / (n - 1) - 8 * got.length, got];
          };
          const negative = await cost(ctx.gates.negative(ctx, x));
          const rectified = ctx.gates.rectify(ctx, x, 16);
          const value = await cost(rectified.value);
          const short = x.view({ shape: [M], strides: [-1], offset: M - 1 });
          const curve = await cost(ctx.gates.curve(ctx, short, HILL, 16));
          return { negative, value, curve, owed: settle(ctx, x) === x };
        },
        shuffled,
      );
      for (const { negative, value, curve } of results) {
        assert.equal(negative[0], negativeCost(N, 9).rounds);
        assert.equal(negative[1], negativeCost(N, 9).bytes);
        negative[2].forEach((bit, i) => assert.equal(bit, values[i] <= -(2 ** -17) ? 1n : 0n));
        assert.equal(value[1], rectifyCost(N, 16).bytes);
        value[2].forEach((y, i) => {
          const floor = BigInt(Math.max(0, Math.floor(values[i] + 2 ** -17)));
          assert.ok(y === floor || (values[i] > 0 && y === floor + 1n), `relu at ${i}: ${y}`);
        });
        assert.equal(curve[1], curveCost(M, FACTS, HILL, 16).bytes);
        curve[2].forEach((y, i) => {
          const x = values[M - 1 - i];
          const { cos, sin, constant } = WAVE;
          const wave = cos.reduce((sum, a, k) => {
            const angle = (2 * Math.PI * (k + 1) * x) / 8;
            return sum + a * Math.cos(angle) + sin[k] * Math.sin(angle);
          }, constant);
          const want = x < -4 ? -1 : x >= 3.5 ? 1 : wave;
          assert.ok(Math.abs(Number(y) / 65536 - want) < 1e-4, `curve at ${i}`);
        });
      }
    });
  }
});
