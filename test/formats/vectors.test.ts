/** Files that NumPy and the safetensors specification define: read as they were meant, and written back. */
import assert from 'node:assert/strict';
import { formats, nn, simulate, Tensor } from '../../src/index.ts';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../../src/formats/half.ts';
import { readVectors } from './vectors.ts';

const { json, npy, npz, safetensors } = formats;
const { source, rounding, cases } = readVectors();
const kind = (ending: string): typeof cases => cases.filter(({ name }) => name.endsWith(ending));
/** Metadata of the models' files. */
const MODELS = Array.from({ length: 3 }, () => ({ format: 'pt' }));
const LOADERS = { '.npz': npz.load, '.safetensors': safetensors.load };
const TYPES: Record<string, formats.DType> = { b1: 'bool', f8: 'f64', f4: 'f32', f2: 'f16' };
for (const sign of ['i', 'u']) {
  for (const bytes of [1, 2, 4, 8]) {
    TYPES[`${sign}${bytes}`] = `${sign}${8 * bytes}` as formats.DType;
  }
}

/** Equal as values: NaN is NaN, −0 is not 0. */
function same(got: Tensor, expected: Tensor, title: string): void {
  assert.deepEqual(got.shape, expected.shape, title);
  assert.deepEqual([...got.data], [...expected.data], title);
}

function sameState(
  got: Readonly<Record<string, Tensor>>,
  expected: Readonly<Record<string, Tensor>>,
  title: string,
): void {
  assert.deepEqual(Object.keys(got).sort(), Object.keys(expected).sort(), title);
  for (const [name, tensor] of Object.entries(expected)) {
    same(got[name], tensor, `${title}: ${name}`);
  }
}

describe(`formats: files of ${source}`, () => {
  it('npy: every type, order and version', () => {
    const files = kind('.npy');
    assert.ok(files.length >= 28);
    for (const { name, bytes, tensor } of files) same(npy.load(bytes), tensor, name);
  });

  it('npy: writes the bytes that numpy.save writes', () => {
    const files = kind('.npy').filter(({ dtype }) => dtype !== undefined);
    assert.ok(files.length >= 18);
    for (const { name, bytes, tensor, dtype = '' } of files) {
      assert.deepEqual(npy.save(tensor, { dtype: TYPES[dtype] }), bytes, name);
    }
  });

  for (const [ending, load] of Object.entries(LOADERS)) {
    it(`${ending.slice(1)}: loads what was saved elsewhere`, () => {
      const files = kind(ending);
      assert.ok(files.length >= 3);
      for (const { name, bytes, tensors } of files) sameState(load(bytes), tensors, name);
    });
  }

  it('safetensors: metadata', () => {
    const found = kind('.safetensors').map(({ bytes }) => safetensors.metadata(bytes));
    assert.deepEqual(found, [{ format: 'pt', who: 'größe' }, {}, {}, ...MODELS]);
  });

  it('bytes may stand anywhere in a larger array', () => {
    for (const { name, bytes, tensors } of kind('types.safetensors')) {
      const wide = new Uint8Array(bytes.length + 3);
      wide.set(bytes, 3);
      sameState(safetensors.load(wide.subarray(3)), tensors, name);
    }
  });

  it('what was loaded is not tied to the file', () => {
    const bytes = npy.save(new Tensor([2], [1, 2])).slice();
    const loaded = npy.load(bytes);
    bytes.fill(0xff);
    assert.deepEqual([...loaded.data], [1, 2]);
  });

  it('16 bits: rounds as NumPy and PyTorch do', () => {
    const { f16, bf16 } = rounding;
    assert.deepEqual(
      f16.from.map((value) => fromFloat16(toFloat16(value))),
      f16.to,
    );
    assert.deepEqual(
      bf16.from.map((value) => fromBfloat16(toBfloat16(value))),
      bf16.to,
    );
  });

  it('16 bits: every pattern survives', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const [half, brain] = [fromFloat16(bits), fromBfloat16(bits)];
      if (!Number.isNaN(half)) assert.equal(toFloat16(half), bits);
      if (!Number.isNaN(brain)) assert.equal(toBfloat16(brain), bits);
    }
    for (const value of [65520, -1e300]) {
      assert.equal(fromFloat16(toFloat16(value)), Math.sign(value) * Infinity);
    }
    assert.equal(fromBfloat16(toBfloat16(-1e300)), -Infinity);
    for (const value of [NaN, Infinity, -Infinity, -0, 5e-324, -5e-324]) {
      const kept = Math.abs(value) < 1 ? 0 * value : value;
      assert.deepEqual(fromFloat16(toFloat16(value)), kept);
      assert.deepEqual(fromBfloat16(toBfloat16(value)), kept);
    }
  });
});

