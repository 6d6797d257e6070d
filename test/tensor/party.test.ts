import assert from 'node:assert/strict';
import { simulate } from '../../src/simulate.ts';
import { CrypTensor } from '../../src/tensor/index.ts';

describe('tensor: Party', () => {
  it('cryptensor() needs values at the source alone; others pass null or anything of that shape', () =>
    simulate(2, async (party) => {
      const mine = party.rank === 1;
      const a = party.cryptensor(mine ? [1, 2] : null, { src: 1, shape: [2] });
      const b = party.cryptensor(mine ? [3, 4] : [NaN, 99], { src: 1 });
      const c = party.cryptensor(mine ? Float32Array.of(1, 2, 3, 4) : new Float64Array(4), {
        src: 1,
        shape: [2, 2],
      });
      assert.deepEqual((await a.add(b).getPlainText())?.toArray(), [4, 6]);
      assert.deepEqual((await c.getPlainText())?.toArray(), [
        [1, 2],
        [3, 4],
      ]);
    }));

  it('cryptensor() refuses what cannot be, at the call', () =>
    simulate(1, async (party) => {
      const { cryptensor } = party;
      const call =
        (...args: Parameters<typeof cryptensor>) =>
        () =>
          cryptensor.apply(party, args);
      assert.throws(call(1, { src: 1 }), { code: 'ERR_MPC_RANK', message: /src 1 is no party/ });
      assert.throws(call(1, { src: -1 }), { code: 'ERR_MPC_RANK' });
      assert.throws(call(1, { src: 0.5 }), { code: 'ERR_MPC_RANK' });
      assert.throws(call(null, { shape: [2] }), {
        code: 'ERR_MPC_SHAPE',
        message: /must pass values/,
      });
      assert.throws(call([1, 2], { shape: [3] }), { code: 'ERR_MPC_SHAPE' });
      assert.throws(call([1, 2], { shape: [-1] }), { code: 'ERR_MPC_SHAPE' });
      assert.throws(call([[1], [2, 3]]), { code: 'ERR_MPC_SHAPE', message: /ragged/ });
      assert.throws(call([1, NaN]), { code: 'ERR_MPC_RANGE', message: /position 1/ });
      assert.throws(call(2 ** 47), { code: 'ERR_MPC_RANGE' });
      assert.throws(call(1, { precision: 41 }), { code: 'ERR_MPC_SCALE' });
      assert.throws(call(1, { precision: 1.5 }), { code: 'ERR_MPC_SCALE' });
    }));

  it('zeros, ones, full, eye, cat and stack with public parts', () =>
    simulate(2, async (party) => {
      const x = party.cryptensor([1.5, 2]);
      const plain = async (y: CrypTensor) => (await y.getPlainText())?.toArray();
      assert.deepEqual(await plain(party.zeros([2, 1])), [[0], [0]]);
      assert.deepEqual(await plain(party.ones([])), 1);
      assert.deepEqual(await plain(party.full([2], -0.25).reshape(2, 1)), [[-0.25], [-0.25]]);
      assert.deepEqual(await plain(party.eye(2, 3)), [
        [1, 0, 0],
        [0, 1, 0],
      ]);
      assert.deepEqual(await plain(party.cat([x, [0.5, 3], party.ones([1])])), [1.5, 2, 0.5, 3, 1]);
      assert.deepEqual(await plain(party.stack([x, [0, 1]], 1)), [
        [1.5, 0],
        [2, 1],
      ]);
      assert.deepEqual(await plain(party.ones([2]).matmul(party.ones([2]))), 2);
      assert.deepEqual(
        await plain(
          party
            .ones([2])
            .relu()
            .add(party.ones([2]).sigmoid().gt(0)),
        ),
        [2, 2],
      );
    }));

  it('settle() truncates, waits and opens nothing; stats() count rounds from a reset on', async () => {
    const [rounds] = await simulate(2, async (party) => {
      const y = party.cryptensor(new Float64Array(10)).square();
      await party.settle(y);
      const before = party.stats().rounds;
      party.resetStats();
      const idle = party.stats().rounds;
      await y.getPlainText();
      await y.getPlainText();
      return [before, idle, party.stats().rounds];
    });
    assert.deepEqual(rounds, [2, 0, 2]);
  });

  it('stats() count the payload of both phases', async () => {
    const [stats] = await simulate(2, async (party) => {
      await party.cryptensor(new Float64Array(10)).square().getPlainText();
      return party.stats();
    });
    assert.equal(stats.rounds, 3);
    assert.equal(stats.online.bytesReceived, 80 + 2 + 80);
    assert.ok(stats.total.bytesReceived > 162 && stats.total.messagesReceived >= 3);
  });

  it('X·W and both gradients open X, W and dY once', async () => {
    const [bytes] = await simulate(2, async (party) => {
      const input = { shape: [5, 4], requiresGrad: true };
      const x = party.cryptensor(new Float64Array(20), input);
      const w = party.cryptensor(new Float64Array(12), { shape: [3, 4], requiresGrad: true });
      const dy = party.cryptensor(new Float64Array(15), { shape: [5, 3] });
      const y = x.matmul(w.t());
      y.backward(dy);
      if (x.grad === null || w.grad === null) throw new Error('no gradient');
      await party.settle(y, x.grad, w.grad);
      return party.stats().online.bytesReceived;
    });
    const truncated = Math.ceil(15 / 8) + Math.ceil(20 / 8) + Math.ceil(12 / 8);
    assert.equal(bytes, 8 * (20 + 12 + 15) + truncated);
  });

  it('deliveries come in program order, to those who get nothing as well', async () => {
    const orders = await simulate(
      3,
      async (party) => {
        const order: number[] = [];
        const x = party.cryptensor([1, 2]);
        const deep = x.mul(x).sigmoid();
        await Promise.all([
          deep.getPlainText({ dst: 0 }).then(() => order.push(0)),
          x.getPlainText().then(() => order.push(1)),
          party.settle(x).then(() => order.push(2)),
          x.getPlainText({ dst: 2 }).then(() => order.push(3)),
        ]);
        return order;
      },
      { shuffle: true },
    );
    assert.deepEqual(
      orders,
      [0, 1, 2].map(() => [0, 1, 2, 3]),
    );
  });

  it('fork() runs side by side, on tensors made before', async () => {
    const results = await simulate(2, async (party) => {
      const w = party.cryptensor([2, 3], { src: 1 });
      const forks = [party.fork(0), party.fork(1)];
      const order = party.rank === 0 ? [0, 1] : [1, 0];
      const answers: (number | undefined)[] = [];
      await Promise.all(
        order.map(async (i) => {
          const x = forks[i].cryptensor([i + 1, 10], { src: i });
          const y = w.mul(x).mul(w).sum();
          assert.equal(y.party, forks[i]);
          answers[i] = (await y.getPlainText())?.item();
        }),
      );
      return answers;
    });
    assert.deepEqual(results, [
      [94, 98],
      [94, 98],
    ]);
  });

  it('tensors of two sessions do not meet', async () => {
    let stranger: CrypTensor | undefined;
    await simulate(1, async (party) => {
      stranger = party.cryptensor(1);
    });
    await simulate(1, async (party) => {
      const x = party.cryptensor(1);
      assert.throws(() => x.add(stranger ?? 0), {
        code: 'ERR_MPC_UNSUPPORTED',
        message: /sessions/,
      });
    });
  });
});
