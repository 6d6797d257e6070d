import assert from 'node:assert/strict';
import * as onnx from '../../src/onnx/index.ts';
import { simulate } from '../../src/simulate.ts';
import { OPS } from '../../src/onnx/ops/index.ts';
import { attribute, file, floats, ints, model, node, value, type Parts } from './build.ts';
import { writeModel } from '../../src/onnx/write.ts';

function refuses(parts: Parts, why: RegExp): void {
  assert.throws(() => onnx.load(file(parts)), { code: 'ERR_MPC_MODEL', message: why });
}

describe('onnx: what is no model', () => {
  it('no graph, no opset, other opsets', () => {
    assert.throws(() => onnx.load(new Uint8Array(0)), { code: 'ERR_MPC_MODEL', message: /graph/ });
    const bare = { ...model(), opsets: new Map<string, number>() };
    assert.throws(() => onnx.load(writeModel(bare)), { message: /does not say its opset/ });
    for (const opset of [0, 8, 22, 2 ** 40]) refuses({ opset }, /9 to 21 are supported/);
    for (const opset of [9, 21]) onnx.load(file({ opset }));
  });

  it('no inputs, no outputs, inputs that are no tensors of numbers', () => {
    refuses({ inputs: [], nodes: [node('Constant', '', 'y')] }, /no inputs/);
    refuses({ outputs: [] }, /no outputs/);
    refuses({ inputs: [value('x', [2], 8)] }, /no tensor of numbers/);
    refuses({ inputs: [value('x', [2 ** 40])] }, /too large/);
    refuses({ inputs: [value('x', [-2])] }, /too large or none/);
  });

  it('cycles, wrong order, values that nothing makes', () => {
    refuses(
      { nodes: [node('Add', 'x b', 'a'), node('Relu', 'a', 'b'), node('Relu', 'b', 'y')] },
      /reads "b", which nothing before it makes/,
    );
    refuses({ nodes: [node('Relu', 'y', 'y')] }, /reads "y"/);
    refuses({ nodes: [node('Relu', 'nowhere', 'y')] }, /reads "nowhere"/);
    refuses({ nodes: [node('Relu', 'x', 'z')] }, /nothing makes the output "y"/);
  });

  it('names that come twice', () => {
    const w = floats('w', [1], [1]);
    refuses({ initializers: [w, w] }, /two initializers "w"/);
    refuses({ nodes: [node('Relu', 'x', 'y'), node('Abs', 'x', 'y')] }, /called "y"/);
    refuses({ nodes: [node('Split', 'x', 'y y')] }, /called "y"/);
    refuses({ initializers: [w], nodes: [node('Add', 'x w', 'w')] }, /called "w"/);
    refuses({ inputs: [value('x'), value('x')] }, /called "x"/);
    // Older files list initializers among the inputs.
    onnx.load(
      file({
        initializers: [w],
        inputs: [value('x'), value('w', [1])],
        nodes: [node('Add', 'x w', 'y')],
      }),
    );
  });

  it('parameters whose names are odd, or parts of each other', () => {
    const chain = (names: readonly string[]): onnx.OnnxGraph => {
      const nodes = names.map((name, i) => {
        const last = i === names.length - 1;
        return node('Add', `${i === 0 ? 'x' : `v${i - 1}`} ${name}`, last ? 'y' : `v${i}`);
      });
      return onnx.load(file({ nodes, initializers: names.map((name) => floats(name, [1], [1])) }));
    };
    const long = 'a'.repeat(500);
    const names = ['a', 'a.b', 'training', 'x..y', '.', 'constructor.prototype', long];
    assert.deepEqual(
      chain(names)
        .allParameters()
        .map(([name]) => name)
        .sort(),
      ['a', 'a/b', 'training', 'x//y', '/', 'constructor.prototype', long].sort(),
    );
    assert.throws(() => chain(['c.__proto__']), { code: 'ERR_MPC_MODEL' });
    assert.throws(() => chain(['a', 'a.b', 'a/b']), {
      code: 'ERR_MPC_MODEL',
      message: /a\/b already/,
    });
    const deep = 'n.'.repeat(20_000) + 'w';
    const one = onnx.load(
      file({ nodes: [node('Add', `x ${deep}`, 'y')], initializers: [floats(deep, [1], [1])] }),
    );
    assert.equal(one.allParameters().length, 1);
  });
});

