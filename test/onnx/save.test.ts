import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import * as onnx from '../../src/onnx/index.ts';
import { SGD } from '../../src/optim/index.ts';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, Tensor } from '../../src/tensor/index.ts';
import { close, shaken, spread } from './modules.ts';
import { CASES } from './save-cases.ts';
import { bytesOf, check, models, outputsOf, recorded } from './support.ts';

describe('onnx.save: layers of nn', () => {
  for (const [title, make, shape] of CASES) {
    it(`${title}: what is loaded again gives the same`, () =>
      simulate(1, async (party) => {
        const module = shaken(make());
        const bytes = onnx.save(module, { inputShape: shape });
        const again = onnx.load(bytes);
        assert.deepEqual([again.opset, again.inputs, again.outputs], [17, ['input'], ['output']]);
        const x = party.cryptensor(spread(shape));
        const [expected, got] = [module, again].map((one) =>
          party.noGrad(() => one.encrypt(party).forward(x)).getPlainText(),
        );
        const { data, shape: out } = await expected;
        assert.deepEqual(again.shapes(shape).get('output'), out);
        assert.ok(
          Math.max(...data) - Math.min(...data) > 0.01,
          'the outputs differ from each other',
        );
        close((await got).data, data, 2e-3);
      }));
  }

  it('names, open sizes and state survive', () => {
    const module = new nn.Sequential(new nn.Linear(3, 2), new nn.ReLU());
    const names = { inputs: ['x'], outputs: ['y'] };
    const bytes = onnx.save(module, { inputShape: [null, 3], names });
    const model = onnx.load(bytes);
    assert.deepEqual([model.inputs, model.outputs], [['x'], ['y']]);
    assert.deepEqual(model.shapes([7, 3]).get('y'), [7, 2]);
    assert.deepEqual(Object.keys(model.stateDict()), Object.keys(module.stateDict()));
    const [a, b] = [model, module].map((one) => one.stateDict()['0.weight']);
    assert.ok(a instanceof Tensor && b instanceof Tensor);
    close(a.data, b.data, 1e-7);
  });

  it('a graph of nn with several inputs and outputs', () =>
    simulate(1, async (party) => {
      const graph = new nn.Graph<CrypTensor[]>(['a', 'b'], ['left', 'right'])
        .addModule('left', new nn.Linear(3, 2), ['hidden'])
        .addModule('hidden', new nn.ReLU(), ['a'])
        .addModule('right', new nn.Sequential(new nn.Tanh()), ['b']);
      const bytes = onnx.save(graph, { inputShapes: [[2, 3], [4]] });
      const inputs = [spread([2, 3]), spread([4])].map((x) => party.cryptensor(x));
      const expected = graph.encrypt(party).forward(...inputs);
      const model = onnx.load(bytes).encrypt(party);
      const got = model.run(...inputs);
      assert.deepEqual(Object.keys(got), ['left', 'right']);
      for (const [i, name] of model.outputs.entries()) {
        const [y, z] = await Promise.all([expected[i].getPlainText(), got[name].getPlainText()]);
        close(z.data, y.data, 1e-3);
      }
    }));

  it('lists everything that cannot be written', () => {
    class Own extends nn.Module {
      override forward(x: CrypTensor): CrypTensor {
        return x;
      }
    }
    const bad = new nn.Sequential(new Own(), new nn.Linear(3, 2), new nn.AdaptiveAvgPool2d(2));
    assert.throws(() => onnx.save(bad, { inputShape: [2, 3] }), {
      code: 'ERR_MPC_MODEL',
      message: /0 \(Own\): [^]*2 \(AdaptiveAvgPool2d\): an input of 2 dims/,
    });
    assert.throws(() => onnx.save(new nn.ReLU()), { code: 'ERR_MPC_SHAPE' });
  });

  it('rounding up is not written where it adds no window', () => {
    const bytes = (pool: nn.Module): Uint8Array => onnx.save(pool, { inputShape: [1, 1, 8, 8] });
    const options = { stride: 3, padding: 1 };
    // The window that would be added begins in the padding behind the image, or there is none to add.
    for (const kernel of [2, 4]) {
      for (const pool of [nn.AvgPool2d, nn.MaxPool2d]) {
        const rounded = new pool(kernel, { ...options, ceilMode: true });
        assert.deepEqual(bytes(rounded), bytes(new pool(kernel, options)));
      }
    }
  });

  it('layers that look different for other sizes are refused where sizes are open', () => {
    const refused: [nn.Module, (number | null)[]][] = [
      [new nn.AvgPool2d(2, { padding: 1, ceilMode: true }), [1, 2, null, 8]],
      [new nn.MaxPool1d(2, { ceilMode: true }), [1, 2, null]],
      [new nn.AdaptiveAvgPool2d([null, 1]), [1, 2, null, 8]],
      [new nn.Flatten(0, 1), [2, 3, null]],
    ];
    for (const [module, inputShape] of refused) {
      assert.throws(() => onnx.save(module, { inputShape }), {
        code: 'ERR_MPC_MODEL',
        message: /open sizes/,
      });
    }
    for (const module of [new nn.AdaptiveAvgPool2d(1), new nn.Flatten(2, 3), new nn.MaxPool2d(2)]) {
      const again = onnx.load(onnx.save(module, { inputShape: [null, 2, null, 8] }));
      const shape = [3, 2, 6, 8];
      const [rank] = again.shapes(shape).get('output') ?? [];
      assert.equal(rank, 3);
    }
  });

  it('secret parameters are not written', () =>
    simulate(2, (party) => {
      const module = new nn.Linear(2, 2).encrypt(party);
      assert.throws(() => onnx.save(module, { inputShape: [1, 2] }), {
        code: 'ERR_MPC_MODEL',
        message: /decrypt/,
      });
    }));
});

