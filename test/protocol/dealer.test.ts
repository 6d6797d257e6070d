import assert from 'node:assert/strict';
import fc from 'fast-check';
import { matrixDims } from '../../src/protocol/local/index.ts';
import { MpcError } from '../../src/core/errors.ts';
import { Arena } from '../../src/kernels/memory.ts';
import { selectKernels } from '../../src/kernels/select.ts';
import { Dealer } from '../../src/protocol/provider/dealer.ts';
import { MAX_REQUEST_WORDS, type MaskRef } from '../../src/protocol/provider/descriptor.ts';
import { CIRCUITS, circuitOf } from '../../src/protocol/binary/circuit.ts';
import { circuitRequest } from '../../src/protocol/provider/kinds/binary.ts';
import { compareRequest, rectifyRequest } from '../../src/protocol/provider/kinds/comparison.ts';
import { toArithmeticRequest, toBinaryRequest } from '../../src/protocol/provider/kinds/convert.ts';
import { curveRequest } from '../../src/protocol/provider/kinds/curve.ts';
import { powerRequest } from '../../src/protocol/provider/kinds/power.ts';
import { productRequest } from '../../src/protocol/provider/kinds/product.ts';
import { readRequest } from '../../src/protocol/provider/kinds/read.ts';
import { seriesRequest } from '../../src/protocol/provider/kinds/series.ts';
import { stepsRequest } from '../../src/protocol/provider/kinds/steps.ts';
import { zeroRequest } from '../../src/protocol/provider/kinds/zero.ts';
import {
  truncateOpenedRequest,
  truncatePairRequest,
} from '../../src/protocol/provider/kinds/truncation.ts';
import { dealtBytes, type MaterialRequest } from '../../src/protocol/provider/material.ts';
import type { Tag } from '../../src/protocol/tag.ts';
import { arbitraryView } from '../oracle/gates.ts';
import { backend, randomWords } from '../support/seats.ts';

const n = fc.nat(3000);
const maskRef: fc.Arbitrary<MaskRef> = fc
  .tuple(
    arbitraryView,
    fc.nat(100),
    fc.array(fc.record({ rank: fc.nat(4), counter: fc.nat(9) }), { maxLength: 3 }),
  )
  .map(([{ length, view }, seq, space]) => ({ tag: { space, seq }, length, view }));
const interval = fc.record({
  n,
  blocks: fc.integer({ min: 1, max: 5 }),
  skipped: fc.nat(4),
  drop: fc.nat(61),
  insideR: fc.boolean(),
  highR: fc.boolean(),
});

/** Every request that a gate may make. */
const request: fc.Arbitrary<MaterialRequest> = fc.oneof(
  maskRef.map((ref) => productRequest(ref, ref)),
  maskRef
    .filter(({ view }) => view.shape.length >= 2)
    .map((ref) => {
      const { shape, strides, offset } = ref.view;
      const order = [...shape.keys()];
      order.push(...order.splice(-2).reverse());
      const view = {
        shape: order.map((a) => shape[a]),
        strides: order.map((a) => strides[a]),
        offset,
      };
      return productRequest(ref, { ...ref, view }, matrixDims(shape, view.shape));
    }),
  fc.tuple(n, fc.integer({ min: 1, max: 61 })).map(([size, m]) => truncatePairRequest(size, m)),
  fc.tuple(n, fc.integer({ min: 0, max: 61 })).map(([size, m]) => truncateOpenedRequest(size, m)),
  fc.tuple(n, fc.integer({ min: 1, max: 9 })).map(([size, blocks]) => compareRequest(size, blocks)),
  fc.tuple(n, fc.integer({ min: 0, max: 61 })).map(([size, m]) => rectifyRequest(size, m)),
  fc.tuple(n, fc.integer({ min: 1, max: 64 })).map(([size, terms]) => seriesRequest(size, terms)),
  fc
    .tuple(n, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 64 }), fc.boolean())
    .map(([size, blocks, count, sloped]) =>
      stepsRequest(size, blocks, count, sloped, (9 - blocks) >> 1),
    ),
  fc
    .tuple(interval, fc.integer({ min: 1, max: 64 }), fc.nat(63))
    .map(([size, terms, turnLog2]) => curveRequest(size, terms, turnLog2)),
  fc
    .tuple(interval, fc.nat(48), fc.nat(5), fc.nat(2), fc.integer({ min: 1, max: 46 }))
    .map(([size, fracBits, group, more, scale]) =>
      powerRequest(size, { fracBits, group, span: group + more, scale }),
    ),
  fc.tuple(n, fc.integer({ min: 1, max: 13 })).map(([size, blocks]) => zeroRequest(size, blocks)),
  fc
    .tuple(n, fc.constantFrom(...CIRCUITS), fc.integer({ min: 1, max: 64 }))
    .map(([size, name, bits]) => circuitRequest(circuitOf(name, bits), size)),
  fc.tuple(n, fc.integer({ min: 1, max: 64 })).map(([size, bits]) => toBinaryRequest(size, bits)),
  fc
    .tuple(n, fc.integer({ min: 1, max: 64 }))
    .map(([size, bits]) => toArithmeticRequest(size, bits)),
);