describe('onnx: nodes that cannot be run', () => {
  it('axes of a single number', () => {
    const scalar = { inputs: [value('x', [])] };
    const axes = attribute('axes', [0]);
    for (const nodes of [
      [node('ReduceMean', 'x', 'y', [axes])],
      [node('ReduceMean', 'c', 'm', [axes]), node('Add', 'x m', 'y')],
    ]) {
      const c = floats('c', [], [3]);
      refuses({ ...scalar, nodes, initializers: [c] }, /axis 0 is outside 0 dims/);
    }
  });

  it('are listed all at once, with node, operator, opset and reason', () => {
    const nodes = [
      node('Loop', 'x', 'a'),
      { ...node('Conv', 'x', 'b'), name: 'first conv' },
      node('Relu', 'a', 'c', [attribute('slope', 1)]),
      node('Fancy', 'b', 'd', [], 'com.example'),
      node('Gelu', 'c', 'e'),
      node('Sum', 'd e', 'y'),
      node('AlsoUnknown', 'x', 'unused'),
    ];
    assert.throws(
      () => onnx.load(file({ nodes })),
      (error) => {
        assert.ok(error instanceof onnx.UnsupportedNodes && error.code === 'ERR_MPC_MODEL');
        assert.deepEqual(
          error.nodes.map(({ node: name, op, opset }) => [name, op, opset]),
          [
            ['a', 'Loop', 13],
            ['first conv', 'Conv', 13],
            ['c', 'Relu', 13],
            ['d', 'Fancy', 13],
            ['e', 'Gelu', 13],
          ],
        );
        for (const part of [
          'no such operator',
          '1 inputs instead of 2',
          '"slope" is not known',
          '"com.example"',
          'opsets 20 to 21',
        ]) {
          assert.ok(error.message.includes(part), `${part} in ${error.message}`);
        }
        return true;
      },
    );
  });

  it('a long list is cut in the message, not in `nodes`; names are cut', () => {
    const nodes = Array.from({ length: 300 }, (_, i) =>
      node(`Op${'x'.repeat(1000)}`, 'x', i === 0 ? 'y' : `v${i}`),
    );
    const outputs = nodes.map(({ outputs: [name] }) => value(name));
    assert.throws(
      () => onnx.load(file({ nodes, outputs })),
      (error) =>
        error instanceof onnx.UnsupportedNodes &&
        error.nodes.length === 300 &&
        error.message.length < 30_000 &&
        /and 200 more/.test(error.message),
    );
  });

  it('shapes that do not fit are found before anything runs, each at its node', () => {
    const initializers = [floats('w', [4, 2], new Array<number>(8).fill(0)), ints('s', [1], [5])];
    const nodes = [
      node('MatMul', 'x w', 'a'),
      node('Reshape', 'x s', 'b'),
      node('Relu', 'a', 'c'),
      node('Sum', 'b c', 'y'),
    ];
    assert.throws(
      () => onnx.load(file({ nodes, initializers })),
      (error) =>
        error instanceof onnx.UnsupportedNodes &&
        error.nodes.map(({ op }) => op).join() === 'MatMul,Reshape',
    );
  });

  it('what decides on shapes must not depend on a secret', () => {
    const inputs = [value('x'), value('n', [1], 7)];
    refuses(
      { inputs, nodes: [node('Reshape', 'x n', 'y')] },
      /input 1 decides on shapes or positions and depends on the secret input "n"/,
    );
    refuses(
      { inputs, nodes: [node('Cast', 'n', 'm', [attribute('to', 7)]), node('Expand', 'x m', 'y')] },
      /secret input "n"/,
    );
    refuses({ nodes: [node('Floor', 'x', 'y')] }, /Floor/);
    onnx.load(file({ nodes: [node('Shape', 'x', 's'), node('Reshape', 'x s', 'y')] }));
  });

  it('absurd sizes are refused without being made', () => {
    const before = process.memoryUsage().arrayBuffers;
    const huge = 2 ** 40;
    const of = (op: string, values: number[], rest: Parts = {}): Parts => ({
      initializers: [ints('s', [values.length], values)],
      nodes: [node(op, op === 'ConstantOfShape' ? 's' : 'x s', 'z'), node('Identity', 'z', 'y')],
      ...rest,
    });
    refuses(of('Expand', [huge, 1, 1]), /the result would be/);
    refuses(of('Tile', [huge, huge]), /the result would be/);
    refuses(of('ConstantOfShape', [huge]), /the result would be/);
    refuses(of('Reshape', [huge, -1]), /has no shape/);
    refuses(of('Pad', [huge, 0, 0, 0]), /the result would be/);
    refuses(
      {
        initializers: [ints('a', [], [0]), ints('b', [], [huge]), ints('c', [], [1])],
        nodes: [node('Range', 'a b c', 'z'), node('Add', 'x z', 'y')],
      },
      /the result would be/,
    );
    refuses(
      {
        initializers: [ints('d', [], [huge]), floats('v', [2], [0, 1])],
        nodes: [node('OneHot', 'x d v', 'y')],
      },
      /the result would be/,
    );
    refuses(
      {
        inputs: [value('x', [0])],
        initializers: [ints('d', [], [2 ** 25]), floats('v', [2], [0, 1])],
        nodes: [node('OneHot', 'x d v', 'y')],
      },
      /a depth of 4194304 at most/,
    );
    const image = { inputs: [value('x', [1, 1, 4, 4])], opset: 13 };
    refuses(
      { ...image, nodes: [node('MaxPool', 'x', 'y', [attribute('kernel_shape', [huge, 1])])] },
      /kernel_shape/,
    );
    refuses(
      {
        ...image,
        nodes: [
          node('MaxPool', 'x', 'y', [
            attribute('kernel_shape', [1, 1]),
            attribute('pads', [2 ** 24, 2 ** 24, 0, 0]),
          ]),
        ],
      },
      /the result would be|windows/,
    );
    refuses(
      {
        ...image,
        initializers: [floats('sc', [4], [1, 1, 1e30, 1])],
        nodes: [node('Resize', 'x _ sc', 'y')],
      },
      /the result would be/,
    );
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.ok(grown < 2 ** 26, `${grown} bytes`);
  });

  it('constants are computed up to a limit of their own', () => {
    const nodes = Array.from({ length: 8 }, (_, i) => node('ConstantOfShape', 's', `c${i}`));
    const sum = node('Sum', `x ${nodes.map(({ outputs: [name] }) => name).join(' ')}`, 'y');
    const initializers = [ints('s', [1], [2 ** 22])];
    refuses(
      { nodes: [...nodes, sum], initializers, inputs: [value('x', [1])] },
      /constants of the graph are too large/,
    );
  });

  it('a constant has a limit too', () => {
    const initializers = [ints('s', [1], [2 ** 22 + 1])];
    const nodes = [node('ConstantOfShape', 's', 'c'), node('Add', 'x c', 'y')];
    refuses({ nodes, initializers, inputs: [value('x', [1])] }, /a constant of 4194305 elements/);
  });

  it('groups that scale and bias do not fit', () => {
    const nodes = [node('GroupNormalization', 'x w w', 'y', [attribute('num_groups', 2)])];
    const initializers = [floats('w', [4], [1, 1, 1, 1])];
    const inputs = [value('x', [1, 4, 2])];
    refuses({ nodes, initializers, inputs, opset: 18 }, /one number for each of 2 groups/);
    onnx.load(file({ nodes, initializers, inputs, opset: 21 }));
  });

  it('attributes that come twice, are of another kind or hold nothing', () => {
    const flat = (...attributes: ReturnType<typeof attribute>[]): Parts => ({
      nodes: [node('Flatten', 'x', 'y', attributes)],
    });
    refuses(flat(attribute('axis', 1), attribute('axis', 1)), /comes twice/);
    refuses(flat(attribute('axis', 'one')), /is no int/);
    refuses(flat(attribute('axis', 7)), /axis 7 is outside 2 dims/);
    refuses(
      {
        nodes: [
          node('Constant', '', 'c', [{ ...attribute('value', 0), type: 4 }]),
          node('Add', 'x c', 'y'),
        ],
      },
      /holds no tensor/,
    );
    const many = Array.from({ length: 100_000 }, (_, i) => i);
    refuses(
      { nodes: [node('Transpose', 'x', 'y', [attribute('perm', many)])] },
      /axis 2 is outside/,
    );
  });

  it('long lists take no long time', () => {
    const startMs = performance.now();
    const many = Array.from({ length: 200_000 }, (_, i) => i);
    const axes = [attribute('axes', many)];
    refuses({ nodes: [node('Unsqueeze', 'x', 'y', axes)], opset: 11 }, /200002 dims/);
    const parts = many.map((i) => (i === 0 ? 'y' : `v${i}`)).join(' ');
    const sizes = [
      attribute(
        'split',
        many.map((i) => (i === 0 ? 2 : 0)),
      ),
    ];
    onnx.load(file({ nodes: [node('Split', 'x', parts, sizes)], opset: 11 }));
    const shape = [ints('s', [many.length], many)];
    refuses({ nodes: [node('Reshape', 'x s', 'y')], initializers: shape }, /has no shape/);
    const gates = {
      ...attribute('activations', 0),
      type: 8,
      strings: many.map(() => new Uint8Array(9)),
    };
    const weights = ['w', 'r'].map((name) => floats(name, [1, 1, 1], [1]));
    const rnn = node('RNN', 'x w r', 'y', [attribute('hidden_size', 1), gates]);
    const inputs = [value('x', [1, 1, 1])];
    refuses({ nodes: [rnn], initializers: weights, inputs }, /^[^]{0,500}$/);
    const ms = performance.now() - startMs;
    assert.ok(ms < 3000, `${ms} ms`);
  });

  it('subgraphs are not looked into', () => {
    const nested = { ...attribute('then_branch', 0), type: 5 };
    refuses({ nodes: [node('If', 'x', 'y', [nested])] }, /no such operator/);
  });

  it('sparse initializers', () => {
    const one = model();
    if (one.graph !== null) one.graph.sparse = 1;
    assert.throws(() => new onnx.OnnxGraph(one), { message: /sparse/ });
  });
});

