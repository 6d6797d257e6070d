/** Convolutions against loops, adjoints against inner products: integers, so every word must be right. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, type Party, Tensor } from '../../src/tensor/index.ts';

interface Geometry {
  readonly batch: number;
  readonly groups: number;
  /** Of one group. */
  readonly channels: number;
  readonly filters: number;
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: [number, number];
  readonly padding: [number, number];
  readonly dilation: [number, number];
  readonly seed: number;
}

const pairOf = (min: number, max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

const geometries = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    groups: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 3 }),
    filters: fc.integer({ min: 1, max: 3 }),
    size: pairOf(1, 7),
    kernel: pairOf(1, 3),
    stride: pairOf(1, 3),
    padding: pairOf(0, 2),
    dilation: pairOf(1, 3),
    seed: fc.nat(),
  })
  .filter(({ size, kernel, padding, dilation }) =>
    size.every((n, i) => n + 2 * padding[i] > dilation[i] * (kernel[i] - 1)),
  );

/** Small integers, all different runs of one sequence. */
function integers(shape: readonly number[], seed: number): Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  let state = seed >>> 0;
  const data = Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 20) - 2048;
  });
  return new Tensor(shape, data);
}

const share = (party: Party, x: Tensor, requiresGrad = false): CrypTensor =>
  party.cryptensor(x, { precision: 0, requiresGrad });

/** The definition. */
function loops(x: Tensor, w: Tensor, g: Geometry): Tensor {
  const [n, , h, wide] = x.shape;
  const [f, c, kh, kw] = w.shape;
  const out = [0, 1].map((i) => {
    const span = g.dilation[i] * (g.kernel[i] - 1) + 1;
    return Math.floor((g.size[i] + 2 * g.padding[i] - span) / g.stride[i]) + 1;
  });
  const shape = [n, f, ...out];
  const data = new Float64Array(n * f * out[0] * out[1]);
  data.forEach((_, at) => {
    const column = at % out[1];
    const row = Math.floor(at / out[1]) % out[0];
    const filter = Math.floor(at / (out[0] * out[1])) % f;
    const image = Math.floor(at / (out[0] * out[1] * f));
    const first = Math.floor(filter / g.filters) * c;
    for (let k = 0; k < c * kh * kw; k++) {
      const [channel, i, j] = [Math.floor(k / (kh * kw)), Math.floor(k / kw) % kh, k % kw];
      const y = row * g.stride[0] + i * g.dilation[0] - g.padding[0];
      const z = column * g.stride[1] + j * g.dilation[1] - g.padding[1];
      if (y < 0 || y >= h || z < 0 || z >= wide) continue;
      const from = ((image * x.shape[1] + first + channel) * h + y) * wide + z;
      data[at] += x.data[from] * w.data[(filter * c + channel) * kh * kw + i * kw + j];
    }
  });
  return new Tensor(shape, data);
}

const dot = (a: Tensor, b: Tensor): number =>
  a.data.reduce((total, value, i) => total + value * b.data[i], 0);

for (const n of [1, 2]) {
  describe(`convolutions: laws over ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    const check = (body: (party: Party, g: Geometry) => Promise<void>, numRuns: number) =>
      fc.assert(
        fc.asyncProperty(geometries, async (g) => {
          await simulate(n, (party) => body(party, g));
        }),
        { numRuns, seed: 20240818 },
      );
    const operands = (g: Geometry): [Tensor, Tensor] => [
      integers([g.batch, g.groups * g.channels, ...g.size], g.seed),
      integers([g.groups * g.filters, g.channels, ...g.kernel], g.seed + 1),
    ];

    it('conv2d() is what the loops of its definition give', () =>
      check(async (party, g) => {
        const [x, w] = operands(g);
        const y = await share(party, x).conv2d(share(party, w), g).getPlainText();
        const expected = loops(x, w, g);
        assert.deepEqual([y.shape, [...y.data]], [expected.shape, [...expected.data]]);
      }, 60)).timeout(60_000);

    it('⟨conv(x,w), z⟩ = ⟨x, dx⟩ = ⟨w, dw⟩ = ⟨x, convTranspose(z,w)⟩, exactly', () =>
      check(async (party, g) => {
        const [xs, ws] = operands(g);
        const [x, w] = [share(party, xs, true), share(party, ws, true)];
        const y = x.conv2d(w, g);
        const z = integers(y.shape, g.seed + 2);
        y.backward(share(party, z));
        assert.ok(x.grad !== null && w.grad !== null);
        const expected = dot(await y.getPlainText(), z);
        assert.equal(dot(xs, await x.grad.getPlainText()), expected);
        assert.equal(dot(ws, await w.grad.getPlainText()), expected);
        // The sizes that a stride leaves over come back as padding of the output.
        const outputPadding = g.size.map((size, i) => {
          const span = g.dilation[i] * (g.kernel[i] - 1) + 1;
          return (size + 2 * g.padding[i] - span) % g.stride[i];
        });
        const back = share(party, z).convTranspose2d(w, { ...g, outputPadding });
        assert.equal(dot(xs, await back.getPlainText()), expected);
      }, 60)).timeout(60_000);
  });
}
