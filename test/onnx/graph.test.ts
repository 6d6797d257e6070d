import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import * as onnx from '../../src/onnx/index.ts';
import { simulate } from '../../src/simulate.ts';
import { Tensor } from '../../src/tensor/index.ts';
import { attribute, file, floats, ints, node, value, type Parts } from './build.ts';
import { bytesOf, recorded } from './support.ts';

/** What a model of one output makes of inputs, on the plain scheme. */
async function run(parts: Parts, ...inputs: Tensor[]): Promise<number[]> {
  const [data] = await simulate(1, async (party) => {
    const model = onnx.load(file(parts)).encrypt(party);
    const y = await model.forward(...inputs.map((x) => party.cryptensor(x))).getPlainText();
    return Array.from(y.data);
  });
  return data;
}

function near(got: readonly number[], expected: readonly number[]): void {
  assert.equal(got.length, expected.length);
  got.forEach((v, i) =>
    assert.ok(Math.abs(v - expected[i]) < 1e-3, `${got.join()} instead of ${expected.join()}`),
  );
}

const x = new Tensor([2, 3], [-2, -1, 0, 1, 2, 3]);

describe('onnx: OnnxGraph', () => {
  it('float initializers are parameters under the names of the file, statistics are buffers, what must be public is neither', () => {
    const model = onnx.load(bytesOf('residual-bn'));
    const names = (list: readonly (readonly [string, unknown])[]): string[] =>
      list.map(([name]) => name).sort();
    assert.ok(names(model.allParameters()).includes('conv1.weight'));
    assert.deepEqual(
      names(model.allBuffers()),
      ['bn1', 'bn2', 'short.1']
        .flatMap((norm) => [`${norm}.running_mean`, `${norm}.running_var`])
        .sort(),
    );
    assert.ok(model.allParameters().every(([, { requiresGrad }]) => requiresGrad));
    const initializers = [floats('w', [3], [1, 2, 3]), floats('low', [], [0]), ints('s', [1], [6])];
    const nodes = [
      node('Mul', 'x w', 'a'),
      node('Clip', 'a low', 'b'),
      node('Reshape', 'b s', 'y'),
    ];
    const small = onnx.load(file({ nodes, initializers }));
    assert.deepEqual(names(small.allParameters()), ['w']);
    assert.deepEqual(small.allBuffers(), []);
  });

  it('state moves between a graph and the layers that it was exported from', () => {
    const layers = new nn.Sequential(
      new nn.Linear(6, 8),
      new nn.ReLU(),
      new nn.Linear(8, 5),
      new nn.Tanh(),
      new nn.Linear(5, 2),
      new nn.Sigmoid(),
    );
    const model = onnx.load(bytesOf('mlp'));
    layers.loadStateDict(model.stateDict());
    assert.deepEqual(layers.stateDict(), model.stateDict());
  });

  it('parameters are plain until encrypt, which takes one party’s, and after decrypt', () =>
    simulate(2, async (party) => {
      const model = onnx.load(bytesOf('linear'));
      const before = model.stateDict()['weight'];
      assert.throws(() => model.forward(party.ones([2, 4])), {
        code: 'ERR_MPC_MODEL',
        message: /encrypt/,
      });
      if (party.rank === 1) model.setParameter('weight', new Tensor([3, 4], new Array(12).fill(9)));
      model.encrypt(party, { src: 0 });
      assert.ok(model.encrypted);
      await model.decrypt();
      const after = model.stateDict()['weight'];
      assert.ok(before instanceof Tensor && after instanceof Tensor);
      near(Array.from(after.data), Array.from(before.data));
    }));

  it('forward gives the first output, run all of them by name, public ones too', () =>
    simulate(1, async (party) => {
      const nodes = [
        node('Relu', 'x', 'a'),
        node('Shape', 'x', 'b'),
        node('Add', 'x x', 'c'),
        node('Add', 'c x', 'd'),
      ];
      const outputs = ['a', 'b', 'c', 'd', 'x'].map((name) => value(name));
      const model = onnx.load(file({ nodes, outputs }));
      const secret = party.cryptensor(x);
      const results = model.run(secret);
      assert.deepEqual(Object.keys(results), ['a', 'b', 'c', 'd', 'x']);
      const open = async (name: string): Promise<number[]> =>
        Array.from((await results[name].getPlainText()).data);
      assert.deepEqual(await open('b'), [2, 3]);
      assert.deepEqual(await open('c'), [-4, -2, 0, 2, 4, 6]);
      // One value read twice by one node, and by two.
      assert.deepEqual(await open('d'), [-6, -3, 0, 3, 6, 9]);
      assert.deepEqual(await open('x'), Array.from(x.data));
      assert.deepEqual(
        Array.from((await model.forward(secret).getPlainText()).data),
        [0, 0, 0, 1, 2, 3],
      );
    }));

  it('gradients reach every parameter', () =>
    simulate(2, async (party) => {
      for (const name of ['lenet', 'residual-bn', 'attention', 'gru', 'layer-norm', 'embedding']) {
        const model = onnx.load(bytesOf(name)).encrypt(party);
        const [[shape, data]] = recorded(name).inputs;
        const y = model.forward(party.cryptensor({ shape, data }));
        y.mul(y).sum().backward();
        for (const [parameter, { grad, shape: size }] of model.namedParameters()) {
          assert.deepEqual(grad?.shape, size, `${name}: ${parameter}`);
        }
        const opened = await Promise.all(
          model.parameters().map(({ grad }) => grad?.getPlainText()),
        );
        assert.ok(
          opened.every((one) => one?.data.some((v) => v !== 0)),
          name,
        );
      }
    })).timeout(60_000);

  it('the statistics of a run name nodes by place and operator', () =>
    simulate(1, (party) => {
      const model = onnx.load(bytesOf('mlp')).encrypt(party);
      model.forward(party.ones([3, 6]));
      const names = [...party.stats().ops.keys()];
      assert.ok(
        names.some((name) => name.startsWith('0 Gemm')),
        names.join(),
      );
    }));

  it('a graph is planned anew for other shapes', () =>
    simulate(1, async (party) => {
      const model = onnx.load(bytesOf('attention')).encrypt(party);
      for (const batch of [1, 3, 1]) {
        assert.deepEqual(model.forward(party.ones([batch, 4, 8])).shape, [batch, 4, 8]);
      }
    }));
});

