/** The main job: three processes, two models, compared with float64. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoOutcome } from '../../src/cli/demo-report.ts';
import { Cli } from './support.ts';

describe('cli: demo', function () {
  this.timeout(240_000);

  it('trains two models as well as in the clear, and leaves nothing behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
    const demo = new Cli(['demo', '--json'], 220_000, { TMPDIR: folder });
    const { code, stdout, stderr } = await demo.ended;
    assert.equal(code, 0, stderr);
    const outcome = JSON.parse(stdout) as DemoOutcome;
    const [logistic, network] = outcome.models;
    assert.deepEqual(outcome.hospitals.features, [15, 15]);
    assert.equal(outcome.hospitals.trainRows + outcome.hospitals.testRows, 569);

    const accuracy = logistic.parties[0].accuracy;
    assert.ok(accuracy >= 0.95, `logistic regression: ${accuracy}`);
    assert.ok(
      Math.abs(accuracy - logistic.twin.accuracy) <= 0.01,
      `twin ${logistic.twin.accuracy}`,
    );
    assert.ok(logistic.difference <= 0.005, `weights differ by ${logistic.difference}`);
    const apart = Math.abs(network.parties[0].accuracy - network.twin.accuracy);
    assert.ok(apart <= 0.01, `network: ${apart}`);
    assert.ok(network.difference <= 0.02, `weights differ by ${network.difference}`);

    for (const { parties, twin } of outcome.models) {
      const [a, b] = parties;
      assert.ok(a.recipe.epochs >= 20);
      assert.deepEqual(a.losses, b.losses, 'both learn the same');
      assert.deepEqual(a.weights, b.weights);
      a.losses.forEach((loss, i) => assert.ok(Math.abs(loss - twin.losses[i]) < 0.005));
      assert.ok(a.rounds > 0 && a.rounds === b.rounds);
      assert.ok(a.onlineBytes > 0 && b.preprocessingBytes > 0);
    }
    assert.ok(outcome.dealer.requests > 0 && outcome.dealer.dealtBytes > 0);

    // The shares shown add up to the weights, and neither of them is one.
    const [a, b] = logistic.parties.map((party) => party.demoOnlyShareWords ?? []);
    const truth = logistic.parties[0].weights?.[0].weight[0] ?? [];
    assert.ok(a.length >= 4);
    a.forEach((word, i) => {
      const sum = BigInt.asIntN(64, BigInt(`0x${word}`) + BigInt(`0x${b[i]}`));
      assert.equal(Number(sum) / 2 ** 16, truth[i]);
    });
    assertEmptied(folder);
  });

  it('shows who has what, results, costs, and the commands for two machines', async () => {
    const { code, stdout, stderr } = await new Cli(['demo', '--epochs', '2'], 120_000).ended;
    assert.equal(code, 0, stderr);
    for (const text of [
      'hospital A',
      'under one user',
      'in the clear',
      'largest Δ weight',
      'epoch 2',
      'sent online',
      'their sum',
      'cryptensor keygen alice',
      'cryptensor run hospitals --session session.json --identity bob.key',
    ]) {
      assert.ok(stdout.includes(text), `${text}\n${stdout}`);
    }
    assert.ok(!`${stdout}${stderr}`.includes('\u001b'), 'colours in a pipe');
    const widest = Math.max(...stdout.split('\n').map((line) => line.length));
    assert.ok(widest <= 110, `${widest} columns`);
  });

  it('Ctrl-C stops all three processes and removes keys and tables', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
    const demo = new Cli(['demo', '--epochs', '500'], 120_000, { TMPDIR: folder });
    await demo.saw(/epoch/);
    demo.kill('SIGINT');
    const { code, stderr } = await demo.ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /^error ERR_MPC_INTERRUPTED: /m);
    assertEmptied(folder);
  });
});

/** The demo's own folders in a temporary folder are gone; so is that one then. */
function assertEmptied(folder: string): void {
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('cryptensor-')),
    [],
  );
  rmSync(folder, { recursive: true });
}
