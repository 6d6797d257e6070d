import assert from 'node:assert/strict';
import * as nn from '../../src/nn/index.ts';
import { simulate } from '../../src/simulate.ts';
import { type CrypTensor, Tensor } from '../../src/tensor/index.ts';

const { init } = nn;
const blank = (...shape: number[]): nn.Parameter =>
  new nn.Parameter(
    shape,
    () => new Tensor(shape, new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(NaN)),
  );

interface Moments {
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

function momentsOf(data: Float64Array): Moments {
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  const square = data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length;
  return { mean, std: Math.sqrt(square), min: Math.min(...data), max: Math.max(...data) };
}

/** 6 standard errors of a mean of 20,000 values, and of their deviation. */
function check(target: nn.Parameter, mean: number, std: number, bound = Infinity): void {
  const { data } = target.plain;
  const got = momentsOf(data);
  const slack = (6 * std) / Math.sqrt(data.length);
  assert.ok(Math.abs(got.mean - mean) < slack, `mean ${got.mean}, expected ${mean}`);
  assert.ok(Math.abs(got.std - std) < 2 * slack, `deviation ${got.std}, expected ${std}`);
  assert.ok(got.min >= -bound && got.max <= bound, `${got.min} to ${got.max} beyond ±${bound}`);
}

describe('nn: init', () => {
  it('the random recipes have the means, deviations and bounds of PyTorch’s', () => {
    check(init.uniform_(blank(200, 100), -3, 1), -1, 4 / Math.sqrt(12), 3);
    check(init.normal_(blank(200, 100), 2, 0.5), 2, 0.5);
    const [fanIn, fanOut] = [100 * 4, 50 * 4];
    const kernel = (): nn.Parameter => blank(50, 100, 2, 2);
    const xavier = 3 * Math.sqrt(2 / (fanIn + fanOut));
    check(init.xavierUniform_(kernel(), 3), 0, xavier, xavier * Math.sqrt(3));
    check(init.xavierNormal_(kernel(), 3), 0, xavier);
    check(init.kaimingUniform_(kernel()), 0, Math.sqrt(2 / fanIn), Math.sqrt(6 / fanIn));
    check(
      init.kaimingUniform_(kernel(), { a: Math.sqrt(5) }),
      0,
      1 / Math.sqrt(3 * fanIn),
      1 / Math.sqrt(fanIn),
    );
    check(
      init.kaimingNormal_(kernel(), { mode: 'fan_out', nonlinearity: 'tanh' }),
      0,
      5 / 3 / Math.sqrt(fanOut),
    );
    // A normal cut at ±1 has variance 1 − 2·φ(1)/(2·Φ(1) − 1).
    check(init.truncNormal_(blank(200, 100), 0, 1, -1, 1), 0, Math.sqrt(0.29112), 1);
    // Its tail from 1.5 to 3: (φ(1.5) − φ(3))/(Φ(3) − Φ(1.5)), and 6 standard errors.
    const tail = init.truncNormal_(blank(200, 100), 0, 1, 1.5, 3).plain.data;
    const { mean, min, max } = momentsOf(tail);
    assert.ok(min >= 1.5 && max <= 3 && Math.abs(mean - 1.911) < 0.0145, `${mean}`);
  });

  it('the others have what they promise', () => {
    assert.deepEqual([...init.constant_(blank(2, 2), 0.5).plain.data], [0.5, 0.5, 0.5, 0.5]);
    assert.deepEqual([...init.ones_(blank(3)).plain.data], [1, 1, 1]);
    assert.deepEqual([...init.zeros_(blank(3)).plain.data], [0, 0, 0]);
    const kernel = init.dirac_(blank(4, 2, 3), 2).plain;
    assert.deepEqual(kernel.toArray(), [
      [
        [0, 1, 0],
        [0, 0, 0],
      ],
      [
        [0, 0, 0],
        [0, 1, 0],
      ],
      [
        [0, 1, 0],
        [0, 0, 0],
      ],
      [
        [0, 0, 0],
        [0, 1, 0],
      ],
    ]);
    const single = init.dirac_(blank(3, 1, 2, 3)).plain.data;
    assert.deepEqual([single.indexOf(1), single.lastIndexOf(1)], [4, 4]);
    for (const shape of [
      [3, 5],
      [5, 3],
      [4, 2, 2],
      [4, 4],
    ]) {
      const { data } = init.orthogonal_(blank(...shape), 2).plain;
      const [rows, columns] = [shape[0], data.length / shape[0]];
      const at = (vector: number, i: number): number =>
        rows <= columns ? data[vector * columns + i] : data[i * columns + vector];
      const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
      for (let a = 0; a < count; a++) {
        for (let b = 0; b < count; b++) {
          let dot = 0;
          for (let i = 0; i < length; i++) dot += at(a, i) * at(b, i);
          assert.ok(Math.abs(dot - (a === b ? 4 : 0)) < 1e-12, `${shape} ${a} ${b}: ${dot}`);
        }
      }
    }
    const { data } = init.sparse_(blank(100, 200), 0.25, 2).plain;
    const rest = data.filter((value) => value !== 0);
    for (let column = 0; column < 200; column++) {
      const zeros = Array.from({ length: 100 }, (_, row) => data[row * 200 + column]).filter(
        (value) => value === 0,
      );
      assert.equal(zeros.length, 25);
    }
    assert.ok(Math.abs(momentsOf(rest).std - 2) < 0.1);
  });

  it('a secret target is drawn at src alone and keeps its handle', () =>
    simulate(3, async (party) => {
      const layer = new nn.Linear(2, 3).encrypt(party);
      const handle = layer.weight.tensor;
      const drawn: number[] = [];
      const draw = (): Tensor => {
        drawn.push(party.rank);
        return new Tensor([3, 2], new Float64Array(6));
      };
      layer.weight.redraw(draw, 1);
      assert.deepEqual(drawn, party.rank === 1 ? [1] : []);
      assert.equal(init.normal_(layer.weight, 5, 0.01, { src: 2 }), layer.weight);
      assert.equal(layer.weight.tensor, handle);
      assert.ok((await handle.getPlainText()).data.every((value) => Math.abs(value - 5) < 0.1));
      const secret = party.cryptensor([1, 2], { requiresGrad: true });
      assert.equal(init.constant_(secret, 7, { src: 1 }), secret);
      assert.deepEqual((await secret.getPlainText()).toArray(), [7, 7]);
      assert.equal(secret.requiresGrad, true);
    }));

  it('values that are drawn before encrypt() are those of src', () =>
    simulate(2, async (party) => {
      const layer = new nn.Linear(1, 1, { bias: false });
      layer.weight.redraw(() => assert.fail('drawn though never needed'), 0);
      init.constant_(layer.weight, 10 + party.rank);
      layer.encrypt(party, { src: 1 });
      assert.equal((await (layer.weight.tensor as CrypTensor).getPlainText()).item(), 11);
    }));

  it('refuses shapes and numbers that make no sense, and says what is expected', () => {
    const shape = { code: 'ERR_MPC_SHAPE' };
    assert.throws(() => init.xavierUniform_(blank(3)), {
      ...shape,
      message: /xavierUniform_: expected a weight of at least 2 dims, got \[3\]/,
    });
    for (const recipe of [
      init.xavierNormal_,
      init.kaimingUniform_,
      init.kaimingNormal_,
      init.orthogonal_,
    ]) {
      assert.throws(() => recipe(blank(3)), shape);
    }
    assert.throws(() => init.dirac_(blank(3, 3)), { ...shape, message: /3 to 5 dims/ });
    assert.throws(() => init.dirac_(blank(3, 3, 3), 2), shape);
    assert.throws(() => init.sparse_(blank(3), 0.5), { ...shape, message: /a matrix/ });
    assert.throws(() => init.sparse_(blank(3, 3), 1.5), { code: 'ERR_MPC_RANGE' });
    assert.throws(() => init.truncNormal_(blank(3), 0, 1, 5, 6), {
      code: 'ERR_MPC_RANGE',
      message: /within 2 std/,
    });
    assert.throws(() => init.calculateGain('swish' as never), {
      code: 'ERR_MPC_UNSUPPORTED',
      message: /swish/,
    });
  });
});
