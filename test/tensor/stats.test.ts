import assert from 'node:assert/strict';
import { nn, simulate } from '../../src/index.ts';

describe('tensor: stats()', () => {
  for (const n of [2, 3]) {
    it(`ops add up to what ${n} parties’ meters count, by layer, operation and gradient`, async () => {
      const results = await simulate(n, async (party) => {
        const model = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(3, 1));
        model.encrypt(party, { src: 0 });
        const x = party.cryptensor([[1, 2], [3, 4]], { src: 1 }); // prettier-ignore
        const y = model.forward(x).sigmoid().sum();
        y.backward();
        await party.settle(...model.parameters().map(({ grad }) => grad ?? party.zeros([])));
        await party.scope('opening', () => y.getPlainText());
        return party.stats();
      });
      for (const { ops, online } of results) {
        const sent = [...ops.values()].reduce((sum, entry) => sum + entry.bytesSent, 0);
        assert.equal(sent, online.bytesSent);
        const names = [...ops.keys()];
        for (const name of [
          '0 Linear/matmul',
          '1 ReLU/relu',
          'sigmoid',
          'relu.backward',
          'opening',
        ]) {
          assert.ok(names.includes(name), `${name} in ${names.join(', ')}`);
        }
        assert.equal(ops.get('1 ReLU/relu')?.openings, 3);
        assert.equal(ops.get('0 Linear/t')?.bytesSent, 0);
      }
      const dealt = [...results[n - 1].ops.values()].reduce(
        (sum, entry) => sum + entry.dealtBytes,
        0,
      );
      assert.equal(dealt, results[n - 1].preprocessing.bytesReceived);
    });
  }

  it('resetStats() starts anew', async () => {
    await simulate(2, async (party) => {
      await party.cryptensor([1], { src: 0 }).square().getPlainText();
      party.resetStats();
      assert.equal(party.stats().rounds, 0);
      assert.equal(party.stats().ops.size, 0);
      assert.equal(party.stats().online.bytesSent, 0);
    });
  });
});
