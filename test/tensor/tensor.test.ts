import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { simulate } from '../../src/simulate.ts';
import { type Party, type PublicTensor, Tensor } from '../../src/tensor/index.ts';

const alone = (body: (party: Party) => Promise<void>) => simulate(1, body);

describe('tensor: Tensor', () => {
  it('prints, nests and gives its item', () => {
    const x = new Tensor([2, 2], [1, 2.5, -3, 1 / 3]);
    assert.equal(String(x), '[[       1,      2.5],\n [      -3, 0.333333]]');
    assert.equal(inspect(x), `Tensor [2,2]\n${String(x)}`);
    assert.deepEqual(x.toArray(), [
      [1, 2.5],
      [-3, 1 / 3],
    ]);
    assert.equal(JSON.stringify(new Tensor([1, 1, 2], [1, 2])), '[[[1,2]]]');
    assert.equal(String(new Tensor([], [4])), '4');
    assert.equal(String(new Tensor([0], [])), '[]');
    assert.deepEqual(new Tensor([2, 0], []).toArray(), [[], []]);
    assert.equal(new Tensor([1, 1], [7]).item(), 7);
    assert.throws(() => x.item(), { code: 'ERR_MPC_SHAPE' });
    assert.throws(() => new Tensor([3], [1]), { code: 'ERR_MPC_SHAPE' });
    const long = String(new Tensor([2000], new Float64Array(2000)));
    assert.equal(long, '[0, 0, 0, ..., 0, 0, 0]');
  });
});

describe('tensor: operands', () => {
  it('come in every public form', () =>
    alone(async (party) => {
      const x = party.cryptensor([
        [1, 2],
        [3, 4],
      ]);
      const forms: PublicTensor[] = [
        1,
        [1, 1],
        [
          [1, 1],
          [1, 1],
        ],
        Float32Array.of(1, 1),
        Uint8Array.of(1, 1),
        { shape: [2, 1], data: Float64Array.of(1, 1) },
        { shape: [2, 1], data: [1, 1] },
        new Tensor([1, 2], [1, 1]),
      ];
      for (const form of forms) {
        assert.deepEqual((await x.add(form).getPlainText())?.toArray(), [
          [2, 3],
          [4, 5],
        ]);
      }
    }));

  it('that are wrong are refused where they are passed, by name', () =>
    alone(async (party) => {
      const x = party.cryptensor([1, 2, 3]);
      const wrong = (value: unknown) => () => x.add(value as number);
      assert.throws(wrong([1, [2], 3]), {
        code: 'ERR_MPC_SHAPE',
        message: /add: ragged array: .*at \[1\]/,
      });
      assert.throws(wrong([[1, 2], [3]]), {
        message: /expected 2 elements at \[1\], got 1 elements/,
      });
      assert.throws(wrong([[1, 2], 3]), { message: /expected 2 elements at \[1\], got number/ });
      assert.throws(wrong(undefined), {
        name: 'TypeError',
        message: /add: expected .* got undefined/,
      });
      assert.throws(wrong('1'), { name: 'TypeError', message: /got string/ });
      assert.throws(wrong([1, '2', 3]), { name: 'TypeError', message: /got string at \[1\]/ });
      assert.throws(wrong(Promise.resolve(1)), { name: 'TypeError', message: /await it/ });
      assert.throws(wrong(BigInt64Array.of(1n)), { name: 'TypeError' });
      assert.throws(wrong(null), { name: 'TypeError' });
      assert.throws(wrong([1, 2]), { code: 'ERR_MPC_SHAPE', message: /add: .*\[3\].*\[2\]/ });
      assert.throws(wrong([1, NaN, 3]), {
        code: 'ERR_MPC_RANGE',
        message: /add: .*position 1 is not a number/,
      });
      assert.throws(wrong(Infinity), { code: 'ERR_MPC_RANGE', message: /add/ });
      assert.throws(() => x.mul(1e30), { code: 'ERR_MPC_RANGE', message: /mul/ });
      assert.throws(() => x.mul([1, 2, NaN]), {
        code: 'ERR_MPC_RANGE',
        message: /mul.*position 2/,
      });
      assert.throws(() => x.matmul([1, NaN, 3]), { code: 'ERR_MPC_RANGE', message: /matmul/ });
      assert.throws(() => x.div(0), { code: 'ERR_MPC_RANGE', message: /div: .*position 0/ });
      assert.throws(() => x.lt(NaN), { code: 'ERR_MPC_RANGE', message: /position 0/ });
    }));

  it('errors of shape name the operation, the shapes and what to do', () =>
    alone(async (party) => {
      const x = party.cryptensor(new Float64Array(6), { shape: [2, 3] });
      const y = party.cryptensor(new Float64Array(8), { shape: [4, 2] });
      const cases: [() => unknown, RegExp][] = [
        [() => x.mul(y), /mul: .*\[2,3\].*\[4,2\].*equal or 1/],
        [() => x.sub(y), /sub: .*\[2,3\].*\[4,2\]/],
        [() => x.gt(y), /gt: .*\[2,3\]/],
        [() => party.where(x, y, 1), /where: /],
        [() => x.matmul(y), /matmul: inner sizes differ, \[2,3\] and \[4,2\]/],
        [() => x.matmul(3), /matmul: a 0-d tensor .*use mul/],
        [() => x.sum(2), /sum: dim 2 .*2-d.*-2 to 1/],
        [() => x.mean([0, -2]), /mean: a dim is named twice/],
        [() => x.reshape(4, 2), /reshape: \[2,3\] holds 6 .*\[4,2\]/],
        [() => x.reshape(-1, 4), /reshape: /],
        [() => x.expand(3, 3), /expand: \[2,3\].*\[3,3\]/],
        [() => x.permute(0, 0), /permute: /],
        [() => x.unsqueeze(0).t(), /t: .*transpose/],
        [() => x.index(2), /index: 2 is outside dim 0 of \[2,3\]; use -2 to 1/],
        [() => x.index(0, 0, 0), /index: 3 indices/],
        [() => x.index([0, 2, -1]), /index: .*positive step/],
        [() => x.narrow(1, 2, 2), /narrow: .*size 3/],
        [() => x.flip([0, 0]), /flip: /],
        [() => x.flatten(1, 0), /flatten: /],
        [() => party.cat([x, y]), /cat: .*\[2,3\] and \[4,2\]/],
        [() => party.cat([]), /cat: /],
        [() => party.cat([party.cryptensor(1)]), /cat: 0-d .*stack/],
        [() => party.stack([x, y]), /stack: .*\[2,3\] and \[4,2\]/],
        [() => x.mseLoss([1, 2, 3]), /mseLoss: .*\[2,3\].*\[3\].*reshape/],
        [() => x.binaryCrossEntropyWithLogits(y), /binaryCrossEntropyWithLogits: /],
        [() => x.size(5), /size: /],
      ];
      for (const [body, message] of cases) assert.throws(body, { code: 'ERR_MPC_SHAPE', message });
      assert.throws(() => party.zeros([0, 3]).mean(0), { code: 'ERR_MPC_RANGE', message: /mean/ });
      assert.throws(() => x.sum(0.5), { name: 'TypeError' });
    }));
});

