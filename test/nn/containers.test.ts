import assert from 'node:assert/strict';
import { planOf } from '../../src/nn/graph-plan.ts';
import * as nn from '../../src/nn/index.ts';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, Tensor } from '../../src/tensor/index.ts';

const MODEL = { code: 'ERR_MPC_MODEL' };

class Sum extends nn.Module {
  override forward(...inputs: readonly CrypTensor[]): CrypTensor {
    return inputs.reduce((a, b) => a.add(b));
  }
}

/** Two results from one input. */
class Halves extends nn.Module<readonly CrypTensor[]> {
  override forward(x: CrypTensor): readonly CrypTensor[] {
    return x.chunk(2);
  }
}

class Doubled extends nn.Module {
  override forward(x: CrypTensor): CrypTensor {
    return x.mul(2);
  }
}

describe('nn: Module: registration and iterators', () => {
  it('registers under another name than the field’s, once, and finds each part once', () =>
    simulate(2, (party) => {
      class Net extends nn.Module {
        readonly inner = new nn.Linear(2, 2);
        readonly again = this.inner;
        readonly scale = nn.Parameter.of(new Tensor([], [1]));
        readonly seen = this.registerBuffer('times_seen', nn.Buffer.of(new Tensor([], [0])));
        readonly head = this.registerModule('out_proj', new nn.Sequential(new nn.Linear(2, 1)));
        override forward(x: CrypTensor): CrypTensor {
          return x;
        }
      }
      const net = new Net();
      assert.throws(() => net.namedBuffers(), { ...MODEL, message: /encrypt/ });
      net.encrypt(party);
      assert.deepEqual(
        net.namedParameters().map(([name]) => name),
        ['scale', 'out_proj.0.weight', 'out_proj.0.bias', 'inner.weight', 'inner.bias'],
      );
      assert.equal(net.parameters().length, 5);
      assert.deepEqual(
        net.namedBuffers().map(([name]) => name),
        ['times_seen'],
      );
      assert.equal(net.buffers()[0], net.seen.tensor);
      assert.deepEqual(
        net.namedChildren().map(([name]) => name),
        ['out_proj', 'inner', 'again'],
      );
      assert.deepEqual(net.children(), [net.head, net.inner]);
      assert.deepEqual(
        net.namedModules().map(([name]) => name),
        ['', 'out_proj', 'out_proj.0', 'inner'],
      );
      assert.equal(net.modules()[0], net);
      // A state has a shared module under all its names, as PyTorch's.
      assert.deepEqual(
        Object.keys(net.stateDict()).filter((name) => name.startsWith('again')),
        ['again.weight', 'again.bias'],
      );
      for (const name of ['times_seen', 'inner', 'out_proj', '', 'a.b']) {
        assert.throws(
          () => net.registerParameter(name, nn.Parameter.of(new Tensor([], [0]))),
          MODEL,
          name,
        );
      }
      const visited: string[] = [];
      net.apply((module) => visited.push(module.constructor.name));
      assert.deepEqual(visited, ['Linear', 'Sequential', 'Linear', 'Net']);
    }));

  it('setParameter() and setBuffer() change values, not handles', () =>
    simulate(2, async (party) => {
      const net = new nn.Sequential({ norm: new nn.BatchNorm1d(2) });
      net.setParameter('norm.weight', new Tensor([2], [3, 4]));
      net.encrypt(party);
      const [[, handle]] = net.namedParameters();
      assert.deepEqual((await handle.getPlainText()).toArray(), [3, 4]);
      net.setParameter('norm.weight', party.cryptensor([5, 6]));
      net.setBuffer('norm.running_mean', party.cryptensor([7, 8]));
      assert.equal(net.namedParameters()[0][1], handle);
      assert.equal(handle.requiresGrad, true);
      assert.deepEqual((await handle.getPlainText()).toArray(), [5, 6]);
      assert.deepEqual((await net.buffers()[0].getPlainText()).toArray(), [7, 8]);
      assert.throws(() => net.setParameter('weight', handle), {
        ...MODEL,
        message: /no weight, only norm.weight, norm.bias/,
      });
      assert.throws(() => net.setBuffer('norm.weight', handle), MODEL);
      assert.throws(() => net.setParameter('norm.bias', new Tensor([2], [0, 0])), {
        ...MODEL,
        message: /secret/,
      });
      assert.throws(() => net.setParameter('norm.bias', party.ones([3])), {
        code: 'ERR_MPC_SHAPE',
      });
    }));
});

