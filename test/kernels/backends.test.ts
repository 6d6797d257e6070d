import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  compareWideWords,
  zeroTableWords,
  type Kernels,
  type Ptr,
} from '../../src/kernels/contract.ts';
import { createTsKernels } from '../../src/kernels/ts/index.ts';
import { createWasmKernels } from '../../src/kernels/wasm/index.ts';
import { randomLayer } from '../support/kernel-binary.ts';
import { bytes, SEED } from '../support/kernel-memory.ts';

const BACKENDS: readonly Kernels[] = [
  createTsKernels(),
  await createWasmKernels({ simd: false }),
  await createWasmKernels({ simd: true }),
];

/** Runs on blocks of the same random bytes everywhere; all blocks must end up equal. `run` may return a number. */
function assertSame(label: string, sizes: number[], run: (k: Kernels, at: Ptr[]) => unknown): void {
  let expected: { blocks: Uint8Array[]; value: unknown } | undefined;
  for (const k of BACKENDS) {
    const at = sizes.map((size) => k.reserve(size));
    at.forEach((block, i) =>
      new Uint8Array(k.buffer(), block, sizes[i]).set(bytes(sizes[i], `${label}/${i}`)),
    );
    const value = run(k, at);
    const blocks = at.map((block, i) => new Uint8Array(k.buffer().slice(block, block + sizes[i])));
    at.forEach((block) => k.release(block));
    expected ??= { blocks, value };
    assert.deepEqual({ blocks, value }, expected, `${label}: ${k.backend} differs from ts`);
  }
}

const size = fc.nat(70);
const shift = fc.integer({ min: 1, max: 61 });
const party = fc.nat(2);

