import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, type Party, Tensor } from '../../src/tensor/index.ts';

const numbers = (shape: readonly number[], seed: number, offset = 0): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Array.from(
    { length: size },
    (_, i) => offset + (((i * 7 + seed * 5) % 17) - 8) / 8,
  );
  return new Tensor(shape, values);
};

/** State of a normalisation of `n` channels, with variances above 0. */
const normState = (n: number): Record<string, Tensor> => ({
  weight: numbers([n], 1, 0.5),
  bias: numbers([n], 2),
  running_mean: numbers([n], 3),
  running_var: numbers([n], 4, 1.5),
  num_batches_tracked: new Tensor([], [7]),
});

const inside = (prefix: string, state: Record<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [`${prefix}.${name}`, value]));

/** What a call costs: rounds, and payload bytes sent. */
async function costOf(
  party: Party,
  call: () => CrypTensor,
): Promise<{ rounds: number; bytes: number; value: Tensor }> {
  party.resetStats();
  const y = call();
  await party.settle(y);
  const { rounds, online } = party.stats();
  return { rounds, bytes: online.bytesSent, value: await y.getPlainText() };
}

const near = (a: Tensor, b: Tensor, allowed: number): void =>
  a.data.forEach((value, i) =>
    assert.ok(Math.abs(value - b.data[i]) <= allowed, `[${i}] ${value} and ${b.data[i]}`),
  );

