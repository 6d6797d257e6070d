import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import { SGD } from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, Tensor } from '../../src/tensor/index.ts';

class Net extends nn.Module {
  readonly first = new nn.Linear(3, 4);
  readonly second = new nn.Linear(4, 1, { bias: false });

  override forward(x: CrypTensor): CrypTensor {
    return this.second.forward(this.first.forward(x).relu());
  }
}

describe('nn: Module', () => {
  it('finds parameters by name, in order, each once', () =>
    simulate(1, async (party) => {
      const net = new Net();
      assert.throws(() => net.parameters(), { code: 'ERR_MPC_MODEL', message: /encrypt/ });
      assert.throws(() => net.forward(party.ones([1, 3])), { code: 'ERR_MPC_MODEL' });
      net.encrypt(party);
      const names = net.namedParameters().map(([name, { shape }]) => `${name} ${shape.join('x')}`);
      assert.deepEqual(names, ['first.weight 4x3', 'first.bias 4', 'second.weight 1x4']);
      const sequential = new nn.Sequential(net.first, new nn.ReLU(), net.first);
      assert.deepEqual(
        sequential.namedParameters().map(([name]) => name),
        ['0.weight', '0.bias'],
      );
    }));

  it('encrypt() takes one party’s values, keeps handles, and decrypt() brings them back', () =>
    simulate(3, async (party) => {
      const net = new Net();
      const mine = party.rank === 1 ? net.stateDict() : {};
      net.encrypt(party, { src: 1 });
      const handle = net.first.weight.tensor;
      assert.equal(net.encrypt(party, { src: 0 }).first.weight.tensor, handle);
      assert.equal(handle.requiresGrad, true);
      assert.throws(() => net.first.weight.plain, { code: 'ERR_MPC_MODEL', message: /secret/ });
      await net.decrypt({ dst: [1, 2] });
      assert.equal(net.encrypted, false);
      if (party.rank === 0) {
        assert.throws(() => net.stateDict(), { code: 'ERR_MPC_MODEL', message: /other parties/ });
        return;
      }
      for (const [name, value] of Object.entries(mine)) {
        const back = net.stateDict()[name];
        assert.ok(value instanceof Tensor && back instanceof Tensor);
        back.data.forEach((v, i) => assert.ok(Math.abs(v - value.data[i]) <= 2 ** -17, name));
      }
    }));

  it('draws initial values as PyTorch does: uniform in ±1/√in', () => {
    const { weight, bias } = new nn.Linear(16, 2000);
    for (const { data } of [weight.plain, bias?.plain ?? new Tensor([0], [])]) {
      const mean = data.reduce((sum, v) => sum + v, 0) / data.length;
      const square = data.reduce((sum, v) => sum + v * v, 0) / data.length;
      assert.ok(data.every((v) => Math.abs(v) <= 0.25));
      assert.ok(Math.abs(mean) < 0.02 && Math.abs(square - 0.25 ** 2 / 3) < 0.003);
    }
    assert.notDeepEqual(new nn.Linear(2, 2).weight.plain, new nn.Linear(2, 2).weight.plain);
    assert.throws(() => new nn.Linear(0, 2), { code: 'ERR_MPC_SHAPE' });
  });

  it('stateDict() and loadStateDict() move plain and secret values, strictly', () =>
    simulate(2, async (party) => {
      const [a, b] = [new Net(), new Net()];
      b.loadStateDict(a.stateDict());
      assert.deepEqual(a.stateDict(), b.stateDict());
      const plain = a.stateDict();
      for (const net of [a, b]) net.encrypt(party);
      const handle = b.first.bias?.tensor;
      party.noGrad(() => a.first.bias?.tensor.add_(1));
      b.loadStateDict(a.stateDict());
      assert.equal(b.first.bias?.tensor, handle);
      const [x, y] = await Promise.all(
        [a, b].map((net) => net.forward(party.ones([1, 3])).getPlainText()),
      );
      assert.ok(Math.abs((x?.item() ?? 0) - (y?.item() ?? 1)) < 1e-3);
      const { 'first.bias': bias, ...rest } = a.stateDict();
      assert.throws(() => b.loadStateDict(rest), {
        code: 'ERR_MPC_MODEL',
        message: /missing first.bias/,
      });
      b.loadStateDict(rest, { strict: false });
      const more = { ...rest, 'first.bias': bias, extra: bias };
      assert.throws(() => b.loadStateDict(more), {
        code: 'ERR_MPC_MODEL',
        message: /unknown extra/,
      });
      assert.throws(() => b.loadStateDict(plain), { code: 'ERR_MPC_MODEL', message: /secret/ });
      assert.throws(() => new Net().loadStateDict(a.stateDict()), { code: 'ERR_MPC_MODEL' });
      const wrong = { ...plain, 'first.bias': new Tensor([5], new Float64Array(5)) };
      assert.throws(() => new Net().loadStateDict(wrong), {
        code: 'ERR_MPC_SHAPE',
        message: /first.bias/,
      });
    }));

  it('train() and eval() reach all modules and leave gradients alone', () =>
    simulate(1, async (party) => {
      const net = new nn.Sequential(new nn.Flatten(), new Net(), new nn.Sigmoid()).encrypt(party);
      net.eval();
      assert.deepEqual([net.training, net.layers[1].training], [false, false]);
      net.train();
      assert.equal(net.layers[2].training, true);
      const y = net.forward(party.ones([2, 3, 1]));
      assert.deepEqual(y.shape, [2, 1]);
      y.sum().backward();
      assert.ok(net.parameters().every(({ grad }) => grad !== null));
      net.zeroGrad();
      assert.ok(net.parameters().every(({ grad }) => grad === null));
    }));
});