describe('onnx: inputs', () => {
  it('of other numbers or shapes are refused with what is expected', () =>
    simulate(1, (party) => {
      const graph = onnx.load(file({ inputs: [value('x', ['batch', 3])] })).encrypt(party);
      for (const inputs of [
        [],
        [[2, 4]],
        [[3]],
        [
          [2, 3],
          [2, 3],
        ],
      ]) {
        assert.throws(() => graph.forward(...inputs.map((shape) => party.zeros(shape))), {
          code: 'ERR_MPC_SHAPE',
          message: /expected "x" \[\?,3\]/,
        });
      }
      assert.deepEqual(graph.forward(party.zeros([5, 3])).shape, [5, 3]);
    }));

  it('shapes that the file leaves open may be given when it is loaded', () => {
    const nodes = [node('Reshape', 'x s', 'y')];
    const bytes = file({
      inputs: [value('x', [null, 3])],
      nodes,
      initializers: [ints('s', [1], [6])],
    });
    onnx.load(bytes);
    onnx.load(bytes, { inputShapes: { x: [2, 3] } });
    assert.throws(() => onnx.load(bytes, { inputShapes: { x: [4, 3] } }), {
      code: 'ERR_MPC_MODEL',
    });
  });
});

describe('onnx: operators', () => {
  it('each has opsets within those that are read', () => {
    for (const { name, opsets, inputs } of OPS.values()) {
      assert.ok(opsets[0] >= 9 && opsets[0] <= opsets[1] && opsets[1] <= 21, name);
      assert.ok(inputs[0] <= inputs[1], name);
    }
  });
});
