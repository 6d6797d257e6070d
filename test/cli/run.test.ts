import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cli, placed, temporaryFolder, twoParties } from './support.ts';

describe('cli: run and dealer', function () {
  this.timeout(120_000);
  const place = temporaryFolder();
  after(() => place.remove());

  it('two parties train on their own files; the dealer serves one run after the other', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => [Math.sin(i), Math.cos(5 * i)]);
    const a = rows.map(([x, y]) => `p,${x},${x + y > 0 ? 1 : 0}`).join('\n');
    const b = rows.map(([, y]) => `${y}`).join('\n');
    const fileA = place.write('a.csv', `name,x,label\n${a}\n`);
    const fileB = place.write('b.csv', `y\n${b}\n`);
    const session = await twoParties();
    const dealer = new Cli(['dealer', ...placed(session, 2), '--keep-serving', '--json'], 100_000);
    try {
      for (const hidden of ['0', '0,4']) {
        const model = join(place.folder, `model-${hidden}.json`);
        const terms = ['--epochs', '3', '--batch', '16', '--hidden', hidden, '--save', model];
        const [alice, bob] = await Promise.all([
          new Cli([
            ...['run', 'hospitals', '--json', '--rank', '0', ...placed(session, 0), '--'],
            ...['--csv', fileA, '--target', 'label', '--id', 'name', ...terms],
          ]).ended,
          new Cli([...['run', 'hospitals', ...placed(session, 1), '--', '--csv', fileB, ...terms]])
            .ended,
        ]);
        assert.equal(alice.code, 0, alice.stderr);
        assert.equal(bob.code, 0, bob.stderr);
        const {
          rows: shared,
          features,
          models,
        } = JSON.parse(alice.stdout) as {
          rows: number;
          features: number[];
          models: { accuracy: number; weights: { weight: number[][] }[] }[];
        };
        assert.deepEqual(
          [shared, features, models.length],
          [60, [1, 1], hidden.length === 1 ? 1 : 2],
        );
        assert.ok(models[0].accuracy > 0.8, `${models[0].accuracy}`);
        assert.match(alice.stderr, /^2-1 trained: 3 epochs in /m);
        assert.match(alice.stderr, /^done in .* rounds · .* sent$/m);
        assert.match(bob.stdout, /accuracy/);
        const saved = JSON.parse(readFileSync(model, 'utf8')) as { featuresByParty: number[] };
        assert.deepEqual(saved.featuresByParty, [1, 1]);
      }
      dealer.kill('SIGINT');
      const { code, stdout, stderr } = await dealer.ended;
      assert.equal(code, 130, stderr);
      const reports = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { requests: number });
      assert.equal(reports.length, 2, stdout + stderr);
      assert.ok(reports[0].requests > 0 && reports[1].requests > reports[0].requests);
    } finally {
      session.remove();
    }
  });
});