describe('nn: losses', () => {
  it('skipForward: the value is 0 and free, the gradient exact', async () => {
    for (const Loss of [nn.BCEWithLogitsLoss, nn.MSELoss]) {
      const runs = await Promise.all(
        [false, true].map((skipForward) =>
          simulate(2, async (party) => {
            const x = party.cryptensor([0.5, -1, 2, 3], { requiresGrad: true });
            const y = party.cryptensor([1, 0, 1, 0], { src: 1 });
            const loss = new Loss({ skipForward }).forward(x, y);
            loss.backward();
            const { grad } = x;
            assert.ok(grad);
            await party.settle(loss, grad);
            const { rounds } = party.stats();
            return [
              (await loss.getPlainText())?.item(),
              await grad.getPlainText(),
              rounds,
            ] as const;
          }),
        ),
      );
      const [[[full, exact, rounds]], [[none, skipped, fewer]]] = runs;
      assert.ok(full !== undefined && full > 0.1 && none === 0);
      exact?.data.forEach((value, i) =>
        assert.ok(Math.abs(value - (skipped?.data[i] ?? 9)) < 5e-5),
      );
      assert.ok(fewer < rounds, `${fewer} rounds, ${rounds} with the value`);
    }
  });

  it('reductions: mean unless said, sum, none', () =>
    simulate(1, async (party) => {
      const x = party.cryptensor([1, 2, 4, 5]);
      const value = async (options: ConstructorParameters<typeof nn.MSELoss>[0]) =>
        (await new nn.MSELoss(options).forward(x, [0, 0, 0, 0]).getPlainText())?.toArray();
      assert.equal(await value({}), 11.5);
      assert.equal(await value({ reduction: 'sum' }), 46);
      assert.deepEqual(await value({ reduction: 'none' }), [1, 4, 16, 25]);
    }));
});

describe('nn: training', () => {
  const rows = 48;
  const features = Array.from({ length: rows }, (_, i) => [
    Math.sin(i * 1.7) * 2,
    Math.cos(i * 2.3),
    ((i * 37) % 17) / 8 - 1,
  ]);
  const labels = features.map(([a, b, c]) => [a - 2 * b + c > 0.3 ? 1 : 0]);
  const start = { weight: [[0.1, -0.2, 0.3]], bias: [0.05] };
  const epochs = 25;
  const momentum = 0.9;
  const lr = 0.5;

  /** The same training in float64. */
  function twin(): number[] {
    const w = [...start.weight[0], ...start.bias];
    const buffer = [0, 0, 0, 0];
    for (let epoch = 0; epoch < epochs; epoch++) {
      const gradient = [0, 0, 0, 0];
      features.forEach((x, i) => {
        const row = [...x, 1];
        const z = row.reduce((sum, v, j) => sum + v * w[j], 0);
        const error = 1 / (1 + Math.exp(-z)) - labels[i][0];
        row.forEach((v, j) => (gradient[j] += (error * v) / rows));
      });
      w.forEach((_, j) => {
        buffer[j] = epoch === 0 ? gradient[j] : momentum * buffer[j] + gradient[j];
        w[j] -= lr * buffer[j];
      });
    }
    return w;
  }

  for (const n of [1, 2, 3]) {
    it(`logistic regression over ${n} ${n === 1 ? 'party' : 'parties'} equals its float64 twin within 1e-2`, async () => {
      const [got] = await simulate(n, async (party) => {
        const mine = party.rank === n - 1;
        const x = party.cryptensor(features);
        const y = party.cryptensor(mine ? labels : null, { src: n - 1, shape: [rows, 1] });
        const model = new nn.Linear(3, 1);
        model.loadStateDict({
          weight: new Tensor([1, 3], start.weight[0]),
          bias: new Tensor([1], start.bias),
        });
        model.encrypt(party);
        const loss = new nn.BCEWithLogitsLoss({ skipForward: true });
        const optimizer = new SGD(model.parameters(), { lr, momentum });
        for (let epoch = 0; epoch < epochs; epoch++) {
          optimizer.zeroGrad();
          loss.forward(model.forward(x), y).backward();
          optimizer.step();
        }
        await model.decrypt();
        const { weight, bias } = model;
        return [...weight.plain.data, ...(bias?.plain.data ?? [])];
      });
      const expected = twin();
      const worst = Math.max(...expected.map((value, i) => Math.abs(value - got[i])));
      assert.ok(worst < 1e-2, `off by ${worst}: ${got.join()} vs ${expected.join()}`);
    }).timeout(60_000);
  }
});
