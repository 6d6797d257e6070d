import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import * as optim from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import type { Party } from '../../src/tensor/index.ts';

const shadow = { shadow: true };

async function message(n: number, program: (party: Party) => unknown): Promise<string> {
  try {
    await simulate(n, async (party) => void (await program(party)), shadow);
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error);
    assert.equal(error.code, 'ERR_MPC_RANGE');
    return error.message;
  }
  throw new assert.AssertionError({ message: 'the shadow saw nothing' });
}

describe('simulate({ shadow: true })', () => {
  for (const n of [1, 2, 3]) {
    it(`lets pass what is right, ${n} parties`, async () => {
      await simulate(
        n,
        async (party) => {
          const x = party.cryptensor(
            [
              [1, -2, 3.5],
              [0, 1e-3, 100],
            ],
            { requiresGrad: true },
          );
          const w = party.cryptensor([[1], [2], [-0.5]], { src: n - 1 });
          const y = x.matmul(w).sigmoid().add(x.relu().mean()).mul(x.gt(0).sum());
          y.mean().backward();
          await x.grad?.getPlainText();
          const half = x.div(2).neg().sub(x.square()).abs();
          await party
            .cat([half, x.t().reshape(2, 3)], 1)
            .sum(0)
            .getPlainText();
        },
        shadow,
      );
    });

    it(`names the product that overflows, its value and its line, ${n} parties`, async () => {
      const text = await message(n, async (party) => {
        const x = party.cryptensor([1, 2, 3e5]);
        const y = x.add(1);
        await y.mul(x).sum().getPlainText();
      });
      assert.match(text, /^(party \d stopped: ERR_MPC_RANGE: )?shadow: mul of shape \[3\] gives /);
      assert.match(text, / at flat position 2, should be near 9\d{10}(\.\d+)?: it overflowed/);
      assert.match(text, /Called at .*shadow\.test\.[jt]s:\d+:\d+/);
    });
  }

  it('names a sum that overflows', async () => {
    const text = await message(2, (party) => {
      const x = party.cryptensor(new Float64Array(8).fill(1e14));
      return x.sum().getPlainText();
    });
    assert.match(text, /shadow: sum of shape \[\] gives /);
  });

  it('names values that fell below the last bit', async () => {
    const text = await message(2, (party) => {
      const x = party.cryptensor([3e-3, 2e-3]);
      return x
        .square()
        .relu()
        .mul(2 ** 24)
        .sum()
        .getPlainText();
    });
    assert.match(text, /shadow: relu of shape \[2\] .* it fell below the last bit/);
  });

  it('lets a gradient pass that is nothing but rounding', async () => {
    await simulate(
      2,
      async (party) => {
        const x = party.cryptensor([[1, 2, 3, -1]], { requiresGrad: true });
        x.softmax(1).sum().backward();
        await x.grad?.getPlainText();
      },
      shadow,
    );
  });

  it('watches backward and training', async () => {
    await simulate(
      2,
      async (party) => {
        const model = new nn.Sequential(new nn.Linear(4, 3), new nn.ReLU(), new nn.Linear(3, 1));
        model.encrypt(party, { src: 0 });
        const sgd = new optim.SGD(model.parameters(), { lr: 0.1 });
        const x = party.cryptensor([
          [0.5, -1, 2, 0],
          [1, 1, -1, 0.25],
        ]);
        for (let step = 0; step < 2; step++) {
          sgd.zeroGrad();
          model
            .forward(x)
            .mseLoss([[1], [-1]])
            .backward();
          sgd.step();
        }
        await model.forward(x).getPlainText();
      },
      shadow,
    );
    const text = await message(2, (party) => {
      const x = party.cryptensor([3e4], { requiresGrad: true });
      x.mul(x).sum().backward(party.cryptensor(2e5));
      return x.grad?.getPlainText();
    });
    assert.match(text, /shadow: mul\.backward/);
  });
});