describe('tensor: CrypTensor', () => {
  it('never shows a value', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([[1234.5, 2]], { requiresGrad: true });
      const text = 'CrypTensor([1,2], 16 fractional bits, HIDDEN, requiresGrad)';
      assert.equal(String(x), text);
      assert.equal(inspect(x), text);
      assert.equal(inspect({ x }, { depth: 9, showHidden: true }).includes('1234'), false);
      assert.equal(JSON.stringify({ x }), JSON.stringify({ x: text }));
      assert.equal(String(x.mul(x).detach()), 'CrypTensor([1,2], 16 fractional bits, HIDDEN)');
    }));

  it('knows its shape, dims and sizes without waiting', () =>
    alone(async (party) => {
      const x = party.cryptensor(new Float64Array(24), { shape: [2, 3, 4] });
      assert.deepEqual(
        [x.shape, x.dim(), x.numel(), x.size(), x.size(-1)],
        [[2, 3, 4], 3, 24, [2, 3, 4], 4],
      );
      assert.equal(party.cryptensor(5).dim(), 0);
    }));

  it('getPlainText() and reveal() open to those named, and settle first', async () => {
    const seen = await simulate(3, async (party) => {
      const x = party.cryptensor([1.5, -2], { src: 2 });
      const product = x.mul(x);
      const raw = await product.reveal({ dst: [0, 2] });
      const all = await product.getPlainText();
      const one = await x.getPlainText({ dst: 1 });
      assert.throws(() => x.getPlainText({ dst: 3 }), { code: 'ERR_MPC_RANK' });
      assert.throws(() => x.getPlainText({ dst: -1 }), { code: 'ERR_MPC_RANK' });
      return [raw === null ? null : raw.fracBits, all?.data[1], one === null ? null : one.data[0]];
    });
    assert.deepEqual(seen, [
      [16, 4, null],
      [null, 4, 1.5],
      [16, 4, null],
    ]);
  });

  it('decodes exactly, negatives included', () =>
    simulate(2, async (party) => {
      const values = [-131071 / 65536, 2 ** 46, -(2 ** 46), -1 / 65536, 0, 1 / 65536, -12345.678];
      const plain = await party.cryptensor(values).getPlainText();
      values.forEach((value, i) => {
        assert.equal(plain?.data[i], Math.round(value * 65536) / 65536);
      });
    }));
});
