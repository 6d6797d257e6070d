/** Files that somebody made to hurt: each is refused by name, before anything is allocated. */
import assert from 'node:assert/strict';
import { zipSync } from 'fflate';
import { concat, u64le, utf8 } from '../../src/core/bytes.ts';
import { formats, Tensor } from '../../src/index.ts';

const { json, npy, npz, safetensors } = formats;
const LOADERS = { json, npy, npz, safetensors };

/** A safetensors file of any header. */
function safe(header: string | object, body = 0, length?: number): Uint8Array {
  const text = utf8(typeof header === 'string' ? header : JSON.stringify(header));
  return concat([u64le(length ?? text.length), text, new Uint8Array(body)]);
}

const entry = (dtype: string, shape: unknown, range: unknown): object => ({
  dtype,
  shape,
  data_offsets: range,
});

/** An npy file of any header. */
function array(header: string, body = 0, version = [1, 0]): Uint8Array {
  const text = utf8(header);
  const length = [text.length & 0xff, text.length >> 8, ...(version[0] === 1 ? [] : [0, 0])];
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, ...version, ...length];
  return concat([Uint8Array.from(magic), text, new Uint8Array(body)]);
}

const dict = (descr: string, shape: string, order = 'False'): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

const state = (tensors: unknown, more: object = {}): Uint8Array =>
  utf8(JSON.stringify({ format: 'cryptensor-state-dict', version: 1, tensors, ...more }));

/** A change of an npz of one array of 8 doubles: `offset` behind a signature. */
function patched(signature: number, offset: number, value: number, level: 0 | 6 = 0): Uint8Array {
  const bytes = zipSync({ 'x.npy': npy.save(new Tensor([8], new Float64Array(8))) }, { level });
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= bytes.length; at++) {
    if (view.getUint32(at, true) === signature) view.setUint32(at + offset, value, true);
  }
  return bytes;
}
/** An npz with the same name twice: fflate cannot write one, so the second name is changed afterwards. */
function doubled(): Uint8Array {
  const file = npy.save(new Tensor([], [1]));
  const bytes = zipSync({ 'a.npy': file, 'b.npy': file });
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0x62 && bytes[i + 1] === 0x2e) bytes[i] = 0x61;
  }
  return bytes;
}
const DIRECTORY = 0x02014b50;
const END = 0x06054b50;

type Hostile = readonly [why: string, bytes: Uint8Array, message: RegExp];