describe('nn: parameters from shares', () => {
  it('setParameter() takes what each party holds', () =>
    simulate(2, async (party) => {
      const layer = new nn.Linear(1, 1, { bias: false }).encrypt(party);
      const held = BigUint64Array.of(
        party.rank === 0 ? 5n << 16n : BigInt.asUintN(64, -(2n << 16n)),
      );
      layer.setParameter('weight', party.fromShares(held, { shape: [1, 1] }));
      assert.equal((await layer.forward(party.cryptensor([[2]])).getPlainText()).item(), 6);
      const plain = new nn.Linear(1, 1);
      assert.throws(() => plain.setParameter('weight', party.fromShares(held, { shape: [1, 1] })), {
        ...MODEL,
        message: /encrypt/,
      });
    }));
});

describe('nn: Sequential, ModuleList, ModuleDict', () => {
  it('Sequential takes modules or a record with names of any length', () =>
    simulate(1, async (party) => {
      const net = new nn.Sequential({ first: new Doubled(), second_one: new nn.Linear(1, 1) });
      assert.deepEqual(Object.keys(net.stateDict()), ['second_one.weight', 'second_one.bias']);
      assert.equal(net.length, 2);
      assert.deepEqual([...net], net.layers);
      net.encrypt(party);
      assert.throws(() => net.forward([[1]] as never), {
        name: 'TypeError',
        message: /Sequential.forward: expected a CrypTensor, got Array/,
      });
      assert.equal((await new nn.Sequential().forward(party.ones([1])).getPlainText()).item(), 1);
    }));

  it('ModuleList: positions, changes, names', () => {
    const [a, b, c, d] = [0, 1, 2, 3].map((i) => new nn.Linear(1, i + 1));
    const list = new nn.ModuleList([a]);
    list.append(b).extend([c]).insert(0, d);
    assert.deepEqual([...list], [d, a, b, c]);
    assert.deepEqual([list.at(0), list.at(-1), list.length], [d, c, 4]);
    assert.deepEqual(
      list.namedChildren().map(([name]) => name),
      ['0', '1', '2', '3'],
    );
    assert.deepEqual(Object.keys(list.stateDict()).slice(0, 2), ['0.weight', '0.bias']);
    assert.deepEqual([...list.delete(1, 2)], [d, c]);
    assert.deepEqual([...list.set(-1, a).insert(2, b)], [d, a, b]);
    assert.deepEqual([...list.slice(1)], [a, b]);
    for (const wrong of [
      () => list.at(3),
      () => list.set(-4, a),
      () => list.delete(3),
      () => list.insert(4, a),
      () => list.at(0.5),
    ]) {
      assert.throws(wrong, { ...MODEL, message: /there is no position/ });
    }
    assert.throws(() => list.append('x' as never), { name: 'TypeError' });
    assert.throws(() => list.forward(), { code: 'ERR_MPC_UNSUPPORTED', message: /Sequential/ });
  });

  it('ModuleDict: names, changes, order', () => {
    const [a, b, c] = [0, 1, 2].map((i) => new nn.Linear(1, i + 1));
    const dict = new nn.ModuleDict({ a, b });
    assert.deepEqual([dict.size, dict.has('a'), dict.has('c'), dict.get('b')], [2, true, false, b]);
    dict.update([['c', c]]).set('a', b);
    assert.deepEqual(dict.keys(), ['a', 'b', 'c']);
    assert.deepEqual(dict.values(), [b, b, c]);
    assert.deepEqual([...dict], dict.entries());
    assert.equal(dict.pop('c'), c);
    assert.deepEqual([dict.delete('c'), dict.delete('a'), dict.size], [false, true, 1]);
    assert.deepEqual(Object.keys(dict.stateDict()), ['b.weight', 'b.bias']);
    assert.throws(() => dict.get('c'), { ...MODEL, message: /no c, only b/ });
    assert.throws(() => dict.set('a.b', a), MODEL);
    assert.throws(() => dict.set('a', 1 as never), { name: 'TypeError' });
    assert.throws(() => dict.forward(), { code: 'ERR_MPC_UNSUPPORTED' });
    dict.clear();
    assert.equal(dict.size, 0);
  });
});