describe('onnx: what operators mean', () => {
  it('attributes of every type', async () => {
    const nodes = [
      node('Constant', '', 'a', [{ ...attribute('value_float', 0), type: 1, f: 0.5 }]),
      node('Constant', '', 'b', [{ ...attribute('value_floats', 0), type: 6, floats: [1, 2, 3] }]),
      node('Constant', '', 'c', [attribute('value_int', -2)]),
      node('Constant', '', 'd', [{ ...attribute('value_ints', [1, 0, 1]) }]),
      node('Constant', '', 'e', [
        { ...attribute('value', 0), type: 4, t: floats('t', [1], [0.25]) },
      ]),
      node('Sum', 'x a b c d e', 'y'),
    ];
    const expected = [1, 2, 3].map((v, i) => v + 0.5 - 2 + [1, 0, 1][i] + 0.25);
    near(
      await run({ nodes }, x),
      Array.from(x.data, (v, i) => v + expected[i % 3]),
    );
    const text = [
      node('DepthToSpace', 'x', 'y', [attribute('blocksize', 2), attribute('mode', 'CRD')]),
    ];
    const image = new Tensor([1, 8, 1, 1], [0, 1, 2, 3, 4, 5, 6, 7]);
    near(
      await run({ nodes: text, inputs: [value('x', [1, 8, 1, 1])] }, image),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
  });

  it('Clip without bounds, and with infinite ones, is the identity', async () => {
    near(await run({ nodes: [node('Clip', 'x', 'y')] }, x), Array.from(x.data));
    const initializers = [floats('low', [], [-3.4e38]), floats('high', [], [Infinity])];
    const nodes = [node('Clip', 'x low high', 'y')];
    near(await run({ nodes, initializers }, x), Array.from(x.data));
    const old = [node('Clip', 'x', 'y', [{ ...attribute('max', 0), type: 1, f: 1.5 }])];
    near(await run({ nodes: old, opset: 9 }, x), [-2, -1, 0, 1, 1.5, 1.5]);
  });

  it('infinite constants beside secrets are large numbers', async () => {
    const low = { ...attribute('value_float', 0), type: 1, f: -Infinity };
    const mask = { ...attribute('value_ints', [1, 0, 1]) };
    const nodes = [
      node('Constant', '', 'l', [low]),
      node('Constant', '', 'm', [mask]),
      node('Cast', 'm', 'c', [attribute('to', 9)]),
      node('Where', 'c x l', 'w'),
      node('Softmax', 'w', 'y'),
    ];
    const two = 1 / (1 + Math.exp(2));
    near(await run({ nodes }, x), [two, 0, 1 - two, two, 0, 1 - two]);
  });

  it('outputs that nothing reads are not made; a mask or a statistic that something reads is refused', async () => {
    const dropout = [node('Dropout', 'x', 'y mask')];
    near(await run({ nodes: dropout, opset: 12 }, x), Array.from(x.data));
    assert.throws(() => onnx.load(file({ nodes: dropout, outputs: [value('y'), value('mask')] })), {
      code: 'ERR_MPC_MODEL',
      message: /output 1 is not made here/,
    });
    const pool = [node('MaxPool', 'x', 'y places', [attribute('kernel_shape', [1])])];
    const read = { inputs: [value('x', [1, 1, 3])], outputs: [value('y'), value('places')] };
    assert.throws(() => onnx.load(file({ nodes: pool, ...read })), { code: 'ERR_MPC_MODEL' });
  });

  it('Softmax is one node, over all dims from the axis on before opset 13', () =>
    simulate(1, async (party) => {
      for (const [opset, ones] of [
        [12, 1],
        [13, 3],
      ]) {
        const nodes = [node('Softmax', 'x', 'y', [attribute('axis', 0)])];
        const model = onnx.load(file({ nodes, opset }));
        assert.deepEqual(model.prepared.nodes.length, 1);
        const y = await model.forward(party.cryptensor(x)).getPlainText();
        const sum = y.data.reduce((a, b) => a + b, 0);
        assert.ok(Math.abs(sum - ones) < 1e-3, `${opset}: ${sum}`);
      }
    }));
});
