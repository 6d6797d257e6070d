import assert from 'node:assert/strict';
import { PbfWriter } from 'pbf';
import { checkTensor, valuesOf } from '../../src/onnx/elements.ts';
import * as onnx from '../../src/onnx/index.ts';
import { readModel } from '../../src/onnx/read.ts';
import type { TensorProto } from '../../src/onnx/schema.ts';
import { file, floats, ints, node, tensor } from './build.ts';

/** Bytes of a typed array. */
function raw(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Through a file and back. */
function reread(one: TensorProto): TensorProto {
  const bytes = file({ initializers: [one], nodes: [node('Add', `x ${one.name}`, 'y')] });
  const [found] = readModel(bytes).graph?.initializers ?? [];
  return found;
}

const HALVES: readonly [bits: number, value: number][] = [
  [0x0000, 0],
  [0x3c00, 1],
  [0xc000, -2],
  [0x3555, 0.333251953125],
  [0x0001, 2 ** -24],
  [0x03ff, 1023 * 2 ** -24],
  [0x7bff, 65504],
  [0x7c00, Infinity],
  [0xfc00, -Infinity],
];

const BFLOATS: readonly [bits: number, value: number][] = [
  [0x3f80, 1],
  [0xc020, -2.5],
  [0x7f80, Infinity],
  [0x0080, 2 ** -126],
];

const CASES: readonly [title: string, tensor: TensorProto, values: readonly number[]][] = [
  ['float_data', floats('t', [3], [1, -2.5, 0.125]), [1, -2.5, 0.125]],
  ['float, raw', tensor('t', 1, [2], { raw: raw(Float32Array.of(1.5, -3)) }), [1.5, -3]],
  ['double_data', tensor('t', 11, [2], { doubles: [0.1, -1e300] }), [0.1, -1e300]],
  ['double, raw', tensor('t', 11, [1], { raw: raw(Float64Array.of(0.1)) }), [0.1]],
  ['int64_data', ints('t', [3], [1, -1, 2 ** 40]), [1, -1, 2 ** 40]],
  [
    'int64, raw, its largest',
    tensor('t', 7, [2], { raw: raw(BigInt64Array.of(2n ** 63n - 1n, -5n)) }),
    [2 ** 63, -5],
  ],
  ['int32_data', tensor('t', 6, [2], { int32s: [7, -7] }), [7, -7]],
  ['int32, raw', tensor('t', 6, [1], { raw: raw(Int32Array.of(-9)) }), [-9]],
  ['int16, raw', tensor('t', 5, [1], { raw: raw(Int16Array.of(-9)) }), [-9]],
  ['int8, raw', tensor('t', 3, [2], { raw: raw(Int8Array.of(-9, 9)) }), [-9, 9]],
  ['uint8, raw', tensor('t', 2, [1], { raw: Uint8Array.of(200) }), [200]],
  ['uint16, raw', tensor('t', 4, [1], { raw: raw(Uint16Array.of(60000)) }), [60000]],
  ['uint32_data', tensor('t', 12, [1], { uint64s: [2 ** 32 - 1] }), [2 ** 32 - 1]],
  ['uint32, raw', tensor('t', 12, [1], { raw: raw(Uint32Array.of(2 ** 32 - 1)) }), [2 ** 32 - 1]],
  ['uint64, raw', tensor('t', 13, [1], { raw: raw(BigUint64Array.of(2n ** 63n)) }), [2 ** 63]],
  ['uint64_data', tensor('t', 13, [1], { uint64s: [2 ** 63] }), [2 ** 63]],
  ['bool, raw', tensor('t', 9, [3], { raw: Uint8Array.of(0, 1, 2) }), [0, 1, 1]],
  ['bool, as int32_data', tensor('t', 9, [2], { int32s: [1, 0] }), [1, 0]],
  [
    'float16, raw',
    tensor('t', 10, [HALVES.length], { raw: raw(Uint16Array.from(HALVES, ([bits]) => bits)) }),
    HALVES.map(([, value]) => value),
  ],
  [
    'float16, as int32_data',
    tensor('t', 10, [HALVES.length], { int32s: HALVES.map(([bits]) => bits) }),
    HALVES.map(([, value]) => value),
  ],
  [
    'bfloat16, raw',
    tensor('t', 16, [BFLOATS.length], { raw: raw(Uint16Array.from(BFLOATS, ([bits]) => bits)) }),
    BFLOATS.map(([, value]) => value),
  ],
  ['no dims', floats('t', [], [4]), [4]],
  ['no elements', floats('t', [0, 3], []), []],
];

describe('onnx: elements of tensors', () => {
  for (const [title, one, values] of CASES) {
    it(title, () => {
      const again = reread(one);
      checkTensor('tensor', again);
      assert.deepEqual(Array.from(valuesOf(again).data), values);
      assert.deepEqual(valuesOf(again).shape, one.dims);
    });
  }

  it('a half that is not a number', () => {
    assert.ok(Number.isNaN(valuesOf(tensor('t', 10, [1], { int32s: [0x7e00] })).data[0]));
  });

  it('numbers that are not packed', () => {
    const pbf = new PbfWriter();
    pbf.writeMessage(
      7,
      (_, graph) =>
        graph.writeMessage(
          5,
          (__, one) => {
            one.writeVarintField(1, 2);
            one.writeVarintField(2, 1);
            one.writeFloatField(4, 0.5);
            one.writeFloatField(4, -1);
          },
          null,
        ),
      null,
    );
    const [one] = readModel(pbf.finish()).graph?.initializers ?? [];
    assert.deepEqual(Array.from(valuesOf(one).data), [0.5, -1]);
  });

  const refused: readonly [title: string, tensor: TensorProto, why: RegExp][] = [
    ['data in another file', tensor('t', 1, [2], { external: true }), /another file/],
    ['segments', tensor('t', 1, [2], { segmented: true }), /segment/],
    ['text', tensor('t', 8, [1]), /type 8/],
    ['complex numbers', tensor('t', 14, [1], { floats: [1, 2] }), /type 14/],
    ['unknown types', tensor('t', 77, [1]), /type 77/],
    ['no type', tensor('t', 0, [1]), /type 0/],
    ['fewer elements', floats('t', [2, 2], [1, 2, 3]), /holds 3 elements, its shape 4/],
    ['more elements', floats('t', [1], [1, 2]), /holds 2/],
    ['half an element', tensor('t', 1, [1], { raw: new Uint8Array(5) }), /holds 1.25/],
    ['sizes below 0', floats('t', [-1], []), /too large or none/],
    ['2^40 elements', floats('t', [2 ** 40], []), /too large/],
    ['sizes whose product overflows', floats('t', [2 ** 25, 2 ** 25, 2 ** 25], []), /too large/],
    ['huge sizes beside none', floats('t', [0, 2 ** 50], []), /too large/],
    ['a hundred dims', floats('t', new Array<number>(100).fill(1), [1]), /too large/],
  ];
  for (const [title, one, why] of refused) {
    it(`${title}: refused by name`, () => {
      assert.throws(() => checkTensor('initializer', one), { code: 'ERR_MPC_MODEL', message: why });
      if (one.external || one.segmented) return;
      const bytes = file({ initializers: [one], nodes: [node('Add', 'x t', 'y')] });
      assert.throws(() => onnx.load(bytes), { code: 'ERR_MPC_MODEL', message: /"t"/ });
    });
  }

  it('external data is refused wherever it is said', () => {
    const bytes = new PbfWriter();
    bytes.writeMessage(
      7,
      (_, graph) =>
        graph.writeMessage(
          5,
          (__, one) => {
            one.writeVarintField(1, 1);
            one.writeVarintField(2, 1);
            one.writeStringField(8, 'w');
            one.writeMessage(
              13,
              (___, entry) => entry.writeStringField(1, '../../etc/passwd'),
              null,
            );
          },
          null,
        ),
      null,
    );
    const [one] = readModel(bytes.finish()).graph?.initializers ?? [];
    assert.equal(one.external, true);
  });
});