describe('formats: round trips', () => {
  const state = {
    '0.weight': new Tensor([2, 3], [1 / 3, -2.5, 1e300, 5e-324, 0, 7]),
    'größe ":\\': new Tensor([], [4]),
    'a/b': new Tensor([0, 2], []),
    1: new Tensor([1], [Number.MAX_SAFE_INTEGER]),
    ['__proto__']: new Tensor([1], [3]),
    toString: new Tensor([1], [2]),
  };

  for (const [name, { save, load }] of Object.entries({ safetensors, npz, json })) {
    it(`${name}: doubles and names survive`, () => sameState(load(save(state)), state, name));
    it(`${name}: the empty state survives`, () => assert.deepEqual(load(save({})), {}));
    it(`${name}: equal states make equal files`, () =>
      assert.deepEqual(save({ ...state }), save(state)));
  }

  const fit: [formats.DType, number[]][] = [
    ['f64', [NaN, -Infinity, -0, 1e308]],
    ['f32', [Infinity, 2 ** -149, -(2 ** 127), NaN]],
    ['f16', [65504, -(2 ** -24), Infinity, 0.5]],
    ['bf16', [2 ** 127, 2 ** -133, NaN, -3]],
    ['i64', [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0, -1]],
    ['i32', [2 ** 31 - 1, -(2 ** 31), 0, -1]],
    ['i16', [32767, -32768, 0, -1]],
    ['i8', [127, -128, 0, -1]],
    ['u64', [Number.MAX_SAFE_INTEGER, 0, 1, 2]],
    ['u32', [2 ** 32 - 1, 0, 1, 2]],
    ['u16', [65535, 0, 1, 2]],
    ['u8', [255, 0, 1, 2]],
    ['bool', [1, 0, 0, 1]],
  ];
  it('every type keeps what it has', () => {
    for (const [dtype, data] of fit) {
      const x = new Tensor([2, 2], data);
      same(safetensors.load(safetensors.save({ x }, { dtype })).x, x, dtype);
      if (dtype !== 'bf16') same(npz.load(npz.save({ x }, { dtype })).x, x, dtype);
    }
  });

  const unfit: [formats.DType, number][] = [
    ['f32', 1e39],
    ['f32', -3.4028236e38],
    ['f16', 65520],
    ['bf16', 3.4e38],
    ['i64', 2 ** 53],
    ['i64', 0.5],
    ['i64', NaN],
    ['i32', 2 ** 31],
    ['i8', -129],
    ['u64', -1],
    ['u8', 256],
    ['bool', 2],
  ];
  it('what a type has not is refused', () => {
    for (const [dtype, value] of unfit) {
      const x = new Tensor([], [value]);
      const wrong = { code: 'ERR_MPC_RANGE', message: /"x".* (does not hold|bool)/ };
      assert.throws(() => safetensors.save({ x }, { dtype }), wrong, `${dtype} ${value}`);
    }
    const infinite = { x: new Tensor([], [Infinity]) };
    assert.throws(() => json.save(infinite), { code: 'ERR_MPC_RANGE' });
    const brain = (): unknown => npz.save({ x: new Tensor([], [1]) }, { dtype: 'bf16' });
    assert.throws(brain, { code: 'ERR_MPC_UNSUPPORTED', message: /npz\.save: "x".*NumPy/ });
  });
});

describe('formats: models', () => {
  const mlp = (): nn.Sequential =>
    new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2));
  const models: Record<string, () => nn.Module> = {
    mlp,
    cnn: () =>
      new nn.Sequential(
        new nn.Conv2d(1, 2, 3),
        new nn.BatchNorm2d(2),
        new nn.ReLU(),
        new nn.Flatten(),
        new nn.Linear(8, 3),
      ),
    encoder: () =>
      new nn.Sequential(
        new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 8, dropout: 0, batchFirst: true }),
      ),
  };

  for (const [name, build] of Object.entries(models)) {
    const [file] = kind(`${name}.safetensors`);
    for (const n of [1, 2, 3]) {
      it(`${name}: PyTorch's state loads by its names and computes over ${n} parties`, async () => {
        await simulate(n, async (party) => {
          const model = build().eval();
          // Only the owner of the file loads it.
          if (party.rank === n - 1) model.loadStateDict(safetensors.load(file.bytes));
          model.encrypt(party, { src: n - 1 });
          const { input, output } = file;
          const x = party.cryptensor(party.rank === 0 ? input : null, { shape: input.shape });
          const y = await model.forward(x).getPlainText();
          assert.deepEqual(y?.shape, output.shape);
          for (const [i, value] of y?.data.entries() ?? []) {
            assert.ok(Math.abs(value - output.data[i]) < 2 ** -9, `${value} ${output.data[i]}`);
          }
        });
      });
    }
  }

  it('a decrypted model survives each format; a secret one is refused', async () => {
    await simulate(2, async (party) => {
      const model = mlp().encrypt(party);
      for (const [name, { save }] of Object.entries({ safetensors, npz, json })) {
        const wrong = { code: 'ERR_MPC_MODEL', message: new RegExp(`${name}.save: "0.weight"`) };
        assert.throws(() => save(model.stateDict()), wrong);
      }
      await model.decrypt();
      for (const { save, load } of [safetensors, npz, json]) {
        const copy = mlp();
        copy.loadStateDict(load(save(model.stateDict())));
        const { weight } = copy.layers[2] as nn.Linear;
        assert.deepEqual(weight.plain, (model.layers[2] as nn.Linear).weight.plain);
      }
    });
  });
});