describe('onnx.save: loaded graphs', () => {
  for (const one of models.filter(({ name }) => name !== 'resnet18-narrow')) {
    it(`${one.name}: the same again`, () =>
      simulate(1, async (party) => {
        const bytes = onnx.save(onnx.load(bytesOf(one.name)));
        check(one, await outputsOf(party, onnx.load(bytes), one.inputs));
        assert.deepEqual(onnx.save(onnx.load(bytes)), bytes);
      }));
  }

  it('parameters that were trained as a secret are written as they are then', async () => {
    const one = recorded('mlp-dynamic');
    const [shape] = one.inputs[0];
    const results = await simulate(2, async (party) => {
      const model = onnx.load(bytesOf(one.name)).encrypt(party);
      const x = party.cryptensor({ shape, data: one.inputs[0][1] });
      const optimizer = new SGD(model.parameters(), { lr: 0.1 });
      const losses: CrypTensor[] = [];
      for (let step = 0; step < 8; step++) {
        optimizer.zeroGrad();
        const loss = model.forward(x).mseLoss(new Tensor([3, 2], [1, -1, 0, 2, 0.5, 1]));
        losses.push(loss.detach());
        loss.backward();
        optimizer.step();
      }
      const y = await model.forward(x).getPlainText();
      const [first, last] = await Promise.all([losses[0], losses[7]].map((l) => l.getPlainText()));
      await model.decrypt();
      return { bytes: onnx.save(model), y, first: first.item(), last: last.item() };
    });
    const [{ bytes, y, first, last }] = results;
    assert.ok(last < first * 0.8, `the loss went from ${first} to ${last}`);
    assert.deepEqual(bytes, results[1].bytes);
    await simulate(1, async (party) => {
      const [got] = await outputsOf(party, onnx.load(bytes), one.inputs);
      close(got, y.data, 1e-3);
    });
  });
});

describe('onnx.skeleton', () => {
  it('parties that do not know the weights run the same program', async () => {
    for (const name of ['lenet', 'batch-norm', 'attention']) {
      const one = recorded(name);
      const full = bytesOf(name);
      const bare = onnx.skeleton(onnx.load(full));
      const results = await simulate(2, (party) =>
        outputsOf(party, onnx.load(party.rank === 0 ? full : bare), one.inputs),
      );
      for (const got of results) check(one, got);
    }
  });

  it('holds no weights: the same bytes whatever they are', () => {
    const of = (shift: number): Uint8Array => {
      const model = onnx.load(bytesOf('lenet'));
      const state = Object.entries(model.stateDict()).map(([name, value]) => {
        assert.ok(value instanceof Tensor);
        return [
          name,
          new Tensor(
            value.shape,
            value.data.map((v) => v + shift),
          ),
        ];
      });
      model.loadStateDict(Object.fromEntries(state) as nn.StateDict);
      return onnx.skeleton(model);
    };
    assert.deepEqual(of(0), of(1));
    assert.ok(of(0).length < 2000);
  });

  it('cannot be encrypted from a party that has only it', () =>
    simulate(1, (party) => {
      const model = onnx.load(onnx.skeleton(onnx.load(bytesOf('linear'))));
      assert.throws(() => model.encrypt(party), {
        code: 'ERR_MPC_MODEL',
        message: /taken out of this file/,
      });
    }));
});