const HOSTILE: Record<keyof typeof LOADERS, readonly Hostile[]> = {
  safetensors: [
    ['nothing', new Uint8Array(0), /too few/],
    ['a header of 2^64 bytes', safe('{}', 0, 2 ** 53 - 1), /longer than the file/],
    ['a cut header', safe('{"x":', 0), /not JSON/],
    ['no UTF-8', concat([u64le(3), Uint8Array.from([0x22, 0xff, 0x22])]), /not JSON/],
    ['blanks first', safe(' {}'), /not a JSON object/],
    ['a list', safe('[]'), /not a JSON object/],
    ['a null', safe({ x: null }), /"x" lacks/],
    ['bytes nobody owns', safe({}, 1), /describes 0 bytes.*has 1/],
    ['missing bytes', safe({ x: entry('F32', [2], [0, 8]) }, 7), /describes 8 bytes.*has 7/],
    ['a hole', safe({ x: entry('U8', [1], [1, 2]) }, 2), /overlap others, or leave a hole/],
    [
      'an overlap',
      safe({ x: entry('U8', [2], [0, 2]), y: entry('U8', [2], [1, 3]) }, 3),
      /"y" overlap/,
    ],
    [
      'the same bytes twice',
      safe({ x: entry('U8', [2], [0, 2]), y: entry('U8', [2], [0, 2]) }, 2),
      /overlap/,
    ],
    ['offsets backwards', safe({ x: entry('U8', [0], [2, 2]) }, 0), /overlap|hole/],
    ['negative offsets', safe({ x: entry('U8', [4], [-4, 0]) }, 0), /do not span the 4 bytes/],
    ['offsets that are texts', safe({ x: entry('U8', [2], ['0', '2']) }, 2), /do not span/],
    ['three offsets', safe({ x: entry('U8', [2], [0, 2, 2]) }, 2), /do not span/],
    ['a shape too large', safe({ x: entry('F64', [2 ** 40], [0, 8]) }, 8), /do not span/],
    ['a shape beyond 2^53', safe({ x: entry('F64', [2 ** 30, 2 ** 30], [0, 8]) }, 8), /no tensor/],
    ['that times 0', safe({ x: entry('F64', [2 ** 30, 2 ** 30, 0], [0, 0]) }, 0), /no tensor/],
    ['a negative size', safe({ x: entry('F64', [-1, -1], [0, 8]) }, 8), /no tensor has/],
    ['half a size', safe({ x: entry('U8', [0.5, 2], [0, 1]) }, 1), /no tensor has/],
    ['1000 dims', safe({ x: entry('U8', Array(1000).fill(1), [0, 1]) }, 1), /no tensor has/],
    [
      'a key twice',
      safe(
        '{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}',
        1,
      ),
      /a key twice/,
    ],
    [
      'a dtype twice',
      safe('{"x":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', 1),
      /a key twice/,
    ],
    ['metadata of numbers', safe({ __metadata__: { a: 1 } }), /not an object of texts/],
    [
      'a long name',
      safe({ ['\u202e\n'.repeat(500)]: entry('U8', [1], [0, 2]) }, 2),
      /^safetensors\.load: .{1,150}$/,
    ],
  ],
  npy: [
    ['nothing', new Uint8Array(0), /not an npy file/],
    ['another file', utf8('PK\x03\x04............'), /not an npy file/],
    ['version 9', array(dict(`'<f8'`, '()'), 8, [9, 0]), /version 9\.0/],
    ['a cut header', array(dict(`'<f8'`, '()')).subarray(0, 30), /longer than the file/],
    ['code', array(`{'descr': __import__('os'), }`), /no dict/],
    ['a field twice', array(`{'descr': '<f8', 'descr': '<f8', 'shape': ()}`, 8), /twice/],
    ['a field missing', array(`{'descr': '<f8', 'shape': ()}`, 8), /has not the fields/],
    ['another field', array(`{'descr': '<f8', 'fortran_order': False, 'size': ()}`, 8), /fields/],
    ['a number as a shape', array(dict(`'<f8'`, '(1)'), 8), /not a tuple/],
    ['a text as a shape', array(dict(`'<f8'`, `'(1,)'`), 8), /not a tuple/],
    ['a tuple as an order', array(dict(`'<f8'`, '()', '()'), 8), /fortran_order/],
    ['a shape too large', array(dict(`'<f8'`, '(999999999999,)'), 8), /does not hold the 8 bytes/],
    ['a shape beyond 2^53', array(dict(`'<f8'`, '(99999999999, 99999999999)'), 8), /does not hold/],
    ['bytes behind', array(dict(`'<f8'`, '(1,)'), 9), /does not hold the 9 bytes/],
    ['blanks without end', array(`{'descr'${' '.repeat(60_000)}x`, 0), /no dict/],
    ['commas without end', array(dict(`'<f8'`, `(${'1 , '.repeat(15_000)}x)`), 0), /no dict/],
  ],
  npz: [
    ['nothing', new Uint8Array(0), /not a zip/],
    ['another file', utf8('x'.repeat(100)), /not a zip/],
    ['a text among the arrays', zipSync({ 'a.txt': utf8('a') }), /"a\.txt" is no array/],
    ['an array that is none', zipSync({ 'a.npy': utf8('a') }), /npz\.load: "a\.npy".*not an npy/],
    ['a name twice', doubled(), /"a\.npy" is there twice/],
    ['a stored size that is not', patched(DIRECTORY, 24, 2 ** 31), /does not hold what it says/],
    ['a bomb', patched(DIRECTORY, 24, 2 ** 31, 6), /does not hold what it says/],
    ['a packed size that is not', patched(DIRECTORY, 20, 2 ** 31), /does not hold what it says/],
    ['an unknown method', patched(DIRECTORY, 10, 99), /does not hold what it says/],
    ['2^16 files', patched(END, 8, 0xffff_ffff), /damaged|no array|twice/],
  ],
  json: [
    ['nothing', new Uint8Array(0), /not JSON/],
    ['a byte order mark', concat([Uint8Array.of(0xef, 0xbb, 0xbf), state({})]), /not JSON/],
    ['a list', utf8('[]'), /object is missing/],
    ['another format', state({}, { format: 'x' }), /format is not/],
    ['no tensors', state(null), /object is missing/],
    ['no shape', state({ x: { data: [1] } }), /"x" lacks/],
    ['too little', state({ x: { shape: [2 ** 40], data: [1] } }), /does not hold 1 elements/],
    ['texts', state({ x: { shape: [1], data: ['1'] } }), /no numbers/],
    ['nulls', state({ x: { shape: [1], data: [null] } }), /no numbers/],
    ['nesting', utf8(`${'['.repeat(1e6)}${']'.repeat(1e6)}`), /object is missing|not JSON/],
    [
      'infinity',
      utf8(
        '{"format":"cryptensor-state-dict","version":1,"tensors":{"x":{"shape":[1],"data":[1e999]}}}',
      ),
      /no numbers/,
    ],
  ],
};