/** Reads bytes as the dealer does: a request within the limits, or ERR_MPC_ABORT and nothing else. */
function readable(bytes: Uint8Array): boolean {
  try {
    const read = readRequest(bytes);
    assert.deepEqual(read.descriptor, bytes, 'a request is read back in its only form');
    for (const { name, words } of read.segments) {
      assert.ok(Number.isInteger(words) && words >= 0, `${name}: ${words} words`);
      assert.ok(words <= MAX_REQUEST_WORDS, `${name}: ${words} words are above the limit`);
    }
    assert.ok(read.coins <= 2 * MAX_REQUEST_WORDS);
    return true;
  } catch (error) {
    if (!(error instanceof MpcError)) throw error;
    assert.equal(error.code, 'ERR_MPC_ABORT');
    return false;
  }
}

const SMALL = { blocks: 9, skipped: 0, drop: 40, insideR: false, highR: false };

describe('readRequest()', () => {
  it('reads back what every gate asks for', () => {
    const property = fc.property(request, (made) => {
      const read = readRequest(made.descriptor);
      assert.deepEqual(read.segments, made.segments);
      assert.equal(read.coins, made.coins);
      assert.equal(dealtBytes(read), dealtBytes(made));
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('different requests have different descriptors', () => {
    const facts = (r: MaterialRequest): string => JSON.stringify([r.descriptor[0], r.segments]);
    const property = fc.property(request, request, (a, b) => {
      if (facts(a) !== facts(b)) assert.notDeepEqual(a.descriptor, b.descriptor);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('refuses any bytes with ERR_MPC_ABORT, without a crash or a size above the limit', () => {
    const kinds = fc.tuple(fc.nat(36), fc.constant(1), fc.uint8Array({ maxLength: 80 }));
    const hostile = kinds.map(([kind, version, rest]) => Uint8Array.of(kind, version, ...rest));
    fc.assert(
      fc.property(fc.oneof(hostile, fc.uint8Array()), (bytes) => void readable(bytes)),
      {
        numRuns: 20_000,
      },
    );
  });

  it('refuses or understands every cut, longer or flipped request', () => {
    const property = fc.property(request, fc.nat(), fc.nat(7), (made, where, bit) => {
      const { descriptor } = made;
      const at = where % descriptor.length;
      assert.equal(readable(descriptor.slice(0, at)), false, 'a truncated request');
      assert.equal(readable(Uint8Array.of(...descriptor, 0)), false, 'spare bytes');
      const flipped = descriptor.slice();
      flipped[at] ^= 1 << bit;
      readable(flipped);
    });
    fc.assert(property, { numRuns: 3000 });
  });

  it('refuses sizes that would not fit, before anything is allocated', () => {
    const huge = [
      ...[2 ** 27, 2 ** 24, 2 ** 23].flatMap((size) => [
        compareRequest(size, 9),
        rectifyRequest(size, 0),
      ]),
      seriesRequest(2 ** 22, 17),
      seriesRequest(2 ** 27, 1),
      stepsRequest(2 ** 22, 9, 64, true),
      stepsRequest(2 ** 26, 1, 3, false),
      curveRequest({ ...SMALL, n: 2 ** 24 }, 1, 0),
      curveRequest({ ...SMALL, n: 2 ** 22 }, 17, 0),
      powerRequest({ ...SMALL, n: 2 ** 22 }, { fracBits: 16, group: 0, span: 6, scale: 16 }),
      zeroRequest(2 ** 24, 13),
      truncatePairRequest(2 ** 32 - 1, 16),
      truncateOpenedRequest(2 ** 27 + 1, 16),
    ];
    for (const made of huge) assert.equal(readable(made.descriptor), false, made.segments[0].name);
    assert.ok(readable(compareRequest(2 ** 22, 9).descriptor));
    assert.ok(readable(truncateOpenedRequest(2 ** 27, 16).descriptor));
  });
});

describe('Dealer', () => {
  let arena: Arena;
  const sent: { tag: Tag; digest: bigint; payload: Uint8Array }[] = [];
  before(async () => {
    arena = new Arena(await selectKernels({ backend }));
  });
  const dealer = (parties: number): Dealer => {
    sent.length = 0;
    const seed = (i: number): Uint8Array => new Uint8Array(randomWords(4, `dealer ${i}`).buffer);
    return new Dealer({
      arena,
      seeds: Array.from({ length: parties }, (_, i) => seed(i)),
      coinSeed: seed(99),
      send: (tag, digest, payload) => sent.push({ tag, digest, payload }),
    });
  };
  const { descriptor } = truncateOpenedRequest(5, 16);
  const tag = (seq: number, ...space: Tag['space']): Tag => ({ space, seq });

  it('serves a step when the last party asks, once', () => {
    const d = dealer(3);
    for (const party of [2, 0]) d.request(party, tag(4), 7n, descriptor);
    assert.equal(sent.length, 0);
    d.request(1, tag(4), 7n, descriptor);
    assert.deepEqual(
      sent.map(({ payload }) => payload.length),
      [5 * (8 + 3)],
    );
    assert.deepEqual(d.totals, { requests: 1, dealtBytes: 55 });
  });

  it('refuses a step that a party asks for again, or an earlier one', () => {
    for (const again of [4, 3, 0]) {
      const d = dealer(2);
      d.request(0, tag(4), 7n, descriptor);
      const refused = { code: 'ERR_MPC_ABORT', message: /party 0 asks again .* served once/ };
      assert.throws(() => d.request(0, tag(again), 7n, descriptor), refused);
      d.request(1, tag(4), 7n, descriptor);
      assert.throws(() => d.request(1, tag(again), 7n, descriptor), { code: 'ERR_MPC_ABORT' });
      d.request(0, tag(4, { rank: 0, counter: 0 }), 7n, descriptor);
    }
  });

  it('refuses parties that ask for different material, or at different points of the program', () => {
    const other = truncateOpenedRequest(6, 16).descriptor;
    for (const [digest, bytes] of [
      [7n, other],
      [8n, descriptor],
      [7n, descriptor.slice(0, -1)],
    ] as const) {
      const d = dealer(3);
      d.request(1, tag(4), 7n, descriptor);
      assert.throws(() => d.request(2, tag(4), digest, bytes), {
        code: 'ERR_MPC_DESYNC',
        message: /party 2 and party 1 ask for different material at step 4/,
      });
      assert.equal(sent.length, 0);
    }
  });

  it('sees at once that a party left out a request, or made one that others did not', () => {
    for (const [early, late] of [
      [4, 5],
      [5, 4],
    ]) {
      const d = dealer(2);
      d.request(0, tag(early), 7n, descriptor);
      assert.throws(() => d.request(1, tag(late), 7n, descriptor), {
        code: 'ERR_MPC_DESYNC',
        message: `dealer: party 1 asks for material at step ${late}, party 0 at step ${early}`,
      });
    }
    const d = dealer(2);
    d.request(0, tag(4), 7n, descriptor);
    d.request(0, tag(6), 7n, descriptor);
    d.request(1, tag(5, { rank: 1, counter: 0 }), 7n, descriptor);
    d.request(1, tag(4), 7n, descriptor);
    assert.throws(() => d.request(1, tag(7), 7n, descriptor), { code: 'ERR_MPC_DESYNC' });
    assert.equal(sent.length, 1);
  });

  it('gives the same step other material for another descriptor, run seed or position', () => {
    const payloads = [5, 6].flatMap((size) =>
      [0, 1].map((seq) => {
        const d = dealer(1);
        d.request(0, tag(seq), 7n, compareRequest(size, 2).descriptor);
        return sent[0].payload.subarray(0, 40);
      }),
    );
    assert.equal(new Set(payloads.map(String)).size, 4);
  });

  it('refuses what no party may ask, and descriptors longer than any, before they wait', () => {
    const d = dealer(2);
    assert.throws(() => d.request(0, tag(0), 7n, Uint8Array.of(99)), { code: 'ERR_MPC_ABORT' });
    assert.throws(() => d.request(0, tag(1), 7n, new Uint8Array(100_000)), {
      code: 'ERR_MPC_ABORT',
    });
  });
});