describe(`kernels: all backends give the same bits (KERNEL_SEED=${SEED})`, () => {
  const law = (name: string, property: fc.IProperty<unknown>): void => {
    it(name, () => fc.assert(property as fc.IProperty<unknown>, { numRuns: 40 }));
  };
  const p = <T extends [unknown, ...unknown[]]>(
    arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
    body: (...args: T) => void,
  ): fc.IProperty<unknown> =>
    fc.property(fc.tuple(...arbitraries), (args) => body(...(args as T))) as fc.IProperty<unknown>;

  law(
    'matmul()',
    p([size, size, size, fc.nat(1)], (m, k, n, accumulate) => {
      assertSame(
        `matmul ${m} ${k} ${n}`,
        [8 * m * n, 8 * m * k, 8 * k * n],
        (kernels, [out, a, b]) => {
          const scratch = kernels.reserve(kernels.matmulScratch(m, k, n));
          kernels.matmul(out, a, b, m, k, n, accumulate, scratch);
          kernels.release(scratch);
        },
      );
    }),
  );

  law(
    'rows and running sums',
    p([size, size, fc.integer({ min: 1, max: 9 })], (width, n, there) => {
      const label = `rows ${width} ${n} ${there}`;
      const rows = Int32Array.from(bytes(n, label), (byte) => byte % there);
      const sizes = [8 * there * width, 8 * n * width, 4 * n];
      const listed = (run: (k: Kernels, all: Ptr, few: Ptr, rows: Ptr) => void): void =>
        assertSame(label, sizes, (k, [all, few, at]) => {
          new Int32Array(k.buffer(), at, n).set(rows);
          run(k, all, few, at);
        });
      listed((k, all, few, at) => k.gatherRows(few, all, at, width, n));
      listed((k, all, few, at) => k.addRows(all, few, at, width, n));
      const block = 8 * there * n * width;
      assertSame(label, [block, block], (k, [o, a]) => k.runningSums(o, a, there, n, width));
    }),
  );

  it('matmul() of sizes with Strassen levels and several boxes', () => {
    const shapes = [
      [64, 64, 64],
      [64, 576, 190],
      [128, 128, 128],
      [300, 257, 260],
      [515, 520, 530],
      [1100, 140, 131],
      [130, 2081, 129],
      [129, 128, 1090],
    ];
    for (const [m, k, n] of shapes) {
      for (const accumulate of [0, 1]) {
        assertSame(
          `matmul ${m} ${k} ${n} ${accumulate}`,
          [8 * m * n, 8 * m * k, 8 * k * n],
          (kernels, [out, a, b]) => {
            const size = kernels.matmulScratch(m, k, n);
            const scratch = kernels.reserve(size + 64);
            const guard = new Uint8Array(kernels.buffer(), scratch + size, 64).fill(0xa5);
            kernels.matmul(out, a, b, m, k, n, accumulate, scratch);
            assert.ok(
              guard.every((byte) => byte === 0xa5),
              'wrote after the scratch',
            );
            kernels.release(scratch);
          },
        );
      }
    }
  });

  law(
    'blake3Xof()',
    p([fc.nat(), fc.nat(), fc.nat(20)], (low, high, blocks) => {
      assertSame(`xof ${low} ${high}`, [64 * blocks, 32], (k, [out, key]) =>
        k.blake3Xof(out, key, 2 * low, high, blocks),
      );
    }),
  );

  law(
    'encode() and decode() of any bits',
    p([size, fc.nat(62)], (n, f) => {
      assertSame(`decode ${n} ${f}`, [8 * n, 8 * n], (k, [out, a]) => k.decode(out, a, f, n));
      // Random exponents mostly do not fit: then only the flag counts.
      assertSame(`encode ${n} ${f}`, [8 * n], (k, [a]) => {
        const out = k.reserve(8 * n);
        const flag = k.encode(out, a, f, n);
        k.release(out);
        return flag;
      });
    }),
  );

  law(
    'truncation',
    p([size, shift, party], (n, m, rank) => {
      const w = 8 * n;
      const bits = Math.ceil(n / 8);
      const label = `${n} ${m} ${rank}`;
      assertSame(`split ${label}`, [w, bits, w], (k, [o, b, x]) =>
        k.truncateSplit(o, b, x, m, rank, n),
      );
      assertSame(`join ${label}`, [w, w, w, bits, bits, bits], (k, [o, y, ab, own, d0, d1]) =>
        k.truncateJoin(o, y, ab, own, d0, d1, m, rank, n),
      );
      assertSame(`opened ${label}`, [w, w, w, w], (k, [o, c, rc, r]) =>
        k.truncateOpened(o, c, rc, r, m, rank, n),
      );
      assertSame(`select ${label}`, [w, w, w, bits, w, w, w], (k, [o, y, c, t, a, b, d]) =>
        k.selectOpened(o, y, c, t, a, b, d, m, n),
      );
      assertSame(`bit ${label}`, [w, bits, w], (k, [o, t, rho]) => k.bitOpened(o, t, rho, rank, n));
      assertSame(`deal ${label}`, [w, w, w], (k, [rc, r63, r]) => k.truncateDeal(rc, r63, r, m, n));
    }),
  );

  law(
    'comparison',
    p([size, fc.integer({ min: 1, max: 9 })], (n, blocks) => {
      const [mono, wide] = [16 * blocks * n, 8 * compareWideWords(blocks) * n];
      const stream = Math.ceil((n * (2 * blocks - 1)) / 8);
      const label = `${n} ${blocks}`;
      assertSame(`mono ${label}`, [mono, 8 * n], (k, [o, r]) => k.compareDealMono(o, r, blocks, n));
      assertSame(`wide ${label}`, [wide, 8 * n, 8 * n], (k, [o, r, coins]) =>
        k.compareDealWide(o, r, coins, blocks, n),
      );
      assertSame(
        `blocks ${label}`,
        [stream, 8 * n, mono, wide, 4096],
        (k, [o, c, m, w, tables]) => {
          const out = k.reserve(stream + 8);
          k.compareTables(tables);
          k.compareBlocks(out, c, m, w, blocks, tables, n);
          new Uint8Array(k.buffer()).copyWithin(o, out, out + stream);
          k.release(out);
        },
      );
      assertSame(`carry ${label}`, [Math.ceil(n / 8), stream + 8, wide], (k, [o, uv, w]) =>
        k.compareCarry(o, uv, w, blocks, n),
      );
    }),
  );

  law(
    'groups',
    p([size], (n) => {
      const [mono, w] = [144 * n, 8 * n];
      const streamed = (bits: number, body: (k: Kernels, out: number) => void) => {
        const bytes = Math.ceil((n * bits) / 8);
        return (k: Kernels, o: number): void => {
          const out = k.reserve(bytes + 8);
          body(k, out);
          new Uint8Array(k.buffer()).copyWithin(o, out, out + bytes);
          k.release(out);
        };
      };
      assertSame(`masks`, [512], (k, [o]) => k.groupMasks(o));
      assertSame(`deal ${n}`, [w, w, w], (k, [o, r, coins]) => k.groupDeal(o, r, coins, n));
      const blocks = [Math.ceil((n * 17) / 8), w, mono, w, 4096];
      assertSame(`blocks ${n}`, blocks, (k, [o, c, m, words, tables]) => {
        k.compareTables(tables);
        streamed(17, (kernels, out) => kernels.groupBlocks(out, c, m, words, tables, n))(k, o);
      });
      const [five, uv] = [Math.ceil((n * 5) / 8), Math.ceil((n * 17) / 8)];
      assertSame(`join ${n}`, [five, uv + 8, w, 512], (k, [o, at, words, masks]) => {
        k.groupMasks(masks);
        streamed(5, (kernels, out) => kernels.groupJoin(out, at, words, masks, n))(k, o);
      });
      const carry = [Math.ceil(n / 8), five + 8, w, 512];
      assertSame(`carry ${n}`, carry, (k, [o, at, words, masks]) => {
        k.groupMasks(masks);
        k.groupCarry(o, at, words, masks, n);
      });
    }),
  );

  law(
    'harmonics',
    p([size, fc.integer({ min: 1, max: 40 }), fc.nat(3)], (n, terms, spare) => {
      const w = 8 * n;
      const row = 2 * (terms + spare);
      assertSame(`deal ${n} ${terms}`, [2 * w * terms, w], (k, [o, angles]) =>
        k.harmonicsDeal(o, angles, terms, n),
      );
      assertSame(
        `sum ${n} ${terms} ${row}`,
        [w, w, w * row, 16 * terms],
        (k, [o, angles, waves, factors]) => {
          // As large as they may be: the last bits of the doubles count.
          const list = new Int32Array(k.buffer(), factors, 4 * terms).filter((_, i) => i % 2 === 0);
          const large = Array.from(list, (x) => x * 2 ** 17);
          new Float64Array(k.buffer(), factors, 2 * terms).set(large);
          k.harmonicsSum(o, angles, waves, factors, terms, row, n);
        },
      );
    }),
  );

  law(
    'powers of two',
    p(
      [size, fc.nat(48), fc.nat(5), fc.nat(2), fc.nat(31), fc.integer({ min: 1, max: 46 })],
      (n, f, group, more, low, scale) => {
        const span = group + more;
        const count = 2 ** more;
        const label = `${n} ${f} ${group} ${span} ${low} ${scale}`;
        assertSame(`deal ${label}`, [8 * n * count, 8 * n], (k, [o, r]) =>
          k.powerDeal(o, r, f, group, span, scale, n),
        );
        assertSame(`sum ${label}`, [8 * n, 8 * n, 8 * n * count], (k, [o, c, parts]) =>
          k.powerSum(o, c, parts, f, group, span, -low, scale, n),
        );
      },
    ),
  );

  law(
    'test for zero',
    p([size, fc.integer({ min: 1, max: 13 })], (n, blocks) => {
      const w = 8 * n;
      const tables = w * zeroTableWords(blocks);
      const ones = w * (blocks > 6 ? 4 : 2);
      const stream = Math.ceil((n * blocks) / 8);
      const label = `${n} ${blocks}`;
      assertSame(`deal ${label}`, [tables, ones, w, w], (k, [t, o, r, coins]) =>
        k.zeroDeal(t, o, r, coins, blocks, n),
      );
      assertSame(`blocks ${label}`, [stream, w, tables], (k, [o, c, t]) => {
        const out = k.reserve(stream + 8);
        k.zeroBlocks(out, c, t, blocks, n);
        new Uint8Array(k.buffer()).copyWithin(o, out, out + stream);
        k.release(out);
      });
      const bits = Math.ceil((n * (blocks > 6 ? 2 : 1)) / 8);
      assertSame(`join ${label}`, [bits, stream + 8, tables], (k, [o, v, t]) =>
        k.zeroJoin(o, v, t, blocks, n),
      );
      assertSame(`select ${label}`, [w, bits, ones], (k, [o, b, list]) =>
        k.zeroSelect(o, b, list, blocks, n),
      );
    }),
  );

  law(
    'binary',
    p([fc.nat(200), fc.integer({ min: 1, max: 64 }), fc.nat(63), party], (n, width, by, rank) => {
      const w = Math.ceil(n / 64);
      const plane = 8 * w;
      const label = `${n} ${width} ${by} ${rank}`;
      assertSame(`shift ${label}`, [8 * n, 8 * n], (k, [o, a]) => k.shiftRightSigned(o, a, by, n));
      assertSame(`planes ${label}`, [plane * width, 8 * n, 512], (k, [o, a, scratch]) =>
        k.bitTranspose(o, a, width, n, scratch),
      );
      assertSame(`words ${label}`, [8 * n, plane * width, 512], (k, [o, a, scratch]) =>
        k.bitUntranspose(o, a, width, n, scratch),
      );
      const layer = randomLayer(5, by + 1, label);
      const using = (k: Kernels, list: Int32Array, body: (at: Ptr) => void): void => {
        const at = k.reserve(list.byteLength);
        new Int32Array(k.buffer(), at, list.length).set(list);
        body(at);
        k.release(at);
      };
      const opened = plane * (by + 1);
      assertSame(`mask ${label}`, [opened, 5 * plane, opened], (k, [o, state, mask]) =>
        using(k, layer.wires, (wires) => k.layerMask(o, state, wires, mask, by + 1, w)),
      );
      assertSame(`and ${label}`, [5 * plane, opened, opened, 5 * plane], (k, [state, d, a, c]) =>
        using(k, layer.gates, (gates) => k.layerAnd(state, d, a, c, gates, 5, rank, w)),
      );
      assertSame(`deal ${label}`, [5 * plane, opened], (k, [c, mask]) =>
        using(k, layer.gates, (gates) => k.layerDeal(c, mask, gates, 5, w)),
      );
    }),
  );
});