describe('nn: Graph', () => {
  it('several inputs and outputs, a residual, one value read twice, nodes in any order', () =>
    simulate(2, async (party) => {
      const graph = new nn.Graph<readonly CrypTensor[]>(['x', 'y'], ['low', 'total', 'x'])
        .addModule('total', new Sum(), ['twice', 'x', 'x'])
        .addModule('twice', new Doubled(), ['sum'])
        .addModule('sum', new Sum(), ['x', 'y'])
        .addModule('halves', new Halves(), ['total'], ['low', 'high'])
        .addModule('unused', new Sum(), ['nowhere']);
      const x = party.cryptensor([1, 2], { requiresGrad: true });
      const [low, total, same] = graph.forward(x, party.cryptensor([10, 20]));
      assert.equal(same, x);
      assert.deepEqual((await total.getPlainText()).toArray(), [24, 48]);
      assert.deepEqual((await low.getPlainText()).toArray(), [24]);
      total.sum().backward();
      assert.deepEqual((await x.grad?.getPlainText())?.toArray(), [4, 4]);
    }));

  it('lets a value go after its last use', () => {
    const node = (name: string, inputs: string[], outputs = [name]) => ({
      name,
      module: new Sum(),
      inputs,
      outputs,
    });
    const nodes = [
      node('d', ['c', 'a']),
      node('c', ['b', 'b']),
      node('b', ['a', 'y'], ['b', 'unread']),
      node('a', ['x']),
      node('e', ['d']),
    ];
    assert.deepEqual(
      planOf(nodes, ['x', 'y'], ['d', 'x']).map(({ name, last }) => [name, ...last]),
      [['a'], ['b', 'y', 'unread'], ['c', 'b'], ['d', 'c', 'a']],
    );
  });

  it('says what is wrong with it', () =>
    simulate(1, (party) => {
      const x = party.ones([1]);
      const sum = (): Sum => new Sum();
      const cycle = new nn.Graph(['x'], ['a'])
        .addModule('a', sum(), ['x', 'b'])
        .addModule('b', sum(), ['a']);
      assert.throws(() => cycle.forward(x), { ...MODEL, message: /a → b → a/ });
      const open = new nn.Graph(['x'], ['a']).addModule('a', sum(), ['x', 'z']);
      assert.throws(() => open.forward(x), { ...MODEL, message: /a needs z/ });
      assert.throws(() => new nn.Graph(['x'], ['q']).forward(x), {
        ...MODEL,
        message: /the output needs q/,
      });
      assert.throws(() => open.forward(), { ...MODEL, message: /expected 1 inputs \(x\), got 0/ });
      assert.throws(() => open.addModule('x', sum(), []), { ...MODEL, message: /already/ });
      assert.throws(() => open.addModule('b', sum(), [], ['c', 'c']), MODEL);
      assert.throws(() => new nn.Graph(['x', 'x'], ['x']), { ...MODEL, message: /twice/ });
      assert.throws(() => new nn.Graph(['x'], []), MODEL);
      const few = new nn.Graph(['x'], ['b']).addModule('a', sum(), ['x'], ['b', 'c']);
      assert.throws(() => few.forward(x), {
        ...MODEL,
        message: /2 outputs \(b, c\), its module returned 1/,
      });
    }));

  it('has the parameters of its nodes, by their names', () =>
    simulate(2, (party) => {
      const graph = new nn.Graph(['x'], ['y']).addModule('y', new nn.Linear(1, 1), ['x']);
      assert.deepEqual(
        graph
          .encrypt(party)
          .namedParameters()
          .map(([name]) => name),
        ['y.weight', 'y.bias'],
      );
    }));
});
