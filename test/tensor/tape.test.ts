import assert from 'node:assert/strict';
import {
  addOp,
  binaryCrossEntropyWithLogitsOp,
  matmulOp,
  mseLossOp,
  mulOp,
  subOp,
  type LossOptions,
  type Operand,
  type OpRecord,
} from '../../src/functions/index.ts';
import type { Share } from '../../src/protocol/share.ts';
import { simulate } from '../../src/simulate.ts';
import { CrypTensor, type Party } from '../../src/tensor/index.ts';
import { apply } from '../../src/tensor/apply.ts';

async function grad(x: CrypTensor): Promise<number[]> {
  const plain = await x.grad?.getPlainText();
  assert.ok(plain, 'no gradient');
  return [...plain.data];
}

const leaf = (party: Party, values: number[]): CrypTensor =>
  party.cryptensor(values, { requiresGrad: true });

/** An operation that nobody gave a gradient. */
const opaque: OpRecord<Share, void, null> = {
  name: 'opaque',
  forward: (_, [x]) => ({ output: x, saved: null }),
};

for (const n of [1, 2]) {
  const run = (body: (party: Party) => Promise<void>) => simulate(n, body);

  describe(`tensor: tape over ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it('shared graphs add up: x·x, x + x, x − x, diamonds, one tensor in many places', () =>
      run(async (party) => {
        const x = leaf(party, [3, -2]);
        x.mul(x).sum().backward();
        assert.deepEqual(await grad(x), [6, -4]);
        x.zeroGrad();
        x.add(x).sum().backward();
        assert.deepEqual(await grad(x), [2, 2]);
        x.zeroGrad();
        x.sub(x).sum().backward();
        assert.deepEqual(await grad(x), [0, 0]);
        x.zeroGrad();
        const y = x.mul(2);
        const z = y.mul(y).add(y.mul(3)).add(y);
        z.sum().backward(); // 4x² + 8x
        assert.deepEqual(await grad(x), [32, -8]);
        x.zeroGrad();
        party.cat([x, x, x.neg()]).sum().backward();
        assert.deepEqual(await grad(x), [1, 1]);
        x.zeroGrad();
        const deep = [1, 2, 3, 4].reduce((sum) => sum.add(sum), x);
        deep.sum().backward();
        assert.deepEqual(await grad(x), [16, 16]);
        x.zeroGrad();
        x.mul(x.clone()).sum().backward();
        assert.deepEqual(await grad(x), [6, -4]);
      }));

    it('gradients add up over calls of backward until they are forgotten', () =>
      run(async (party) => {
        const x = leaf(party, [1, 2]);
        x.mul(3).sum().backward();
        x.mul(0.5).sum().backward();
        assert.deepEqual(await grad(x), [3.5, 3.5]);
        x.zeroGrad();
        assert.equal(x.grad, null);
        x.index(0).backward();
        assert.deepEqual(await grad(x), [1, 0]);
      }));

    it('a leaf is its own graph; intermediate results keep no gradient', () =>
      run(async (party) => {
        const x = party.cryptensor(2, { requiresGrad: true });
        x.backward();
        x.backward();
        assert.deepEqual(await grad(x), [2]);
        const y = x.mul(2);
        y.backward();
        assert.equal(y.grad, null);
        assert.equal(y.isLeaf, false);
      }));

    it('detach() cuts, and only there', () =>
      run(async (party) => {
        const x = leaf(party, [3, 4]);
        x.mul(x.detach()).sum().backward();
        assert.deepEqual(await grad(x), [3, 4]);
        const twin = x.detach();
        twin.requiresGrad = true;
        x.zeroGrad();
        x.mul(twin).sum().backward();
        assert.deepEqual(
          [await grad(x), await grad(twin)],
          [
            [3, 4],
            [3, 4],
          ],
        );
        const cut = x.mul(2).detach();
        assert.equal(cut.requiresGrad, false);
        assert.throws(() => cut.sum().backward(), { code: 'ERR_MPC_UNSUPPORTED' });
      }));

    it('no gradient flows through a comparison, and sign() sends zeros', () =>
      run(async (party) => {
        const x = leaf(party, [3, -4]);
        const mask = x.gt(0);
        assert.equal(mask.requiresGrad, false);
        assert.throws(() => mask.sum().backward(), /requires a gradient/);
        x.mul(mask).sum().backward();
        assert.deepEqual(await grad(x), [1, 0]);
        x.zeroGrad();
        x.sign().sum().backward();
        assert.deepEqual(await grad(x), [0, 0]);
      }));

    it('a second backward through a freed graph throws and changes nothing', () =>
      run(async (party) => {
        const x = leaf(party, [3, 4]);
        const y = x.mul(2);
        const z = y.sum();
        z.backward();
        assert.throws(() => z.backward(), { code: 'ERR_MPC_UNSUPPORTED', message: /freed/ });
        assert.throws(() => y.square().add(x).sum().backward(), {
          message: /behind mul was freed/,
        });
        assert.deepEqual(await grad(x), [2, 2]);
      }));

    it('backward of more than one element needs a gradient of that shape', () =>
      run(async (party) => {
        const x = leaf(party, [3, 4]);
        assert.throws(() => x.mul(2).backward(), {
          code: 'ERR_MPC_SHAPE',
          message: /holds 2 elements/,
        });
        assert.throws(() => x.mul(2).backward([1]), {
          code: 'ERR_MPC_SHAPE',
          message: /\[2\].*\[1\]/,
        });
        x.mul(2).backward([1, 0.5]);
        assert.deepEqual(await grad(x), [2, 1]);
        x.zeroGrad();
        x.mul(2).backward(party.cryptensor([3, -1]));
        assert.deepEqual(await grad(x), [6, -2]);
        x.zeroGrad();
        x.mul(2).index([0, 1]).backward(); // one element, but not 0-d
        assert.deepEqual(await grad(x), [2, 0]);
      }));

    it('an operation without a gradient says so in backward, and nothing is changed', () =>
      run(async (party) => {
        const x = leaf(party, [3, 4]);
        const y = x.mul(2).add(apply(opaque, [x]));
        assert.equal(y.requiresGrad, true);
        assert.throws(() => y.sum().backward(), { code: 'ERR_MPC_UNSUPPORTED', message: /opaque/ });
        assert.equal(x.grad, null);
        assert.equal(apply(opaque, [x.detach()]).requiresGrad, false);
      }));

    it('requiresGrad counts from when it is set, and only a leaf can stop', () =>
      run(async (party) => {
        const x = party.cryptensor([3, 4]);
        const before = x.mul(2);
        x.requiresGrad = true;
        assert.equal(before.requiresGrad, false);
        assert.equal(x.mul(2).requiresGrad, true);
        assert.throws(() => (x.mul(2).requiresGrad = false), /only a leaf/);
      }));

    it('an operation is told which gradients are needed, and computes no others', () =>
      run(async (party) => {
        const asked: (readonly boolean[])[] = [];
        const spy: OpRecord<Share, void, null> = {
          name: 'spy',
          forward: (_, [x]) => ({ output: x, saved: null }),
          backward: (_, __, dy, needs) => {
            asked.push(needs);
            return needs.map((need) => (need ? dy : null));
          },
        };
        const x = leaf(party, [3, 4]);
        const fixed = party.cryptensor([1, 2]);
        apply(spy, [fixed, x]).sum().backward();
        assert.deepEqual(asked, [[false, true]]);
        for (const op of [
          addOp,
          subOp,
          mulOp,
          matmulOp,
          mseLossOp,
          binaryCrossEntropyWithLogitsOp,
        ]) {
          const { context } = party;
          const [a, b] = [fixed, x].map((tensor) => CrypTensor.shareOf(tensor));
          const wide: OpRecord<Operand, LossOptions & void, never> = op as never;
          const { output, saved } = wide.forward(context, [a, b], {} as never);
          const dy = CrypTensor.shareOf(party.ones(output.shape));
          const none = wide.backward?.(context, saved, dy, [false, true]);
          assert.deepEqual(
            none?.map((gradient) => gradient === null),
            [true, false],
            op.name,
          );
        }
      }));
  });

  describe(`tensor: noGrad over ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it('records nothing inside, whatever is thrown, and nests', () =>
      run(async (party) => {
        const x = leaf(party, [1]);
        const inside = party.noGrad(() => {
          assert.throws(() => party.noGrad(() => assert.fail('inner')), /inner/);
          return x.mul(2);
        });
        assert.equal(inside.requiresGrad, false);
        assert.throws(
          () =>
            party.noGrad(() => {
              throw new Error('outer');
            }),
          /outer/,
        );
        assert.equal(x.mul(2).requiresGrad, true);
      }));

    it('refuses an asynchronous function', () =>
      run(async (party) => {
        assert.throws(() => party.noGrad(async () => 1), {
          name: 'TypeError',
          message: /synchronous/,
        });
        assert.equal(leaf(party, [1]).neg().requiresGrad, true);
      }));

    it('is each party’s own', async () => {
      const seen = await simulate(2, async (party) => {
        const x = leaf(party, [1]);
        return party.rank === 0 ? party.noGrad(() => x.neg().requiresGrad) : x.neg().requiresGrad;
      });
      assert.deepEqual(seen, [false, true]);
    });
  });

  describe(`tensor: in place over ${n} ${n === 1 ? 'party' : 'parties'}`, () => {
    it('every twin does what its operation does, to the handle', () =>
      run(async (party) => {
        const fresh = (): CrypTensor => party.cryptensor([1.5, -2]);
        const twins: [CrypTensor, number[]][] = [
          [fresh().add_(1), [2.5, -1]],
          [fresh().sub_([1, 2]), [0.5, -4]],
          [fresh().mul_(fresh()), [2.25, 4]],
          [fresh().div_(2), [0.75, -1]],
          [fresh().neg_(), [-1.5, 2]],
          [fresh().square_(), [2.25, 4]],
          [fresh().abs_(), [1.5, 2]],
          [fresh().sign_(), [1, -1]],
          [fresh().relu_(), [1.5, 0]],
          [fresh().copy_([7, 8]), [7, 8]],
          [fresh().mul_(0).sigmoid_(), [0.5, 0.5]],
        ];
        for (const [x, expected] of twins) {
          const plain = await x.getPlainText();
          plain?.data.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) <= 6e-5));
          assert.ok(x.version >= 1 && x.precision <= 16);
        }
      }));

    it('rebinds: older results and views keep the old value, gradients go through the new one', () =>
      run(async (party) => {
        const x = leaf(party, [3, 4]);
        const y = x.mul(2);
        const before = y.square();
        const view = y.index(0);
        y.mul_(5).add_(1);
        assert.deepEqual([...((await view.getPlainText())?.data ?? [])], [6]);
        before.add(y).sum().backward(); // 4x² + 10x + 1
        assert.deepEqual(await grad(x), [34, 42]);
        const z = party.cryptensor([1, 1]);
        z.add_(x);
        assert.equal(z.requiresGrad, true);
      }));

    it('throws on a leaf that requires a gradient, outside noGrad, and changes nothing', () =>
      run(async (party) => {
        const x = leaf(party, [3, 4]);
        assert.throws(() => x.add_(1), { code: 'ERR_MPC_UNSUPPORTED', message: /add_.*noGrad/ });
        assert.equal(x.version, 0);
        party.noGrad(() => x.add_(1));
        assert.deepEqual([x.version, x.isLeaf, x.requiresGrad], [1, true, true]);
        x.mul(x).sum().backward();
        assert.deepEqual(await grad(x), [8, 10]);
      }));

    it('must keep the shape and keeps the precision', () =>
      run(async (party) => {
        const x = party.cryptensor([1, 2]);
        assert.throws(
          () =>
            x.add_([
              [1, 2],
              [3, 4],
            ]),
          { code: 'ERR_MPC_SHAPE', message: /\[2,2\].*\[2\]/ },
        );
        x.add_(party.cryptensor([0.125, 0.25], { precision: 24 }));
        assert.equal(x.precision, 16);
        assert.deepEqual([...((await x.getPlainText())?.data ?? [])], [1.125, 2.25]);
        const coarse = party.cryptensor([1, 2], { precision: 8 }).mul_(0.5);
        assert.equal(coarse.precision, 8);
      }));
  });
}