describe('nn: batch normalisation', () => {
  it('in evaluation the inverse deviation is computed once for each version of the variance', () =>
    simulate(2, async (party) => {
      const norm = new nn.BatchNorm1d(3);
      norm.loadStateDict(normState(3));
      norm.encrypt(party).eval();
      const x = (): CrypTensor => party.cryptensor(numbers([4, 3], 6));
      const again = (): CrypTensor => party.noGrad(() => norm.forward(x()));
      const first = await costOf(party, again);
      const second = await costOf(party, again);
      assert.equal(second.rounds, 2);
      assert.ok(first.rounds > 10, `${first.rounds}`);
      // 12 words of x; a bit each for the truncation.
      assert.ok(second.bytes < 12 * 8 + 8, `${second.bytes}`);
      near(first.value, second.value, 2 ** -14);
      // Another version of the variance, or of the weight.
      norm.setBuffer('running_var', party.cryptensor(numbers([3], 5, 2)));
      const third = await costOf(party, again);
      assert.ok(third.rounds > 10);
      assert.ok(Math.abs(third.value.data[0] - second.value.data[0]) > 1e-2);
      party.noGrad(() => norm.weight?.tensor.add_(1));
      const fourth = await costOf(party, again);
      assert.ok(fourth.rounds > 2 && fourth.rounds < 10, `${fourth.rounds}`);
      assert.ok(Math.abs(fourth.value.data[0] - third.value.data[0]) > 1e-2);
    }));

  it('eval() before encrypt() keeps nothing plain: the values of src count, whatever the others hold', () =>
    simulate(3, async (party) => {
      const norm = new nn.BatchNorm1d(2).eval();
      const mine = party.rank === 2;
      // The others hold variances of their own, which would show in a result made of them.
      const others = {
        ...normState(2),
        running_var: new Tensor([2], [99, 0.01 * (party.rank + 1)]),
      };
      norm.loadStateDict(mine ? normState(2) : others);
      assert.throws(() => norm.forward(party.ones([2, 2])), {
        code: 'ERR_MPC_MODEL',
        message: /encrypt/,
      });
      norm.encrypt(party, { src: 2 }).encrypt(party, { src: 0 });
      assert.equal(norm.encrypted, true);
      assert.deepEqual(
        norm.namedBuffers().map(([name]) => name),
        ['running_mean', 'running_var', 'num_batches_tracked'],
      );
      const { data } = await norm.forward(party.ones([2, 2])).getPlainText();
      const state = normState(2);
      data.forEach((value, i) => {
        const [weight, bias, mean, variance] = Object.values(state).map((one) => one.data[i % 2]);
        assert.ok(
          Math.abs(value - (((1 - mean) / Math.sqrt(variance + 1e-5)) * weight + bias)) < 1e-3,
        );
      });
      await norm.decrypt();
      near(norm.stateDict().running_var as Tensor, state.running_var, 2 ** -16);
      norm.encrypt(party);
      near(await norm.forward(party.ones([2, 2])).getPlainText(), new Tensor([2, 2], data), 1e-3);
    }));

  it('counts batches and moves running statistics in training only', () =>
    simulate(2, async (party) => {
      const norm = new nn.BatchNorm1d(2, { momentum: 0.5 }).encrypt(party);
      const x = party.cryptensor([
        [1, 10],
        [3, 14],
      ]);
      norm.forward(x);
      norm.forward(x);
      norm.eval().forward(x);
      const state = norm.stateDict();
      const opened = await Promise.all(
        ['running_mean', 'running_var', 'num_batches_tracked'].map((name) =>
          (state[name] as CrypTensor).getPlainText(),
        ),
      );
      near(opened[0], new Tensor([2], [1.5, 9]), 1e-3);
      near(opened[1], new Tensor([2], [1.75, 6.25]), 1e-3);
      assert.equal(opened[2].item(), 2);
    }));

  it('a state with buffers makes the round trip, plain and secret, strictly', () =>
    simulate(2, async (party) => {
      const make = (): nn.Sequential =>
        new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3));
      const [a, b] = [make(), make()];
      const { running_var: _, ...rest } = normState(3);
      const state = { ...a.stateDict(), ...inside('1', normState(3)) };
      a.loadStateDict(state);
      b.loadStateDict(a.stateDict());
      assert.deepEqual(b.stateDict(), state);
      assert.throws(() => b.loadStateDict({ ...a.stateDict(), ...inside('2', rest) }), {
        code: 'ERR_MPC_MODEL',
        message: /unknown 2.weight/,
      });
      const { '1.running_var': variance, ...without } = a.stateDict();
      assert.ok(variance);
      assert.throws(() => b.loadStateDict(without), {
        code: 'ERR_MPC_MODEL',
        message: /missing 1.running_var/,
      });
      a.encrypt(party);
      const c = make().encrypt(party);
      c.loadStateDict(a.stateDict());
      await c.decrypt();
      // The state's Linear was drawn by each party for itself; party 0's counts.
      if (party.rank !== 0) return;
      for (const [name, value] of Object.entries(state))
        near(c.stateDict()[name] as Tensor, value as Tensor, 2 ** -16);
    }));

  it('is folded into the layer before it in evaluation without gradients: same values, fewer bytes', () =>
    simulate(2, async (party) => {
      const [conv, norm] = [new nn.Conv2d(2, 3, 2), new nn.BatchNorm2d(3)];
      const [linear, last] = [new nn.Linear(12, 4, { bias: false }), new nn.BatchNorm1d(4)];
      const model = new nn.Sequential(conv, norm, new nn.ReLU(), new nn.Flatten(), linear, last);
      norm.loadStateDict(normState(3));
      last.loadStateDict(normState(4));
      model.encrypt(party).eval();
      const x = (): CrypTensor => party.cryptensor(numbers([5, 2, 3, 3], 3));
      const folded = (): CrypTensor => party.noGrad(() => model.forward(x()));
      const layerwise = (): CrypTensor =>
        party.noGrad(() => model.layers.reduce((y, layer) => layer.forward(y), x()));
      for (const call of [folded, layerwise]) await costOf(party, call);
      const [one, other] = [await costOf(party, folded), await costOf(party, layerwise)];
      near(one.value, other.value, 2e-4);
      assert.ok(one.rounds < other.rounds, `${one.rounds} and ${other.rounds} rounds`);
      assert.ok(one.bytes < other.bytes, `${one.bytes} and ${other.bytes} bytes`);
      // Gradients reach the layer and the normalisation, each on its own.
      model.forward(x()).sum().backward();
      assert.ok(model.parameters().every(({ grad }) => grad !== null));
      // Changed weights are seen.
      party.noGrad(() => conv.bias?.tensor.add_(1));
      const changed = await costOf(party, folded);
      near(changed.value, (await costOf(party, layerwise)).value, 2e-4);
      assert.ok(changed.value.data.some((value, i) => Math.abs(value - one.value.data[i]) > 1e-2));
    }));

  it('a channel with one large element among many, in training', () =>
    simulate(2, async (party) => {
      const rows = 3000;
      const x = new Float64Array(rows);
      x[17] = 1;
      const norm = new nn.BatchNorm1d(1).encrypt(party);
      const y = await norm.forward(party.cryptensor(new Tensor([rows, 1], x))).getPlainText();
      const mean = 1 / rows;
      const deviation = Math.sqrt(mean * (1 - mean) + 1e-5);
      assert.ok(Math.abs(y.data[17] / ((1 - mean) / deviation) - 1) < 1e-2, `${y.data[17]}`);
      assert.ok(Math.abs(y.data[0] + mean / deviation) < 1e-2, `${y.data[0]}`);
    }));

  it('refuses inputs that do not fit, and says what is expected', () =>
    simulate(1, (party) => {
      const norm = new nn.BatchNorm2d(3).encrypt(party);
      const shape = { code: 'ERR_MPC_SHAPE' };
      assert.throws(() => norm.forward(party.ones([2, 3])), {
        ...shape,
        message: /BatchNorm2d: expected an input of 4 dims, got \[2,3\]/,
      });
      assert.throws(() => norm.forward(party.ones([2, 4, 2, 2])), {
        ...shape,
        message: /4 numbers for dim 1/,
      });
      assert.throws(() => norm.forward(party.ones([1, 3, 1, 1])), {
        code: 'ERR_MPC_RANGE',
        message: /need two/,
      });
      assert.throws(() => norm.forward([1] as never), {
        name: 'TypeError',
        message: /BatchNorm2d.forward: expected a CrypTensor/,
      });
      assert.throws(() => new nn.BatchNorm1d(0), shape);
      assert.throws(() => party.ones([2, 3]).batchNorm(null, null), {
        code: 'ERR_MPC_MODEL',
        message: /runningMean/,
      });
      assert.throws(() => new nn.GroupNorm(2, 3), { ...shape, message: /do not divide/ });
      assert.throws(() => new nn.GroupNorm(1, 3).encrypt(party).forward(party.ones([2, 2])), {
        ...shape,
        message: /expected \[N,3,…\]/,
      });
    }));
});