describe('formats: hostile files', () => {
  for (const [name, files] of Object.entries(HOSTILE)) {
    const { load } = LOADERS[name as keyof typeof LOADERS];
    for (const [why, bytes, message] of files) {
      it(`${name}: ${why}`, () => {
        const startMs = performance.now();
        assert.throws(() => load(bytes), { name: 'MpcError', code: 'ERR_MPC_FILE', message });
        assert.ok(performance.now() - startMs < 2000);
      });
    }
  }

  const unsupported: [string, () => unknown, RegExp][] = [
    ['complex', () => npy.load(array(dict(`'<c16'`, '()'), 16)), /"<c16"/],
    ['pickles', () => npy.load(array(dict(`'|O'`, '()'), 8)), /"\|O"/],
    ['structures', () => npy.load(array(dict(`[('a', '<f8')]`, '()'), 8)), /structured/],
    [
      '8-bit floats',
      () => safetensors.load(safe({ x: entry('F8_E4M3', [1], [0, 1]) }, 1)),
      /F8_E4M3/,
    ],
    [
      'inherited names',
      () => safetensors.load(safe({ x: entry('toString', [1], [0, 1]) }, 1)),
      /toStr/,
    ],
    [
      'unknown types',
      () => npy.save(new Tensor([], [1]), { dtype: 'constructor' as 'f8' & 'u8' }),
      /constructor/,
    ],
  ];
  for (const [why, run, message] of unsupported) {
    it(`${why} are not supported, and said so`, () =>
      assert.throws(run, { code: 'ERR_MPC_UNSUPPORTED', message }));
  }

  it('whole numbers beyond 2^53 are refused, the last ones before are not', () => {
    for (const [type, value, taken] of [
      ['I64', 2n ** 53n, false],
      ['I64', -(2n ** 53n), false],
      ['I64', 2n ** 53n - 1n, true],
      ['I64', -1n, true],
      ['U64', 2n ** 64n - 1n, false],
      ['U64', 2n ** 53n - 1n, true],
    ] as const) {
      const header = utf8(JSON.stringify({ x: entry(type, [1], [0, 8]) }));
      const bytes = concat([u64le(header.length), header, u64le(BigInt.asUintN(64, value))]);
      if (taken) assert.equal(safetensors.load(bytes).x.item(), Number(value));
      else
        assert.throws(() => safetensors.load(bytes), { code: 'ERR_MPC_RANGE', message: /2\^53/ });
    }
  });

  it('another version of the JSON format has its own error', () => {
    assert.throws(() => json.load(state({}, { version: 2 })), { code: 'ERR_MPC_VERSION' });
  });

  it('the reserved name cannot be saved', () => {
    const reserved = { __metadata__: new Tensor([], [1]) };
    assert.throws(() => safetensors.save(reserved), { code: 'ERR_MPC_MODEL', message: /reserved/ });
  });
});
