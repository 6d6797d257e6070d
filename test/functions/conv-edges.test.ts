/** Convolutions of constants, views and 0/1 tensors, layer after layer; what is said where sizes do not fit. */
import assert from 'node:assert/strict';
import { conv2dOp, convTranspose2dOp } from '../../src/functions/index.ts';
import { simulate } from '../../src/simulate.ts';
import { CrypTensor, type Party, Tensor } from '../../src/tensor/index.ts';
import { equal, quarters, share, sizeOf } from './conv-support.ts';

for (const n of [1, 2]) {
  const run = (body: (party: Party) => Promise<void>) => simulate(n, body);

  describe(`convolutions: edges over ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it('constants are public: images, kernels and gradients of ones, on either side', () =>
      run(async (party) => {
        const [x, w] = [quarters([2, 2, 4, 4], 1), quarters([3, 2, 2, 2], 2)];
        const options = { padding: 1, stride: 2 };
        const ones = (shape: readonly number[]) => new Tensor(shape, Array(sizeOf(shape)).fill(1));
        for (const transposedToo of [false, true]) {
          const call = (a: CrypTensor, b: CrypTensor | Tensor) =>
            transposedToo ? a.convTranspose2d(b, options) : a.conv2d(b, options);
          const input = transposedToo ? quarters([2, 3, 4, 4], 3) : x;
          const pairs: [CrypTensor, CrypTensor | Tensor, CrypTensor, CrypTensor][] = [
            [
              party.ones(input.shape),
              share(party, w),
              share(party, ones(input.shape)),
              share(party, w),
            ],
            [
              share(party, input),
              party.ones(w.shape),
              share(party, input),
              share(party, ones(w.shape)),
            ],
            [
              party.ones(input.shape),
              party.ones(w.shape),
              share(party, ones(input.shape)),
              share(party, ones(w.shape)),
            ],
            [party.ones(input.shape), w, share(party, ones(input.shape)), share(party, w)],
          ];
          for (const [a, b, c, d] of pairs) {
            for (const leaf of [a, b, c, d])
              if (leaf instanceof CrypTensor) leaf.requiresGrad = true;
            const [y, z] = [call(a, b), call(c, d)];
            await equal(y, z, 1);
            y.sum().backward();
            z.backward(share(party, ones(z.shape)));
            await equal(a.grad ?? assert.fail(), c.grad ?? assert.fail(), 1);
            if (b instanceof CrypTensor)
              await equal(b.grad ?? assert.fail(), d.grad ?? assert.fail(), 1);
          }
        }
      }));

    it('reads images, kernels and gradients through any view', () =>
      run(async (party) => {
        const x = share(party, quarters([4, 5, 2, 3], 1), true);
        const w = share(party, quarters([2, 3, 3, 4], 2), true);
        const read = (a: CrypTensor, b: CrypTensor) =>
          a
            .permute(3, 2, 0, 1)
            .flip(2)
            .narrow(3, 1, 4)
            .conv2d(b.transpose(1, 3).index([], [], [], [0, 3, 2]).index([], [0, 2]), {
              dilation: [1, 2],
            });
        const y = read(x, w);
        const copy = (t: CrypTensor, mean: (t: CrypTensor) => CrypTensor) =>
          mean(t).reshape(-1).add(0).reshape(mean(t).shape);
        const a = copy(x, (t) => t.permute(3, 2, 0, 1).flip(2).narrow(3, 1, 4));
        const b = copy(w, (t) => t.transpose(1, 3).index([], [], [], [0, 3, 2]).index([], [0, 2]));
        const z = a.conv2d(b, { dilation: [1, 2] });
        await equal(y, z, 1);
        const dy = share(party, quarters([...y.shape].reverse(), 5)).permute(3, 2, 1, 0);
        y.backward(dy);
        const [dx, dw] = [x.grad ?? assert.fail(), w.grad ?? assert.fail()];
        x.zeroGrad();
        w.zeroGrad();
        z.backward(dy);
        await equal(dx, x.grad ?? assert.fail(), 1);
        await equal(dw, w.grad ?? assert.fail(), 1);
      }));

    it('layers chain: convolution, pool, convolution, back', () =>
      run(async (party) => {
        const x = share(party, quarters([2, 3, 8, 8], 1), true);
        const [v, w] = [
          share(party, quarters([4, 3, 3, 3], 2), true),
          share(party, quarters([2, 4, 2, 2], 3), true),
        ];
        const first = x.conv2d(v, { padding: 1 });
        const middle = first.relu().avgPool2d(2);
        const y = middle.conv2d(w);
        const again = share(party, await middle.getPlainText(), true);
        const z = again.conv2d(w.detach());
        await equal(y, z, 2);
        assert.equal(y.precision, 16);
        y.backward(quarters(y.shape, 4));
        z.backward(quarters(y.shape, 4));
        const dmiddle = await (again.grad ?? assert.fail()).getPlainText();
        // Through the pool and ReLU in doubles, then through the first convolution alone.
        const sign = await first.gt(0).getPlainText();
        const dfirst = sign.data.map((on, i) => {
          const [row, column] = [Math.floor(i / 8) % 8, i % 8];
          const from = Math.floor(i / 64) * 16 + Math.floor(row / 2) * 4 + Math.floor(column / 2);
          return (on * dmiddle.data[from]) / 4;
        });
        const [x2, v2] = [
          share(party, quarters([2, 3, 8, 8], 1), true),
          share(party, quarters([4, 3, 3, 3], 2), true),
        ];
        x2.conv2d(v2, { padding: 1 }).backward(new Tensor(first.shape, dfirst));
        await equal(x.grad ?? assert.fail(), x2.grad ?? assert.fail(), 40);
        await equal(v.grad ?? assert.fail(), v2.grad ?? assert.fail(), 120);
      }));

    it('0/1 images and kernels keep fractions', () =>
      run(async (party) => {
        const x = share(party, quarters([1, 1, 3, 3], 1)).gt(0);
        const w = share(party, new Tensor([1, 1, 2, 2], [0.5, 0.25, 0.125, 1.5]));
        const plain = share(party, await x.getPlainText());
        await equal(x.conv2d(w), plain.conv2d(w), 1);
        await equal(x.conv2d(await w.getPlainText()), plain.conv2d(w), 1);
        await equal(x.avgPool2d(2), plain.avgPool2d(2), 0);
        assert.equal(x.conv2d(w.gt(1)).precision, 0);
      }));

    it('only the gradients that are needed are computed', () =>
      run(async (party) => {
        const { context } = party;
        const [x, w] = [quarters([1, 2, 3, 3], 1), quarters([2, 2, 2, 2], 2)].map((t) =>
          CrypTensor.shareOf(share(party, t)),
        );
        for (const op of [conv2dOp, convTranspose2dOp]) {
          const bias = CrypTensor.shareOf(share(party, quarters([2], 3)));
          const { output, saved } = op.forward(context, [x, w, bias], { padding: 1 });
          const dy = CrypTensor.shareOf(share(party, quarters(output.shape, 4)));
          for (const needs of [
            [true, false, false],
            [false, true, false],
            [false, false, true],
          ]) {
            const before = context.here.seq;
            const gradients = op.backward?.(context, saved, dy, needs) ?? [];
            assert.deepEqual(
              gradients.map((gradient) => gradient !== null),
              needs,
              op.name,
            );
            if (needs[2]) assert.equal(context.here.seq - before, 1, 'a sum is one step');
          }
        }
      }));

    it('says what does not fit', () =>
      run(async (party) => {
        const x = share(party, quarters([1, 4, 5, 5], 1));
        const kernel = (...shape: number[]) => share(party, quarters(shape, 2));
        const w = kernel(2, 4, 3, 3);
        const shape = (call: () => unknown, message: RegExp) =>
          assert.throws(call, { code: 'ERR_MPC_SHAPE', message });
        shape(
          () => x.conv2d(kernel(2, 3, 3, 3)),
          /^conv2d: input \[1,4,5,5\] and kernel \[2,3,3,3\].*\[k·1,4/,
        );
        shape(() => x.conv2d(w, { groups: 2 }), /2 groups of 4 channels need a kernel \[k·2,2/);
        shape(() => x.conv2d(kernel(3, 2, 3, 3), { groups: 2 }), /need a kernel \[k·2,2/);
        shape(() => x.conv2d(w, { groups: 3 }), /3 groups of 4 channels/);
        shape(() => x.conv2d(kernel(2, 4, 3)), /the kernel has 4 dims/);
        shape(() => x.index(0, 0).conv2d(w), /the input has 4 dims, or 3/);
        shape(() => x.conv1d(w), /conv1d: .*the input has 3 dims, or 2/);
        shape(() => x.conv2d(kernel(2, 4, 6, 1)), /spans 6 of 5 padded places; pad/);
        shape(() => x.conv2d(w, { dilation: 3 }), /spans 7 of 5/);
        shape(() => x.conv2d(kernel(2, 4, 0, 3)), /nothing but the batch may be empty/);
        shape(() => x.conv2d(w, { bias: [1, 2, 3] }), /bias \[3\] does not fit .*must be \[2\]/);
        shape(
          () => x.convTranspose2d(w),
          /convTranspose2d: input \[1,4,5,5\] and kernel \[2,4,3,3\].*\[4,k/,
        );
        shape(
          () => x.convTranspose2d(kernel(4, 1, 1, 1), { padding: 3 }),
          /padding 3 leaves nothing of 5/,
        );
        shape(() => x.convTranspose2d(kernel(4, 3, 3, 3), { groups: 3 }), /3 groups of 4 channels/);
        const even = x.narrow(2, 0, 4);
        shape(
          () => even.convTranspose2d(kernel(4, 1, 1, 1), { padding: 2 }),
          /leaves nothing of 4/,
        );
        shape(
          () => x.expand(2000, -1, -1, -1).conv2d(w, { padding: 30 }),
          /windows hold \d+ words.*split the batch/,
        );
        shape(() => x.avgPool2d(6), /avgPool2d: windows \[6,6\] do not fit \[1,4,5,5\]/);
        shape(() => x.avgPool1d(2), /avgPool1d: expected 3 dims, or 2/);
        const range = (call: () => unknown, message: RegExp) =>
          assert.throws(call, { code: 'ERR_MPC_RANGE', message });
        range(() => x.conv2d(w, { stride: 0 }), /stride 0 must be 1 at least/);
        range(() => x.conv2d(w, { padding: [1, -1] }), /padding -1 must be 0/);
        range(() => x.conv2d(w, { groups: 0 }), /groups 0/);
        range(
          () => x.convTranspose2d(kernel(4, 1, 2, 2), { stride: 2, outputPadding: 2 }),
          /outputPadding 2 must be below the stride 2/,
        );
        range(() => x.conv2d(new Tensor([1, 4, 1, 1], [1, NaN, 0, 0])), /position 1/);
        range(
          () => x.avgPool2d(2, { padding: 2 }),
          /padding 2 is more than half of the kernel's 2/,
        );
        range(() => x.avgPool2d(2, { divisorOverride: 0 }), /divisorOverride/);
        const fine = party.cryptensor(quarters([1, 4, 5, 5], 1), { precision: 30 });
        assert.throws(() => fine.conv2d(fine), { code: 'ERR_MPC_SCALE', message: /conv2d/ });
        for (const stride of [1.5, [1, 2, 3], []]) {
          assert.throws(() => x.conv2d(w, { stride }), { name: 'TypeError', message: /"stride"/ });
        }
      }));
  });
}
